"""Columns of a queue's settings: in force, calibrated, compared and advised."""

from data.tables.declaration import Column, Kind

COLUMNS = (
    # queues and their settings
    Column("share_count", "bigint", "Shares that have jobs", "Shares", Kind.COUNT),
    Column("quota_job_count", "bigint", "Jobs of quota shares", "Jobs of quota shares", Kind.COUNT),
    Column(
        "fair_share_job_count", "bigint", "Jobs with a share identifier",
        "Jobs with a share identifier", Kind.COUNT,
    ),
    Column("share_policy", "varchar", "How the queue orders its jobs", "Policy", Kind.CODE),
    Column(
        "policy_source", "varchar", "What says which policy is in force", "Policy known from",
        Kind.CODE,
    ),
    Column(
        "capacity_source", "varchar", "What says the capacity; empty is unknown",
        "Capacity known from", Kind.CODE,
    ),
    Column(
        "capacity_change_count", "bigint", "Changes of the capacity over time",
        "Changes of capacity", Kind.COUNT,
    ),
    Column(
        "scenario_text", "varchar", "The settings as a scenario file (TOML)", "Scenario file",
    ),
    # calibration
    Column(
        "is_explained", "boolean",
        "Whether the replay of the settings in force comes close to what happened", "Explained",
        Kind.FLAG,
    ),
    Column(
        "assumption", "varchar", "Assumption of the replay that the history contradicts",
        "Assumption", Kind.CODE,
    ),
    Column("job_ratio", "double", "Part of the jobs", "Part of jobs", Kind.RATIO),
    # comparison
    Column("scenario_no", "bigint", "Number of the scenario; 1 is compared with", "No.",
           Kind.COUNT),
    Column("scenario_letter", "varchar", "Letter of the settings; A is today's", "Settings"),
    Column("scenario_name", "varchar", "Name of the settings", "Name"),
    Column(
        "capacity_text", "varchar", "Capacity, or its range over time",
        "Capacity of the settings",
    ),
    Column(
        "shares_text", "varchar", "Weights, or quotas and what becomes of them",
        "Settings of shares",
    ),
    Column(
        "wait_mean_change_s", "double", "Change of the mean wait, of jobs that start under both",
        "Change of mean wait (h)", Kind.HOURS,
    ),
    Column(
        "wait_p90_change_s", "double", "Change of the P90 wait, of jobs that start under both",
        "Change of P90 wait (h)", Kind.HOURS,
    ),
    Column(
        "sooner_job_count", "bigint", "Jobs that start over a minute sooner", "Jobs sooner",
        Kind.COUNT,
    ),
    Column(
        "later_job_count", "bigint", "Jobs that start over a minute later", "Jobs later",
        Kind.COUNT,
    ),
    Column(
        "longest_extra_wait_s", "double", "Most that any one job waits longer",
        "Longest extra wait (h)", Kind.HOURS,
    ),
    Column(
        "share_outcome", "varchar", "Whether the share gains or loses",
        "Gain or loss", Kind.CODE,
    ),
    # why jobs wait
    Column(
        "alternative_instance_type", "varchar",
        "Another type with at least as many accelerators per instance", "Alternative",
    ),
    Column(
        "delayed_job_count", "bigint", "Jobs that waited for the instance type", "Jobs that waited",
        Kind.COUNT,
    ),
    Column("total_wait_s", "double", "Wait of all these jobs", "Wait (h)", Kind.HOURS),
    Column(
        "met_job_count", "bigint", "Jobs for which the alternative had room while they waited",
        "Jobs it had room for", Kind.COUNT,
    ),
    Column(
        "met_wait_s", "double", "Wait that the alternative would have met, each job taken alone",
        "Wait it would have met (h)", Kind.HOURS,
    ),
    # advice
    Column(
        "current_wait_mean_s", "double", "Mean wait under the settings in force, later part",
        "Mean wait today (h)", Kind.HOURS,
    ),
    Column(
        "advised_wait_mean_s", "double", "Mean wait under these settings, later part",
        "Mean wait then (h)", Kind.HOURS,
    ),
    Column(
        "worst_share_name", "varchar", "Share that waits longest under these settings",
        "Longest waiting share",
    ),
    Column(
        "current_worst_share_p90_s", "double",
        "P90 wait of the share that waits longest under the settings in force, later part",
        "Worst P90 wait today (h)", Kind.HOURS,
    ),
    Column(
        "advised_worst_share_p90_s", "double",
        "P90 wait of the share that waits longest under these settings, later part",
        "Worst P90 wait then (h)", Kind.HOURS,
    ),
    Column(
        "current_lost_instance_h", "double",
        "Work that preemption cuts off under the settings in force, later part",
        "Lost work today (instance-h)", Kind.NUMBER,
    ),
    Column(
        "advised_lost_instance_h", "double",
        "Work that preemption cuts off under these settings, later part",
        "Lost work then (instance-h)", Kind.NUMBER,
    ),
)  # fmt: skip
