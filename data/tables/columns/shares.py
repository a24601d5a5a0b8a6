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
        "Queue wait (h)", Kind.HOURS,
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
    # of a share and hour
    Column("hour_at", "timestamptz", "Start of the hour", "Hour (UTC)", Kind.MOMENT),
    Column(
        "is_unassigned", "boolean", "Whether the row is of capacity that no share owns",
        "Owned by no share", Kind.FLAG,
    ),
    Column(
        "capacity_instance_h", "double",
        "Capacity of the whole queue; in accelerator-hours where capacity counts accelerators",
        "Capacity (instance-h)", Kind.NUMBER,
    ),
    Column(
        "own_instance_h", "double",
        "Capacity that the share owns: its quota, or its entitlement among the active shares",
        "Owned (instance-h)", Kind.NUMBER,
    ),
    Column(
        "used_instance_h", "double", "Capacity that jobs of the share held", "Used (instance-h)",
        Kind.NUMBER,
    ),
    Column(
        "owned_used_instance_h", "double", "Part of its own capacity that the share used",
        "Own, used (instance-h)", Kind.NUMBER,
    ),
    Column(
        "borrowed_instance_h", "double", "Capacity that the share used beyond its own",
        "Borrowed (instance-h)", Kind.NUMBER,
    ),
    Column(
        "lent_instance_h", "double", "Own capacity that other shares used", "Lent (instance-h)",
        Kind.NUMBER,
    ),
    Column(
        "idle_instance_h", "double", "Own capacity that nobody used", "Idle (instance-h)",
        Kind.NUMBER,
    ),
    Column(
        "over_capacity_instance_h", "double",
        "Use beyond the capacity that is known: the records contradict each other",
        "Over capacity (instance-h)", Kind.NUMBER,
    ),
    Column(
        "preempted_instance_h", "double", "Capacity held by attempts that preemption ended",
        "Preempted (instance-h)", Kind.NUMBER,
    ),
    Column(
        "waiting_instance_h", "double", "Capacity that queued jobs of the share waited for",
        "Waiting (instance-h)", Kind.NUMBER,
    ),
    Column(
        "starved_instance_h", "double",
        "Capacity that queued jobs of the share waited for while as much of the queue stood idle",
        "Waiting beside idle (instance-h)", Kind.NUMBER,
    ),
    Column(
        "unknown_gpu_instance_h", "double",
        "Capacity held by jobs of which the number of GPUs is not known",
        "GPUs unknown (instance-h)", Kind.NUMBER,
    ),
    Column(
        "unknown_size_h", "double", "Time of attempts whose size is not known: not in the sums",
        "Size unknown (h)", Kind.NUMBER,
    ),
    Column(
        "active_h", "double", "Time during which the share had jobs, queued or running",
        "Active (h)", Kind.NUMBER,
    ),
    # of answers
    Column(
        "owned_idle_instance_h", "double", "Capacity of shares that nobody used",
        "Idle, owned (instance-h)", Kind.NUMBER,
    ),
    Column(
        "unassigned_idle_instance_h", "double", "Capacity that no share owns and nobody used",
        "Idle, unassigned (instance-h)", Kind.NUMBER,
    ),
    Column(
        "used_ratio", "double", "Part of the queue's capacity that jobs held", "Used part",
        Kind.RATIO,
    ),
    Column(
        "idle_ratio", "double", "Part of the queue's capacity that stood idle", "Idle part",
        Kind.RATIO,
    ),
    Column(
        "gpu_allocation_ratio", "double", "GPU time held, of the GPU time that the queue has",
        "GPU allocation", Kind.RATIO,
    ),
    Column(
        "entitlement_ratio", "double", "Part of the queue's capacity that the share owns",
        "Entitled to", Kind.RATIO,
    ),
    Column(
        "received_ratio", "double", "Part of the queue's capacity that the share used", "Received",
        Kind.RATIO,
    ),
    Column(
        "queue_wait_p50_s", "double", "P50 of the queue wait", "Wait P50 (h)", Kind.HOURS,
    ),
    Column(
        "queue_wait_p90_s", "double", "P90 of the queue wait", "Wait P90 (h)", Kind.HOURS,
    ),
    Column(
        "queue_wait_p99_s", "double", "P99 of the queue wait", "Wait P99 (h)", Kind.HOURS,
    ),
    Column(
        "queue_wait_sum_s", "double", "Queue wait of all jobs of which it is known, summed",
        "Waited in queues (h)", Kind.HOURS,
    ),
    Column(
        "queued_job_count", "bigint", "Jobs that left a queue, whose wait is known",
        "Jobs that left a queue", Kind.COUNT,
    ),
    Column(
        "queue_wait_mean_s", "double", "Mean of the queue wait", "Wait, mean (h)", Kind.HOURS,
    ),
    Column(
        "waiting_job_count", "bigint", "Jobs that still wait in the queue: not in the waits",
        "Still waiting", Kind.COUNT,
    ),
    Column(
        "lost_to_preemption_usd", "double", "List cost of attempts that preemption ended",
        "Lost to preemption (USD)", Kind.USD,
    ),
    Column("failed_job_count", "bigint", "Jobs that failed or were stopped", "Failed jobs",
           Kind.COUNT),
    Column(
        "unknown_cost_attempt_count", "bigint", "Attempts of unknown cost: not in the sums",
        "Attempts of unknown cost", Kind.COUNT,
    ),
    Column("hour_of_day", "bigint", "Hour of the day, from 0", "Hour of day (UTC)", Kind.COUNT),
    Column("hour_count", "bigint", "Number of hours", "Hours", Kind.COUNT),
    Column("peak_hour_at", "timestamptz", "Hour of the highest use", "Busiest hour (UTC)",
           Kind.MOMENT),
    Column(
        "peak_used_instance_h", "double", "Use in the busiest hour", "Busiest hour (instance-h)",
        Kind.NUMBER,
    ),
    Column(
        "peak_allocation_ratio", "double", "Part of the capacity used in the fullest hour",
        "Peak allocation", Kind.RATIO,
    ),
    Column(
        "median_used_instance_h", "double", "Use in the median hour", "Median hour (instance-h)",
        Kind.NUMBER,
    ),
    Column(
        "median_allocation_ratio", "double", "Part of the capacity used in the median hour",
        "Median allocation", Kind.RATIO,
    ),
    Column(
        "median_waiting_instance_h", "double", "Capacity waited for in the median hour",
        "Median waiting (instance-h)", Kind.NUMBER,
    ),
    Column(
        "queue_position", "bigint", "Place in the queue, from 1; empty for jobs that run",
        "Place in queue", Kind.COUNT,
    ),
    Column(
        "wait_so_far_s", "double", "Time that the job has waited until now", "Waiting for (h)",
        Kind.HOURS,
    ),
    Column(
        "held_s", "double", "Time for which the job has held capacity until now", "Running for (h)",
        Kind.HOURS,
    ),
    Column(
        "is_in_snapshot", "boolean", "Whether the newest snapshot names the job", "In snapshot",
        Kind.FLAG,
    ),
    Column("now_at", "timestamptz", "The moment looked at", "Now (UTC)", Kind.MOMENT),
    Column(
        "alert", "varchar", "The threshold that is watched", "Threshold", Kind.CODE,
    ),
    Column("is_crossed", "boolean", "Whether the threshold is crossed", "Crossed", Kind.FLAG),
    Column(
        "alert_value", "double", "What was found, in the unit of the threshold", "Found",
        Kind.NUMBER,
    ),
    Column(
        "alert_limit", "double", "The limit in settings.toml, in the unit of the threshold",
        "Limit set", Kind.NUMBER,
    ),
    Column("alert_unit", "varchar", "Unit of what was found: h, ratio or count", "Unit found"),
    Column(
        "first_at", "timestamptz", "Beginning of the time looked at", "Watched from (UTC)",
        Kind.MOMENT,
    ),
    Column(
        "last_at", "timestamptz", "End of the time looked at", "Watched until (UTC)", Kind.MOMENT,
    ),
)  # fmt: skip
