"""Every table and column, declared once: schema, comments, headings and help come from here."""

from data.tables.advice import ADVICE_LOG
from data.tables.benchmarks import BENCHMARK_RUNS, STEP_TIMES
from data.tables.bills import BILL_RECORDS, COST_DAYS, COST_LINE_ITEMS, USAGE_TYPE_PATTERNS
from data.tables.columns import COLUMNS
from data.tables.declaration import Column, Table
from data.tables.derived import (
    FAMILY_STARTUPS,
    JOB_FACTS,
    POOL_SAVINGS,
    POOL_STARTUPS,
    POOLS,
    SHARE_HOURS,
)
from data.tables.imports import IMPORTS, REJECTED_ROWS
from data.tables.metric_reads import METRIC_READ_RECORDS, METRIC_READS
from data.tables.metric_samples import METRIC_SAMPLES
from data.tables.observations import (
    CAPACITY,
    CAPACITY_RECORDS,
    JOB_QUEUE_RECORDS,
    JOB_QUEUES,
    QUEUE_SNAPSHOT_RECORDS,
    QUEUE_SNAPSHOTS,
    QUOTA_SHARE_RECORDS,
    QUOTA_SHARES,
    SCHEDULING_POLICIES,
    SCHEDULING_POLICY_RECORDS,
    SERVICE_ENVIRONMENT_RECORDS,
    SERVICE_ENVIRONMENTS,
    SERVICE_QUOTA_RECORDS,
    SERVICE_QUOTAS,
    SHARE_WEIGHTS,
    TRAINING_PLAN_RECORDS,
    TRAINING_PLANS,
)
from data.tables.parts import PART_FILES
from data.tables.queues import ALLOCATIONS, QUEUE_JOBS
from data.tables.reference import (
    AWS_LIMITS,
    INSTANCE_TYPES,
    PRICES,
    REQUEST_PRICES,
    STARTUP_BENCHMARKS,
)
from data.tables.service_jobs import (
    SERVICE_JOB_ATTEMPTS,
    SERVICE_JOB_VERSIONS,
    SERVICE_JOBS,
    STALE_QUEUES,
)
from data.tables.store_state import STORE_STATE
from data.tables.sync import SYNC_WATERMARKS
from data.tables.training_jobs import (
    FINAL_METRICS,
    INPUT_CHANNELS,
    INSTANCE_GROUPS,
    STALE_JOBS,
    STATUS_TRANSITIONS,
    TRAINING_JOB_VERSIONS,
    TRAINING_JOBS,
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        STORE_STATE,
        TRAINING_JOBS,
        TRAINING_JOB_VERSIONS,
        INSTANCE_GROUPS,
        STATUS_TRANSITIONS,
        INPUT_CHANNELS,
        FINAL_METRICS,
        STALE_JOBS,
        SERVICE_JOBS,
        SERVICE_JOB_VERSIONS,
        SERVICE_JOB_ATTEMPTS,
        JOB_QUEUE_RECORDS,
        JOB_QUEUES,
        SERVICE_ENVIRONMENT_RECORDS,
        SERVICE_ENVIRONMENTS,
        SCHEDULING_POLICY_RECORDS,
        SCHEDULING_POLICIES,
        SHARE_WEIGHTS,
        QUOTA_SHARE_RECORDS,
        QUOTA_SHARES,
        QUEUE_SNAPSHOT_RECORDS,
        QUEUE_SNAPSHOTS,
        CAPACITY_RECORDS,
        CAPACITY,
        SERVICE_QUOTA_RECORDS,
        SERVICE_QUOTAS,
        TRAINING_PLAN_RECORDS,
        TRAINING_PLANS,
        STALE_QUEUES,
        PRICES,
        INSTANCE_TYPES,
        STARTUP_BENCHMARKS,
        AWS_LIMITS,
        REQUEST_PRICES,
        IMPORTS,
        SYNC_WATERMARKS,
        REJECTED_ROWS,
        METRIC_SAMPLES,
        METRIC_READ_RECORDS,
        METRIC_READS,
        PART_FILES,
        USAGE_TYPE_PATTERNS,
        BILL_RECORDS,
        COST_LINE_ITEMS,
        BENCHMARK_RUNS,
        STEP_TIMES,
        ADVICE_LOG,
        POOLS,
        JOB_FACTS,
        POOL_SAVINGS,
        POOL_STARTUPS,
        FAMILY_STARTUPS,
        SHARE_HOURS,
        COST_DAYS,
        QUEUE_JOBS,
        ALLOCATIONS,
    )
}
"""The tables of Stoker's own, by name. Datasets add theirs with `register`."""

SEQUENCES = ("import_ids", "job_ids", "service_job_numbers")

_registered: dict[str, Table] = {}


def register(table: Table) -> None:
    """Add the table of a dataset, so that the store makes it and its columns are known.

    Raises:
        ValueError: another table has its name, or one of its columns means something else already.
    """
    known = tables()
    if known.get(table.name, table) != table:
        message = f"table {table.name!r} is declared already"
        raise ValueError(message)
    for field in table.fields:
        if column(field.column.name) not in (None, field.column):
            message = f"column {field.column.name!r} is declared already, and means something else"
            raise ValueError(message)
    _registered[table.name] = table


def tables() -> dict[str, Table]:
    """Return every declared table by name: Stoker's own, and those of registered datasets."""
    return {**TABLES, **_registered}


def column(name: str) -> Column | None:
    """Return a column by its name, of Stoker's own or of a registered dataset; None if unknown."""
    if name in COLUMNS:
        return COLUMNS[name]
    for table in _registered.values():
        for field in table.fields:
            if field.column.name == name:
                return field.column
    return None


def description(name: str) -> str:
    """Return what a column holds.

    Raises:
        KeyError: no such column is declared.
    """
    declared = column(name)
    if declared is None:
        message = f"no column {name!r} is declared"
        raise KeyError(message)
    return declared.description
