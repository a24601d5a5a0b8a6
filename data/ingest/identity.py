"""Merging records whose natural key does not tell what they are of: a dataset's identity does.

All records that may be of one thing are looked at together, whichever import brought them, so it
makes no difference in which order they came. What they make together is checked as a row of a file
is: a record with which that fails, in the order of arrival, is rejected.
"""

from collections.abc import Iterable

import duckdb

from data.datasets.dataset import Dataset, Identity
from data.ingest.counts import Merged, arrived, counts, number
from data.ingest.upsert import Upsert
from data.tables.declaration import Field, Merge
from data.tables.quoting import literal

# so many records of one thing are rejected one by one; then all but its first
MOST_ROUNDS = 20


class IdentifiedUpsert(Upsert):
    """The statements that merge records of a dataset with an identity, inside a transaction."""

    def __init__(
        self, cursor: duckdb.DuckDBPyConnection, dataset: Dataset, identity: Identity
    ) -> None:
        super().__init__(cursor, dataset)
        self._identity = identity

    def merge(self, relations: Iterable[str]) -> dict[int, Merged]:
        """Merge the records in these relations; return by import what became of them."""
        self._collect(relations)
        found = arrived(self._cursor, "incoming", self._dataset.time_column)
        self._touch(f"select distinct {self._identity.group} as group_key from incoming")
        self._drop_known()
        self._cursor.execute(
            f"""
            create or replace temp table contested as
            select group_key
            from (
                select {self._identity.group} as group_key, count(*) as record_count
                from incoming group by all
            )
            where record_count > 1 or group_key in (select group_key from touched)
            """
        )
        kept: dict[int, int] = {}
        refused: dict[int, int] = {}
        has_contested = number(self._cursor, "select count(*) from contested") > 0
        if has_contested:
            self._gather()
            kept = counts(self._cursor, "(select import_id from gathered where known_id is null)")
            refused = self._refuse()
            self._remake("")
        is_new = f"{self._identity.group} not in (select group_key from contested)"
        for import_id, count in self._insert_new(is_new if has_contested else "").items():
            kept[import_id] = kept.get(import_id, 0) + count
        self._end("incoming", "touched")
        return {
            import_id: one.merged(kept.get(import_id, 0), refused.get(import_id, 0))
            for import_id, one in found.items()
        }

    def withdraw(self, import_ids: list[int]) -> None:
        """Take back every record of some imports, and make anew the rows that have others."""
        given = {"import_ids": import_ids}
        is_withdrawn = "list_contains($import_ids, import_id)"
        self._cursor.execute(
            f"""
            create or replace temp table losing as
            select distinct {self._id} from {self._versions} where {is_withdrawn}
            union
            select {self._id} from {self._table} where version_count = 1 and {is_withdrawn}
            """,
            given,
        )
        self._cursor.execute(
            f"create or replace temp table changed as select {self._id} from {self._table} limit 0"
        )
        self._touch(
            f"select distinct {self._identity.group} as group_key from {self._table}"
            f" where {self._id} in (from losing)"
        )
        self._cursor.execute("create or replace temp table contested as select 0 limit 0")
        self._gather(f"where not list_contains({import_ids!r}, import_id)", has_incoming=False)
        self._refuse()
        self._remake(f"{self._id} in (from losing)")
        self._end("touched", "losing")

    def _touch(self, groups: str) -> None:
        """List the rows that belong to the groups of a query."""
        self._cursor.execute(
            f"""
            create or replace temp table touched as
            select {self._id}, {self._identity.group} as group_key, version_count, record_hash
            from {self._table}
            where {self._identity.group} in ({groups})
            """
        )

    def _drop_known(self) -> None:
        """Leave out records that are kept already."""
        self._cursor.execute(
            f"""
            delete from incoming where ({self._identity.group}, record_hash) in (
                select (group_key, record_hash) from touched where version_count = 1
                union all
                select (touched.group_key, version.record_hash)
                from {self._versions} as version
                inner join touched using ({self._id})
            )
            """
        )

    def _gather(self, kept: str = "", *, has_incoming: bool = True) -> None:
        """Put all records that belong to the groups into `gathered`, in the order of arrival."""
        incoming = f"""
            union all by name
            select * from (
                select {self._fields}, null as known_id from incoming
                where {self._identity.group} in (select group_key from contested)
                qualify row_number() over (
                    partition by {self._identity.group}, record_hash
                    order by fetched_at, content_hash{self._place}
                ) = 1
            )
        """
        self._cursor.execute(
            f"""
            create or replace temp table gathered as
            select
                row_number() over (
                    order by known_id is null, fetched_at, content_hash{self._place}
                ) as record_no,
                *
            from (
                select {self._fields}, {self._id} as known_id from {self._versions}
                where {self._id} in (select {self._id} from touched)
                union all by name
                select {self._fields}, {self._id} as known_id from {self._table}
                where {self._id} in (select {self._id} from touched where version_count = 1)
                {incoming if has_incoming else ""}
            )
            {kept}
            """
        )

    def _refuse(self) -> dict[int, int]:
        """Reject what the others contradict; return how many records, by import.

        Afterwards the table `things` tells what each record is of, and `made` has the rows.
        """
        self._cursor.execute(
            "create or replace temp table refused as"
            " select null::bigint as import_id, null::bigint as row_number,"
            " null::varchar as reason,"
            " null::varchar as next_action, null::varchar as raw limit 0"
        )
        for round_no in range(MOST_ROUNDS + 1):
            self._tell_apart()
            if not self._has_faults():
                break
            self._reject(is_last=round_no == MOST_ROUNDS)
        rejected = counts(self._cursor, "refused")
        if rejected:
            self._cursor.execute(
                """
                insert into rejected_rows by name
                select refused.*, coalesce(batch.import_file, imports.file_name, '') as file_name
                from refused
                left join batch using (import_id)
                left join imports using (import_id)
                """
            )
        self._cursor.execute("drop table refused")
        return rejected

    def _tell_apart(self) -> None:
        self._cursor.execute(
            f"create or replace temp table things as {self._identity.things}",
        )
        merged = ", ".join(filter(None, map(self._merged, self._dataset.table.fields)))
        self._cursor.execute(
            f"""
            create or replace temp table made as
            select
                thing,
                min(known_id) as known_id,
                count(distinct known_id) as known_count,
                count(*) filter (known_id is null) as new_count,
                {merged},
                count(*)::integer as version_count
            from gathered as version
            inner join things using (record_no)
            group by thing
            """
        )

    def _fault(self, words: str = "reason") -> str:
        """Return SQL for why a row cannot be, or for what to do: null where it can."""
        target = self._dataset.target
        names = set(self._names)
        order = (
            "Check the clock of whatever wrote it, and whether it is of another job of that name."
        )
        cases = [
            (f"{later} < {earlier}", literal(f"{later} is before {earlier}."), order)
            for earlier, later in target.in_order
            if {later, earlier} <= names
        ]
        cases += [
            (check.is_bad, check.reason, check.next_action)
            for check in target.checks
            if names.issuperset(check.about)
        ]
        told = "".join(
            f" when {is_bad} then {reason if words == 'reason' else literal(action)}"
            for is_bad, reason, action in cases
        )
        return f"case {told} end" if told else "null::varchar"

    def _has_faults(self) -> bool:
        return (
            number(self._cursor, f"select count(*) from made where {self._fault()} is not null") > 0
        )

    def _reject(self, *, is_last: bool) -> None:
        """Move of each thing with a fault the first record that brings it from `gathered`."""
        fields = []
        for field in self._dataset.table.fields:
            name = field.column.name
            if field.merge is Merge.NEWEST:
                fields.append(
                    f"arg_max(version.{name}, {self._age}) filter (version.{name} is not null)"
                    f" over arrived as {name}"
                )
            elif name in self._names and field.merge is not Merge.STORE:
                fields.append(f"version.{name}")
        is_rejected = "true" if is_last else f"{self._fault()} is not null"
        self._cursor.execute(
            f"""
            create or replace temp table contradicting as
            select
                record_no,
                coalesce({self._fault()}, 'it contradicts others of its name.') as fault,
                coalesce({self._fault("action")}, 'Check the names in the export.') as next_action
            from (
                select record_no, version.thing, {", ".join(fields)},
                    row_number() over arrived as arrival_no
                from (from gathered inner join things using (record_no)) as version
                where thing in (select thing from made where {self._fault()} is not null)
                window arrived as (
                    partition by version.thing order by record_no rows unbounded preceding
                )
            )
            where {is_rejected}
            qualify {
                "arrival_no > 1"
                if is_last
                else "row_number() over (partition by thing order by record_no) = 1"
            }
            """
        )
        telling = {name for pair in self._dataset.target.in_order for name in pair}
        shown = ", ".join(
            f"{name} := {name}"
            for name in self._names
            if name in telling or name in self._dataset.table.key
        )
        self._cursor.execute(
            f"""
            insert into refused
            select
                import_id,
                {"input_seq" if "input_seq" in self._names else "null"},
                'Merged with what is known of it: ' || fault,
                contradicting.next_action,
                to_json(struct_pack({shown}))::varchar
            from gathered inner join contradicting using (record_no)
            """
        )
        self._cursor.execute(
            "delete from gathered where record_no in (select record_no from contradicting)"
        )

    def _remake(self, also: str) -> None:
        """Put the rows that were made in place of those that were; `also` are SQL for more ids."""
        is_changed = "new_count > 0 or known_count <> 1"
        if also:
            is_changed += f" or known_id in (select {also.split(' ')[0]} from losing)"
        self._cursor.execute(
            f"""
            create or replace temp table replacing as
            select
                thing,
                case when known_id is not null and row_number() over (
                    partition by known_id order by created_at, thing
                ) = 1 then known_id else nextval('{self._sequence}') end as {self._id},
                ({is_changed}) or count(*) over (partition by known_id) > 1 as is_changed
            from made
            """
        )
        self._cursor.execute(
            f"""
            create or replace temp table leaving as
            select {self._id} from touched
            where {self._id} not in (select {self._id} from replacing where not is_changed)
            """
        )
        self._tell_before("from leaving")
        for table in (self._table, self._versions):
            self._cursor.execute(f"delete from {table} where {self._id} in (from leaving)")
        names = ", ".join(self._fields.split(", "))
        self._cursor.execute(
            f"""
            insert into {self._table} by name
            select {self._id}, {names}, version_count
            from made inner join replacing using (thing) where is_changed
            """
        )
        self._cursor.execute(
            f"""
            insert into {self._versions} by name
            select {self._id}, {", ".join(f"gathered.{name}" for name in names.split(", "))}
            from gathered
            inner join things using (record_no)
            inner join replacing using (thing)
            inner join made using (thing)
            where is_changed and version_count > 1
            """
        )
        self._cursor.execute(
            f"""
            insert into changed
            select {self._id} from replacing where is_changed
            union
            from leaving
            """
        )
        for name in ("gathered", "things", "made", "replacing", "leaving"):
            self._cursor.execute(f"drop table {name}")

    def _merged(self, field: Field) -> str | None:
        """Return the expression that picks one field from the versions of a thing."""
        name = field.column.name
        preferred = self._identity.preferred.get(name)
        if preferred is None:
            return super()._merged(field)
        value = f"version.{name}"
        return f"arg_max({value}, ({preferred.format(value=value)}, {self._age})) as {name}"


def upsert_of(cursor: duckdb.DuckDBPyConnection, dataset: Dataset) -> Upsert:
    """Return the statements that merge records of a dataset."""
    if dataset.identity is None:
        return Upsert(cursor, dataset)
    return IdentifiedUpsert(cursor, dataset, dataset.identity)
