"""Price views: what is known of Savings Plans, managed spot and training plans, and what is not."""

import json
import math
from typing import Any

import pandas as pd
import pytest

from data.errors import WrongUseError
from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.store import Store
from tests.bills import ACCOUNT
from tests.conftest import ask, describe_job, lines
from tests.golden.published import exact
from tests.runs import HETERO, P3, P4D, TENSORFLOW, run, take_runs

ARTICLE = "2022-10-01"


def views(store: Store, **options: str) -> pd.DataFrame:
    rows = ask(store, "price_views", **{"as_of": ARTICLE, **options})
    return rows.set_index(["configuration", "price_view"])


def spot_job(name: str, *, training_s: int, billable_s: int, **more: Any) -> dict[str, Any]:
    return describe_job(
        name,
        run=training_s,
        ResourceConfig={"InstanceType": "ml.p4d.24xlarge", "InstanceCount": 1},
        EnableManagedSpotTraining=True,
        TrainingTimeInSeconds=training_s,
        BillableTimeInSeconds=billable_s,
        **more,
    )


def take_jobs(store: Store, *jobs: dict[str, Any]) -> None:
    ingest(store, uploaded("jobs.jsonl", lines(*jobs)))


def take_rates(store: Store, *rows: str) -> None:
    head = "instance_type,region,component,list_unit_price_usd_per_h,effective_from"
    ingest(store, uploaded("rates.csv", "\n".join((head, *rows)).encode()))


def test_what_nobody_said_is_unknown_and_says_why(store: Store) -> None:
    take_runs(store, *TENSORFLOW)
    rows = views(store)
    assert [view for name, view in rows.index if name == "homogeneous"] == [
        "on_demand", "savings_plan", "spot", "training_plan",
    ]  # fmt: skip
    paid = rows["cost_per_100_steps_usd"]
    assert paid["homogeneous", "on_demand"] == pytest.approx(exact("hetero-tf-base-cost"), abs=1e-5)
    assert rows["paid_usd_per_h"].notna().sum() == 2
    others = rows.drop(index="on_demand", level="price_view")
    assert others["cost_per_100_steps_usd"].isna().all()
    assert others["cost_reduction_ratio"].isna().all()
    notes = rows["price_view_note"]
    assert "no discount is set" in notes["homogeneous", "savings_plan"]
    assert "no spot job on ml.p4d.24xlarge" in notes["homogeneous", "spot"]
    assert "cannot use managed spot" in notes["heterogeneous", "spot"]
    assert "no training plan of ml.p4d.24xlarge" in notes["homogeneous", "training_plan"]
    assert "is not known" in notes["heterogeneous", "training_plan"]


def test_a_discount_of_the_query_or_the_settings_lowers_every_price_alike(store: Store) -> None:
    take_runs(store, *TENSORFLOW)
    store.home.settings.write_text("savings_plan_discount_ratio = 0.25")
    for options, discount in (({}, 0.25), ({"savings_plan_discount_ratio": "0.4"}, 0.4)):
        rows = ask(store, "price_performance", as_of=ARTICLE, price_view="savings_plan", **options)
        rows = rows.set_index("configuration")
        assert rows.loc["homogeneous", "paid_usd_per_h"] == pytest.approx(37.688 * (1 - discount))
        # the list price stays what it is, and the same discount on all changes no comparison
        assert rows.loc["homogeneous", "list_unit_price_usd_per_h"] == 37.688
        reduction = rows.loc["heterogeneous", "cost_reduction_ratio"]
        assert reduction == pytest.approx(exact("hetero-tf-gain"), abs=1e-4)
        assert (
            f"{100 * discount:.0f} % off the list price"
            in rows.loc["homogeneous", "price_view_note"]
        )
    with pytest.raises(WrongUseError, match="cannot be '30'") as caught:
        views(store, savings_plan_discount_ratio="30")
    assert caught.value.next_action == "Give a number from 0 to 0.99."


