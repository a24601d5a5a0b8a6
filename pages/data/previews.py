"""What a foreign file holds, and how a mapping would read it, before anything of it is kept.

A copy of the file's beginning lies in a folder of its own for as long as it is looked at; the
hardened parser sees nothing else.
"""

import io
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

import duckdb
import pandas as pd

from data.datasets.prices import price_file
from data.datasets.training_jobs import aws_json
from data.errors import StokerError
from data.files import export
from data.files.columns import REQUIRED
from data.files.guess import guess_mapping
from data.files.mapping import Mapping, Rule
from data.raw.inputs import Source
from data.raw.parser import parser
from data.store.home import Home

HEAD_BYTES = 65_536
LOOKED_AT_BYTES = 8 * 2**20
DEADLINE_S = 60.0
Result = TypeVar("Result")
Reading = Callable[[duckdb.DuckDBPyConnection, Path, str], Result]


def columns_to_map(home: Home, source: Source) -> pd.DataFrame | None:
    """Return the columns of a job export that needs a mapping; None for any other file.

    Raises:
        StokerError: the file cannot be read.
    """
    with source.open() as opened:
        head = opened.read(HEAD_BYTES)
    if not head.strip() or price_file.is_price_file(head):
        return None

    def columns(connection: duckdb.DuckDBPyConnection, path: Path, form: str) -> pd.DataFrame:
        return export.source_columns(connection, path, file_format=form)

    found = _looked_at(home, source, columns)
    if found is None:
        return None
    names = {str(name).strip().casefold() for name in found["name"]}
    return None if names.issuperset(REQUIRED) else found


def rows_as_read(home: Home, source: Source, mapping: Mapping) -> pd.DataFrame:
    """Return the first rows as the mapping would read them, each with the reason if it is bad.

    Raises:
        StokerError: the mapping does not fit the file.
    """

    def rows(connection: duckdb.DuckDBPyConnection, path: Path, form: str) -> pd.DataFrame:
        return export.preview(connection, path, file_format=form, mapping=mapping)

    return cast(pd.DataFrame, _looked_at(home, source, rows))


def guessed_rule(columns: pd.DataFrame, canonical: str, column: str) -> Rule:
    """Return how a column of the file would be read as a canonical one: with its unit, if any."""
    described = columns[columns["name"] == column].assign(name=canonical)
    mapping, _ = guess_mapping(described, "guess")
    return replace(mapping.columns.get(canonical, Rule()), columns=(column,), plus_s=())


def _looked_at(home: Home, source: Source, reading: Reading[Result]) -> Result | None:
    """Read the beginning of a file with the parser; None if it is AWS's own JSON."""
    with _folder(home) as place:
        path = place.landing / "looked-at"
        form = _copy(source, path)
        if form is None:
            return None
        with parser(place, deadline_s=DEADLINE_S) as connection:
            return reading(connection, path, form)


@contextmanager
def _folder(home: Home) -> Iterator[Home]:
    home.scratch.mkdir(parents=True, exist_ok=True)
    root = Path(tempfile.mkdtemp(dir=home.scratch, prefix="look-"))
    try:
        yield Home(root).create()
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _copy(source: Source, path: Path) -> str | None:
    """Copy the beginning of a file in its landed form; return the form, None for AWS's JSON."""
    with source.open() as opened:
        form = export.sniff(opened.read(HEAD_BYTES))
    with source.open() as opened, path.open("wb") as target:
        if form == "parquet":
            export.landed_form(opened, target, form)
            return form
        beginning = opened.read(LOOKED_AT_BYTES)
        if len(beginning) == LOOKED_AT_BYTES and b"\n" in beginning:
            beginning = beginning[: beginning.rfind(b"\n") + 1]
        if form == "json":
            return "json" if _copy_json(beginning, target) else None
        if b"\0" in beginning[:HEAD_BYTES]:
            raise StokerError(
                f"{source.name} is neither text nor Parquet.",
                next_action="Export the jobs as CSV, JSON or Parquet.",
            )
        export.landed_form(io.BytesIO(beginning), target, form)
    return form


def _copy_json(beginning: bytes, target: BinaryIO) -> bool:
    """Copy JSON records; return whether they are a job export and not AWS's own."""
    first = io.BytesIO()
    aws_json.write_landed(io.BytesIO(beginning), first)
    lines = first.getvalue().splitlines()
    is_foreign = bool(lines) and json.loads(lines[0]).get("as") in ("export", "other")
    if is_foreign:
        aws_json.write_landed(io.BytesIO(beginning), target, is_export=True)
    return is_foreign
