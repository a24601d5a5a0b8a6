"""Brings the derived tables up to date after a merge, and publishes a new version of the store.

The writer runs it; readers never do. Either only what the stale jobs touch is computed, in one
transaction; or everything is, a part at a time in side tables (one transaction for all would not
fit in memory), which then take the place of those in use. A reader sees a whole version always.
"""

from collections.abc import Callable

import duckdb

from analytics.derived import facts, savings, scope
from analytics.derived.definition import definition_hash
from analytics.derived.workspace import DERIVED_TABLES, JOB_PARTS, NEXT, Workspace
from data.store.settings import Settings, load_settings
from data.store.store import Store
from data.tables.ddl import comment_on, create_table

Progress = Callable[[str, float], None]

SMALL_JOBS = 100_000
"""So many jobs are derived in one transaction, however many the store has."""

FULL_SHARE = 0.3
"""Above this share of jobs to recompute, deriving everything is quicker."""


def derive(store: Store, progress: Progress | None = None) -> None:
    """Bring the derived tables up to date with stale jobs and queues, and publish a new version.

    Everything is derived if the definitions or the settings that they read have changed; nothing,
    and there is no new version, if no job and no queue is stale.
    """
    with store.writing():
        settings = load_settings(store.home)
        definition = definition_hash(settings)
        _drop_side_tables(store)
        stale_count, job_count, is_current = _state(store, definition)
        if is_current and (not stale_count or _derive_stale(store, settings, job_count)):
            return
        if job_count <= SMALL_JOBS:
            _derive_small(store, settings, definition)
        else:
            _derive_in_parts(store, settings, definition, job_count, progress or _tell_nobody)


def _state(store: Store, definition: str) -> tuple[int, int, bool]:
    """Return how much is stale, how many jobs there are, and whether the definitions are known."""
    row = store.frame(
        """
        select
            (select count(*) from stale_jobs) + (select count(*) from stale_queues) as stale_count,
            (select count(*) from training_jobs) as job_count,
            derived_hash is not distinct from $definition as is_current
        from store_state
        """,
        {"definition": definition},
    ).iloc[0]
    return int(row.stale_count), int(row.job_count), bool(row.is_current)


def _tell_nobody(_stage: str, _share: float) -> None:
    """Report no progress."""


def _derive_stale(store: Store, settings: Settings, job_count: int) -> bool:
    """Derive what the stale jobs touch; return whether that was little enough."""
    with store.transaction() as cursor:
        work = Workspace(cursor)
        if scope.scope_stale(work) > max(SMALL_JOBS, FULL_SHARE * job_count):
            return False
        _recompute_stale(work, settings)
        _nothing_is_stale(cursor)
        store.publish(cursor)
    return True


# the kernels are imported where they run: a command that finds everything derived need not wait


def _recompute_stale(work: Workspace, settings: Settings) -> None:
    from analytics.derived import key_diff, ledger, shares

    work.execute("stale_queue_names")
    work.execute("previous_rows")
    facts.recompute_jobs(work, settings)
    for table, rows, key in (
        ("job_facts", "stale_scope", "job_id"),
        ("pools", "stale_pools", "pool_id"),
    ):
        work.cursor.execute(
            f"delete from {work.tables[table]} where {key} in (select {key} from {rows})"
        )
    facts.write_pools(work)
    ledger.write_ledger(work)
    key_diff.name_stale_keys(work)
    savings.write_stale_savings(work)
    shares.rewrite_stale_queues(work)


def _derive_small(store: Store, settings: Settings, definition: str) -> None:
    """Derive all jobs in one transaction."""
    with store.transaction() as cursor:
        work = Workspace(cursor)
        for table in DERIVED_TABLES:
            cursor.execute(f"truncate {table.name}")
        scope.scope_all(work)
        _recompute_part(work, settings)
        _finish(work)
        _write_share_hours(cursor)
        _publish(store, cursor, definition)


def _derive_in_parts(
    store: Store, settings: Settings, definition: str, job_count: int, progress: Progress
) -> None:
    """Derive all jobs in side tables, a part in each transaction; then exchange the tables."""
    part_count = -(-job_count // facts.CHUNK_JOBS)
    with store.transaction() as cursor:
        for table in DERIVED_TABLES:
            cursor.execute(create_table(table, table.name + NEXT))
        if part_count > 1:
            scope.make_parts(Workspace(cursor, NEXT), part_count)
    for part in range(part_count):
        progress("Deriving", part / part_count)
        with store.transaction() as cursor:
            work = Workspace(cursor, NEXT)
            if part_count > 1:
                scope.scope_part(work, part)
            else:
                scope.scope_all(work)
            _recompute_part(work, settings)
    with store.transaction() as cursor:
        _finish(Workspace(cursor, NEXT))
    with store.transaction() as cursor:
        _exchange_tables(cursor)
        _write_share_hours(cursor)
        _publish(store, cursor, definition)
    progress("Deriving", 1.0)


def _recompute_part(work: Workspace, settings: Settings) -> None:
    from analytics.derived import ledger

    facts.recompute_jobs(work, settings)
    facts.write_pools(work)
    ledger.write_ledger(work)


def _finish(work: Workspace) -> None:
    """Compute what depends on all pools at once."""
    from analytics.derived import key_diff

    key_diff.name_changed_keys(work)
    savings.write_savings(work)


def _write_share_hours(cursor: duckdb.DuckDBPyConnection) -> None:
    """Derive the hours of all queues: they read the jobs as the tables in use have them."""
    from analytics.derived import shares

    shares.write_share_hours(Workspace(cursor))


def _nothing_is_stale(cursor: duckdb.DuckDBPyConnection) -> None:
    cursor.execute("delete from stale_jobs")
    cursor.execute("delete from stale_queues")


def _publish(store: Store, cursor: duckdb.DuckDBPyConnection, definition: str) -> None:
    _nothing_is_stale(cursor)
    cursor.execute("update store_state set derived_hash = $hash", {"hash": definition})
    store.publish(cursor)


def _exchange_tables(cursor: duckdb.DuckDBPyConnection) -> None:
    """Put the side tables in place of those in use; who reads those goes on reading them."""
    for table in DERIVED_TABLES:
        cursor.execute(f"drop table {table.name}")
        cursor.execute(f"alter table {table.name}{NEXT} rename to {table.name}")
        for statement in comment_on(table):
            cursor.execute(statement)
    cursor.execute(f"drop table if exists {JOB_PARTS}{NEXT}")


def _drop_side_tables(store: Store) -> None:
    """Drop what a derivation left behind that did not come to its end."""
    left = store.frame(
        "select table_name from duckdb_tables() where ends_with(table_name, $next)", {"next": NEXT}
    )
    if left.empty:
        return
    with store.transaction() as cursor:
        for name in left["table_name"]:
            cursor.execute(f"drop table {name}")
