"""Bills for tests: lines under AWS's names become an imported file."""

import csv
import io
from typing import Any

from data.ingest.pipeline import ImportResult, ingest
from data.raw.inputs import uploaded
from data.store.store import Store

ACCOUNT = "123456789012"


def line(cost_usd: float, **fields: Any) -> dict[str, Any]:
    """Return a line of CUR 2.0 about training, of an hour; `fields` replace columns."""
    day = fields.pop("day", "2026-03-02")
    return {
        "identity_line_item_id": "x",
        "bill_payer_account_id": "999988887777",
        "bill_billing_period_start_date": f"{day[:7]}-01 00:00:00",
        "line_item_usage_account_id": ACCOUNT,
        "line_item_line_item_type": "Usage",
        "line_item_usage_start_date": f"{day} 08:00:00",
        "line_item_usage_end_date": f"{day} 09:00:00",
        "line_item_product_code": "AmazonSageMaker",
        "line_item_usage_type": "USE1-Train:ml.g5.2xlarge",
        "line_item_operation": "RunInstance",
        "line_item_resource_id": "",
        "line_item_usage_amount": 1.0,
        "line_item_currency_code": "USD",
        "line_item_unblended_cost": cost_usd,
        "pricing_public_on_demand_cost": cost_usd,
        "pricing_unit": "Hrs",
        "product_region_code": "us-east-1",
    } | fields


def bill(*rows: dict[str, Any]) -> bytes:
    """Return lines as the content of a CSV file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def take_bill(store: Store, *rows: dict[str, Any], name: str = "bill.csv") -> ImportResult:
    return ingest(store, uploaded(name, bill(*rows)))
