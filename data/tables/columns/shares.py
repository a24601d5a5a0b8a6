"""Columns of shares: who waited, who held capacity, and whose capacity it was."""

from data.tables.declaration import Column, Kind

COLUMNS = (
    # of jobs that went through a queue, and of their attempts
    Column(
        "attempt_count", "bigint", "Attempts that held capacity", "Attempts made", Kind.COUNT,
    ),
    Column(
        "attempt_no", "bigint", "Number of the attempt within its job, from 1", "Attempt",
        Kind.COUNT,
    ),
    Column(
        "queue_wait_s", "double", "Time from the request until the job first left its queue",
        "Queue wait (s)", Kind.SECONDS,
    ),
    Column(
        "is_queued", "boolean", "Whether the job went through a scheduler's queue",
        "Through a queue", Kind.FLAG,
    ),
    Column(
        "allocated_at", "timestamptz", "When an attempt began to hold capacity",
        "Capacity allocated (UTC)", Kind.MOMENT,
    ),
    Column(
        "released_at", "timestamptz",
        "When an attempt gave its capacity back; empty while it holds it, or where that is unknown",
        "Capacity released (UTC)", Kind.MOMENT,
    ),
)  # fmt: skip
