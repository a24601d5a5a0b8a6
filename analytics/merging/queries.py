"""The queries of merging: which pools gain by being one, and which were compared."""

from collections.abc import Mapping

from analytics.parameters import (
    COST_OF_DELAY,
    LEAST_GAIN,
    LONGEST_PERIOD,
    P90_TARGET,
    Choice,
    Parameter,
    Text,
)
from analytics.query import Query

PARAMETERS: Mapping[str, Parameter] = {
    "value_of_waiting_usd_per_h": COST_OF_DELAY,
    "limit_s": LONGEST_PERIOD,
    "p90_target_s": P90_TARGET,
    "minimum_gain_usd_per_month": LEAST_GAIN,
    "pool_key": Text("one pool, by key or name; empty or all: each of them"),
    "by": Choice(
        "pool_key: pools whose keys differ; user_name: what the users of each pool gain by sharing",
        ("pool_key", "user_name"),
        "pool_key",
    ),
}

QUERIES = (
    Query(
        "pool_merges",
        "pair or larger group of pools",
        (
            "pool_key",
            "other_pool_key",
            "pool_label",
            "other_pool_label",
            "pool_count",
            "region",
            "instance_type",
            "instance_count",
            "differing_fields",
            "verdict",
            "is_chosen",
            "net_gain_usd_per_month",
            "net_gain_low_usd_per_month",
            "net_gain_high_usd_per_month",
            "cash_gain_usd_per_month",
            "wait_saved_h_per_month",
            "extra_hit_count",
            "gain_over_today_usd_per_month",
            "gain_over_today_low_usd_per_month",
            "gain_over_today_high_usd_per_month",
            "cash_gain_over_today_usd_per_month",
            "wait_saved_over_today_h_per_month",
            "advised_keep_alive_s",
            "peak_idle_instances",
            "job_count",
            "changed_job_count",
            "user_count",
            "unknown_user_job_count",
            "judged_from_date",
            "is_rough",
            "value_of_waiting_usd_per_h",
            "is_value_assumed",
            "security_note",
            "rationale",
            "setting",
            "account_id",
        ),
        PARAMETERS,
        answer="merge_rows:pool_merges",
        sql="mergeable_pools",
        finish="These are the pools; Python compares their keys and replays their jobs as one.",
    ),
    Query(
        "pool_merge_coverage",
        "one outcome of the comparison",
        ("merge_coverage", "found_count", "explanation"),
        PARAMETERS,
        answer="merge_rows:pool_merge_coverage",
        sql="mergeable_pools",
        finish="These are the pools; Python counts what it compares.",
    ),
)
