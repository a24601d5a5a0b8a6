"""Which jobs are recomputed: the stale ones with all jobs of their pools, or a part of all jobs."""

from analytics.derived.workspace import JOB_PARTS, Workspace


def scope_stale(work: Workspace) -> int:
    """Scope the stale jobs with all jobs of the pools that they left, joined or have links to.

    Returns how many jobs that are.
    """
    work.execute("shared_keys")
    work.execute("renamed_jobs")
    _scope(work, "job_id in (select job_id from stale_jobs)", once=True)
    work.execute("keyed_jobs")
    work.execute("linked_jobs")
    work.execute("stale_pools")
    work.execute("stale_scope")
    _scope(work, "job_id in (from stale_scope)", once=True)
    return _count(work, "stale_scope")


def scope_all(work: Workspace) -> None:
    """Scope all jobs."""
    _scope(work, "true")


def make_parts(work: Workspace, part_count: int) -> None:
    """Deal all jobs out to parts of which one at a time fits in memory."""
    scope_all(work)
    work.execute("shared_keys")
    work.execute("keyed_jobs")
    work.execute("job_parts", part_count=part_count)


def scope_part(work: Workspace, part: int) -> None:
    """Scope one part of all jobs."""
    parts = work.tables[JOB_PARTS]
    _scope(work, f"job_id in (select job_id from {parts} where part = {part:d})")


def _scope(work: Workspace, is_in_scope: str, *, once: bool = False) -> None:
    """Make job_scope: a view for many jobs, a table for few, whose records are read once then."""
    words = {"is_in_scope": is_in_scope, "table_or_view": "table" if once else "view"}
    work.execute("job_scope", words)


def _count(work: Workspace, table: str) -> int:
    return int(work.cursor.execute(f"select count(*) from {table}").fetchall()[0][0])
