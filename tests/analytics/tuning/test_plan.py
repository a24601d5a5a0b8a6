"""Plans of tuning loops: the published figures, costs by hand, and what is unknown."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.store import Store
from tests.conftest import ask
from tests.golden.published import exact


def plan(store: Store, **options: Any) -> pd.Series:
    return ask(store, "tuning_plan", **options).iloc[0]


# 120 rounds of 3 min startup and 2 min training, as published
PUBLISHED = {"parallel": 4, "rounds": 120, "folds": 5, "startup_cold_s": 180, "run_s": 120}


def test_the_published_plan_has_2880_jobs_and_takes_10_hours_cold(store: Store) -> None:
    row = plan(store, **PUBLISHED, startup_warm_s=0)
    assert row.job_count == exact("tuning-jobs")
    assert row.makespan_cold_h == pytest.approx(exact("tuning-cold"))
    assert row.makespan_warm_h == pytest.approx(exact("tuning-warm"))
    assert row.makespan_reduction_ratio == pytest.approx(exact("tuning-saving"))


@pytest.mark.parametrize(
    ("startup_warm_s", "minutes", "reduction"),
    [(0, 243, 0.595), (20, 282.7, 0.529), (70, 381.8, 0.364)],  # aws-semantics H, seed 001
)
def test_warm_startup_decides_how_much_warm_pools_save(
    store: Store, startup_warm_s: int, minutes: float, reduction: float
) -> None:
    row = plan(store, **PUBLISHED, startup_warm_s=startup_warm_s)
    assert row.makespan_warm_h * 60 == pytest.approx(minutes, abs=0.05)
    assert row.makespan_reduction_ratio == pytest.approx(reduction, abs=5e-4)


def test_clusters_are_those_of_the_jobs_and_those_of_the_tuners(store: Store) -> None:
    row = plan(store, **PUBLISHED, instance_count=2)
    assert row.clusters_needed == 4 * 5 + 4
    assert row.instances_needed_count == 2 * 4 * 5 + 4
    assert row.warm_instances_needed_count == 2 * 4 * 5


def test_tuners_are_billed_while_their_jobs_run(store: Store) -> None:
    ingest(
        store,
        uploaded(
            "prices.csv",
            b"instance_type,region,list_unit_price_usd_per_h,effective_from\n"
            b"ml.g5.2xlarge,us-east-1,3.6,2020-01-01\nml.m5.large,us-east-1,0.36,2020-01-01\n",
        ),
    )
    row = plan(
        store,
        parallel=2, rounds=3, folds=4, startup_cold_s=100, startup_warm_s=10, run_s=50,
        unbilled_startup_s=40, idle_s=5, keep_alive_period_s=60, profiler_s=20,
        instance_type="ml.g5.2xlarge", instance_count=2, tuner_instance_type="ml.m5.large",
    )  # fmt: skip
    children, usd_per_s, tuner_usd_per_s = 2 * 4, 2 * 3.6 / 3600, 0.36 / 3600
    assert row.list_cost_cold_usd == pytest.approx(
        children * 3 * (60 + 50) * usd_per_s + 2 * 3 * 150 * tuner_usd_per_s
    )
    warm_s = 150 + 2 * (5 + 10 + 50)
    assert row.makespan_warm_h == pytest.approx(warm_s / 3600)
    assert row.list_cost_warm_usd == pytest.approx(
        children * (60 + 50 + 2 * (5 + 10 + 50) + 60) * usd_per_s + 2 * warm_s * tuner_usd_per_s
    )
    assert row.profiler_added_h == pytest.approx(3 * 20 / 3600)
    assert row.profiler_added_usd == pytest.approx(
        3 * 20 * (children * usd_per_s + 2 * tuner_usd_per_s)
    )


def test_the_delay_between_calls_keeps_all_tuners_together_below_the_limit(store: Store) -> None:
    row = plan(store, **PUBLISHED, api_limit_per_s=2, poll_s=10)
    assert row.round_call_count == 20
    assert row.call_delay_s == 2  # four tuners, each a call every 2 s
    assert row.fan_out_h == pytest.approx(120 * 4 * 2 / 3600)
    assert row.poll_rate_per_s == 2
    assert plan(store, **PUBLISHED).api_limit_per_s == 2  # aws_limits


def test_without_a_type_or_a_price_the_cost_is_unknown(store: Store) -> None:
    for instance_type in ("", "ml.trn2.48xlarge"):
        row = plan(store, **PUBLISHED, instance_type=instance_type)
        assert pd.isna(row.list_cost_cold_usd)
        assert pd.isna(row.list_cost_warm_usd)
        assert row.makespan_cold_h == 10


def test_a_plan_without_rounds_takes_no_time_and_saves_nothing_that_is_known(store: Store) -> None:
    row = plan(store, rounds=0, instance_type="ml.g5.2xlarge")
    assert (row.makespan_cold_h, row.makespan_warm_h, row.job_count) == (0, 0, 0)
    assert pd.isna(row.makespan_reduction_ratio)
    assert row.list_cost_warm_usd == 0


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rounds=st.integers(1, 500), cold_s=st.floats(0, 1000), warm_s=st.floats(0, 1000),
    run_s=st.floats(1, 1000),
)  # fmt: skip
def test_the_saving_is_the_closed_form_and_below_its_limit(
    store: Store, rounds: int, cold_s: float, warm_s: float, run_s: float
) -> None:
    row = plan(store, rounds=rounds, startup_cold_s=cold_s, startup_warm_s=warm_s, run_s=run_s)
    whole_s = rounds * (cold_s + run_s)
    # aws-semantics F
    expected = 1 - ((cold_s + run_s) + (rounds - 1) * (warm_s + run_s)) / whole_s
    assert row.makespan_reduction_ratio == pytest.approx(expected, abs=1e-9)
    assert row.makespan_reduction_ratio <= (cold_s - warm_s) / (cold_s + run_s) + 1e-9 or (
        warm_s > cold_s
    )
