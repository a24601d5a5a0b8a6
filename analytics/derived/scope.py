"""Which jobs are recomputed: the stale ones with all jobs of their pools, or a part of all jobs."""

from analytics.derived.workspace import JOB_PARTS, Workspace


def scope_stale(work: Workspace) -> int:
    """Scope the stale jobs with all jobs of the pools that they left, joined or have links to.

    Returns how many jobs that are.
    """
    _scope(work, "select job_id from stale_jobs", once=True)
    work.execute("keyed_jobs")
    work.execute("linked_jobs")
    work.execute("stale_pools")
    work.execute("stale_scope")
    _scope(work, "from stale_scope", once=True)
    return _count(work, "stale_scope")


def scope_all(work: Workspace) -> None:
    """Scope all jobs."""
    _scope(work, "select job_id from training_jobs")


def make_parts(work: Workspace, part_count: int) -> None:
    """Deal all jobs out to parts of which one at a time fits in memory."""
    scope_all(work)
    work.execute("keyed_jobs")
    work.execute("job_parts", part_count=part_count)


def scope_part(work: Workspace, part: int) -> None:
    """Scope one part of all jobs."""
    _scope(work, f"select job_id from {work.tables[JOB_PARTS]} where part = {part:d}")


def _scope(work: Workspace, job_ids: str, *, once: bool = False) -> None:
    """Make job_scope: a view for many jobs, a table for few, whose records are read once then."""
    work.execute("job_scope", {"job_ids": job_ids, "table_or_view": "table" if once else "view"})


def _count(work: Workspace, table: str) -> int:
    return int(work.cursor.execute(f"select count(*) from {table}").fetchall()[0][0])
