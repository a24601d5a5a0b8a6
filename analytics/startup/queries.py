"""The queries of startup latency: quantiles, phases, matched jobs, advice, and the frontier."""

from analytics.parameters import COST_OF_DELAY, LEAST_GAIN, Choice, Number
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

ADVICE_COLUMNS = (
    "lever",
    "group_value",
    "pool_label",
    "verdict",
    "current_choice",
    "advised_choice",
    "matched_job_count",
    "saved_s",
    "saved_low_s",
    "saved_high_s",
    "touched_job_count_per_month",
    "cash_gain_usd_per_month",
    "wait_saved_h_per_month",
    "net_gain_usd_per_month",
    "net_gain_low_usd_per_month",
    "net_gain_high_usd_per_month",
    "value_of_waiting_usd_per_h",
    "is_value_assumed",
    "billed_startup_usd_per_month",
    "job_count",
    "is_rough",
    "rationale",
    "setting",
    "region",
)

FRONTIER_COLUMNS = (
    "levers",
    "keep_alive_policy",
    "policy_usd_per_h",
    "startup_latency_p90_s",
    "startup_latency_p90_low_s",
    "startup_latency_p90_high_s",
    "cost_change_usd_per_month",
    "wait_saved_h_per_month",
    "hit_rate_ratio",
    "changed_pool_count",
    "is_on_frontier",
    "is_cheapest",
    "is_today",
    "job_count",
    "unpriced_job_count",
    "judged_from_date",
    "is_judged_later",
)

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
    Query(
        "startup_advice",
        "lever x pool",
        ADVICE_COLUMNS,
        {
            "value_of_waiting_usd_per_h": COST_OF_DELAY,
            "minimum_gain_usd_per_month": LEAST_GAIN,
        },
        answer="advice:startup_advice",
        sql="startup_options",
        finish="These are the sums that Python compares: matched differences with intervals.",
    ),
    Query(
        "startup_frontier",
        "combination of levers",
        FRONTIER_COLUMNS,
        {
            "p90_target_s": Number("P90 startup latency to reach, s; empty: today's"),
            "value_of_waiting_usd_per_h": COST_OF_DELAY,
        },
        answer="frontier:startup_frontier",
        finish="These are the starts of the days that are judged; Python tries the combinations.",
    ),
)
