"""The queries of warm pools: hit rates, misses, pools, those idle now, findings."""

from collections.abc import Mapping
from typing import Any

from analytics.expressions import CREATED_DATE
from analytics.parameters import Choice, Instant
from analytics.query import Query

HIT_RATE_GROUPS = {
    "all": "'all'",
    "pool_key": "pool_key",
    "user_name": "user_name",
    "share_name": "share_name",
    "instance_type": "instance_type",
    "input_mode": "input_mode",
    "day": CREATED_DATE,
    "hour_of_day": "hour(created_at)",
    "region": "region",
    "account_id": "account_id",
}


def _hit_rate_words(values: Mapping[str, Any]) -> Mapping[str, str]:
    by = values["by"]
    in_time, by_size = "group_value", "job_count desc, group_value"
    return {
        "shown_value": f"({CREATED_DATE})::varchar" if by == "day" else HIT_RATE_GROUPS[by],
        "order_by": in_time if by in ("day", "hour_of_day") else by_size,
    }


QUERIES = (
    Query(
        "warm_pool_hit_rate",
        "one group",
        (
            "group_value",
            "job_count",
            "eligible_count",
            "hit_count",
            "confirmed_hit_count",
            "inferred_hit_count",
            "hit_rate_ratio",
            "hit_rate_given_predecessor_ratio",
            "with_predecessor_count",
        ),
        {"by": Choice("group by", HIT_RATE_GROUPS, "all")},
        words=_hit_rate_words,
    ),
    Query(
        "warm_pool_misses",
        "one miss reason",
        (
            "miss_reason",
            "job_count",
            "wait_lost_s",
            "example_job_name",
            "missed_by_p50_s",
            "explanation",
            "next_action",
        ),
        answer="explanations:warm_pool_misses",
        finish="Python adds the explanations.",
    ),
    Query(
        "pool_names",
        "one pool",
        ("pool_key", "pool_label", "account_id", "region", "job_count"),
    ),
    Query(
        "pools",
        "one pool",
        (
            "pool_key",
            "pool_label",
            "account_id",
            "region",
            "instance_type",
            "instance_count",
            "role_name",
            "volume_size_gib",
            "job_count",
            "eligible_count",
            "hit_count",
            "hit_rate_ratio",
            "current_keep_alive_s",
            "is_mixed",
            "list_cost_usd",
            "retained_cost_usd",
            "retained_s",
            "wait_lost_s",
            "first_created_at",
            "last_created_at",
            "wait_saved_per_hit_s",
            "billed_saved_per_hit_s",
            "saved_source",
        ),
    ),
    Query(
        "pools_now",
        "one idle warm cluster",
        (
            "pool_key",
            "pool_label",
            "job_name",
            "account_id",
            "region",
            "user_name",
            "instance_type",
            "instance_count",
            "idle_since_at",
            "expires_at",
            "remaining_s",
            "usd_per_h",
            "is_price_estimated",
            "quota_used_count",
            "quota_count",
            "observed_at",
        ),
        {"now": Instant("the instant to look at; empty: now, in the demo the end of its history")},
        answer="now:pools_now",
    ),
    Query(
        "eligibility",
        "one eligibility",
        ("eligibility", "job_count", "list_cost_usd", "example_job_name", "explanation"),
        answer="explanations:eligibility",
        finish="Python adds the explanations.",
    ),
    Query(
        "findings",
        "one finding",
        ("finding", "job_count", "example_job_name", "explanation", "next_action"),
        answer="explanations:findings",
        finish="Python adds the explanations.",
    ),
)
