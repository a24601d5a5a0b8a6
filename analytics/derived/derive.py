"""Brings the derived tables up to date: job facts, pools, the pool ledger, and what a hit saves."""

import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

import duckdb

from analytics.derived.key_diff import name_changed_keys
from analytics.derived.ledger import write_ledger
from data.store.settings import load_settings
from data.store.store import Store

CHUNK_JOBS = 1_000_000
INCOMPLETE = "incomplete"
FULL_SHARE = 0.3  # above this share of touched jobs, making everything anew is quicker


def derive(store: Store) -> bool:
    """Bring the derived tables up to date; return whether anything had to be done.

    Jobs that the merge touched are made anew together with every job of their pools, old and new:
    the ledger of a pool depends on all its jobs.
    """
    with store.writing():
        definition = _definition_hash(store)
        is_current = _made_with(store) == definition
        touched_count = store.scalar("select count(distinct job_id) from stale_jobs")
        if is_current and not touched_count:
            return False
        job_count = store.scalar("select count(*) from training_jobs")
        if is_current and touched_count <= FULL_SHARE * job_count:
            _remake_touched(store)
        else:
            _remake_all(store, definition, job_count)
    return True


def _remake_touched(store: Store) -> None:
    with store.transaction() as cursor:
        _scope_touched(store, cursor)
        for stale in ("scope", "stale_jobs"):
            cursor.execute(
                f"delete from job_facts using {stale} where {stale}.job_id = job_facts.job_id"
            )
        _write_scoped(store, cursor)
        _finish(cursor)
        store.publish(cursor)


