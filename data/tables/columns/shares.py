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
        "allocated_gpu_h", "double", "GPU time that jobs of the share held", "GPU-hours",
        Kind.NUMBER,
    ),
    Column(
        "unknown_gpu_instance_h", "double",
        "Capacity held by jobs of which the number of GPUs is not known",
        "GPUs unknown (instance-h)", Kind.NUMBER,
    ),
    Column(
        "job_measured_gpu_h", "double",
        "GPU time of jobs that bring their own mean GPU utilization", "Measured by job (GPU-h)",
        Kind.NUMBER,
    ),
    Column(
        "job_busy_gpu_h", "double", "GPU time of those jobs, times the utilization they bring",
        "Busy by job (GPU-h)", Kind.NUMBER,
    ),
    Column(
        "job_measured_host_h", "double",
        "Instance time of jobs that bring their own mean GPU utilization",
        "Measured by job (instance-h)", Kind.NUMBER,
    ),
    Column(
        "unknown_size_h", "double", "Time of attempts whose size is not known: not in the sums",
        "Size unknown (h)", Kind.NUMBER,
    ),
    Column(
        "active_h", "double", "Time during which the share had jobs, queued or running",
        "Active (h)", Kind.NUMBER,
    ),
)  # fmt: skip
