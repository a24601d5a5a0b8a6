"""Brings the derived tables up to date: job facts, pools, the pool ledger, and what a hit saves."""

import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from analytics.pools import matching
from analytics.pools.near_misses import name_changed_keys
from data.settings import load_settings
from data.store import Store, arrays

CHUNK_JOBS = 1_000_000
INCOMPLETE = "incomplete"
FULL_SHARE = 0.3  # above this share of touched jobs, making everything anew is quicker

_EVIDENCE = ["", "confirmed", "inferred"]
_REASONS = [
    "",
    "first_of_key",
    "all_busy",
    "too_early",
    "not_kept",
    "not_provisioned",
    "expired",
    "ended_early",
    "unknown",
]


def refresh(store: Store) -> bool:
    """Bring the derived tables up to date; return whether anything had to be done.

    Jobs that the merge touched are made anew together with every job of their pools, old and new:
    the ledger of a pool depends on all its jobs.
    """
    with store.writing():
        definition = _definition_hash(store)
        is_current = _made_with(store) == definition
        touched_count = store.scalar("select count(distinct job_id) from touched_jobs")
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
        for stale in ("scope", "touched_jobs"):
            cursor.execute(
                f"delete from job_facts using {stale} where {stale}.job_id = job_facts.job_id"
            )
        _write_scoped(store, cursor)
        _finish(cursor)


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
        cursor.execute(
            "update derived_state set definition_hash = $definition", {"definition": definition}
        )
    store.remake_count += 1


