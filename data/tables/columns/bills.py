"""Columns of bills: lines of cost and usage reports, and how they compare with computed costs."""

from data.tables.declaration import Column, Kind

COLUMNS = (
    Column(
        "line_item_id", "varchar", "Id of the line within its delivery", "Line",
        aws_field="identity_line_item_id",
    ),
    Column(
        "payer_account_id", "varchar", "Account that pays the bill", "Payer account",
        aws_field="bill_payer_account_id, BillingAccountId",
    ),
    Column(
        "billing_period_at", "timestamptz", "Start of the billing period",
        "Billing period (UTC)", Kind.MOMENT, "bill_billing_period_start_date, BillingPeriodStart",
    ),
    Column(
        "bill_format", "varchar", "cur for cost and usage reports, focus for FOCUS exports",
        "Bill format",
    ),
    Column(
        "bill_delivery", "varchar",
        "Folder of the delivery that the file is part of; empty where its name says none",
        "Delivery", aws_field="assemblyId",
    ),
    Column(
        "bill_part", "bigint",
        "Number of the file within its delivery; empty where it is the whole bill",
        "Part of delivery", Kind.COUNT,
    ),
    Column(
        "line_type", "varchar", "What the line charges, as the bill words it", "Line type",
        aws_field="line_item_line_item_type, ChargeCategory",
    ),
    Column(
        "charge_category", "varchar", "What the line charges, in FOCUS's words", "Charge",
        Kind.CODE, "ChargeCategory",
    ),
    Column(
        "service_name", "varchar", "Service that the line charges for", "Service",
        aws_field="line_item_product_code, x_ServiceCode",
    ),
    Column(
        "usage_type", "varchar", "What was used, as the bill words it", "Usage type",
        aws_field="line_item_usage_type, x_UsageType",
    ),
    Column(
        "usage_operation", "varchar", "Operation that the line charges for", "Charged operation",
        aws_field="line_item_operation, x_Operation",
    ),
    Column(
        "resource_id", "varchar", "Resource that the line charges for", "Resource",
        aws_field="line_item_resource_id, ResourceId",
    ),
    Column(
        "usage_started_at", "timestamptz", "Start of the time that the line charges for",
        "Charged from (UTC)", Kind.MOMENT, "line_item_usage_start_date, ChargePeriodStart",
    ),
    Column(
        "usage_ended_at", "timestamptz", "End of the time that the line charges for",
        "Charged until (UTC)", Kind.MOMENT, "line_item_usage_end_date, ChargePeriodEnd",
    ),
    Column(
        "usage_amount", "double", "How much was used, in the line's own unit", "Usage",
        Kind.NUMBER, "line_item_usage_amount, ConsumedQuantity",
    ),
    Column(
        "usage_unit", "varchar", "Unit of the usage", "Usage unit",
        aws_field="pricing_unit, ConsumedUnit",
    ),
    Column(
        "billed_cost_usd", "double", "What the bill charges, unblended", "Billed cost (USD)",
        Kind.USD, "line_item_unblended_cost, BilledCost",
    ),
    Column(
        "effective_cost_usd", "double", "What the bill charges, commitments spread over their use",
        "Effective (USD)", Kind.USD,
        "savings_plan_savings_plan_effective_cost, EffectiveCost",
    ),
    Column(
        "on_demand_cost_usd", "double", "The same usage at public on-demand prices",
        "On demand (USD)", Kind.USD, "pricing_public_on_demand_cost, ListCost",
    ),
    Column(
        "line_kind", "varchar", "What the usage type stands for", "Kind of usage", Kind.CODE
    ),
    Column(
        "usage_type_pattern", "varchar",
        "Regular expression that a usage type contains, whatever its case", "Pattern",
    ),
    # of days
    Column("day_at", "timestamptz", "Start of the day, UTC", "Start of day (UTC)", Kind.MOMENT),
    Column("is_billed", "boolean", "Whether a bill says it, not a job", "Of a bill", Kind.FLAG),
    Column(
        "computed_run_usd", "double", "Billable time of jobs at list prices, on the day it ran",
        "Computed run (USD)", Kind.USD,
    ),
    Column(
        "computed_retained_usd", "double",
        "Retained time of clusters at list prices, on the day they idled",
        "Computed idle (USD)", Kind.USD,
    ),
    Column(
        "billed_usd", "double", "What bills charge for training usage", "Billed (USD)", Kind.USD
    ),
    Column(
        "computed_usd", "double", "Computed run and idle time together", "Computed (USD)",
        Kind.USD,
    ),
    Column(
        "difference_usd", "double", "What was billed, less what is computed",
        "Difference (USD)", Kind.USD,
    ),
    Column(
        "discount_usd", "double", "Billed less the same usage at public on-demand prices",
        "Discounts and commitments (USD)", Kind.USD,
    ),
    Column(
        "billed_storage_usd", "double", "On-demand cost of volumes, which jobs do not tell",
        "Volumes (USD)", Kind.USD,
    ),
    Column(
        "billed_warm_pool_usd", "double",
        "On-demand cost of usage types that are known as those of warm pools",
        "Billed as warm pools (USD)", Kind.USD,
    ),
    Column(
        "uncovered_usd", "double", "Computed for accounts that no bill covers on the day",
        "Accounts without a bill (USD)", Kind.USD,
    ),
    Column(
        "unexplained_usd", "double",
        "What is left of the difference after discounts, volumes and accounts without a bill",
        "Unexplained (USD)", Kind.USD,
    ),
    Column(
        "left_aside_usd", "double", "Credits, taxes and purchases of training: in no sum",
        "Credits, taxes (USD)", Kind.USD,
    ),
    Column(
        "billed_day_count", "bigint", "Days for which a bill is known", "Days billed", Kind.COUNT
    ),
    Column(
        "computed_day_count", "bigint", "Days for which a cost is computed", "Days computed",
        Kind.COUNT,
    ),
    Column(
        "compared_day_count", "bigint", "Days for which both are known: the sums are of these",
        "Days compared", Kind.COUNT,
    ),
    Column("line_count", "bigint", "Lines of bills that say so", "Lines", Kind.COUNT),
    Column(
        "first_usage_at", "timestamptz", "Start of the earliest line", "First usage (UTC)",
        Kind.MOMENT,
    ),
    Column(
        "last_usage_at", "timestamptz", "End of the latest line", "Last usage (UTC)", Kind.MOMENT
    ),
)  # fmt: skip