def test_rates_of_your_own_price_file_come_before_a_discount_and_are_no_list_prices(
    store: Store,
) -> None:
    take_runs(store, *TENSORFLOW)
    take_rates(
        store,
        "ml.p4d.24xlarge,us-east-1,savings_plan,20,2022-01-01",
        "ml.p4d.24xlarge,us-east-1,savings_plan,5,2023-01-01",  # later: not yet in force
        "ml.p4d.24xlarge,us-east-1,training_plan,12.5,2022-01-01",
    )
    rows = views(store, savings_plan_discount_ratio="0.5")
    paid = rows["paid_usd_per_h"]
    assert paid["homogeneous", "on_demand"] == 37.688
    assert paid["homogeneous", "savings_plan"] == 20
    assert paid["heterogeneous", "savings_plan"] == pytest.approx(20 + 2 * 3.672 / 2)
    assert paid["homogeneous", "training_plan"] == 12.5
    note = rows["price_view_note"]["heterogeneous", "savings_plan"]
    assert note == "your own rate; 50 % off the list price of ml.c5.18xlarge, as set"
    # and of jobs
    take_jobs(store, describe_job("j", ResourceConfig={"InstanceType": "ml.p4d.24xlarge"}))
    assert ask(store, "jobs")["price_note"].iloc[0] is None
    # without a discount the rate of one of two types does not make a price
    assert math.isnan(views(store)["paid_usd_per_h"]["heterogeneous", "savings_plan"])


def offered(instance_type: str, years: int, payment: str, usd_per_h: str) -> dict[str, Any]:
    """Return a rate as DescribeSavingsPlansOfferingRates answers it."""
    return {
        "savingsPlanOffering": {
            "paymentOption": payment,
            "durationSeconds": years * 31_536_000,
            "currency": "USD",
        },
        "rate": usd_per_h,
        "usageType": f"USE1-Train:{instance_type}",
        "properties": [{"name": "region", "value": "us-east-1"}],
    }


def test_what_aws_offers_anybody_counts_where_you_do_not_say_what_you_pay(store: Store) -> None:
    take_runs(store, *TENSORFLOW)
    rates = [
        offered("ml.p4d.24xlarge", 1, "No Upfront", "30"),
        offered("ml.p4d.24xlarge", 3, "All Upfront", "18"),
        offered("ml.c5.18xlarge", 1, "All Upfront", "3"),
    ]
    answer = {"searchResults": rates, "ReadOn": "2022-09-01"}
    ingest(store, uploaded("rates.json", json.dumps(answer).encode()))

    def both(**options: str) -> list[tuple[float, str]]:
        rows = views(store, **options)
        return [
            (round(row.paid_usd_per_h, 6), row.price_view_note)
            for row in (rows.loc[name, "savings_plan"] for name in ("homogeneous", "heterogeneous"))
        ]

    three_years, one_year = "AWS's rate (3 years, All Upfront)", "AWS's rate (1 year, All Upfront)"
    assert both() == [(18, three_years), (18 + 2 * 3, f"{one_year}, {three_years}")]
    half = "50 % off the list price of"
    assert both(savings_plan_discount_ratio="0.5") == [
        (18.844, f"{half} ml.p4d.24xlarge, as set"),
        (22.516, f"{half} ml.c5.18xlarge, ml.p4d.24xlarge, as set"),
    ]
    # dearer than AWS's, and of a later day: it is still what you pay
    take_rates(store, "ml.p4d.24xlarge,us-east-1,savings_plan,25,2022-11-01")
    own = "your own rate, the first from 2022-11-01"
    assert both()[0] == (25, own)
    assert both(savings_plan_discount_ratio="0.5")[0] == (25, own)


def test_spot_costs_the_seconds_that_were_billed_of_those_that_were_trained(store: Store) -> None:
    take_runs(store, run("bench", P4D, 192), run("other", P3, 900))
    named = {
        "Tags": [{"Key": "workload", "Value": "tf"}, {"Key": "configuration", "Value": "spot"}],
        "FinalMetricDataList": [{"MetricName": "step_time_ms", "Value": 200}],
    }
    take_jobs(
        store,
        spot_job("a", training_s=1000, billable_s=400, **named),
        spot_job("b", training_s=3000, billable_s=1000),
        describe_job("c", ResourceConfig={"InstanceType": "ml.p4d.24xlarge"}),
    )
    rows = views(store)
    paid = rows["paid_usd_per_h"]
    # its own job: 1 - 400 / 1000; of the type: 1 - 1400 / 4000. At the list price, not a spot price
    assert paid["spot", "spot"] == pytest.approx(37.688 * 0.4)
    assert paid["bench", "spot"] == pytest.approx(37.688 * 0.35)
    assert math.isnan(paid["other", "spot"])
    notes = rows["price_view_note"]
    assert notes["spot", "spot"].startswith("60 % saved by 1 spot job of this configuration")
    assert notes["bench", "spot"].startswith("65 % saved by 2 spot jobs on ml.p4d.24xlarge")
    assumed = views(store, spot_saving_ratio="0.7")["paid_usd_per_h"]
    assert assumed["other", "spot"] == pytest.approx(3.825 * 0.3)


