"""The query of costs at list prices."""

from collections.abc import Mapping
from typing import Any

from analytics.expressions import CREATED_DATE, CREATED_DAY
from analytics.parameters import Choice
from analytics.query import Query

_WEEK = f"(date '1970-01-01' + ({CREATED_DAY} - ({CREATED_DAY} + 3) % 7))"  # Mondays
BINS = {
    "day": CREATED_DATE,
    "week": _WEEK,
    "month": f"date_trunc('month', {CREATED_DATE})::date",
}
"""Bins of time: a week begins on Monday, UTC."""

GROUPS = {
    **BINS,
    "user_name": "user_name",
    "share_name": "share_name",
    "instance_type": "instance_type",
    "region": "region",
    "account_id": "account_id",
    "pool_key": "pool_key",
    "all": "'all'",
}

SUMS = (
    "job_count",
    "run_usd",
    "billed_startup_usd",
    "retained_usd",
    "failed_usd",
    "total_usd",
    "estimated_usd",
    "unknown_price_job_count",
    "billed_by_tokens_job_count",
    "unknown_billable_job_count",
    "unknown_retained_job_count",
    "unknown_startup_job_count",
)


def _words(values: Mapping[str, Any]) -> Mapping[str, str]:
    in_time, by_cost = "group_value", "total_usd desc nulls last, group_value"
    return {"order_by": in_time if values["by"] in BINS else by_cost}


QUERIES = (
    Query(
        "costs",
        "one group",
        ("group_value", *SUMS),
        {
            "by": Choice("group by", GROUPS, "day"),
            "attribute_to": Choice(
                "which job the cost of a retained cluster counts towards",
                ("donor", "reuser", "half", "key_users"),
                "donor",
            ),
        },
        words=_words,
        sums=SUMS,
    ),
)