def _finish(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make what depends on all pools at once."""
    name_changed_keys(cursor)
    cursor.execute("delete from pool_savings")
    cursor.execute("insert into pool_savings " + _sql("savings"))
    cursor.execute("delete from touched_jobs")
    _drop_scoped(cursor)


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
    folder = files("analytics") / "pools"
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
    return (files("analytics") / "pools" / f"{name}.sql").read_text(encoding="utf-8")


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
    cursor.execute("create or replace temp table scope as select distinct job_id from touched_jobs")
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
    _write_ledger(cursor)


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


def _write_ledger(cursor: duckdb.DuckDBPyConnection) -> None:
    """Insert the fresh jobs with their ledger entries, some pools at a time."""
    cursor.execute(
        """
        create or replace temp table pool_runs as
        select
            pools.pool_id,
            (sum(count(*)) over (order by pools.pool_id) / $chunk_jobs)::bigint as chunk
        from fresh inner join pools using (account_id, region, pool_key)
        where fresh.eligibility = 'eligible'
        group by pools.pool_id
        """,
        {"chunk_jobs": CHUNK_JOBS},
    )
    chunks = cursor.execute("select distinct chunk from pool_runs order by chunk").fetchall()
    for (chunk,) in chunks:
        _write_chunk(cursor, int(chunk))
    cursor.execute("drop table pool_runs")
    cursor.execute(
        _INSERT.format(
            source="""
            fresh
            left join pools using (account_id, region, pool_key)
            left join links on fresh.job_id = links.job_id and fresh.eligibility = 'eligible'
            where fresh.eligibility <> 'eligible' or fresh.pool_key is null
        """,
            outcome="case when links.job_id is not null then 'hit' end",
            miss_reason="null",
            evidence="case when links.job_id is not null then 'confirmed' end",
            start_kind="case when links.job_id is not null then 'warm' else 'cold' end",
            has_predecessor="null",
            donor_job_id="links.donor_job_id",
            donor_job_name="links.donor_job_name",
            missed_donor_job_name="null",
            missed_by_s="null",
            gap_s="(fresh.request_us - links.release_us) / 1e6",
            kept_gap_s="null",
            kept_idle_s="null",
            kept_donor_job_id="null",
            is_releasing="false",
        )
    )


def _write_chunk(cursor: duckdb.DuckDBPyConnection, chunk: int) -> None:
    columns = arrays(
        cursor,
        """
        select
            fresh.job_id,
            pools.pool_id,
            request_us,
            coalesce(start_us, request_us) as start_us,
            coalesce(fresh.release_us, $never) as release_us,
            coalesce(keep_alive_period_s * 1000000, -1)::bigint as keep_alive_us,
            coalesce(round(retained_s * 1000000), -1)::bigint as retained_us,
            coalesce(round(provisioning_s * 1000000), -1)::bigint as provisioning_us,
            coalesce(links.donor_job_id, -1) as linked_job_id,
            links.release_us is not null as has_linked_release,
            coalesce(request_us - links.release_us, 0) as linked_gap_us,
            coalesce(keep_alive_period_s > 0, false)
                and reused_by_job_name is null
                and coalesce(warm_pool_status, '') <> 'Terminated'
                and not was_refused as can_donate,
            was_refused
        from (
            select
                *,
                coalesce(keep_alive_period_s > 0, false) and (
                    has_quota_message
                    or coalesce(retained_s = 0 and warm_pool_status = 'Terminated', false)
                ) as was_refused
            from fresh
        ) as fresh
        inner join pools using (account_id, region, pool_key)
        inner join pool_runs using (pool_id)
        left join links on fresh.job_id = links.job_id
        where pool_runs.chunk = $chunk and fresh.eligibility = 'eligible'
        order by pools.pool_id, request_us, job_name
        """,
        {"never": int(matching.NEVER), "chunk": chunk},
    )
    job_id = columns["job_id"].astype(np.int64)
    pool_id = columns["pool_id"]
    offsets = np.append(np.flatnonzero(np.diff(pool_id, prepend=-1)), len(pool_id)).astype(np.int64)
    linked = _positions(columns["linked_job_id"].astype(np.int64), job_id, pool_id)
    kept_gap_us, kept_donor, kept_idle_us = matching.newest_first(
        offsets, columns["request_us"], columns["release_us"]
    )
    evidence, donor, gap_us, reason, missed_by_us = matching.as_observed(
        offsets,
        columns["request_us"],
        columns["start_us"],
        columns["release_us"],
        columns["keep_alive_us"],
        columns["retained_us"],
        columns["provisioning_us"],
        linked,
        columns["can_donate"],
        columns["was_refused"],
    )
    is_elsewhere = linked == matching.OTHER_POOL
    donor_id = np.where(donor >= 0, job_id[np.maximum(donor, 0)], -1)
    donor_id = np.where(is_elsewhere, columns["linked_job_id"], donor_id)
    gap_us = np.where(is_elsewhere, columns["linked_gap_us"], gap_us)
    first_request_us = columns["request_us"][offsets[:-1]].repeat(np.diff(offsets))
    has_gap = (donor >= 0) & (columns["release_us"][np.maximum(donor, 0)] != matching.NEVER)
    has_gap |= is_elsewhere & columns["has_linked_release"]
    ledger = pa.table(
        {
            "job_id": job_id,
            "pool_id": pool_id,
            "evidence": pa.DictionaryArray.from_arrays(pa.array(evidence), _EVIDENCE),
            "miss_reason": pa.DictionaryArray.from_arrays(pa.array(reason), _REASONS),
            "has_predecessor": columns["request_us"] > first_request_us,
            "donor_id": pa.array(donor_id, mask=donor_id < 0),
            "gap_s": pa.array(gap_us / 1e6, mask=~has_gap | (reason == matching.TOO_EARLY)),
            "missed_by_s": pa.array(missed_by_us / 1e6, mask=missed_by_us < 0),
            "kept_gap_s": pa.array(kept_gap_us / 1e6, mask=kept_gap_us < 0),
            "kept_idle_s": pa.array(kept_idle_us / 1e6, mask=kept_idle_us < 0),
            "kept_donor_id": pa.array(job_id[np.maximum(kept_donor, 0)], mask=kept_donor < 0),
            "is_releasing": columns["release_us"] != matching.NEVER,
        }
    )
    cursor.register("ledger", ledger)
    cursor.execute(
        _INSERT.format(
            source="""
                ledger
                inner join fresh on ledger.job_id = fresh.job_id
                inner join pools on ledger.pool_id = pools.pool_id
                left join fresh as donor on ledger.donor_id = donor.job_id
                left join links on ledger.job_id = links.job_id
            """,
            outcome="case when ledger.evidence = '' then 'miss' else 'hit' end",
            miss_reason="nullif(ledger.miss_reason::varchar, '')",
            evidence="nullif(ledger.evidence::varchar, '')",
            start_kind="case when ledger.evidence = '' then 'cold' else 'warm' end",
            has_predecessor="ledger.has_predecessor",
            donor_job_id="case when ledger.evidence <> '' then ledger.donor_id end",
            donor_job_name="""case when ledger.evidence <> ''
                then coalesce(donor.job_name, links.donor_job_name) end""",
            missed_donor_job_name="case when ledger.evidence = '' then donor.job_name end",
            missed_by_s="ledger.missed_by_s",
            gap_s="ledger.gap_s",
            kept_gap_s="ledger.kept_gap_s",
            kept_idle_s="ledger.kept_idle_s",
            kept_donor_job_id="ledger.kept_donor_id",
            is_releasing="ledger.is_releasing",
        )
    )
    cursor.unregister("ledger")


def _positions(
    wanted_id: matching.Int64s, job_id: matching.Int64s, pool_id: matching.Int64s
) -> matching.Int64s:
    """Turn linked job numbers into positions: NO_JOB, or OTHER_POOL for a donor elsewhere."""
    order = np.argsort(job_id)
    found = order[np.minimum(np.searchsorted(job_id, wanted_id, sorter=order), len(order) - 1)]
    is_here = (job_id[found] == wanted_id) & (pool_id[found] == pool_id)
    return np.where(
        wanted_id < 0, matching.NO_JOB, np.where(is_here, found, matching.OTHER_POOL)
    ).astype(np.int64)


_INSERT = """
insert into job_facts
select
    fresh.job_id, fresh.account_id, fresh.region, fresh.job_name, fresh.created_at,
    fresh.request_at, fresh.release_at, fresh.training_started_at, fresh.training_ended_at,
    fresh.status, fresh.instance_type, fresh.instance_count, fresh.accelerator_count,
    fresh.input_mode, fresh.keep_alive_period_s, pools.pool_id, fresh.pool_key, fresh.eligibility,
    {outcome}, {miss_reason}, {evidence}, {start_kind}, {has_predecessor}, {donor_job_id},
    {donor_job_name}, {missed_donor_job_name}, {missed_by_s}, null, {gap_s}, {kept_gap_s},
    {kept_idle_s}, {kept_donor_job_id}, {is_releasing},
    fresh.startup_latency_s, fresh.provisioning_s, fresh.download_s, fresh.is_image_pull_hidden,
    fresh.billable_s, fresh.retained_s, fresh.usd_per_h, fresh.price_note,
    fresh.is_price_estimated, fresh.list_cost_usd, fresh.billed_startup_usd,
    fresh.retained_cost_usd, fresh.is_failed, fresh.user_name, fresh.share_name,
    fresh.queue_name, fresh.has_quota_message, fresh.warm_pool_status
from {source}
"""
