"""Where derived rows are made: a cursor with its temp tables, and the tables that it fills."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import duckdb
from numpy.typing import NDArray

from data.store.store import arrays
from data.tables import TABLES

NEXT = "__next"
DERIVED_TABLES = tuple(table for table in TABLES.values() if table.is_derived)
JOB_PARTS = "job_parts"
# an export's own key as answers show it: with its place where it stands in several
SHOWN_KEY = """job.pool_key
            || case when has_accounts then ' · ' || job.account_id else '' end
            || case when has_regions then ' · ' || job.region else '' end"""


@dataclass(frozen=True, slots=True)
class Workspace:
    """One cursor in a transaction. With a suffix it fills side tables instead of those in use.

    The SQL files of this folder call the derived tables {job_facts}, {pools} and so on.
    """

    cursor: duckdb.DuckDBPyConnection
    suffix: str = ""

    def execute(
        self, name: str, words: Mapping[str, str] | None = None, **parameters: Any
    ) -> duckdb.DuckDBPyConnection:
        """Run analytics/derived/<name>.sql."""
        return self.cursor.execute(self.sql(name, words), parameters)

    def arrays(
        self, name: str, words: Mapping[str, str] | None = None, **parameters: Any
    ) -> dict[str, NDArray[Any]]:
        """Return the columns of analytics/derived/<name>.sql; a column must have no nulls."""
        return arrays(self.cursor, self.sql(name, words), parameters)

    def sql(self, name: str, words: Mapping[str, str] | None = None) -> str:
        """Return the text of a SQL file, with the names of the tables and `words` put in."""
        text = sql_file(name)
        for word, value in {**self.tables, "shown_key": SHOWN_KEY, **(words or {})}.items():
            text = text.replace("{" + word + "}", value)
        return text

    @property
    def tables(self) -> dict[str, str]:
        """What each derived table is called here."""
        names = (*(table.name for table in DERIVED_TABLES), JOB_PARTS)
        return {name: name + self.suffix for name in names}


@cache
def sql_file(name: str) -> str:
    """Return the text of a SQL file of this folder."""
    return (files("analytics.derived") / f"{name}.sql").read_text(encoding="utf-8")
