"""Ad-hoc statements: running one, the tables it may read, and examples to begin with."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import pandas as pd

from analytics.query import run_sql
from data.sandbox.runner import SelectResult, select
from data.store.reader import Reader

TIME_LIMIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Example:
    """A statement to begin with."""

    name: str
    title: str
    sql: str


def run(
    reader: Reader, sql: str, *, most_rows: int, time_limit_s: float = TIME_LIMIT_S
) -> SelectResult:
    """Return the first rows of a SELECT.

    Raises:
        StokerError: it is no SELECT, does not run, or takes too long or too much.
    """
    return select(reader, sql, most_rows=most_rows, time_limit_s=time_limit_s)


def tables(reader: Reader) -> pd.DataFrame:
    """Return the tables that may be read, with what a row is."""
    return run_sql(reader, "records/tables", relation=None)


@cache
def examples() -> Sequence[Example]:
    """Return statements to begin with."""
    folder = files("analytics.adhoc") / "examples"
    paths = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    found = []
    for path in paths:
        sql = (folder / path).read_text(encoding="utf-8")
        title = sql.partition("\n")[0].removeprefix("-- ").removesuffix(".")
        found.append(Example(path.removesuffix(".sql"), title, sql))
    return found
