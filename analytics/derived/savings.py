"""What one hit saves, by pool: from its own jobs, its family's, or what AWS published."""

from analytics.derived.facts import CHUNK_JOBS
from analytics.derived.workspace import Workspace

LEAST_JOBS = 10
"""An estimate is based on at least as many cold starts, and as many warm ones."""

_FAMILY = "split_part(instance_type, '.', 2) as instance_family, input_mode"


def write_savings(work: Workspace) -> None:
    """Fill the empty tables pool_startups, family_startups and pool_savings."""
    job_facts, pool_startups = work.tables["job_facts"], work.tables["pool_startups"]
    work.cursor.execute(
        f"""
        create or replace temp table startup_pools as
        select
            pool_id, (sum(count(*)) over (order by pool_id) - count(*)) // $chunk_jobs as chunk
        from {job_facts} where eligibility = 'eligible' and pool_id is not null
        group by pool_id
        """,
        {"chunk_jobs": CHUNK_JOBS},
    )
    work.cursor.execute(
        f"create or replace temp table stale_families as select distinct {_FAMILY} from {job_facts}"
    )
    _write_startups(work)
    work.cursor.execute(
        f"create or replace temp table savings_pools as select pool_id from {pool_startups}"
    )
    work.execute("pool_savings", least_job_count=LEAST_JOBS)


def write_stale_savings(work: Workspace) -> None:
    """Bring the savings up to date with the recomputed jobs: their pools, and their families'."""
    job_facts, pool_startups, family_startups, pool_savings = (
        work.tables[name]
        for name in ("job_facts", "pool_startups", "family_startups", "pool_savings")
    )
    work.cursor.execute(
        "create or replace temp table startup_pools as select pool_id, chunk from recomputed_pools"
    )
    work.cursor.execute(
        f"""
        create or replace temp table stale_families as
        select {_FAMILY} from previous_rows where eligibility = 'eligible'
        union
        select {_FAMILY} from {job_facts} semi join stale_scope using (job_id)
        where eligibility = 'eligible'
        """
    )
    work.cursor.execute(
        f"""
        delete from {pool_startups}
        where pool_id in (select pool_id from stale_pools) -- those that are gone are among them
        """
    )
    work.cursor.execute(
        f"""
        delete from {family_startups} where (instance_family, input_mode) in (from stale_families)
        """
    )
    _write_startups(work)
    work.cursor.execute(
        f"""
        create or replace temp table savings_pools as
        select pool_id from recomputed_pools
        union
        select pool_id from {pool_startups} inner join {pool_savings} using (pool_id)
        where (instance_family, input_mode) in (from stale_families) and saved_source <> 'own'
        """
    )
    work.cursor.execute(
        f"""
        delete from {pool_savings}
        where pool_id in (from savings_pools) or pool_id in (select pool_id from stale_pools)
        """
    )
    work.execute("pool_savings", least_job_count=LEAST_JOBS)


def _write_startups(work: Workspace) -> None:
    """Estimate the pools in `startup_pools` and the families in `stale_families`."""
    chunks = work.cursor.execute("select distinct chunk from startup_pools order by 1").fetchall()
    for (chunk,) in chunks:
        work.execute("pool_startups", chunk=chunk)
    work.execute("family_latencies")
    work.execute("family_downloads")
    work.cursor.execute(
        f"""
        insert into {work.tables["family_startups"]} by name
        from family_latencies inner join family_downloads using (instance_family, input_mode)
        """
    )
