"""What the records of the jobs in scope say of each: recomputed_jobs, and the pools of those."""

from analytics.derived.workspace import Workspace
from data.store.settings import Settings
from data.tables.derived import POOLS

CHUNK_JOBS = 1_000_000


def recompute_jobs(work: Workspace, settings: Settings) -> None:
    """Make the temp tables recomputed_jobs and recomputed_pools from job_scope."""
    work.execute("shared_keys")
    work.execute("keyed_jobs")
    work.execute("confirmed_reuse")
    work.execute("attempt_shares")
    work.execute("cluster_members")
    work.execute("cluster_prices", use_estimated_prices=settings.use_estimated_prices)
    work.execute("clusters")
    work.execute("recomputed_jobs", image_pull_moved_date=settings.image_pull_moved_date)
    work.execute("recomputed_pools", chunk_jobs=CHUNK_JOBS)


def write_pools(work: Workspace) -> None:
    """Insert the recomputed pools into pools."""
    names = ", ".join(POOLS.names)
    work.cursor.execute(
        f"insert into {work.tables['pools']} ({names}) select {names} from recomputed_pools"
    )
