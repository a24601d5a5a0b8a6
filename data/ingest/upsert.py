"""Merging records by natural key: versions, and from them one row, field by field.

A key known from one record is that record. A key with several keeps them all in the table of
versions, and its row is made from them, each field by its `Merge`. Of equal records the first that
arrived counts: it makes no difference whether files are merged one by one or together.
"""

from collections.abc import Iterable
from functools import cached_property

import duckdb

from data.datasets.dataset import Dataset
from data.ingest.counts import Merged, arrived, counts, number
from data.tables.declaration import Field, Merge
from data.tables.quoting import literals
from data.tables.union import union_of

# a record is the same wherever it stands in a file
_NOT_HASHED = ("input_seq",)


class Upsert:
    """The statements that merge records into one dataset's tables, inside a transaction."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
        if dataset.versions is None:
            message = f"the dataset {dataset.kind} has no table of versions"
            raise ValueError(message)
        self._cursor = cursor
        self._dataset = dataset
        self._table, self._versions = dataset.table.name, dataset.versions.name
        self._names = dataset.table.record_names
        self._key = ", ".join(dataset.table.key)
        self._fields = ", ".join((*self._names, *dataset.table.merged_by(Merge.PROVENANCE)))
        self._same_key = " and ".join(f"one.{name} = other.{name}" for name in dataset.table.key)
        self._id, self._sequence = dataset.sequence or ("", "")

    def merge(self, relations: Iterable[str]) -> dict[int, Merged]:
        """Merge the records in these relations; return by import what became of them.

        They have the columns of a record, and import_id, fetched_at and content_hash.
        """
        self._collect(relations)
        found = arrived(self._cursor, "incoming", self._dataset.time_column)
        is_first = not number(self._cursor, f"select count(*) from (from {self._table} limit 1)")
        if not is_first:
            self._drop_known()
        kept: dict[int, int] = {}
        has_contested = self._find_contested(is_first=is_first)
        if has_contested:
            kept = self._merge_contested()
        is_new = f"not exists (from contested as one where {self._same_key})"
        for import_id, count in self._insert_new(is_new if has_contested else "").items():
            kept[import_id] = kept.get(import_id, 0) + count
        self._end("incoming")
        return {import_id: one.merged(kept.get(import_id, 0)) for import_id, one in found.items()}

    def withdraw(self, import_ids: list[int]) -> None:
        """Take back every record of some imports, and make anew the rows that have others."""
        given = {"import_ids": import_ids}
        is_withdrawn = "list_contains($import_ids, import_id)"
        self._cursor.execute(
            f"create or replace temp table contested as"
            f" select distinct {self._key} from {self._versions} where {is_withdrawn}",
            given,
        )
        self._cursor.execute(f"delete from {self._versions} where {is_withdrawn}", given)
        self._cursor.execute(
            f"""
            create or replace temp table changed as
            select {self._id or self._key} from {self._table} as other
            where (version_count = 1 and {is_withdrawn})
                or exists (from contested as one where {self._same_key})
            """,
            given,
        )
        self._tell_before("from changed")
        self._cursor.execute(
            f"delete from {self._table} where version_count = 1 and {is_withdrawn}", given
        )
        self._remake_contested()
        self._end()

    def _collect(self, relations: Iterable[str]) -> None:
        """Put the records into the table `incoming`."""
        hashed = ", ".join(name for name in self._names if name not in _NOT_HASHED)
        verb = "create or replace temp table incoming as"
        for relation in relations:
            self._cursor.execute(
                f"""
                {verb}
                select {", ".join(self._names)}, import_id, fetched_at, content_hash,
                    hash(({hashed})) as record_hash
                from {relation}
                """
            )
            verb = "insert into incoming"
        self._cursor.execute(
            f"create or replace temp table changed as"
            f" select {self._id or self._key} from {self._table} limit 0"
        )

    def _drop_known(self) -> None:
        """Leave out records that are kept already."""
        self._cursor.execute(
            f"""
            delete from incoming as other using {self._table} as one
            where {self._same_key} and one.version_count = 1
                and one.record_hash = other.record_hash
            """
        )
        self._cursor.execute(
            f"""
            delete from incoming as other using {self._versions} as one
            where {self._same_key} and one.record_hash = other.record_hash
            """
        )

    def _find_contested(self, *, is_first: bool) -> bool:
        """List the keys that have several records now, or a row already."""
        self._cursor.execute(
            f"""
            create or replace temp table contested as
            select {self._key} from incoming group by all having count(*) > 1
            """
        )
        if not is_first:
            self._cursor.execute(
                f"""
                insert into contested
                select {self._key} from incoming as other
                where exists (from {self._table} as one where {self._same_key})
                    and not exists (from contested as one where {self._same_key})
                """
            )
        return number(self._cursor, "select count(*) from contested") > 0

    def _merge_contested(self) -> dict[int, int]:
        """Merge the records of keys that have several; return how many are kept, by import."""
        is_contested = f"exists (from contested as one where {self._same_key})"
        self._cursor.execute(
            f"""
            insert into {self._versions} by name
            select {self._fields} from {self._table} as other
            where version_count = 1 and {is_contested}
            """
        )
        self._cursor.execute(
            f"""
            create or replace temp table kept_versions as
            select {self._fields} from incoming as other where {is_contested}
            qualify row_number() over (
                partition by {self._key}, record_hash
                order by fetched_at, content_hash{self._place}
            ) = 1
            """
        )
        kept = counts(self._cursor, "kept_versions")
        self._cursor.execute(f"insert into {self._versions} by name from kept_versions")
        self._remake_contested()
        self._cursor.execute("drop table kept_versions")
        return kept

    def _remake_contested(self) -> None:
        """Make the rows of the keys listed in `contested` from their versions."""
        self._tell_before(
            f"select {self._id or self._key} from {self._table} as other"
            f" where exists (from contested as one where {self._same_key})"
        )
        merged = [self._merged(field) for field in self._dataset.table.fields]
        numbered = ""
        if self._dataset.sequence:
            column, sequence = self._dataset.sequence
            numbered = f"coalesce(any_value(known.{column}), nextval('{sequence}')) as {column},"
        self._cursor.execute(
            f"""
            create or replace temp table remade as
            select {numbered} {", ".join(filter(None, merged))},
                count(*)::integer as version_count
            from {self._versions} as version
            semi join contested using ({self._key})
            left join {self._table} as known using ({self._key})
            group by all
            """
        )
        self._cursor.execute(
            f"delete from {self._table} as other using contested as one where {self._same_key}"
        )
        self._cursor.execute(f"insert into {self._table} by name from remade")
        self._cursor.execute(f"insert into changed select {self._id or self._key} from remade")
        # what is left with one record is that record
        self._cursor.execute(
            f"""
            delete from {self._versions} as other using remade as one
            where {self._same_key} and one.version_count = 1
            """
        )
        self._cursor.execute("drop table remade")

    def _insert_new(self, is_new: str) -> dict[int, int]:
        """Insert the records of new keys, or all; return how many by import."""
        new = "from incoming as other"
        if is_new:
            new += f" where {is_new}"
        kept = counts(self._cursor, f"(select import_id {new})")
        numbered, inserted = "", f"select {self._key} {new}"
        if self._dataset.sequence:
            column, sequence = self._dataset.sequence
            last_id = number(self._cursor, f"select coalesce(max({column}), 0) from {self._table}")
            numbered = f"nextval('{sequence}') as {column},"
            inserted = f"select {column} from {self._table} where {column} > {last_id}"
        self._cursor.execute(
            f"""
            insert into {self._table} by name
            select {numbered} {self._fields}, 1 as version_count {new}
            """
        )
        self._cursor.execute(f"insert into changed {inserted}")
        return kept

    def _tell_before(self, keys: str) -> None:
        """Tell of rows that are about to be remade or to go, as long as they are there."""
        if self._dataset.before_change:
            self._cursor.execute(f"create or replace temp table changing as {keys}")
            self._dataset.before_change(self._cursor)
            self._cursor.execute("drop table changing")

    def _end(self, *more: str) -> None:
        """Tell what has changed, and leave nothing behind."""
        if self._dataset.on_change:
            self._dataset.on_change(self._cursor)
        for name in ("contested", "changed", *more):
            self._cursor.execute(f"drop table {name}")

    @property
    def _place(self) -> str:
        return ", input_seq" if "input_seq" in self._names else ""

    @cached_property
    def _age(self) -> str:
        """The expression that orders the versions of one key, the newest last."""
        parts = ["version.fetched_at", "version.content_hash"]
        if "last_modified_at" in self._names:
            parts.insert(0, "coalesce(version.last_modified_at, '-infinity')")
        if "input_seq" in self._names:
            parts.append("coalesce(version.input_seq, 0)")
        return f"({', '.join(parts)})"

    def _merged(self, field: Field) -> str | None:
        """Return the expression that picks one field from the versions of a key."""
        name = field.column.name
        value = f"version.{name}"
        match field.merge:
            case Merge.KEY:
                return value
            case Merge.RECORD | Merge.PROVENANCE:
                return f"arg_max({value}, {self._age}) as {name}"
            case Merge.NEWEST:
                order = self._age
            case Merge.LONGEST:
                order = f"(len({value}), {self._age})"
            case Merge.UNION:
                lists = f"list({value} order by {self._age}) filter ({value} is not null)"
                return f"{union_of(field, f'flatten({lists})')} as {name}"
            case Merge.FURTHEST:
                ranks = [
                    f"when {value} in ({literals(stage)}) then {rank}"
                    for rank, stage in enumerate(field.stages, start=1)
                ]
                order = f"(case {' '.join(ranks)} else 0 end, {self._age})"
            case _:
                return None
        return f"arg_max({value}, {order}) filter ({value} is not null) as {name}"
