"""What became of the records of each import: counts, and the time that they cover."""

from typing import NamedTuple

import duckdb


class Merged(NamedTuple):
    """How many records of an import changed something, how many were known, and their times."""

    accepted_count: int = 0
    unchanged_count: int = 0
    first_at: str | None = None
    last_at: str | None = None

    @property
    def record_count(self) -> int:
        """How many good records there were."""
        return self.accepted_count + self.unchanged_count


class Arrived(NamedTuple):
    """How many good records an import brought, and their first and last time."""

    record_count: int
    first_at: str | None
    last_at: str | None

    def merged(self, kept_count: int, refused_count: int = 0) -> Merged:
        """Return what became of them, where so many were new; some of these were refused."""
        return Merged(
            kept_count - refused_count,
            self.record_count - kept_count,
            self.first_at,
            self.last_at,
        )


def arrived(
    cursor: duckdb.DuckDBPyConnection, relation: str, time_column: str
) -> dict[int, Arrived]:
    """Return by import what a relation with import_id holds."""
    times = "null, null"
    if time_column:
        # as text: Python would need pytz for it
        times = f"min({time_column})::varchar, max({time_column})::varchar"
    rows = cursor.execute(
        f"select import_id, count(*), {times} from {relation} group by import_id"
    ).fetchall()
    return {import_id: Arrived(count, first, last) for import_id, count, first, last in rows}


def counts(cursor: duckdb.DuckDBPyConnection, relation: str) -> dict[int, int]:
    """Return by import how many rows a relation with import_id holds."""
    return {
        import_id: found.record_count for import_id, found in arrived(cursor, relation, "").items()
    }


def number(cursor: duckdb.DuckDBPyConnection, sql: str) -> int:
    """Return the number that a statement answers with: a count, or how many rows it changed."""
    return int(cursor.execute(sql).fetchall()[0][0])
