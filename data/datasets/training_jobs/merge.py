"""The merge: checked records become jobs, in one transaction, whatever order they come in.

A job known from one record is that record. A job with several keeps them all in
`training_job_versions`, and its row is made from them field by field (data/job_record.py).
"""

from dataclasses import dataclass

import duckdb

from data.datasets.training_jobs.record import COLUMNS, KEY, Merge

_KEY = ", ".join(KEY)
_FIELDS = ", ".join(COLUMNS)
_PROVENANCE = "import_id, fetched_at, content_hash, record_hash"
_AGE = "(coalesce(last_modified_at, '-infinity'), fetched_at, content_hash, coalesce(input_seq, 0))"
_HASHED = ", ".join(name for name in COLUMNS if name != "input_seq")
_SAME_KEY = " and ".join(f"one.{name} = other.{name}" for name in KEY)


@dataclass(frozen=True, slots=True)
class Merged:
    """How many records changed something, and how many were known already."""

    accepted_count: int
    unchanged_count: int


def merge_jobs(
    cursor: duckdb.DuckDBPyConnection,
    records: str,
    *,
    import_id: int,
    fetched_at: str,
    content_hash: str,
) -> Merged:
    """Merge the relation named `records` (columns as in COLUMNS) into training_jobs.

    Call it inside a transaction. `fetched_at` is ISO 8601 with an offset.
    """
    cursor.execute(
        f"""
        create or replace temp table incoming as
        select
            {_FIELDS},
            $import_id::bigint as import_id,
            $fetched_at::timestamptz as fetched_at,
            $content_hash as content_hash,
            hash(({_HASHED})) as record_hash
        from {records}
        """,
        {
            "import_id": import_id,
            "fetched_at": fetched_at,
            "content_hash": content_hash,
        },
    )
    record_count = _count(cursor, "select count(*) from incoming")
    is_first = not _count(cursor, "select count(*) from (from training_jobs limit 1)")
    known_count = 0
    if not is_first:
        # the only record of a job, come again: nothing to decide
        known_count = _count(
            cursor,
            f"""
            delete from incoming as other using training_jobs as one
            where {_SAME_KEY} and one.version_count = 1 and one.record_hash = other.record_hash
            """,
        )
    cursor.execute(
        f"""
        create or replace temp table contested as
        select {_KEY}, count(*) as record_count from incoming group by all having count(*) > 1
        """
    )
    if not is_first:
        cursor.execute(
            f"""
            insert into contested
            select {_KEY}, 1 from incoming as other
            where exists (from training_jobs as one where {_SAME_KEY})
                and not exists (from contested as one where {_SAME_KEY})
            """
        )
    has_contested = _count(cursor, "select count(*) from contested") > 0
    if has_contested:
        known_count += _merge_contested(cursor)
    contested = f"where not exists (from contested as one where {_SAME_KEY})"
    last_id = _count(cursor, "select coalesce(max(job_id), 0) from training_jobs")
    cursor.execute(
        f"""
        insert into training_jobs
        select nextval('job_ids'), {_FIELDS}, {_PROVENANCE}, 1
        from incoming as other {contested if has_contested else ""}
        """
    )
    cursor.execute(
        "insert into stale_jobs select job_id from training_jobs where job_id > $last_id",
        {"last_id": last_id},
    )
    for name in ("incoming", "contested"):
        cursor.execute(f"drop table {name}")
    return Merged(record_count - known_count, known_count)


