"""A file of job rows, landed and checked as an ingest does it."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data.datasets.catalog import dataset_named
from data.files import export
from data.files.landing_form import landed_form
from data.files.mapping import Mapping
from data.files.relation import Payload
from data.files.target import Target
from data.raw.compression import readable
from data.raw.json_landing import write_landed
from data.raw.parser import parser
from data.store.home import Home

JOBS: Target = dataset_named("jobs").target
COLUMNS = JOBS.table.record_names
SHARED = Path(__file__).parents[3].parent / "shared" / "data"
EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"


@dataclass(frozen=True)
class Checked:
    """The rows of `checked`: the good ones as job records, the bad ones with their reasons."""

    good: pd.DataFrame
    bad: pd.DataFrame

    def value(self, column: str, row: int = 0) -> Any:
        found = self.good[column].iloc[row]
        return None if not isinstance(found, list | dict) and pd.isna(found) else found

    @property
    def reasons(self) -> dict[int, str]:
        return dict(zip(self.bad["row_number"], self.bad["reason"], strict=True))


@contextmanager
def landed(
    home: Home, content: bytes, mapping: Mapping | None = None
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path, str]]:
    """Land a file; give a parser, the landed path and its format."""
    file_format = export.sniff(content)
    path = home.landing / "payload"
    with path.open("wb") as target, readable("payload"):
        if file_format == "json":
            write_landed(io.BytesIO(content), target)
        else:
            landed_form(lambda: io.BytesIO(content), target, file_format, mapping=mapping)
    with parser(home) as connection:
        yield connection, path, file_format


def checked(home: Home, content: bytes | str, mapping: Mapping | str | None = None) -> Checked:
    """Take a file through landing and check."""
    content = content.encode() if isinstance(content, str) else content
    mapping = Mapping.parse(mapping, "test") if isinstance(mapping, str) else mapping
    with landed(home, content, mapping) as (connection, path, file_format):
        export.stage_files(
            connection,
            [Payload(0, path)],
            file_format=file_format,
            target=JOBS,
            mapping=mapping,
        )
        described = connection.execute("describe checked").fetchall()
        assert [row[0] for row in described[: len(COLUMNS)]] == list(COLUMNS)
        good, bad = (
            connection.sql(f"from checked where reason is {what} order by row_number")
            .to_arrow_table()
            .to_pandas(types_mapper=_nullable)
            for what in ("null", "not null")
        )
        return Checked(good, bad)


def _nullable(kind: pa.DataType) -> Any:
    return pd.Int64Dtype() if kind == pa.int64() else None


def parquet(columns: dict[str, Any]) -> bytes:
    """Return columns as a Parquet file."""
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target)
    return target.getvalue()
