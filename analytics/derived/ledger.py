"""The pool ledger: fresh jobs, matched pool by pool, become rows of job_facts."""

import duckdb
import numpy as np
import pyarrow as pa

from analytics.derived import matching
from data.store.store import arrays

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


def write_ledger(cursor: duckdb.DuckDBPyConnection, chunk_jobs: int) -> None:
    """Insert the jobs of `fresh` into job_facts with their ledger entries, some pools at a time."""
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
        {"chunk_jobs": chunk_jobs},
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
            unlimited_gap_s="null",
            unlimited_idle_s="null",
            unlimited_donor_job_id="null",
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
            "unlimited_gap_s": pa.array(kept_gap_us / 1e6, mask=kept_gap_us < 0),
            "unlimited_idle_s": pa.array(kept_idle_us / 1e6, mask=kept_idle_us < 0),
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
            unlimited_gap_s="ledger.unlimited_gap_s",
            unlimited_idle_s="ledger.unlimited_idle_s",
            unlimited_donor_job_id="ledger.kept_donor_id",
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
    {donor_job_name}, {missed_donor_job_name}, {missed_by_s}, null, {gap_s}, {unlimited_gap_s},
    {unlimited_idle_s}, {unlimited_donor_job_id}, {is_releasing},
    fresh.startup_latency_s, fresh.provisioning_s, fresh.download_s, fresh.is_image_pull_hidden,
    fresh.billable_s, fresh.retained_s, fresh.usd_per_h, fresh.price_note,
    fresh.is_price_estimated, fresh.list_cost_usd, fresh.billed_startup_usd,
    fresh.retained_cost_usd, fresh.is_failed, fresh.user_name, fresh.share_name,
    fresh.queue_name, fresh.has_quota_message, fresh.warm_pool_status
from {source}
"""
