"""Columns of queues and shares: who waited, who held capacity, and whose capacity it was."""

from data.tables.declaration import Column, Kind

COLUMNS = (
    Column(
        "service_job_no", "bigint", "Number of the service job in this database",
        "Service job number", Kind.COUNT,
    ),
    Column(
        "share_kind", "varchar",
        "What a share is: fair_share (a share identifier) or quota (a quota share)", "Share kind",
    ),
    Column(
        "preempted_attempt_count", "bigint", "Attempts that preemption ended", "Preemptions",
        Kind.COUNT, "preemptionSummary.preemptedAttemptCount",
    ),
    Column(
        "is_preempted", "boolean", "Whether preemption ended the attempt", "Preempted", Kind.FLAG,
    ),
    # of jobs that went through a queue, and of their attempts
    Column("attempt_count", "bigint", "Attempts that held capacity", "Attempts", Kind.COUNT),
    Column("attempt_no", "bigint", "Number of the attempt within its job, from 1", "Attempt",
           Kind.COUNT),
    Column(
        "queue_wait_s", "double", "Time from the request until the job left its queue",
        "Queue wait (s)", Kind.SECONDS,
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
