"""Appending records: they go from the parser straight into a Parquet part, each key once.

A large file that is laid out as the table is becomes a part as it is: a copy of what was landed.
Of records with one key the first stays, in a file and against what is there already. Small parts
are put together now and then, so that many small imports do not become many small files.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from data.datasets.dataset import Dataset
from data.files.selection import IS_ALTERED
from data.ingest.check import Checked
from data.ingest.counts import Merged, arrived, counts
from data.ingest.order import are_distinct
from data.ingest.parts import (
    Draft,
    Part,
    commit_parts,
    draft_path,
    listed_parts,
    publish_part,
    rows_of_parts,
)
from data.store.home import Home
from data.tables.quoting import literal

MOST_SMALL_PARTS = 32
SMALL_PART_ROWS = 1_000_000
# of a file that is read as it is: with smaller groups each costs, with larger ones too much is read
LEAST_GROUP_ROWS, MOST_GROUP_ROWS = 10_000, 2_000_000


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
        draft = self._copied(parsing, checked, import_ids)
        draft = draft or self._drafted(parsing, checked, import_ids)
        found = arrived(parsing, f"({draft.rows(self._table)})", self._time)
        if not found:
            draft.path.unlink()
            return {}
        parts = listed_parts(self._cursor, self._table)
        known = _overlapping(parts, [(one.first_at, one.last_at) for one in found.values()])
        key = [name for name in self._table.key if name in draft.column_names]
        series = [name for name in key if name != self._time]
        dropped: dict[int, int] = {}
        if known or not are_distinct(parsing, draft.path, series, self._time):
            dropped = self._settle(parsing, draft.rows(self._table), known)
        small = [part for part in parts if part.part_row_count < SMALL_PART_ROWS]
        small = small if len(small) >= MOST_SMALL_PARTS else []
        if dropped or small:
            rows = self._kept_rows(draft, small, has_dropped=bool(dropped))
            whole, draft = draft, self._write(parsing, rows)
            whole.path.unlink()
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

    def _copied(
        self,
        parsing: duckdb.DuckDBPyConnection,
        checked: Sequence[Checked],
        import_ids: Sequence[int],
    ) -> Draft | None:
        """Copy the one payload there is, if all its rows are good, and as a part would have them.

        Writing them anew takes far longer than seeing that.
        """
        one = checked[0]
        if len(checked) > 1 or one.payload is None or IS_ALTERED not in one.names:
            return None
        if not _is_well_grouped(one.payload.path, self._time):
            return None
        altered = f"select 1 from {one.relation} where {IS_ALTERED} limit 1"
        if parsing.execute(altered).fetchall():
            return None
        path = draft_path(self._home, self._table)
        shutil.copyfile(one.payload.path, path)
        import_id = import_ids[one.payload.import_no]
        # a payload is named by its content, as a part is
        return Draft(path, self._filled(checked), import_id, one.payload.path.stem)

    def _drafted(
        self,
        parsing: duckdb.DuckDBPyConnection,
        checked: Sequence[Checked],
        import_ids: Sequence[int],
    ) -> Draft:
        """Write the good rows."""
        names = self._filled(checked)
        good = " union all ".join(f"({one.good})" for one in checked)
        # no join: it would not keep the order
        import_id = f"{list(import_ids)}[import_no + 1]::bigint as import_id"
        return self._write(parsing, f"select {', '.join(names)}, {import_id} from ({good})")

    def _filled(self, checked: Sequence[Checked]) -> tuple[str, ...]:
        """Return the columns of a record without those that nobody says.

        These would take time to write and to read.
        """
        filled = frozenset[str]().union(*(one.filled for one in checked))
        return tuple(name for name in self._table.record_names if name in filled)

    def _write(self, connection: duckdb.DuckDBPyConnection, rows: str) -> Draft:
        path = draft_path(self._home, self._table)
        # in the order in which they came: neighbours are alike
        connection.execute(f"copy ({rows}) to {literal(str(path))} (format parquet)")
        described = connection.execute(f"describe from read_parquet({literal(str(path))})")
        return Draft(path, tuple(str(row[0]) for row in described.fetchall()))

    def _commit(self, draft: Draft, *, dropped: Sequence[Part]) -> None:
        part = publish_part(self._cursor, self._home, self._table, self._time, draft)
        added = [part] if part else []
        commit_parts(self._cursor, self._home, self._table, added=added, dropped=dropped)

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

    def _kept_rows(self, draft: Draft, small: Sequence[Part], *, has_dropped: bool) -> str:
        """Return a query for a draft's records without those that were known, and small parts."""
        rows = [draft.rows(self._table)]
        if has_dropped:
            key = ", ".join(self._table.key)
            rows = [f"{rows[0]} where hash({key}) not in (from doubtful)", "from settled"]
        if small:
            rows.append(rows_of_parts(self._home, self._table, small))
        written = {"import_id"}.union(draft.column_names, *(part.column_names for part in small))
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


def _is_well_grouped(path: Path, moment: str) -> bool:
    """Whether a large Parquet file can be read by time: its groups have their times."""
    metadata = pq.read_metadata(path)
    if metadata.num_rows < SMALL_PART_ROWS:
        return False
    group_rows = metadata.num_rows / metadata.num_row_groups
    if not LEAST_GROUP_ROWS <= group_rows <= MOST_GROUP_ROWS:
        return False
    places = {metadata.schema.column(at).path: at for at in range(metadata.num_columns)}
    # a column of this name hides the file's
    if any(name.casefold() == "filename" for name in places):
        return False
    return all(
        metadata.row_group(number).column(places[moment]).is_stats_set
        for number in range(metadata.num_row_groups)
    )