def _merge_contested(cursor: duckdb.DuckDBPyConnection) -> int:
    """Merge the incoming records of jobs that have several; return how many were known."""
    cursor.execute(
        f"""
        insert into training_job_versions
        select {_FIELDS}, {_PROVENANCE} from training_jobs as other
        where version_count = 1 and exists (from contested as one where {_SAME_KEY})
        """
    )
    before_count = _count(cursor, "select count(*) from training_job_versions")
    cursor.execute(
        f"""
        create or replace temp table kept_versions as
        select {_FIELDS}, {_PROVENANCE}
        from (
            select {_FIELDS}, {_PROVENANCE} from training_job_versions as other
            where exists (from contested as one where {_SAME_KEY})
            union all
            select {_FIELDS}, {_PROVENANCE} from incoming as other
            where exists (from contested as one where {_SAME_KEY})
        )
        qualify row_number() over (
            partition by {_KEY}, record_hash
            order by fetched_at desc, content_hash desc, input_seq desc
        ) = 1
        """
    )
    arrived_count = _count(
        cursor,
        f"select count(*) from incoming as other"
        f" where exists (from contested as one where {_SAME_KEY})",
    )
    cursor.execute(
        f"""
        delete from training_job_versions as other
        using contested as one where {_SAME_KEY}
        """
    )
    cursor.execute("insert into training_job_versions from kept_versions")
    new_count = _count(cursor, "select count(*) from training_job_versions") - before_count
    remake_contested(cursor)
    return arrived_count - new_count


def remake_contested(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make the rows of the jobs listed in the temp table `contested` from their versions."""
    cursor.execute(
        f"""
        create or replace temp table remade as
        select
            coalesce(any_value(known.job_id), nextval('job_ids')) as job_id,
            {", ".join(_merged(name) for name in COLUMNS)},
            {
            ", ".join(
                f"arg_max(version.{name}, {_age('version')}) as {name}"
                for name in _PROVENANCE.split(", ")
            )
        },
            count(*)::integer as version_count
        from training_job_versions as version
        semi join contested using ({_KEY})
        left join training_jobs as known using ({_KEY})
        group by all
        """
    )
    cursor.execute(f"delete from training_jobs as other using contested as one where {_SAME_KEY}")
    cursor.execute("insert into training_jobs from remade")
    cursor.execute("insert into stale_jobs select job_id from remade")
    # a job that is left with one record is that record
    cursor.execute(
        f"""
        delete from training_job_versions as other using remade as one
        where {_SAME_KEY} and one.version_count = 1
        """
    )
    cursor.execute("drop table remade")


def withdraw_run(cursor: duckdb.DuckDBPyConnection, import_id: int) -> None:
    """Take back every record that one run brought, and remake the jobs that have others."""
    given = {"import_id": import_id}
    cursor.execute(
        f"""
        create or replace temp table contested as
        select distinct {_KEY} from training_job_versions where import_id = $import_id
        """,
        given,
    )
    cursor.execute("delete from training_job_versions where import_id = $import_id", given)
    cursor.execute(
        f"""
        insert into stale_jobs
        select job_id from training_jobs as other
        where (version_count = 1 and import_id = $import_id)
            or exists (from contested as one where {_SAME_KEY})
        """,
        given,
    )
    cursor.execute(
        "delete from training_jobs where version_count = 1 and import_id = $import_id",
        given,
    )
    remake_contested(cursor)
    cursor.execute("drop table contested")
    cursor.execute("delete from rejected_rows where import_id = $import_id", given)


def _age(of: str) -> str:
    return (
        _AGE.replace("last_modified_at", f"{of}.last_modified_at")
        .replace("fetched_at", f"{of}.fetched_at")
        .replace("content_hash", f"{of}.content_hash")
        .replace("input_seq", f"{of}.input_seq")
    )


def _merged(name: str) -> str:
    """Return the expression that picks one field from a job's versions."""
    field, age = f"version.{name}", _age("version")
    match COLUMNS[name].merge:
        case Merge.KEY:
            return field
        case Merge.RECORD:
            return f"arg_max({field}, {age}) as {name}"
        case Merge.NEWEST:
            return f"arg_max({field}, {age}) filter ({field} is not null) as {name}"
        case Merge.LONGEST:
            return f"arg_max({field}, (len({field}), {age})) filter ({field} is not null) as {name}"
        case Merge.ADVANCED:
            rank = (
                f"case {field} when 'InUse' then 1 when 'Available' then 2"
                " when 'Reused' then 3 when 'Terminated' then 3 else 0 end"
            )
            return f"arg_max({field}, ({rank}, {age})) filter ({field} is not null) as {name}"


def _count(cursor: duckdb.DuckDBPyConnection, sql: str) -> int:
    """Return the number that a statement answers with: a count, or how many rows it changed."""
    return int(cursor.execute(sql).fetchall()[0][0])
