"""The queries of keep-alive: the curve, the advice, and what groups would see of some periods."""

from analytics.parameters import Choice, Number, Periods, Text
from analytics.query import Query

COLUMNS_AT = (
    "job_count",
    "hit_count",
    "hit_rate_ratio",
    "wait_saved_s",
    "retained_s",
    "retained_cost_usd",
    "net_cost_usd",
)
"""What is known of a group of jobs at one period."""

GROUPS = ("user_name", "weekday", "hour_of_day", "instance_type")

QUERIES = (
    Query(
        "keep_alive_curve",
        "pool key x period",
        (
            "pool_key",
            "keep_alive_period_s",
            "job_count",
            "hit_count",
            "miss_count",
            "hit_rate_ratio",
            "retained_s",
            "retained_cost_usd",
            "wait_saved_s",
            "net_cost_usd",
            "peak_idle_instances",
            "long_chain_count",
            "reuse",
        ),
        {
            "at": Periods("periods in s, with commas between; empty: where each curve changes"),
            "reuse": Choice(
                "which free cluster a request reuses", ("newest", "oldest", "both"), "newest"
            ),
            "pool_key": Text("one pool key, or all for the sum over pools"),
            "tail": Choice(
                "a cluster never reused is kept for the full period, or as far as the data goes",
                ("full", "observed"),
                "full",
            ),
        },
        answer="curve_rows:keep_alive_curve",
        finish="These are the steps of the curve; Python adds them up.",
    ),
    Query(
        "keep_alive_advice",
        "one pool",
        (
            "pool_key",
            "job_count",
            "job_span_days",
            "current_keep_alive_s",
            "is_mixed",
            "advised_keep_alive_s",
            "best_keep_alive_s",
            "verdict",
            "pool_label",
            "cash_gain_usd_per_month",
            "net_gain_usd_per_month",
            "net_gain_low_usd_per_month",
            "net_gain_high_usd_per_month",
            "wait_saved_h_per_month",
            "value_of_waiting_usd_per_h",
            "is_value_assumed",
            "current_retained_usd_per_month",
            "retained_replayed_h",
            "retained_recorded_h",
            "judged_from_date",
            "backtest_regret_ratio",
            "worst_case_ratio",
            "peak_idle_instances",
            "pays_from_usd_per_h",
            "implied_value_usd_per_h",
            "startup_latency_p90_current_s",
            "startup_latency_p90_advised_s",
            "is_rough",
            "instance_type",
            "instance_count",
            "rationale",
            "setting",
            "region",
            "volume_size_gib",
            "newest_job_name",
        ),
        {
            "value_of_waiting_usd_per_h": Number(
                "cost of delay, USD per hour; empty: the setting, else 60 is assumed"
            ),
            "limit_s": Number("longest period allowed, s; empty: the setting, else 3600"),
            "p90_target_s": Number("P90 startup latency to reach, s; empty: none"),
            "minimum_gain_usd_per_month": Number("least gain that justifies a change, USD", 1.0),
            "pool_key": Text("one pool, or 'all' for one period for all pools"),
        },
        answer="advice_rows:keep_alive_advice",
        sql="keep_alive_curve",
        finish="These are the steps of the curves; Python finds the best period.",
    ),
    Query(
        "backtest",
        "pool x policy",
        (
            "pool_key",
            "pool_label",
            "policy",
            "train_until",
            "job_count",
            "hit_rate_ratio",
            "retained_s",
            "wait_s",
            "total_cost_usd",
            "regret_ratio",
        ),
        {
            "value_of_waiting_usd_per_h": Number(
                "cost of delay, USD per hour; empty: the setting, else 60 is assumed"
            ),
            "limit_s": Number("longest period allowed, s; empty: the setting, else 3600"),
            "pool_key": Text("one pool; empty: each of them"),
        },
        answer="policies:backtest",
        sql="keep_alive_advice",
        finish="These are the pools; Python replays every policy on their jobs.",
    ),
    Query(
        "keep_alive_groups",
        "group x period",
        ("group_value", "keep_alive_period_s", *COLUMNS_AT),
        {
            "by": Choice("group by", GROUPS, "user_name"),
            "at": Periods("periods in s, with commas between", (0, 600, 3600)),
            "pool_key": Text("one pool; empty: all together"),
        },
        answer="groups:keep_alive_groups",
    ),
    Query(
        "saved_sources",
        "source of the estimate",
        ("saved_source", "pool_count", "job_count", "wait_saved_mean_s", "billed_saved_mean_s"),
    ),
)
