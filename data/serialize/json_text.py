"""Rows as JSON: a list of objects, one a line, unknown null."""

from collections.abc import Iterator

import orjson
import pandas as pd

from data.serialize.cells import cell_chunks


def json_pieces(rows: pd.DataFrame) -> Iterator[str]:
    """Yield the text of a JSON list."""
    names = [str(name) for name in rows.columns]
    separator = "[\n"
    for columns in cell_chunks(rows):
        objects = (dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))
        yield separator + ",\n".join(orjson.dumps(row).decode() for row in objects)
        separator = ",\n"
    yield "[]\n" if rows.empty else "\n]\n"
