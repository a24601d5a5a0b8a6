"""The dataset of bills: CUR, legacy and 2.0, and FOCUS; lines about training are kept."""

import csv
import io
import re
from importlib.resources import files

from data.datasets.bills.amounts import charge_category, effective_cost, on_demand_cost
from data.datasets.bills.deliveries import DELIVERY, PART
from data.datasets.dataset import Dataset, Head, WritePolicy
from data.files.target import Check, Given, target
from data.files.values import ValueKind
from data.tables import TABLES
from data.tables.quoting import literal

SYNONYMS = {
    "line_item_id": ("identitylineitemid",),
    "payer_account_id": ("billpayeraccountid", "billingaccountid"),
    "account_id": ("lineitemusageaccountid", "subaccountid"),
    "region": ("productregioncode", "productregion", "regionid"),
    "billing_period_at": ("billbillingperiodstartdate", "billingperiodstart"),
    "usage_started_at": ("lineitemusagestartdate", "chargeperiodstart"),
    "usage_ended_at": ("lineitemusageenddate", "chargeperiodend"),
    "line_type": ("lineitemlineitemtype", "chargecategory"),
    "service_name": ("lineitemproductcode", "xservicecode", "servicename"),
    "usage_type": ("lineitemusagetype", "xusagetype", "skumeter"),
    "usage_operation": ("lineitemoperation", "xoperation"),
    "resource_id": ("lineitemresourceid", "resourceid"),
    "usage_amount": ("lineitemusageamount", "consumedquantity", "pricingquantity"),
    "usage_unit": ("consumedunit", "pricingunit"),
    "billed_cost_usd": ("lineitemunblendedcost", "billedcost"),
    "effective_cost_usd": ("effectivecost",),
    "on_demand_cost_usd": ("pricingpublicondemandcost", "listcost"),
    "instance_type": ("productinstancetype",),
    # in the file only
    "savings_plan_cost": ("savingsplansavingsplaneffectivecost",),
    "reservation_cost": ("reservationeffectivecost",),
    "currency": ("lineitemcurrencycode", "billingcurrency"),
}
REQUIRED = ("usage_started_at", "line_type", "service_name", "billed_cost_usd")
_MARKS = (
    {"lineitemlineitemtype", "lineitemusagestartdate", "lineitemunblendedcost"},
    {"chargecategory", "chargeperiodstart", "billedcost"},
)
_AMOUNTS = (
    "usage_amount",
    "billed_cost_usd",
    "effective_cost_usd",
    "on_demand_cost_usd",
    "savings_plan_cost",
    "reservation_cost",
)
_INSTANCE_TYPE = r"ml\.[a-z0-9-]+\.[a-z0-9-]+"
_IS_SAGEMAKER = "starts_with(lower(replace(service_name, ' ', '')), 'amazonsagemaker')"


def _is_recognised(head: Head) -> bool:
    # reports write lineItem/UsageType, tables made of them line_item_usage_type
    names = {re.sub("[^a-z0-9]", "", name) for name in head.names}
    return any(mark <= names for mark in _MARKS)


def _training_pattern() -> str:
    """Return one regular expression for the usage types that say something of training."""
    text = (files("data") / "reference" / "usage_type_patterns.csv").read_text(encoding="utf-8")
    patterns = [row["usage_type_pattern"] for row in csv.DictReader(io.StringIO(text))]
    return "|".join(f"(?:{pattern})" for pattern in patterns)


def _made(given: Given) -> dict[str, str]:
    arn = given.sql("resource_id")
    is_cur = "effective_cost_usd" not in given.names
    started = given.sql("usage_started_at")
    return {
        "payer_account_id": _account(given.sql("payer_account_id")),
        "account_id": _account(
            f"coalesce({given.sql('account_id')}, {given.sql('payer_account_id')})"
        ),
        "region": f"coalesce({given.sql('region')},"
        f" nullif(regexp_extract({arn}, '^arn:[^:]*:[^:]*:([^:]*):', 1), ''))",
        "billing_period_at": f"coalesce({given.sql('billing_period_at')},"
        f" date_trunc('month', timezone('UTC', {started})) at time zone 'UTC')",
        "usage_ended_at": f"coalesce({given.sql('usage_ended_at')}, {started})",
        "instance_type": f"coalesce({_instance_type(given.sql('usage_type'))},"
        f" {_instance_type(given.sql('instance_type'))})",
        "charge_category": charge_category(given),
        "effective_cost_usd": effective_cost(given),
        "on_demand_cost_usd": on_demand_cost(given),
        "bill_format": literal("cur" if is_cur else "focus"),
    }


def _account(sql: str) -> str:
    """Return SQL for an account's 12 digits: spreadsheets lose zeros at the front."""
    is_short = f"regexp_full_match({sql}, '[0-9]{{1,11}}')"
    return f"case when {is_short} then lpad({sql}, 12, '0') else {sql} end"


def _instance_type(sql: str) -> str:
    return f"nullif(regexp_extract({sql}, {literal(_INSTANCE_TYPE)}), '')"


DATASET = Dataset(
    kind="bill",
    label="bills",
    target=target(
        TABLES["bill_records"],
        kinds={
            **dict.fromkeys(_AMOUNTS, ValueKind.SIGNED_NUMBER),
            "currency": ValueKind.TEXT,
        },
        without=("charge_category", "bill_format", "bill_delivery", "bill_part", "input_seq"),
        required=REQUIRED,
        synonyms=SYNONYMS,
        reads_synonyms=True,
        # AWS: all times of these reports are UTC
        time_zone="UTC",
        advice={
            "usage_started_at": "Export line_item_usage_start_date, or ChargePeriodStart.",
            "line_type": "Export line_item_line_item_type, or ChargeCategory.",
            "service_name": "Export line_item_product_code, or ServiceName.",
            "billed_cost_usd": "Export line_item_unblended_cost, or BilledCost.",
        },
        meanings={
            "usage_started_at": "say when the usage began",
            "line_type": "say what is charged",
            "service_name": "name the service",
            "billed_cost_usd": "hold the cost",
        },
        in_order=(("usage_started_at", "usage_ended_at"),),
        checks=(
            Check(
                f"upper(currency) <> 'USD' and {_IS_SAGEMAKER}",
                "'The amounts are in ' || left(currency, 80) || ', not in USD.'",
                "Export the bill in USD: amounts are not converted.",
                about=("currency",),
            ),
        ),
        made=_made,
        named_as="as AWS's cost and usage reports or FOCUS have them",
    ),
    policy=WritePolicy.REPLACE,
    kept=f"{_IS_SAGEMAKER} and (regexp_matches(usage_type, {literal(_training_pattern())}, 'i')"
    " or contains(lower(resource_id), ':training-job/'))",
    is_recognised=_is_recognised,
    time_column="usage_started_at",
    constants={
        "bill_delivery": f"nullif(regexp_extract(import_file, {literal(DELIVERY)}), '')",
        "bill_part": "try_cast(nullif("
        f"regexp_extract(import_file, {literal(PART)}, 1), '') as bigint)",
    },
)
