"""Appending records: they go from the parser straight into a Parquet part, each key once.

Of records with one key the first stays, in a file and against what is there already. Small parts
are put together now and then, so that many small imports do not become many small files.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

import duckdb

from data.datasets.dataset import Dataset
from data.ingest.check import Checked
from data.ingest.counts import Merged, arrived, counts
from data.ingest.order import is_in_order
from data.ingest.parts import (
    Part,
    commit_parts,
    draft_path,
    listed_parts,
    publish_part,
    rows_of_files,
    rows_of_parts,
)
from data.store.home import Home
from data.tables.quoting import literal

MOST_SMALL_PARTS = 32
SMALL_PART_ROWS = 1_000_000


class Append:
    """The statements that append to one dataset's table, inside a transaction."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, dataset: Dataset, home: Home) -> None:
        self._cursor, self._home = cursor, home
        self._table, self._time = dataset.table, dataset.time_column

    def merge(
        self,
        parsing: duckdb.DuckDBPyConnection,
        checked: Sequence[Checked],
        import_ids: Sequence[int],
    ) -> dict[int, Merged]:
        """Append the good rows; return by import what became of them.

        `import_ids` says which import each import_no is.
        """
        # what nobody says takes time to write and to read
        filled = frozenset[str]().union(*(one.filled for one in checked))
        names = [name for name in self._table.record_names if name in filled]
        good = " union all ".join(f"({one.good})" for one in checked)
        # no join: it would not keep the order
        import_id = f"{list(import_ids)}[import_no + 1]::bigint as import_id"
        draft = self._write(parsing, f"select {', '.join(names)}, {import_id} from ({good})")
        names.append("import_id")
        found = arrived(parsing, f"({self._drafted(draft, names)})", self._time)
        if not found:
            draft.unlink()
            return {}
        parts = listed_parts(self._cursor, self._table)
        known = _overlapping(parts, [(one.first_at, one.last_at) for one in found.values()])
        series = [name for name in self._table.key if name in filled and name != self._time]
        dropped: dict[int, int] = {}
        if known or not is_in_order(parsing, draft, series, self._time):
            dropped = self._settle(parsing, self._drafted(draft, names), known)
        small = [part for part in parts if part.part_row_count < SMALL_PART_ROWS]
        small = small if len(small) >= MOST_SMALL_PARTS else []
        if dropped or small:
            rows = self._kept_rows(draft, names, small, has_dropped=bool(dropped))
            whole, draft = draft, self._write(parsing, rows)
            whole.unlink()
        self._commit(draft, dropped=small)
        return {
            import_id: one.merged(one.record_count - dropped.get(import_id, 0))
            for import_id, one in found.items()
        }

    def withdraw(self, import_ids: list[int]) -> None:
        """Take back every record of some imports: the parts that hold them are written anew."""
        held = [
            part
            for part in listed_parts(self._cursor, self._table)
            if any(part.first_import_id <= one <= part.last_import_id for one in import_ids)
        ]
        if not held:
            return
        rows = rows_of_parts(self._home, self._table, held)
        withdrawn = ", ".join(map(str, import_ids))
        draft = self._write(
            self._cursor, f"select * from ({rows}) where import_id not in ({withdrawn})"
        )
        self._commit(draft, dropped=held)

    def _write(self, connection: duckdb.DuckDBPyConnection, rows: str) -> Path:
        draft = draft_path(self._home, self._table)
        # in the order in which they came: neighbours are alike
        connection.execute(f"copy ({rows}) to {literal(str(draft))} (format parquet)")
        return draft

    def _commit(self, draft: Path, *, dropped: Sequence[Part]) -> None:
        part = publish_part(self._cursor, self._home, self._table, self._time, draft)
        added = [part] if part else []
        commit_parts(self._cursor, self._home, self._table, added=added, dropped=dropped)

    def _drafted(self, draft: Path, names: Collection[str]) -> str:
        return rows_of_files(self._table, names, [str(draft)])

    def _settle(
        self, parsing: duckdb.DuckDBPyConnection, drafted: str, known: Sequence[Part]
    ) -> dict[int, int]:
        """Find the records whose key has come before; return how many there are, by import.

        Only keys in doubt are looked at one by one: the table `settled` has their new records,
        `doubtful` the hashes of all of them.
        """
        key = ", ".join(self._table.key)
        hashes = f"select hash({key}) as key_hash from ({drafted})"
        before = rows_of_parts(self._home, self._table, known)
        parsing.execute(
            f"""
            create or replace temp table doubtful as
            select key_hash from ({hashes}) group by key_hash having count(*) > 1
            union
            select key_hash from ({hashes})
            semi join (select hash({key}) as key_hash from ({before})) using (key_hash)
            """
        )
        parsing.execute(
            f"""
            create or replace temp table in_doubt as
            select *, row_number() over () as place
            from ({drafted}) where hash({key}) in (from doubtful)
            """
        )
        parsing.execute(
            f"""
            create or replace temp table settled as
            select * exclude (place) from in_doubt
            qualify row_number() over (partition by {key} order by import_id, place) = 1
            """
        )
        same = " and ".join(
            f"one.{name} is not distinct from other.{name}" for name in self._table.key
        )
        parsing.execute(f"delete from settled as other using ({before}) as one where {same}")
        settled = counts(parsing, "settled")
        dropped = {
            import_id: count - settled.get(import_id, 0)
            for import_id, count in counts(parsing, "in_doubt").items()
        }
        return {import_id: count for import_id, count in dropped.items() if count}

    def _kept_rows(
        self,
        draft: Path,
        names: Collection[str],
        small: Sequence[Part],
        *,
        has_dropped: bool,
    ) -> str:
        """Return a query for a draft's records without those that were known, and small parts."""
        rows = [self._drafted(draft, names)]
        if has_dropped:
            key = ", ".join(self._table.key)
            rows = [f"{rows[0]} where hash({key}) not in (from doubtful)", "from settled"]
        if small:
            rows.append(rows_of_parts(self._home, self._table, small))
        written = set(names).union(*(part.column_names for part in small))
        chosen = [name for name in self._table.names if name in written]
        union = " union all by name ".join(f"({one})" for one in rows)
        return f"select {', '.join(chosen)} from ({union})"


def _overlapping(
    parts: Sequence[Part], times: Sequence[tuple[str | None, str | None]]
) -> list[Part]:
    """Return the parts with rows of a time; texts of one zone compare as instants do."""
    first_at = min((first[:19] for first, _ in times if first), default="")
    last_at = max((last[:19] for _, last in times if last), default="")
    return [
        part
        for part in parts
        if part.first_record_at
        and part.last_record_at
        and part.first_record_at[:19] <= last_at
        and first_at <= part.last_record_at[:19]
    ]
