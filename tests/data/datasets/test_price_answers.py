"""AWS's answers on prices as files: which of many components count, and whose prices they are."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from data.ingest.pipeline import ImportResult
from data.store.store import Store
from tests.conftest import ask, describe_job

Take = Callable[..., ImportResult]


def product(usd: str = "1.7000000000", **attributes: str) -> dict[str, Any]:
    """Return a product as the Price List API words it, ml.g5.2xlarge in us-east-1."""
    return {
        "product": {
            "productFamily": "ML Instance",
            "sku": "2ABC",
            "attributes": {
                "instanceName": "ml.g5.2xlarge",
                "platoinstancetype": "Training",
                "usagetype": "USE1-Train:ml.g5.2xlarge",
                "regionCode": "us-east-1",
                "locationType": "AWS Region",
                **attributes,
            },
        },
        "serviceCode": "AmazonSageMaker",
        "terms": {
            "OnDemand": {
                "2ABC.JRTCKXETXF": {
                    "effectiveDate": "2026-01-01T00:00:00Z",
                    "priceDimensions": {
                        "2ABC.JRTCKXETXF.6YS6EN2CT7": {
                            "unit": "Hrs",
                            "beginRange": "0",
                            "endRange": "Inf",
                            "pricePerUnit": {"USD": usd},
                        }
                    },
                }
            }
        },
        "version": "20260101000000",
        "publicationDate": "2026-01-02T00:00:00Z",
    }


def answer(*products: dict[str, Any]) -> dict[str, Any]:
    return {"FormatVersion": "aws_v1", "PriceList": [json.dumps(one) for one in products]}


def prices(store: Store) -> list[tuple[Any, ...]]:
    found = store.frame(
        "select instance_type, region, component, list_unit_price_usd_per_h,"
        " effective_from::varchar as day, is_users from prices where import_id is not null"
    )
    return sorted(found.itertuples(index=False, name=None))


TRAINING = ("ml.g5.2xlarge", "us-east-1", "training", 1.7, "2026-01-01", False)


@pytest.mark.parametrize(
    "other",
    [
        product(usagetype="USE1-Host:ml.g5.2xlarge", platoinstancetype="Hosting"),
        product(usagetype="USE1-SpotTrain:ml.g5.2xlarge", platoinstancetype="SpotTraining"),
        product(locationType="AWS Outposts"),
        product("0.0000000000"),  # a free tier
    ],
)
def test_of_the_components_training_counts_and_what_is_free_does_not(
    store: Store, take: Take, other: dict[str, Any]
) -> None:
    result = take(answer(product(), other), name="prices.json")
    assert (result.kind, result.accepted_count, result.rejected_count) == ("prices", 1, 0)
    assert prices(store) == [TRAINING]


def test_a_region_without_a_prefix_and_products_of_their_own_are_read(
    store: Store, take: Take
) -> None:
    # as `--query PriceList[]` and jq leave them
    take(product(usagetype="Train:ml.g5.2xlarge"), name="prices.jsonl")
    assert prices(store) == [TRAINING]


def test_a_new_publication_of_the_same_prices_changes_nothing(store: Store, take: Take) -> None:
    take(answer(product()), name="january.json")
    again = take(
        answer({**product(), "publicationDate": "2026-02-02T00:00:00Z", "version": "2"}),
        name="february.json",
    )
    assert again.is_known_file
    assert prices(store) == [TRAINING]
    assert len(ask(store, "prices").query("source == 'AWS Price List API'")) == 1


@pytest.mark.derived
def test_a_users_own_price_takes_precedence_over_awss_list(store: Store, take: Take) -> None:
    take(describe_job("a"))  # 630 s in March 2026

    def cost_usd() -> float:
        return float(store.scalar("select list_cost_usd from job_facts"))

    take(answer(product("3.6000000000")), name="prices.json", kind="prices")
    assert cost_usd() == pytest.approx(630 / 3600 * 3.6)
    own = {"instance_type": "ml.g5.2xlarge", "region": "us-east-1", "effective_from": "2020-01-01"}
    take({**own, "list_unit_price_usd_per_h": 1.8}, name="own.jsonl", kind="prices")
    assert cost_usd() == pytest.approx(630 / 3600 * 1.8)


@pytest.mark.derived
def test_awss_price_counts_before_its_day_where_there_is_only_an_estimate(
    store: Store, take: Take
) -> None:
    # shipped: an estimate of 2026-07-20; AWS dates a price by the last change of its list
    later = product("0.4200000000", usagetype="USE1-Train:ml.c4.2xlarge")
    later["terms"]["OnDemand"]["2ABC.JRTCKXETXF"]["effectiveDate"] = "2026-10-01T00:00:00Z"
    take(describe_job("a", ResourceConfig={"InstanceType": "ml.c4.2xlarge"}))
    take(answer(later), name="prices.json")
    cost, note = store.frame("select list_cost_usd, price_note from job_facts").iloc[0]
    assert cost == pytest.approx(630 / 3600 * 0.42)
    assert note == "first known price, from 2026-10-01"


def test_a_rate_without_its_day_is_rejected_with_what_to_do(store: Store, take: Take) -> None:
    rate = {
        "savingsPlanOffering": {"paymentOption": "No Upfront", "durationSeconds": 31536000,
                                "currency": "USD"},
        "rate": "1.1", "unit": "Hrs", "usageType": "USE1-Train:ml.g5.2xlarge",
        "properties": [{"name": "region", "value": "us-east-1"}],
    }  # fmt: skip
    result = take({"searchResults": [rate]}, name="rates.json")
    assert (result.kind, result.rejected_count) == ("prices", 1)
    assert "effective_from" in ask(store, "rejected_rows")["reason"].item()
    take({"searchResults": [rate], "ReadOn": "2026-11-26"}, name="dated.json")
    assert prices(store) == [
        ("ml.g5.2xlarge", "us-east-1", "savings_plan", 1.1, "2026-11-26", False)
    ]
