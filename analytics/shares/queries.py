"""The queries of queues and shares: use, waits, costs, the queue now, and thresholds."""

from collections.abc import Mapping
from typing import Any

from analytics.parameters import Choice, Instant, Number, Text
from analytics.query import Query
from analytics.relations import QUEUE_JOBS, Relation

SHARE_HOURS = Relation(
    table="share_hours",
    noun="share_hours",
    time_column="hour_at",
    columns=("queue_name", "share_name", "share_kind"),
)

HOUR_US, DAY_US = 3_600_000_000, 86_400_000_000
STEPS = {
    "hour": "hour_at",
    "day": f"make_timestamptz(epoch_us(hour_at) // {DAY_US} * {DAY_US})",
    "all": "null::timestamptz",
}
PRIORITIES = {"priority": "scheduling_priority", "share": "null::bigint"}
PEAK_GROUPS = {
    "all": "null::bigint",
    "hour_of_day": f"(epoch_us(hour_at) // {HOUR_US} % 24)::bigint",
}
LEAST_JOBS = 10


def _wait_words(values: Mapping[str, Any]) -> Mapping[str, str]:
    return {"priority": PRIORITIES[values["by"]]}


def _peak_words(values: Mapping[str, Any]) -> Mapping[str, str]:
    return {"group": PEAK_GROUPS[values["by"]]}


QUERIES = (
    Query(
        "share_usage",
        "share x hour, and a row of what no share owns",
        (
            "queue_name",
            "share_name",
            "share_kind",
            "hour_at",
            "own_instance_h",
            "used_instance_h",
            "owned_used_instance_h",
            "borrowed_instance_h",
            "lent_instance_h",
            "idle_instance_h",
            "preempted_instance_h",
            "gpu_allocation_ratio",
            "gpu_utilization_ratio",
            "coverage_ratio",
            "capacity_instance_h",
            "over_capacity_instance_h",
            "waiting_instance_h",
            "starved_instance_h",
            "entitlement_ratio",
            "received_ratio",
            "allocated_gpu_h",
            "unknown_size_h",
            "capacity_unit",
            "is_unassigned",
        ),
        {"step": Choice("length of a step", tuple(STEPS), "hour")},
        relation=SHARE_HOURS,
        answer="usage:share_usage",
        finish="Python adds the GPU utilization that samples measured, and its coverage.",
    ),
    Query(
        "queue_usage",
        "queue x hour",
        (
            "queue_name",
            "hour_at",
            "last_at",
            "capacity_instance_h",
            "used_instance_h",
            "owned_used_instance_h",
            "borrowed_instance_h",
            "idle_instance_h",
            "owned_idle_instance_h",
            "unassigned_idle_instance_h",
            "preempted_instance_h",
            "waiting_instance_h",
            "starved_instance_h",
            "over_capacity_instance_h",
            "used_ratio",
            "idle_ratio",
            "capacity_unit",
        ),
        {"step": Choice("length of a step", STEPS, "hour")},
        relation=SHARE_HOURS,
    ),
    Query(
        "share_waits",
        "share x priority",
        (
            "queue_name",
            "share_name",
            "scheduling_priority",
            "job_count",
            "queue_wait_p50_s",
            "queue_wait_p90_s",
            "queue_wait_p99_s",
            "queue_wait_mean_s",
            "waiting_job_count",
        ),
        {
            "by": Choice("priority, or shares as a whole", tuple(PRIORITIES), "priority"),
            "least_job_count": Number(
                "quantiles of fewer jobs are withheld", LEAST_JOBS, is_whole=True
            ),
        },
        relation=QUEUE_JOBS,
        words=_wait_words,
    ),
    Query(
        "share_costs",
        "share",
        (
            "queue_name",
            "share_name",
            "job_count",
            "attempt_count",
            "list_cost_usd",
            "lost_to_preemption_usd",
            "preempted_attempt_count",
            "failed_job_count",
            "failed_usd",
            "unknown_cost_attempt_count",
        ),
        relation=QUEUE_JOBS,
    ),
    Query(
        "share_peaks",
        "queue",
        (
            "queue_name",
            "hour_of_day",
            "hour_count",
            "peak_hour_at",
            "peak_used_instance_h",
            "peak_allocation_ratio",
            "median_used_instance_h",
            "median_allocation_ratio",
            "median_waiting_instance_h",
        ),
        {"by": Choice("one more column to group by", tuple(PEAK_GROUPS), "all")},
        relation=SHARE_HOURS,
        words=_peak_words,
    ),
    Query(
        "queue_now",
        "one job that is queued or runs",
        (
            "queue_name",
            "queue_position",
            "job_name",
            "share_name",
            "status",
            "scheduling_priority",
            "instance_type",
            "instance_count",
            "user_name",
            "created_at",
            "started_at",
            "wait_so_far_s",
            "held_s",
            "attempt_count",
            "observed_at",
            "is_in_snapshot",
            "now_at",
        ),
        {
            "now": Instant("the moment looked at; empty: the newest snapshot, else newest record"),
            "queue_name": Text("one queue; empty: all"),
        },
        relation=None,
    ),
    Query(
        "alerts",
        "one watched threshold",
        (
            "alert",
            "queue_name",
            "share_name",
            "is_crossed",
            "alert_value",
            "alert_limit",
            "alert_unit",
            "job_count",
            "first_at",
            "last_at",
            "explanation",
            "next_action",
        ),
        {
            "now": Instant("the end of the time looked at; empty: the newest record"),
            "crossed": Choice("which thresholds to list", ("all", "only"), "all"),
        },
        relation=None,
        answer="alerts:alerts",
        finish="Python compares with the limits of settings.toml, and says what each means.",
    ),
)
