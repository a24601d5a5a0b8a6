"""The queries of utilization: ratios, GPU waste, its jobs, their distribution, one job's series."""

from analytics.parameters import Choice, Number
from analytics.query import Query

STEPS_US = {"hour": 3_600_000_000, "day": 86_400_000_000}
"""Steps of time to group by: of the time that was held, not of the jobs' creation."""

GROUPS = {
    "all": "'all'",
    "job_name": "job_name",
    "share_name": "share_name",
    "user_name": "user_name",
    "queue_name": "queue_name",
    "instance_type": "type_name",
    "hour": f"strftime(make_timestamp(step_no * {STEPS_US['hour']}), '%Y-%m-%dT%H:%M:%SZ')",
    "day": f"strftime(make_timestamp(step_no * {STEPS_US['day']}), '%Y-%m-%d')",
}

_BY = Choice("group by; hour and day are those in which the time was held", tuple(GROUPS), "all")
IDLE_BELOW_RATIO = 0.05
_IDLE_BELOW = Number("GPUs used below this ratio are idle", IDLE_BELOW_RATIO)
_JOB = ("job_name", "account_id", "region")

QUERIES = (
    Query(
        "utilization",
        "one group",
        (
            "group_value",
            "job_count",
            "sample_count",
            "host_h",
            "cpu_utilization_ratio",
            "gpu_utilization_ratio",
            "gpu_memory_utilization_ratio",
            "memory_utilization_ratio",
            "disk_utilization_ratio",
            "coverage_ratio",
            "allocated_host_h",
            "export_job_count",
            "unresolved_host_h",
            "unknown_host_h",
            "out_of_range_sample_count",
        ),
        {"by": _BY},
        answer="answers:utilization",
    ),
    Query(
        "gpu_waste",
        "one group",
        (
            "group_value",
            "job_count",
            "allocated_gpu_h",
            "measured_gpu_h",
            "coverage_ratio",
            "gpu_utilization_ratio",
            "idle_gpu_h",
            "busy_gpu_h",
            "unmeasured_gpu_h",
            "idle_cost_usd",
            "estimated_usd",
            "unknown_price_job_count",
            "unknown_gpu_job_count",
            "export_job_count",
            "out_of_range_sample_count",
        ),
        {"by": _BY, "idle_below_ratio": _IDLE_BELOW},
        answer="answers:gpu_waste",
    ),
    Query(
        "gpu_utilization_distribution",
        "step of a job's GPU utilization",
        ("utilization_from_ratio", "utilization_to_ratio", "job_count", "measured_gpu_h"),
        answer="answers:gpu_utilization_distribution",
    ),
    Query(
        "idle_gpu_jobs",
        "one job",
        (
            *_JOB,
            "user_name",
            "share_name",
            "queue_name",
            "instance_type",
            "training_started_at",
            "status",
            "allocated_gpu_h",
            "measured_gpu_h",
            "gpu_utilization_ratio",
            "idle_gpu_h",
            "idle_h",
            "idle_cost_usd",
            "measured_by",
        ),
        {
            "idle_below_ratio": _IDLE_BELOW,
            "longer_than_h": Number("jobs idle for longer than this on any host, h", 1),
        },
        answer="answers:idle_gpu_jobs",
    ),
    Query(
        "job_hosts",
        "one host of a job",
        (
            *_JOB,
            "host_name",
            "instance_type",
            "is_unresolved",
            "sample_count",
            "host_h",
            "cpu_utilization_ratio",
            "gpu_utilization_ratio",
            "gpu_memory_utilization_ratio",
            "memory_utilization_ratio",
            "disk_utilization_ratio",
            "out_of_range_sample_count",
        ),
        {"hosts": Choice("which hosts", ("all", "unresolved"), "all")},
        answer="answers:job_hosts",
    ),
    Query(
        "job_samples",
        "host x metric x step of time",
        (
            "job_name",
            "host_name",
            "instance_type",
            "is_unresolved",
            "metric_name",
            "bin_at",
            "step_s",
            "measured_s",
            "metric_value",
            "utilization_ratio",
        ),
        {
            "most_points": Number(
                "at most so many points of a metric, over all hosts; 0: every sample", 0
            )
        },
        answer="answers:job_samples",
    ),
    Query(
        "sampled_metrics",
        "one metric",
        ("metric_name", "sample_count", "host_count", "first_record_at", "last_record_at"),
        relation=None,
    ),
)
