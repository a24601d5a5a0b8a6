"""The Price List API and the rates of Savings Plans: each type in many components, one right."""

import json
from typing import Any

from tests.aws_server.errors import AwsError
from tests.aws_server.history import AwsHistory
from tests.aws_server.knobs import Knobs
from tests.aws_server.paging import page
from tests.aws_server.pooled import FAMILIES
from tests.aws_server.queued import INSTANCE_TYPE
from tests.aws_server.training import Document

INSTANCE_TYPES = tuple(
    sorted({kind for family in FAMILIES for kind in family.hosts} | {INSTANCE_TYPE})
)
PREFIXES = {"us-east-1": "USE1", "us-west-2": "USW2", "eu-west-1": "EU"}
EFFECTIVE = "2026-10-01T00:00:00Z"
# component -> its price against that of training
COMPONENTS = {"Training": 1.0, "Hosting": 1.25, "Notebook": 0.9, "SpotTraining": 0.4}
SAVINGS = {"No Upfront": 0.8, "All Upfront": 0.7}
YEAR_S = 31_536_000
LARGEST_PAGE = 100


def rate(instance_type: str, region: str = "us-east-1") -> float:
    """Return what an hour of training costs here, in USD."""
    place = INSTANCE_TYPES.index(instance_type)
    return round(1.5 * (place + 1) * (1.0 if region == "us-east-1" else 1.1), 4)


def usage_type(instance_type: str, region: str, component: str = "Train") -> str:
    """Return how a bill names an hour of it."""
    return f"{PREFIXES[region]}-{component}:{instance_type}"


class Pricing:
    """The Price List API, the same for every account."""

    def __init__(self, history: AwsHistory, knobs: Knobs) -> None:
        self.knobs = knobs
        self._products = [
            _product(instance_type, region, component, ratio)
            for region in PREFIXES
            for instance_type in INSTANCE_TYPES
            for component, ratio in {**COMPONENTS, "Training Free": 0.0}.items()
        ]

    def get_products(self, request: Document, now: float) -> Document:
        """Return a page of products, each a JSON text."""
        if request["ServiceCode"] != "AmazonSageMaker":
            raise AwsError("NotFoundException", "Only Amazon SageMaker is played")
        found = [
            product
            for product in self._products
            if all(_fits(product["product"], one) for one in request.get("Filters", []))
        ]
        records, token = page(
            found,
            key=lambda product: product["product"]["sku"],
            token=request.get("NextToken"),
            size=min(request.get("MaxResults", LARGEST_PAGE), LARGEST_PAGE),
            request={name: value for name, value in request.items() if name != "NextToken"},
            knobs=self.knobs,
        )
        answer: Document = {
            "FormatVersion": "aws_v1",
            "PriceList": [json.dumps(record) for record in records],
        }
        return answer if token is None else {**answer, "NextToken": token}


class SavingsPlans:
    """Rates of Savings Plans, the same for every account."""

    def __init__(self, history: AwsHistory, knobs: Knobs) -> None:
        self.knobs = knobs

    def describe_savings_plans_offering_rates(self, request: Document, now: float) -> Document:
        """Return a page of rates."""
        rates = [
            _rate(instance_type, region, payment, ratio)
            for region in PREFIXES
            for instance_type in INSTANCE_TYPES
            for payment, ratio in SAVINGS.items()
        ]
        asked = {name: value for name, value in request.items() if name != "nextToken"}
        records, token = page(
            [one for one in rates if _offered(one, asked)],
            key=lambda one: [one["usageType"], one["savingsPlanOffering"]["offeringId"]],
            token=request.get("nextToken"),
            size=min(int(request.get("maxResults", LARGEST_PAGE)), 1000),
            request=asked,
            knobs=self.knobs,
        )
        answer: Document = {"searchResults": records}
        return answer if token is None else {**answer, "nextToken": token}


def _product(instance_type: str, region: str, component: str, ratio: float) -> Document:
    sku = f"{region}.{instance_type}.{component}".replace(" ", "")
    usage = {"Training": "Train", "SpotTraining": "SpotTrain", "Hosting": "Host"}
    short = usage.get(component, component.replace(" ", ""))
    price = round(rate(instance_type, region) * ratio, 4)
    return {
        "product": {
            "productFamily": "ML Instance",
            "sku": sku,
            "attributes": {
                "instanceName": instance_type,
                "instanceType": f"{instance_type}-{component}",
                "platoinstancename": instance_type,
                "platoinstancetype": component,
                "component": component,
                "usagetype": usage_type(instance_type, region, short),
                "operation": "RunInstance",
                "regionCode": region,
                "location": region,
                "locationType": "AWS Region",
                "servicecode": "AmazonSageMaker",
            },
        },
        "serviceCode": "AmazonSageMaker",
        "terms": {
            "OnDemand": {
                f"{sku}.JRTCKXETXF": {
                    "sku": sku,
                    "effectiveDate": EFFECTIVE,
                    "offerTermCode": "JRTCKXETXF",
                    "termAttributes": {},
                    "priceDimensions": {
                        f"{sku}.JRTCKXETXF.6YS6EN2CT7": {
                            "unit": "Hrs",
                            "beginRange": "0",
                            "endRange": "Inf",
                            "description": f"${price} per {instance_type} {component} hour",
                            "rateCode": f"{sku}.JRTCKXETXF.6YS6EN2CT7",
                            "appliesTo": [],
                            "pricePerUnit": {"USD": f"{price:.10f}"},
                        }
                    },
                }
            }
        },
        "version": "20261001000000",
        "publicationDate": EFFECTIVE,
    }


def _rate(instance_type: str, region: str, payment: str, ratio: float) -> Document:
    return {
        "savingsPlanOffering": {
            "offeringId": f"offering-{payment.split()[0].lower()}",
            "paymentOption": payment,
            "planType": "SageMaker",
            "durationSeconds": YEAR_S,
            "currency": "USD",
            "planDescription": f"1 year {payment} SageMaker Savings Plan",
        },
        "rate": f"{rate(instance_type, region) * ratio:.4f}",
        "unit": "Hrs",
        "productType": "SageMaker",
        "serviceCode": "AmazonSageMaker",
        "usageType": usage_type(instance_type, region),
        "operation": "RunInstance",
        "properties": [
            {"name": "region", "value": region},
            {"name": "instanceType", "value": instance_type},
        ],
    }


def _fits(product: Document, condition: Document) -> bool:
    value = {**product["attributes"], "productFamily": product["productFamily"]}.get(
        condition["Field"]
    )
    given = condition["Value"]
    if value is None:
        return False
    checks = {
        "TERM_MATCH": value.lower() == given.lower(),
        "EQUALS": value == given,
        "CONTAINS": given in value,
        "ANY_OF": value in given.split(","),
        "NONE_OF": value not in given.split(","),
    }
    return checks[condition["Type"]]


def _offered(one: Document, request: Document) -> bool:
    offering = one["savingsPlanOffering"]
    held: list[tuple[str, Any]] = [
        ("savingsPlanOfferingIds", offering["offeringId"]),
        ("savingsPlanPaymentOptions", offering["paymentOption"]),
        ("savingsPlanTypes", offering["planType"]),
        ("products", one["productType"]),
        ("serviceCodes", one["serviceCode"]),
        ("usageTypes", one["usageType"]),
        ("operations", one["operation"]),
    ]
    if any(request.get(name) and value not in request[name] for name, value in held):
        return False
    properties = {part["name"]: part["value"] for part in one["properties"]}
    return all(
        properties.get(condition["name"]) in condition["values"]
        for condition in request.get("filters", [])
    )
