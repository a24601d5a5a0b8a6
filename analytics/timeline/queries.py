"""The queries of a pool's timeline: its segments, their sums, and one job's phases."""

from analytics.parameters import Choice, Number, Parameter, Period, Text
from analytics.query import Query

_TIMELINE: dict[str, Parameter] = {
    "pool_key": Text("the pool's key; empty: the pool with the most eligible jobs"),
    "period_s": Period("a what-if keep-alive period, whole seconds; empty: actual"),
}

QUERIES = (
    Query(
        "pool_timeline",
        "one segment of a cluster's life",
        (
            "cluster_number",
            "lane",
            "job_name",
            "segment",
            "start_at",
            "end_at",
            "duration_s",
            "ended_by",
            "is_hit",
            "start_kind",
            "miss_reason",
            "missed_by_s",
            "donor_job_name",
            "missed_donor_job_name",
            "is_start_known",
            "is_counted",
        ),
        _TIMELINE
        | {
            "context": Choice(
                "whether to include other jobs of the pool at the same time", ("no", "yes"), "no"
            )
        },
        answer="segments:pool_timeline",
        finish="These are the pool's jobs; Python follows its clusters from job to job.",
    ),
    Query(
        "pool_timeline_bins",
        "one step of time",
        (
            "bin_at",
            "step_s",
            "startup_s",
            "run_s",
            "idle_s",
            "job_count",
            "hit_count",
            "cold_start_count",
            "expiry_count",
        ),
        _TIMELINE | {"step_s": Number("length of a step, s; 0: at most 200 steps", 0)},
        answer="sums:pool_timeline_bins",
        sql="pool_timeline",
        finish="These are the pool's jobs; Python follows its clusters and sums.",
    ),
    Query(
        "pool_timeline_totals",
        "one pool",
        (
            "job_count",
            "hit_count",
            "cold_start_count",
            "hit_rate_ratio",
            "retained_s",
            "retained_cost_usd",
            "unknown_retained_job_count",
            "expiry_count",
            "wait_saved_s",
            "no_end_job_count",
            "no_start_job_count",
        ),
        _TIMELINE,
        answer="sums:pool_timeline_totals",
        sql="pool_timeline",
        finish="These are the pool's jobs; Python sums them up.",
    ),
    Query(
        "pool_hours",
        "hour with jobs",
        ("bin_at", "job_count"),
        {"pool_key": Text("one pool; empty: all together")},
        answer="sums:pool_hours",
    ),
    Query(
        "job_phases",
        "one phase of a job",
        ("job_name", "phase", "start_at", "end_at", "duration_s", "billed"),
    ),
)
