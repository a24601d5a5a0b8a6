"""The queries of bills: each day and all of them against computed costs, and their usage types."""

from collections.abc import Mapping
from typing import Any

from analytics.bills.days import COMPARED_DAYS
from analytics.parameters import Choice
from analytics.query import Query
from analytics.relations import Relation

DAYS = Relation(
    table="cost_days",
    noun="cost_days",
    time_column="day_at",
    columns=("account_id", "region", "instance_type"),
)
LINES = Relation(
    table="cost_line_items",
    noun="cost_line_items",
    time_column="usage_started_at",
    columns=(
        "account_id",
        "payer_account_id",
        "region",
        "instance_type",
        "usage_type",
        "line_kind",
        "charge_category",
        "line_type",
        "resource_id",
    ),
)
AMOUNTS = {
    "billed": "billed_cost_usd",
    "effective": "effective_cost_usd",
    "on_demand": "on_demand_cost_usd",
}
AMOUNT = Choice("which amount of the bill", AMOUNTS, "billed")


def _words(values: Mapping[str, Any]) -> Mapping[str, str]:
    amount = AMOUNTS[values["amount"]]
    return {"amount": amount, "compared_days": COMPARED_DAYS.format(amount=amount)}


QUERIES = (
    Query(
        "bill_reconciliation",
        "one day (UTC)",
        (
            "day",
            "billed_usd",
            "computed_usd",
            "difference_usd",
            "explanation",
            "discount_usd",
            "billed_storage_usd",
            "billed_warm_pool_usd",
            "uncovered_usd",
            "unexplained_usd",
            "computed_run_usd",
            "computed_retained_usd",
            "estimated_usd",
            "left_aside_usd",
            "unknown_price_job_count",
            "unknown_billable_job_count",
            "unknown_retained_job_count",
        ),
        {"amount": AMOUNT},
        relation=DAYS,
        words=_words,
    ),
    Query(
        "bill_summary",
        "all days",
        (
            "billed_day_count",
            "computed_day_count",
            "compared_day_count",
            "billed_usd",
            "computed_usd",
            "difference_usd",
            "discount_usd",
            "billed_storage_usd",
            "billed_warm_pool_usd",
            "uncovered_usd",
            "unexplained_usd",
            "computed_run_usd",
            "computed_retained_usd",
            "estimated_usd",
            "left_aside_usd",
        ),
        {"amount": AMOUNT},
        relation=DAYS,
        words=_words,
    ),
    Query(
        "bill_usage_types",
        "usage type x kind of charge",
        (
            "usage_type",
            "line_kind",
            "charge_category",
            "line_count",
            "usage_amount",
            "usage_unit",
            "billed_cost_usd",
            "effective_cost_usd",
            "on_demand_cost_usd",
            "first_usage_at",
            "last_usage_at",
        ),
        relation=LINES,
    ),
    Query(
        "bill_accounts",
        "account",
        ("account_id", "line_count", "billed_cost_usd", "first_usage_at", "last_usage_at"),
        relation=LINES,
    ),
)
