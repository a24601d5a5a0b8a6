"""The queries of startup latency: quantiles, phases, and matched jobs."""

from analytics.parameters import Choice
from analytics.query import Query

GROUPS = {
    "all": "'all'",
    "instance_type": "instance_type",
    "user_name": "user_name",
    "region": "region",
    "account_id": "account_id",
    "pool_key": "pool_key",
    "share_name": "share_name",
    "day": "created_at::date::varchar",
}

QUERIES = (
    Query(
        "startup_latency",
        "input mode x start kind",
        (
            "input_mode",
            "start_kind",
            "job_count",
            "startup_latency_p50_s",
            "startup_latency_p90_s",
            "startup_latency_p99_s",
            "startup_latency_p90_low_s",
            "startup_latency_p90_high_s",
            "image_pull_hidden_job_count",
        ),
        {"by": Choice("one more column to group by", GROUPS, "all")},
        answer="latencies:startup_latency",
        finish="`quantiles_s` holds the quantiles in order; Python names them, and withholds those"
        " of fewer than 10 jobs.",
    ),
    Query(
        "startup_phases",
        "input mode x start kind x phase",
        ("input_mode", "start_kind", "phase", "job_count", "p50_s", "p90_s", "p99_s", "billed"),
        answer="latencies:startup_phases",
    ),
    Query(
        "startup_matched",
        "input mode",
        (
            "input_mode",
            "group_count",
            "cold_job_count",
            "warm_job_count",
            "saved_s",
            "saved_low_s",
            "saved_high_s",
        ),
        answer="latencies:startup_matched",
        finish="Python takes medians and intervals from the lists.",
    ),
)
