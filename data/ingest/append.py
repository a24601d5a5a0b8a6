"""Appending records: they go from the parser straight into a Parquet part, each key once.

Of records with one key the first stays, in a file and against what is there already. Small parts
are put together now and then, so that many small imports do not become many small files.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from data.datasets.dataset import Dataset
from data.ingest.check import Checked
from data.ingest.counts import Merged, arrived, counts
from data.ingest.parts import (
    Part,
    commit_parts,
    draft_path,
    listed_parts,
    part_path,
    publish_part,
)
from data.store.home import Home
from data.tables.quoting import literal, literals

MOST_SMALL_PARTS = 32
SMALL_PART_ROWS = 1_000_000


class Append:
    """The statements that append to one dataset's table, inside a transaction."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, dataset: Dataset, home: Home) -> None:
        self._cursor, self._dataset, self._home = cursor, dataset, home
        self._table = dataset.table
        self._time = dataset.time_column
        self._names = ", ".join(self._table.record_names)
        self._series = [name for name in self._table.key if name != self._time]

    def merge(
        self, parsing: duckdb.DuckDBPyConnection, checked: Sequence[Checked], numbers: str
    ) -> dict[int, Merged]:
        """Append the good rows; return by import what became of them.

        `numbers` is a relation of the parser: which import_id each import_no has.
        """
        good = " union all ".join(f"({one.good})" for one in checked)
        draft = draft_path(self._home, self._table)
        self._write(
            parsing,
            f"select {self._names}, import_id from ({good}) join {numbers} using (import_no)",
            draft,
        )
        found = arrived(parsing, self._drafted(draft), self._time)
        if not found:
            draft.unlink()
            return {}
        parts = listed_parts(self._cursor, self._table)
        times = [one for one in found.values() if one.first_at and one.last_at]
        first_at = min(str(one.first_at) for one in times)
        last_at = max(str(one.last_at) for one in times)
        known = [part for part in parts if _overlaps(part, first_at, last_at)]
        small = [part for part in parts if part.part_row_count < SMALL_PART_ROWS]
        small = small if len(small) >= MOST_SMALL_PARTS else []
        kept = {import_id: one.record_count for import_id, one in found.items()}
        if known or small or not self._is_distinct(parsing, draft):
            whole, draft = draft, draft_path(self._home, self._table)
            self._drop_known(parsing, whole, known)
            kept = counts(parsing, "new_rows")
            rest = f" union all by name from {self._read(small)}" if small else ""
            self._write(parsing, f"select * from new_rows{rest}", draft)
            whole.unlink()
        part = publish_part(self._cursor, self._home, self._table, self._time, draft)
        added = [part] if part else []
        commit_parts(self._cursor, self._home, self._table, added=added, dropped=small)
        return {import_id: one.merged(kept.get(import_id, 0)) for import_id, one in found.items()}

    def withdraw(self, import_ids: list[int]) -> None:
        """Take back every record of some imports: the parts that hold them are written anew."""
        held = [
            part
            for part in listed_parts(self._cursor, self._table)
            if any(part.first_import_id <= one <= part.last_import_id for one in import_ids)
        ]
        if not held:
            return
        draft = draft_path(self._home, self._table)
        withdrawn = ", ".join(map(str, import_ids))
        self._cursor.execute(
            f"copy (select * from {self._read(held)} where import_id not in ({withdrawn}))"
            f" to {literal(str(draft))} (format parquet, compression zstd)"
        )
        part = publish_part(self._cursor, self._home, self._table, self._time, draft)
        added = [part] if part else []
        commit_parts(self._cursor, self._home, self._table, added=added, dropped=held)

    def _read(self, parts: Sequence[Part]) -> str:
        paths = literals(str(part_path(self._home, self._table, part)) for part in parts)
        return f"read_parquet([{paths}])"

    @staticmethod
    def _write(connection: duckdb.DuckDBPyConnection, rows: str, draft: Path) -> None:
        # in the order in which they came: neighbours are alike
        connection.execute(
            f"copy ({rows}) to {literal(str(draft))} (format parquet, compression zstd)"
        )

    @staticmethod
    def _drafted(draft: Path) -> str:
        return f"read_parquet({literal(str(draft))})"

    def _is_distinct(self, parsing: duckdb.DuckDBPyConnection, draft: Path) -> bool:
        """Whether the order of the rows shows that no key comes twice.

        It does where each series is one run, and time goes one way in it; also where all rows
        are in ascending order of time, then series. One pass without sorting: exact counting takes
        longer than all the rest.
        """
        series = f"hash({', '.join(self._series)})"
        in_order = ", ".join(f"coalesce({name}::varchar, '')" for name in self._series)
        rows = parsing.execute(
            f"""
            with rows as (
                select {series} as series, {self._time} as moment, ({in_order}) as place
                from {self._drafted(draft)}
            ),
            pairs as (
                select
                    series is distinct from lag(series) over () as is_head,
                    series,
                    moment,
                    lag(moment) over () as before,
                    place,
                    lag(place) over () as place_before
                from rows
            )
            select
                count(*) filter (is_head) = count(distinct series) filter (is_head)
                    and (
                        count(*) filter (not is_head and moment <= before) = 0
                        or count(*) filter (not is_head and moment >= before) = 0
                    ),
                count(*) filter (moment < before) = 0
                    and count(*) filter (moment = before and place <= place_before) = 0
            from pairs
            """
        ).fetchall()
        return any(rows[0])

    def _drop_known(
        self, parsing: duckdb.DuckDBPyConnection, draft: Path, known: Sequence[Part]
    ) -> None:
        """Put the rows whose key has not come before into the table `new_rows`."""
        key = ", ".join(self._table.key)
        parsing.execute(
            f"""
            create or replace temp table new_rows as
            select * exclude (place) from (
                select *, row_number() over () as place from {self._drafted(draft)}
            )
            qualify row_number() over (partition by {key} order by import_id, place) = 1
            order by place
            """
        )
        if known:
            same = " and ".join(
                f"one.{name} is not distinct from other.{name}" for name in self._table.key
            )
            parsing.execute(
                f"delete from new_rows as other using {self._read(known)} as one where {same}"
            )


def _overlaps(part: Part, first_at: str, last_at: str) -> bool:
    """Whether a part has rows of a time; texts of one zone compare like instants, to the second."""
    if part.first_record_at is None or part.last_record_at is None:
        return False
    return part.first_record_at[:19] <= last_at[:19] and first_at[:19] <= part.last_record_at[:19]
