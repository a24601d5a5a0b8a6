"""Comparing configurations: means, intervals, the frontier, and what is unknown or only noise."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.price_performance.compare import compare
from analytics.query import Filters
from analytics.stats.frontier import is_on_frontier
from data.errors import WrongUseError
from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.store import Store
from tests.conftest import ask, describe_job
from tests.runs import HETERO, P4D, PYTORCH, TENSORFLOW, run, take_runs

Take = Callable[..., Any]


def rows_of(store: Store, **options: str) -> pd.DataFrame:
    return ask(store, "price_performance", **options).set_index("configuration")


def test_a_mean_is_weighted_by_steps_and_the_median_is_of_the_rows(store: Store) -> None:
    take_runs(
        store,
        run("a", P4D, 100, step_count=900),
        run("a", P4D, 200, step_count=50),
        run("a", P4D, 400, step_count=50),
    )
    row = rows_of(store).loc["a"]
    assert row.step_time_ms == pytest.approx(0.9 * 100 + 0.05 * 200 + 0.05 * 400)
    assert (row.step_time_median_ms, row.step_count, row.sample_count) == (200, 1000, 3)


def test_the_cost_of_100_steps_is_their_time_at_the_price_of_the_cluster(store: Store) -> None:
    ingest(
        store,
        uploaded(
            "prices.csv",
            b"instance_type,region,list_unit_price_usd_per_h,effective_from\n"
            b"ml.p4d.24xlarge,us-east-1,36,2020-01-01\nml.c5.18xlarge,us-east-1,9,2020-01-01\n",
        ),
    )
    take_runs(store, run("a", HETERO, 1000, samples_per_step=50))
    row = rows_of(store, steps_per_epoch="2000").loc["a"]
    assert row.list_unit_price_usd_per_h == 54  # own prices, of two groups
    assert row.list_cost_per_100_steps_usd == pytest.approx(54 * 100 / 3600)
    assert row.list_cost_per_epoch_usd == pytest.approx(54 * 2000 / 3600)
    assert row.list_cost_per_million_samples_usd == pytest.approx(54 * 20_000 / 3600)


def test_the_baseline_is_the_first_with_fewest_groups_or_the_one_that_is_set(
    store: Store,
) -> None:
    take_runs(store, *reversed(TENSORFLOW))
    assert list(rows_of(store).query("is_baseline").index) == ["homogeneous"]
    rows = rows_of(store, baseline="heterogeneous")
    assert list(rows.query("is_baseline").index) == ["heterogeneous"]
    assert rows.loc["homogeneous", "speedup_ratio"] == pytest.approx(86 / 192)
    assert rows.loc["heterogeneous", "cost_reduction_ratio"] == 0


def test_a_baseline_that_does_not_exist_is_refused_with_those_that_do(store: Store) -> None:
    take_runs(store, *TENSORFLOW)
    with pytest.raises(WrongUseError, match="no configuration 'p5'") as caught:
        rows_of(store, baseline="p5")
    assert "homogeneous" in (caught.value.next_action or "")


def test_a_workload_without_the_baseline_is_shown_but_not_compared(store: Store) -> None:
    take_runs(store, *TENSORFLOW, run("alone", P4D, 50, workload="other"))
    row = rows_of(store, baseline="homogeneous").loc["alone"]
    assert row.step_time_ms == 50
    assert math.isnan(row.cost_reduction_ratio)
    assert row.comparison is None


def test_steps_of_two_sizes_are_compared_by_their_samples(store: Store) -> None:
    take_runs(
        store,
        run("a", P4D, 100, samples_per_step=32),
        run("b", P4D, 150, samples_per_step=64),
    )
    row = rows_of(store).loc["b"]
    assert row.speedup_ratio == pytest.approx(2 * 100 / 150)
    assert row.cost_reduction_ratio == pytest.approx(1 - 150 / 200)


def test_an_unknown_price_gives_no_cost_and_no_place_on_the_frontier(store: Store) -> None:
    take_runs(store, run("a", P4D, 100), run("b", "ml.trn2.48xlarge x1", 1))
    rows = rows_of(store)
    b = rows.loc["b"]
    assert b.speedup_ratio == 100
    assert math.isnan(b.list_cost_per_100_steps_usd)
    assert math.isnan(b.cost_reduction_ratio)
    assert b.is_on_frontier is pd.NA
    assert b.comparison == "unknown_cost"
    assert rows.loc["a", "is_on_frontier"]


def test_measured_once_there_is_no_interval_and_no_winner(store: Store) -> None:
    take_runs(store, *TENSORFLOW)
    row = rows_of(store).loc["heterogeneous"]
    assert math.isnan(row.cost_reduction_low_ratio)
    assert row.comparison == "no_interval"


@pytest.mark.parametrize(
    ("samples", "verdict"),
    [
        ((99, 100, 101), "within_noise"),
        ((49, 50, 51), "cheaper"),
        ((199, 200, 201), "dearer"),
        ((20, 100, 160), "within_noise"),
    ],
)
def test_there_is_no_winner_inside_the_noise(
    store: Store, samples: tuple[int, ...], verdict: str
) -> None:
    take_runs(
        store,
        *(run("a", P4D, value) for value in (98, 100, 102)),
        *(run("b", P4D, value) for value in samples),
    )
    assert rows_of(store).loc["b", "comparison"] == verdict


def test_runs_that_can_be_told_apart_count_as_one_each(store: Store) -> None:
    # within a run all samples are equal, so that only the spread of the runs is left
    for first, at in ((100, "2026-01-01T00:00:00Z"), (110, "2026-01-02T00:00:00Z")):
        take_runs(
            store, *(run("a", P4D, first, ran_at=at) for _ in range(50)), name=f"{first}.jsonl"
        )
    row = rows_of(store).loc["a"]
    assert (row.run_count, row.sample_count) == (2, 100)
    # mean 105, standard error 5, one degree of freedom: t = 6.3138
    assert row.step_time_high_ms - row.step_time_ms == pytest.approx(6.3138 * 5, rel=1e-4)


@pytest.mark.thorough
def test_the_interval_of_the_cost_reduction_holds_the_truth_nine_times_in_ten() -> None:
    rng, count, hits = np.random.default_rng(7), 2000, 0
    for _ in range(count):
        base, other = rng.normal(100, 10, 8), rng.normal(80, 4, 5)
        rows = pd.DataFrame(
            {
                "configuration": ["a", "b"],
                "list_unit_price_usd_per_h": [10.0, 11.0],
                "paid_usd_per_h": [10.0, 11.0],
                "step_time_ms": [base.mean(), other.mean()],
                "standard_error_ms": [base.std(ddof=1) / 8**0.5, other.std(ddof=1) / 5**0.5],
                "unit_count": [8, 5],
                "samples_per_step": [np.nan, np.nan],
            }
        )
        b = compare(rows).iloc[1]
        hits += b.cost_reduction_low_ratio <= 1 - 1.1 * 0.8 <= b.cost_reduction_high_ratio
    assert hits / count == pytest.approx(0.9, abs=0.02)


@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6) | st.none()), min_size=1, max_size=8)
)
def test_the_frontier_is_what_no_other_point_beats(points: list[tuple[int, int | None]]) -> None:
    time = np.array([point[0] for point in points], dtype=float)
    cost = np.array([np.nan if point[1] is None else point[1] for point in points], dtype=float)

    def is_beaten(one: tuple[int, int]) -> bool:
        return any(
            other[1] is not None
            and other[0] <= one[0]
            and other[1] <= one[1]
            and (other[0] < one[0] or other[1] < one[1])
            for other in points
        )

    expected = [
        None if point[1] is None else not is_beaten((point[0], point[1])) for point in points
    ]
    assert [None if on is pd.NA else on for on in is_on_frontier(time, cost)] == expected


def test_a_job_that_names_its_workload_is_a_run(store: Store, take: Take) -> None:
    take(
        describe_job(
            "j",
            ResourceConfig={"InstanceType": "ml.p4d.24xlarge"},
            Tags=[{"Key": "workload", "Value": "tf"}, {"Key": "Configuration", "Value": "job"}],
            FinalMetricDataList=[
                {"MetricName": "seconds_per_step", "Value": 0.25, "Timestamp": 1709885155},
                {"MetricName": "step_time", "Value": 3, "Timestamp": 1709885155},  # of no unit
            ],
        ),
        describe_job("without", FinalMetricDataList=[{"MetricName": "step_time_ms", "Value": 7}]),
    )
    ingest(
        store,
        uploaded(
            "samples.csv",
            b"host_name,metric_name,sampled_at,metric_value,job_name\n"
            b"j,step_time_ms,2026-03-02T08:05:00Z,350,j\n",
        ),
    )
    rows = rows_of(store)
    assert list(rows.index) == ["job"]
    assert rows.loc["job", "step_time_ms"] == (250 + 350) / 2
    assert rows.loc["job", "cluster_label"] == P4D


def test_filters_choose_workloads_and_the_time_of_the_run(store: Store) -> None:
    take_runs(store, *TENSORFLOW, *PYTORCH)
    rows = ask(store, "price_performance", Filters(where=(("workload", "pt"),)))
    assert set(rows["workload"]) == {"pt"}


def test_without_runs_there_is_no_row(store: Store) -> None:
    assert len(ask(store, "price_performance")) == 0
