"""AWS's own prices: products of the Price List API, and rates of Savings Plans, for training.

A product is a JSON text within the answer. Of its many components only training is read: the usage
type says so (`USE1-Train:ml.g5.2xlarge`), whatever the other attributes are called.
"""

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import orjson

from data.datasets.dataset import RecordForm
from data.raw.inputs import InputFile
from data.raw.json_landing import DEEPEST_LIST, LandedRecord, Splitter
from data.store.home import Home

PRODUCTS, RATES = "PriceList", "searchResults"
READ_ON = "ReadOn"
"""The day on which rates were read, which AWS does not date; `stoker sync` writes it down."""
LIST_SOURCE, PLAN_SOURCE = "AWS Price List API", "AWS Savings Plans API"

_TRAINING = re.compile(r"(?:^|-)Train:(ml\.[\w.-]+)$")
_YEAR_S = 31_536_000
RECORD_TYPE = (
    "struct(sku varchar, usage_type varchar, instance_type varchar, region varchar,"
    " component varchar, usd_per_h varchar, effective_from varchar, source varchar, note varchar)"
)


def split(file: InputFile) -> Splitter:
    """Return what tells the prices in a document; what is not of training is passed over."""

    def prices(document: Any, depth: int = 0, read_on: str | None = None) -> Iterator[LandedRecord]:
        if isinstance(document, str):
            try:
                document = orjson.loads(document)
            except orjson.JSONDecodeError:
                yield LandedRecord("other", document, is_usable=False)
                return
        if isinstance(document, list) and depth < DEEPEST_LIST:
            for item in document:
                yield from prices(item, depth + 1, read_on)
        elif not isinstance(document, dict):
            yield LandedRecord("other", document, is_usable=False)
        elif isinstance(document.get(PRODUCTS), list):
            yield from prices(document[PRODUCTS], depth + 1)
        elif isinstance(document.get(RATES), list):
            yield from prices(document[RATES], depth + 1, document.get(READ_ON))
        elif isinstance(document.get("product"), dict):
            for record in _of_product(document):
                yield LandedRecord("product", record)
        elif isinstance(document.get("savingsPlanOffering"), dict):
            for record in _of_rate(document, read_on):
                yield LandedRecord("rate", record)
        else:
            yield LandedRecord("other", document, is_usable=False)

    return prices


def is_answer(document: Any) -> bool:
    """Whether a document is an answer of AWS, and not a row of a price file."""
    if isinstance(document, list) and document:
        document = document[0]
    keys = {PRODUCTS, RATES, "product", "savingsPlanOffering"}
    return isinstance(document, dict) and not keys.isdisjoint(document)


def _of_product(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the hourly prices of a product on demand; what costs nothing is a free tier."""
    product = document["product"]
    attributes = _dict(product.get("attributes"))
    usage_type = str(attributes.get("usagetype"))
    training = _TRAINING.search(usage_type)
    if training is None or "Outposts" in str(attributes.get("locationType")):
        return
    terms = _dict(document.get("terms"))
    for term in _dict(terms.get("OnDemand")).values():
        for price in _dict(_dict(term).get("priceDimensions")).values():
            usd = _dict(_dict(price).get("pricePerUnit")).get("USD")
            is_of_hour = str(price.get("unit")).casefold() in ("hrs", "hours", "hour")
            if usd is None or not is_of_hour or price.get("beginRange", "0") != "0":
                continue
            if not _is_zero(usd):
                yield {
                    "sku": product.get("sku"),
                    "usage_type": usage_type,
                    "instance_type": training[1],
                    "region": attributes.get("regionCode"),
                    "component": "training",
                    "usd_per_h": str(usd),
                    "effective_from": term.get("effectiveDate"),
                    "source": LIST_SOURCE,
                    "note": f"usage type {usage_type}",
                }


def _of_rate(document: dict[str, Any], read_on: str | None) -> Iterator[dict[str, Any]]:
    offering = document["savingsPlanOffering"]
    usage_type = str(document.get("usageType"))
    training = _TRAINING.search(usage_type)
    if training is None or offering.get("currency", "USD") != "USD":
        return
    properties = {
        one.get("name"): one.get("value")
        for one in document.get("properties") or []
        if isinstance(one, dict)
    }
    seconds = offering.get("durationSeconds")
    years = seconds / _YEAR_S if isinstance(seconds, int | float) else None
    term = f"{years:.0f} year{'s' if years > 1 else ''}, " if years else ""
    yield {
        "sku": offering.get("offeringId"),
        "usage_type": usage_type,
        "instance_type": training[1],
        "region": properties.get("region"),
        "component": "savings_plan",
        "usd_per_h": str(document.get("rate")),
        "effective_from": read_on,
        "source": PLAN_SOURCE,
        "note": f"{term}{offering.get('paymentOption')}",
    }


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_zero(text: Any) -> bool:
    try:
        return float(text) == 0
    except (TypeError, ValueError):
        return False


def _rows(home: Home) -> tuple[str, dict[str, Any]]:
    script = files("data.datasets.prices") / "aws_json.sql"
    return script.read_text(encoding="utf-8"), {}


AWS_PRICES = RecordForm(
    name="aws",
    split=split,
    is_own=is_answer,
    record_type=RECORD_TYPE,
    rows=_rows,
)
