"""Brings the derived tables up to date after a merge, and publishes a new version of the store.

The writer runs it; readers never do. Either only what the stale jobs touch is computed, in one
transaction; or everything is, a part at a time in side tables (one transaction for all would not
fit in memory), which then take the place of those in use. A reader sees a whole version always.
"""

from collections.abc import Callable

import duckdb

from analytics.derived import facts, key_diff, ledger, savings, scope
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
    """Bring the derived tables up to date with the stale jobs, and publish a new version.

    Everything is derived if the definitions or the settings that they read have changed.
    """
    tell = progress or (lambda stage, share: None)
    with store.writing():
        settings = load_settings(store.home)
        definition = definition_hash(settings)
        _drop_side_tables(store)
        is_current = store.scalar("select derived_hash from store_state") == definition
        if is_current and _derive_stale(store, settings):
            return
        job_count = int(store.scalar("select count(*) from training_jobs"))
        if job_count <= SMALL_JOBS:
            _derive_small(store, settings, definition)
        else:
            _derive_in_parts(store, settings, definition, job_count, tell)


def _derive_stale(store: Store, settings: Settings) -> bool:
    """Derive what the stale jobs touch; return whether that was little enough."""
    with store.transaction() as cursor:
        work = Workspace(cursor)
        stale_count, job_count = cursor.execute(
            "select (select count(*) from stale_jobs), (select count(*) from training_jobs)"
        ).fetchall()[0]
        most_jobs = max(SMALL_JOBS, FULL_SHARE * job_count)
        if stale_count:
            if scope.scope_stale(work) > most_jobs:
                return False
            _recompute_stale(work, settings)
            cursor.execute("delete from stale_jobs")
        store.publish(cursor)
    return True


def _recompute_stale(work: Workspace, settings: Settings) -> None:
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


def _derive_small(store: Store, settings: Settings, definition: str) -> None:
    """Derive all jobs in one transaction."""
    with store.transaction() as cursor:
        work = Workspace(cursor)
        for table in DERIVED_TABLES:
            cursor.execute(f"truncate {table.name}")
        scope.scope_all(work)
        _recompute_part(work, settings)
        _finish(work)
        _publish(store, cursor, definition)


def _derive_in_parts(
    store: Store, settings: Settings, definition: str, job_count: int, tell: Progress
) -> None:
    """Derive all jobs in side tables, a part in each transaction; then exchange the tables."""
    part_count = -(-job_count // facts.CHUNK_JOBS)
    with store.transaction() as cursor:
        for table in DERIVED_TABLES:
            cursor.execute(create_table(table, table.name + NEXT))
        scope.make_parts(Workspace(cursor, NEXT), part_count)
    for part in range(part_count):
        tell("Deriving", part / part_count)
        with store.transaction() as cursor:
            work = Workspace(cursor, NEXT)
            scope.scope_part(work, part)
            _recompute_part(work, settings)
    with store.transaction() as cursor:
        _finish(Workspace(cursor, NEXT))
    with store.transaction() as cursor:
        _exchange_tables(cursor)
        _publish(store, cursor, definition)
    tell("Deriving", 1.0)


def _recompute_part(work: Workspace, settings: Settings) -> None:
    facts.recompute_jobs(work, settings)
    facts.write_pools(work)
    ledger.write_ledger(work)


def _finish(work: Workspace) -> None:
    """Compute what depends on all pools at once."""
    key_diff.name_changed_keys(work)
    savings.write_savings(work)


def _publish(store: Store, cursor: duckdb.DuckDBPyConnection, definition: str) -> None:
    cursor.execute("delete from stale_jobs")
    cursor.execute("update store_state set derived_hash = $hash", {"hash": definition})
    store.publish(cursor)


def _exchange_tables(cursor: duckdb.DuckDBPyConnection) -> None:
    """Put the side tables in place of those in use; who reads those goes on reading them."""
    for table in DERIVED_TABLES:
        cursor.execute(f"drop table {table.name}")
        cursor.execute(f"alter table {table.name}{NEXT} rename to {table.name}")
        for statement in comment_on(table):
            cursor.execute(statement)
    cursor.execute(f"drop table {JOB_PARTS}{NEXT}")


def _drop_side_tables(store: Store) -> None:
    """Drop what a derivation left behind that did not come to its end."""
    names = [table.name + NEXT for table in DERIVED_TABLES] + [JOB_PARTS + NEXT]
    with store.transaction() as cursor:
        for name in names:
            cursor.execute(f"drop table if exists {name}")
