"""Columns of the replay of a queue: what other settings would have done."""

from data.tables.declaration import Column, Kind

COLUMNS = (
    # of a job
    Column(
        "requested_capacity", "double", "Instances that the job needs, or accelerators",
        "Needs", Kind.COUNT,
    ),
    Column(
        "preempted_count", "bigint", "How often preemption ends a run in the replay",
        "Preemptions", Kind.COUNT,
    ),
    Column(
        "lost_s", "double", "Time of runs that preemption cuts off in the replay", "Lost (s)",
        Kind.SECONDS,
    ),
    Column(
        "observed_wait_s", "double", "Queue wait as it was recorded", "Observed wait (s)",
        Kind.SECONDS,
    ),
    Column(
        "capacity_full_s", "double", "Part of the wait in which the queue has no room for the job",
        "Capacity full (s)", Kind.SECONDS,
    ),
    Column(
        "share_limit_s", "double",
        "Part of the wait in which the queue has room, but the job's share may not use it",
        "Share limit (s)", Kind.SECONDS,
    ),
    Column(
        "head_of_line_s", "double",
        "Part of the wait in which the job would fit, but others are ahead of it",
        "Head of line (s)", Kind.SECONDS,
    ),
    Column(
        "not_yet_eligible_s", "double", "Part of the wait before the job may start at all",
        "Not yet eligible (s)", Kind.SECONDS,
    ),
    Column(
        "replay_note", "varchar", "Why a job is not replayed, or what its replay assumes",
        "Replay note",
        Kind.CODE,
    ),
    # of a share
    Column(
        "not_replayed_count", "bigint", "Jobs of the share that are not replayed", "Not replayed",
        Kind.COUNT,
    ),
    Column(
        "ended_early_count", "bigint", "Jobs that run out of retries after preemption",
        "Ended early", Kind.COUNT,
    ),
    Column(
        "allocation_ratio", "double",
        "Work of the share's jobs, divided by the capacity from the first request to the last end",
        "Allocation", Kind.RATIO,
    ),
    Column(
        "lost_instance_h", "double", "Capacity held by runs that preemption cuts off",
        "Lost (instance-h)", Kind.NUMBER,
    ),
    Column(
        "calibration_error_ratio", "double",
        "Distance between replayed and observed mean wait, divided by the observed one",
        "Calibration error", Kind.RATIO,
    ),
    Column("wait_cause", "varchar", "What a job waits for", "Waits for", Kind.CODE),
    Column(
        "waited_s", "double", "Time that jobs wait for this in all", "Waited (h)", Kind.HOURS,
    ),
    # of a replay beside what happened
    Column(
        "replayed_wait_mean_s", "double", "Mean queue wait in the replay", "Wait mean, replay (s)",
        Kind.SECONDS,
    ),
    Column(
        "observed_wait_mean_s", "double", "Mean queue wait as it was recorded",
        "Wait mean, observed (s)", Kind.SECONDS,
    ),
    Column(
        "wait_mean_error_ratio", "double", "Error of the replay's mean queue wait",
        "Error of the mean wait", Kind.RATIO,
    ),
    Column(
        "replayed_wait_p90_s", "double", "P90 queue wait in the replay", "Wait P90, replay (s)",
        Kind.SECONDS,
    ),
    Column(
        "observed_wait_p90_s", "double", "P90 queue wait as it was recorded",
        "Wait P90, observed (s)", Kind.SECONDS,
    ),
    Column(
        "wait_p90_error_ratio", "double", "Error of the replay's P90 queue wait",
        "Error of the P90 wait", Kind.RATIO,
    ),
    Column(
        "replayed_makespan_s", "double", "First request to last end in the replay",
        "Makespan, replay (h)", Kind.HOURS,
    ),
    Column(
        "observed_makespan_s", "double", "First request to last end as recorded",
        "Makespan, observed (h)", Kind.HOURS,
    ),
    Column(
        "makespan_error_ratio", "double", "Error of the replay's makespan",
        "Error of the makespan", Kind.RATIO,
    ),
    Column(
        "replayed_allocation_ratio", "double", "Work divided by capacity in the replay",
        "Allocation, replay", Kind.RATIO,
    ),
    Column(
        "observed_allocation_ratio", "double", "Work divided by capacity as recorded",
        "Allocation, observed", Kind.RATIO,
    ),
    Column(
        "allocation_error_ratio", "double", "Error of the replay's allocation",
        "Error of the allocation", Kind.RATIO,
    ),
)  # fmt: skip