def _remake_all(store: Store, definition: str, job_count: int) -> None:
    """Make everything anew, a part in each transaction: one for all would not fit in memory.

    Until the last one is done the tables are marked as incomplete, for a process that dies and for
    readers that had begun before (`store.remake_count`).
    """
    store.remake_count += 1
    with store.transaction() as cursor:
        _make_tables(cursor, INCOMPLETE)
    part_count = -(-job_count // CHUNK_JOBS)
    for part in range(part_count):
        with store.transaction() as cursor:
            _scope_part(cursor, part, part_count)
            _write_scoped(store, cursor)
            _drop_scoped(cursor)
    with store.transaction() as cursor:
        _finish(cursor)
        store.publish(cursor)
        cursor.execute(
            "update derived_state set definition_hash = $definition", {"definition": definition}
        )
    store.remake_count += 1


def _finish(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make what depends on all pools at once."""
    name_changed_keys(cursor)
    _write_savings(cursor)
    cursor.execute("delete from stale_jobs")
    _drop_scoped(cursor)


def _write_savings(cursor: duckdb.DuckDBPyConnection) -> None:
    own, *others = _sql("savings").split("-- step --")
    cursor.execute("delete from pool_savings")
    cursor.execute(
        """
        create or replace temp table own_startups (
            pool_id integer, instance_family varchar, input_mode varchar, cold_job_count bigint,
            warm_job_count bigint, wait_saved_s double, billed_saved_s double
        )
        """
    )
    runs = cursor.execute(
        """
        select min(pool_id), max(pool_id)
        from (
            select pool_id, sum(count(*)) over (order by pool_id) // $chunk_jobs as run
            from job_facts where eligibility = 'eligible' and pool_id is not null
            group by pool_id
        )
        group by run
        """,
        {"chunk_jobs": CHUNK_JOBS},
    ).fetchall()
    for first, last in runs:
        cursor.execute(own, {"first_pool_id": first, "last_pool_id": last})
    for step in others:
        cursor.execute(step)
    for name in ("own_startups", "family_latencies", "family_downloads"):
        cursor.execute(f"drop table {name}")


def _drop_scoped(cursor: duckdb.DuckDBPyConnection) -> None:
    cursor.execute("drop view if exists scoped_jobs")
    for name in ("fresh", "clusters", "rates", "member_groups", "links", "scope"):
        cursor.execute(f"drop table if exists {name}")


def _made_with(store: Store) -> str | None:
    has_state = store.scalar(
        "select count(*) from duckdb_tables() where table_name = 'derived_state'"
    )
    return store.scalar("select definition_hash from derived_state") if has_state else None


def _definition_hash(store: Store) -> str:
    """A hash that changes with the code of this folder, or the settings it depends on."""
    settings = repr(sorted(_settings(store).items()))
    return hashlib.sha256(f"{_code_hash()} {settings}".encode()).hexdigest()


@cache
def _code_hash() -> str:
    folder = files("analytics.derived")
    texts = [
        entry.read_bytes()
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith((".py", ".sql"))
    ]
    return hashlib.sha256(b"\n".join(texts)).hexdigest()


def _settings(store: Store) -> dict[str, Any]:
    settings = load_settings(store.home)
    return {
        "image_pull_moved_date": settings.image_pull_moved_date,
        "use_estimated_prices": settings.use_estimated_prices,
    }


def _sql(name: str) -> str:
    return (files("analytics.derived") / f"{name}.sql").read_text(encoding="utf-8")


def _make_tables(cursor: duckdb.DuckDBPyConnection, definition: str) -> None:
    for table in ("job_facts", "pools", "pool_savings", "derived_state"):
        cursor.execute(f"drop table if exists {table}")
    cursor.execute(_sql("job_facts"))
    cursor.execute("create table derived_state (definition_hash varchar not null)")
    cursor.execute("insert into derived_state values ($definition)", {"definition": definition})


def _scope_part(cursor: duckdb.DuckDBPyConnection, part: int, part_count: int) -> None:
    """Scope one part of all jobs; every pool lies within one part, and a part within memory."""
    cursor.execute(
        f"""
        create or replace temp view scoped_jobs as
        select * from training_jobs
        where hash(
            account_id,
            region,
            coalesce(pool_key, concat(role_arn, instance_groups[1].instance_type))
        ) % {part_count:d} = {part:d}
        """
    )


def _scope_touched(store: Store, cursor: duckdb.DuckDBPyConnection) -> None:
    """Scope the touched jobs, and all jobs of the pools that they left, joined or have links to."""
    cursor.execute("create or replace temp table scope as select distinct job_id from stale_jobs")
    cursor.execute(
        "create or replace temp view scoped_jobs as"
        " from training_jobs semi join scope using (job_id)"
    )
    _run_fresh(store, cursor)
    cursor.execute(
        """
        create or replace temp table wider as
        with affected as (
            select distinct account_id, region, pool_key from fresh where pool_key is not null
            union
            select distinct account_id, region, pool_key
            from job_facts semi join scope using (job_id) where pool_key is not null
            union
            select distinct reuser.account_id, reuser.region, reuser.pool_key
            from job_facts as reuser
            semi join fresh on
                reuser.account_id = fresh.account_id and reuser.region = fresh.region
                and reuser.job_name = fresh.reused_by_job_name
            where reuser.pool_key is not null
        )
        select job_id from job_facts semi join affected using (account_id, region, pool_key)
        where job_id in (select job_id from training_jobs)
        union
        select reuser.job_id
        from training_jobs as reuser
        semi join fresh on
            reuser.account_id = fresh.account_id and reuser.region = fresh.region
            and reuser.job_name = fresh.reused_by_job_name
        union
        select job_id from scope
        """
    )
    cursor.execute("create or replace temp table scope as from wider")
    cursor.execute("drop table wider")


def _write_scoped(store: Store, cursor: duckdb.DuckDBPyConnection) -> None:
    """Make the facts and the ledger entries of the scoped jobs."""
    _run_fresh(store, cursor)
    _link(cursor)
    _number_pools(cursor)
    write_ledger(cursor, CHUNK_JOBS)


def _link(cursor: duckdb.DuckDBPyConnection) -> None:
    """Find who took over whose cluster, by AWS's word; being named proves a job eligible."""
    # of several donors the last to end
    cursor.execute(
        """
        create or replace temp table links as
        select
            donor.job_id as donor_job_id,
            donor.job_name as donor_job_name,
            reuser.job_id as job_id,
            epoch_us(donor.training_ended_at) as release_us
        from training_jobs as donor
        inner join fresh as reuser on
            donor.account_id = reuser.account_id
            and donor.region = reuser.region
            and donor.reused_by_job_name = reuser.job_name
        where donor.reused_by_job_name is not null
        qualify row_number() over (
            partition by reuser.job_id
            order by donor.training_ended_at desc nulls last, donor.job_id
        ) = 1
        """
    )
    cursor.execute(
        """
        update fresh set eligibility = 'eligible'
        where eligibility in ('unknown', 'training_plan', 'not_started')
            and job_id in (select job_id from links)
        """
    )


def _run_fresh(store: Store, cursor: duckdb.DuckDBPyConnection) -> None:
    *steps, last = _sql("fresh_facts").split("-- step --")
    settings = _settings(store)
    for step in steps:
        is_pricing = "$use_estimated_prices" in step
        cursor.execute(step, {"use_estimated_prices": settings["use_estimated_prices"]}
                       if is_pricing else {})  # fmt: skip
    cursor.execute(last, {"image_pull_moved_date": settings["image_pull_moved_date"]})


def _number_pools(cursor: duckdb.DuckDBPyConnection) -> None:
    cursor.execute(
        """
        insert into pools
        select
            (select coalesce(max(pool_id), 0) from pools) + row_number() over (
                order by account_id, region, pool_key
            ),
            account_id, region, pool_key,
            any_value(role_arn) filter (not is_own_key),
            any_value(instance_count),
            any_value(instance_type),
            any_value(volume_kms_key_id) filter (not is_own_key),
            any_value(volume_size_gib) filter (not is_own_key),
            any_value(security_group_ids) filter (not is_own_key),
            any_value(subnets) filter (not is_own_key),
            any_value(has_inter_container_encryption) filter (not is_own_key),
            any_value(has_network_isolation) filter (not is_own_key)
        from fresh
        anti join pools using (account_id, region, pool_key)
        where pool_key is not null
        group by account_id, region, pool_key
        """
    )