def test_a_training_plan_costs_its_fee_spread_over_its_hours_on_its_own_type_only(
    store: Store,
) -> None:
    take_runs(
        store, run("one", P4D, 192), run("two", "ml.p4d.24xlarge x2", 100), run("p3", P3, 900)
    )
    given = {
        "training_plan_type": "ml.p4d.24xlarge",
        "training_plan_fee_usd": "48000",
        "training_plan_instance_h": "2000",
    }
    rows = views(store, **given)
    paid = rows["paid_usd_per_h"]
    assert (paid["one", "training_plan"], paid["two", "training_plan"]) == (24, 48)
    assert math.isnan(paid["p3", "training_plan"])
    cost = rows["cost_per_100_steps_usd"]["two", "training_plan"]
    assert cost == pytest.approx(48 * 100 * 0.1 / 3600)
    without = views(store, **{**given, "training_plan_instance_h": ""})["paid_usd_per_h"]
    assert math.isnan(without["one", "training_plan"])


def test_what_has_no_price_in_a_view_is_not_compared_in_it(store: Store) -> None:
    take_runs(store, run("p4d", P4D, 192), run("added", HETERO, 86))
    rows = ask(
        store, "price_performance", as_of=ARTICLE, price_view="training_plan",
        training_plan_type="ml.p4d.24xlarge", training_plan_fee_usd="10",
        training_plan_instance_h="1",
    ).set_index("configuration")  # fmt: skip
    assert rows.loc["added", "comparison"] == "unknown_cost"
    assert math.isnan(rows.loc["added", "cost_reduction_ratio"])
    assert rows.loc["added", "is_on_frontier"] is pd.NA
    assert rows.loc["added", "list_cost_per_100_steps_usd"] == pytest.approx(0.10758, abs=1e-5)


def test_without_runs_there_is_no_view(store: Store) -> None:
    assert len(ask(store, "price_views")) == 0


def test_a_plan_that_aws_lists_gives_its_own_rate_on_its_type(store: Store) -> None:
    take_runs(store, run("one", P4D, 192), run("p3", P3, 900))
    plan = {
        "TrainingPlanArn": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:training-plan/spring",
        "TrainingPlanName": "spring",
        "Status": "Active",
        "DurationHours": 99,
        "DurationMinutes": 60,
        "StartTime": "2022-05-01T11:30:00Z",
        "EndTime": "2022-05-05T15:30:00Z",
        "UpfrontFee": "12000.00",
        "CurrencyCode": "USD",
        "TotalInstanceCount": 5,
        "ReservedCapacitySummaries": [
            {"InstanceType": "ml.p4d.24xlarge", "TotalInstanceCount": count} for count in (2, 3)
        ],
    }
    foreign = plan | {"TrainingPlanArn": plan["TrainingPlanArn"] + "-eur", "CurrencyCode": "EUR"}
    answer = {"TrainingPlanSummaries": [plan, foreign, plan | {"UpfrontFee": "free"}]}
    found = ingest(store, uploaded("plans.json", json.dumps(answer).encode()))
    assert (found.accepted_count, found.rejected_count) == (2, 1)
    plans = ask(store, "training_plans").set_index("training_plan_arn")
    assert plans["plan_usd_per_h"].to_dict() == {
        plan["TrainingPlanArn"]: 24,  # 12,000 USD over 5 x 100 h
        foreign["TrainingPlanArn"]: pytest.approx(math.nan, nan_ok=True),
    }
    rows = views(store)
    assert rows["paid_usd_per_h"]["one", "training_plan"] == 24
    assert "the upfront fee of spring" in rows["price_view_note"]["one", "training_plan"]
    assert math.isnan(rows["paid_usd_per_h"]["p3", "training_plan"])
