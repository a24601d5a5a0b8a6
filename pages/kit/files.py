"""The forms in which rows can be downloaded: those of the command line."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
import pandas as pd

from data.serialize.csv_injection import harmless


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a file of rows."""

    name: str
    ending: str
    mime: str
    write: Callable[[pd.DataFrame], bytes]


def csv_bytes(rows: pd.DataFrame) -> bytes:
    """Return rows as CSV: times in ISO 8601, and nothing that a spreadsheet would run."""
    written = rows.copy()
    for name in written.select_dtypes(["object", "str"]):
        written[name] = written[name].map(
            lambda value: harmless(value) if isinstance(value, str) else _as_json(value)
        )
    for name in written.select_dtypes("datetimetz"):
        written[name] = written[name].dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    written.columns = [harmless(str(name)) for name in written.columns]
    return written.to_csv(index=False).encode()


def parquet_bytes(rows: pd.DataFrame) -> bytes:
    """Return rows as Parquet."""
    target = io.BytesIO()
    rows.to_parquet(target, index=False)
    return target.getvalue()


def _as_json(value: Any) -> Any:
    """Return a list or structure as JSON, and everything else as it is."""
    if isinstance(value, list | dict):
        return orjson.dumps(value, default=str, option=orjson.OPT_UTC_Z).decode()
    return value


FORMS = (
    Form("CSV", "csv", "text/csv", csv_bytes),
    Form("Parquet", "parquet", "application/vnd.apache.parquet", parquet_bytes),
)
