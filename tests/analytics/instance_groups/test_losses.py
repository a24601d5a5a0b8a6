"""What a heterogeneous cluster loses is priced from the same jobs, and counts in the advice."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.catalog import query_named
from analytics.instance_groups.advice_rows import advices
from analytics.instance_groups.losses import Losses
from analytics.instance_groups.recommendations import recommendations
from analytics.query import Filters
from analytics.recommendation import Recommendation
from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.reader import Reader
from data.store.store import Store
from tests.conftest import ask, describe_job, lines
from tests.runs import HETERO, P4D

HAD = Losses(
    job_count=10, list_cost_usd=1000, span_h=365, hit_count=8, wait_saved_h=2, billed_saved_usd=60,
    retained_usd=20, spot_job_count=0, spot_saved_usd=0, value_of_waiting_usd_per_h=0,
    is_lost_already=False,
)  # fmt: skip
PRICE, COST = np.array([1.25]), np.array([0.5])


@pytest.mark.parametrize(
    ("change", "lost_usd"),
    [
        # startup is billed at the candidate's price; idle time is not paid any more
        ({}, 60 * 1.25 - 20),
        ({"value_of_waiting_usd_per_h": 30.0}, 60 * 1.25 - 20 + 30 * 2),
        # keep-alive that costs more than it saves can be turned off on any cluster
        ({"retained_usd": 500.0}, 0),
        # of jobs that cost half as much, spot would save half as much
        ({"spot_saved_usd": 400.0}, 60 * 1.25 - 20 + 400 * 0.5),
        ({"is_lost_already": True, "spot_saved_usd": 400.0}, 0),
    ],
)
def test_the_loss_is_what_warm_pools_and_spot_were_worth(
    change: dict[str, Any], lost_usd: float
) -> None:
    losses = replace(HAD, **change)
    assert losses.usd(PRICE, COST) == pytest.approx([lost_usd])
    assert losses.part_of_cost(PRICE, COST) == pytest.approx([lost_usd / 1000])
    assert losses.months == 2


def test_what_is_not_known_is_no_loss_of_zero() -> None:
    assert np.isnan(replace(HAD, list_cost_usd=float("nan")).part_of_cost(PRICE, COST)).all()
    unknown = replace(HAD, billed_saved_usd=float("nan"))
    assert np.isnan(unknown.usd(PRICE, COST)).all()
    assert "an unknown number of USD of billed startup" in unknown.text


amounts = st.floats(0, 1e6)


@given(amounts, amounts, amounts, amounts, amounts, st.floats(0.1, 10), st.floats(0.01, 10))
def test_nothing_is_gained_by_losing_and_more_is_lost_where_more_was_had(
    billed: float,
    retained: float,
    wait_h: float,
    spot: float,
    more: float,
    price: float,
    cost: float,
) -> None:
    losses = replace(HAD, billed_saved_usd=billed, retained_usd=retained, wait_saved_h=wait_h,
                     spot_saved_usd=spot, value_of_waiting_usd_per_h=1.0)  # fmt: skip
    ratios = np.array([price]), np.array([cost])
    lost = losses.usd(*ratios)[0]
    assert lost >= 0
    assert replace(losses, billed_saved_usd=billed + more).usd(*ratios)[0] >= lost
    assert replace(losses, spot_saved_usd=spot + more).usd(*ratios)[0] >= lost
    assert replace(losses, retained_usd=retained + more).usd(*ratios)[0] <= lost


def job(name: str, created: float, **fields: Any) -> dict[str, Any]:
    return describe_job(
        name,
        created=created,
        Tags=[{"Key": "workload", "Value": "tf"}],
        FinalMetricDataList=[{"MetricName": "step_time_ms", "Value": 192}],
        **{
            "ResourceConfig": {"InstanceType": "ml.p4d.24xlarge", "KeepAlivePeriodInSeconds": 3600},
            **fields,
        },
    )


def take(store: Store, *jobs: dict[str, Any]) -> None:
    ingest(store, uploaded("jobs.jsonl", lines(*jobs)))
    samples = "host_name,metric_name,sampled_at,metric_value,period_s\n" + "".join(
        f"{one['TrainingJobName']}/algo-1,{metric},{moment},{value},690\n"
        for one, moment in zip(jobs, ("2026-03-02T08:00Z", "2026-03-02T08:12:30Z"), strict=False)
        for metric, value in (("CPUUtilization", 9600), ("GPUUtilization", 360))
    )
    ingest(store, uploaded("samples.csv", samples.encode()))


def rows_and_advice(store: Store, **options: str) -> tuple[pd.DataFrame, Recommendation]:
    query = query_named("instance_group_advice")
    (one,) = recommendations(advices(Reader(store), Filters(), query.values(options)))
    return ask(store, query.name, **options).set_index("candidate"), one


def test_warm_starts_of_the_same_jobs_count_at_the_cost_of_delay(store: Store) -> None:
    reused = {"Status": "Reused", "ReusedByJob": "b", "ResourceRetainedBillableTimeInSeconds": 60}
    take(store, job("a", 0, WarmPoolStatus=reused), job("b", 750))
    rows, one = rows_and_advice(store, value_of_waiting_usd_per_h="0")
    before = rows.loc[HETERO]
    # nothing billed was saved, and 60 s of idle time were paid: that is no loss
    assert (before.lost_usd_per_month, one.verdict) == (0, "heterogeneous")
    # until the user says, 60 USD an hour are assumed, and said so
    assumed, given = (rows_and_advice(store, **value)[0].loc[HETERO]
                      for value in ({}, {"value_of_waiting_usd_per_h": "60"}))  # fmt: skip
    assert assumed.lost_usd_per_month == given.lost_usd_per_month > 0
    assert "assumed to cost 60 USD" in assumed.loses
    assert "assumed" not in given.loses
    jobs = ask(store, "jobs")
    saved_h = ask(store, "saved_sources")["wait_saved_mean_s"].iloc[0] / 3600
    a_month = 730 / 24  # their time span is less than a day
    assert before.lost_wait_h_per_month == pytest.approx(saved_h * a_month)

    rows, one = rows_and_advice(store, value_of_waiting_usd_per_h="1000")
    row = rows.loc[HETERO]
    lost_usd = (1000 * saved_h - jobs["retained_cost_usd"].sum()) * a_month
    assert row.lost_usd_per_month == pytest.approx(lost_usd)
    assert row.list_cost_per_100_steps_usd == before.list_cost_per_100_steps_usd
    spent = jobs["list_cost_usd"].sum() * a_month
    assert row.net_cost_reduction_ratio == pytest.approx(
        row.cost_reduction_ratio - lost_usd / spent
    )
    assert rows.loc[P4D, "lost_usd_per_month"] == 0
    # a cluster that loses more than it saves is not advised
    _, one = rows_and_advice(store, value_of_waiting_usd_per_h="100000")
    assert (one.verdict, one.is_change) == ("keep", False)
    assert "after the warm pools and managed spot that it cannot use" in one.rationale


def test_seconds_that_spot_was_not_billed_are_lost(store: Store) -> None:
    times = {"TrainingTimeInSeconds": 1000, "BillableTimeInSeconds": 400}
    take(store, job("a", 0, EnableManagedSpotTraining=True, **times,
                    ResourceConfig={"InstanceType": "ml.p4d.24xlarge"}))  # fmt: skip
    rows, one = rows_and_advice(store)
    row = rows.loc[HETERO]
    assert row.loses.endswith("USD)")
    cost_ratio = 1 - row.cost_reduction_ratio
    # 1,000 s at the ratio of costs, instead of 400 s
    assert row.net_cost_reduction_ratio == pytest.approx(1 - cost_ratio * 1000 / 400)
    assert one.verdict == "keep"
    assert json.loads(rows["setting"].dropna().iloc[0])
