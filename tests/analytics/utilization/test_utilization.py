"""Utilization and GPU waste in cases that can be checked by hand."""

from typing import Any

import pandas as pd
import pytest

from analytics.query import Filters
from analytics.utilization.host_hours import load_host_hours, use_host_hours
from analytics.utilization.queries import IDLE_BELOW_RATIO
from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.reader import Reader
from data.store.store import Store
from tests.analytics.utilization.records import (
    Job,
    Sample,
    minutes,
    take_jobs,
    take_samples,
)
from tests.conftest import ask, describe_job, lines

HOUR_S = 3600


def row(store: Store, name: str, filters: Filters | None = None, **given: Any) -> Any:
    return ask(store, name, filters, **given).iloc[0]


def test_two_types_are_weighted_by_their_gpus(store: Store) -> None:
    # 4 GPUs at 100 % and 1 at 0 %: 4 of 5 GPU-hours used, not the mean of the hosts (50 %)
    take_jobs(store, Job("a", 0, HOUR_S), Job("b", 0, HOUR_S, "ml.g5.2xlarge"))
    take_samples(store, *minutes("a", 1, [400] * 60), *minutes("b", 1, [0] * 60))
    found = row(store, "gpu_waste")
    assert found.gpu_utilization_ratio == pytest.approx(0.8)
    assert (found.allocated_gpu_h, found.measured_gpu_h) == pytest.approx((5, 5))
    assert found.idle_gpu_h == pytest.approx(1)
    assert row(store, "utilization").gpu_utilization_ratio == pytest.approx(0.8)


def test_a_sample_of_five_minutes_weighs_five_of_a_minute(store: Store) -> None:
    take_jobs(store, Job("a", 0, 600, "ml.g5.2xlarge"))
    take_samples(
        store, *minutes("a", 1, [100] * 5), Sample("a", 1, 300, 20, period_s=300)
    )  # fmt: skip
    found = row(store, "utilization")
    assert found.gpu_utilization_ratio == pytest.approx(0.6)
    assert found.coverage_ratio == 1


def test_what_has_no_sample_is_missing_and_not_idle(store: Store) -> None:
    take_jobs(store, Job("a", 0, HOUR_S, instance_count=2))
    take_samples(store, *minutes("a", 1, [200] * 30))
    found = row(store, "gpu_waste")
    assert found.coverage_ratio == pytest.approx(0.25)
    assert found.gpu_utilization_ratio == pytest.approx(0.5)
    assert found.idle_gpu_h == 0
    used = row(store, "utilization")
    assert (used.host_h, used.allocated_host_h) == pytest.approx((0.5, 2))
    assert pd.isna(used.cpu_utilization_ratio)


def test_without_samples_everything_but_what_was_held_is_unknown(store: Store) -> None:
    take_jobs(store, Job("a", 0, HOUR_S))
    found = row(store, "gpu_waste")
    assert (found.allocated_gpu_h, found.measured_gpu_h, found.coverage_ratio) == (4, 0, 0)
    for name in ("gpu_utilization_ratio", "idle_gpu_h", "idle_cost_usd"):
        assert pd.isna(found[name])


def test_the_threshold_is_strict_and_can_be_set(store: Store) -> None:
    take_jobs(store, Job("a", 0, 180, "ml.g5.2xlarge"))
    take_samples(store, *minutes("a", 1, [4.99, 5, 10]))
    assert row(store, "gpu_waste").idle_gpu_h * 60 == pytest.approx(1)
    assert row(store, "gpu_waste", idle_below_ratio=0.1).idle_gpu_h * 60 == pytest.approx(2)
    assert row(store, "gpu_waste", idle_below_ratio=1).idle_gpu_h * 60 == pytest.approx(3)
    assert row(store, "gpu_waste", idle_below_ratio=0).idle_gpu_h == 0


def test_idle_hours_cost_what_their_gpus_cost_at_list(store: Store) -> None:
    price = b"instance_type,region,list_unit_price_usd_per_h,effective_from\n"
    ingest(store, uploaded("prices.csv", price + b"ml.g5.12xlarge,us-east-1,8,2020-01-01\n"))
    take_jobs(store, Job("a", 0, HOUR_S, instance_count=2))
    take_samples(store, *minutes("a", 1, [0] * 60), *minutes("a", 2, [400] * 60))
    found = row(store, "gpu_waste")
    assert found.idle_gpu_h == pytest.approx(4)
    assert found.idle_cost_usd == pytest.approx(8)  # one instance for one hour
    assert (found.estimated_usd, found.unknown_price_job_count) == (0, 0)


def test_an_unknown_price_is_no_cost_of_zero(store: Store) -> None:
    job = Job("a", 0, HOUR_S, "ml.g5.2xlarge")
    take_jobs(store, job)
    take_samples(store, *minutes("a", 1, [0] * 60))
    assert row(store, "gpu_waste").unknown_price_job_count == 0
    store.home.settings.write_text("use_estimated_prices = false\n")
    with store.transaction() as cursor:
        cursor.execute("delete from prices")
        cursor.execute("update job_facts set usd_per_h = null")
        store.publish(cursor)
    found = row(store, "gpu_waste")
    assert found.idle_gpu_h == pytest.approx(1)
    assert pd.isna(found.idle_cost_usd)
    assert found.unknown_price_job_count == 1


def test_a_value_above_the_hosts_maximum_is_left_out_and_counted(store: Store) -> None:
    take_jobs(store, Job("a", 0, 120, "ml.g5.2xlarge"))
    take_samples(store, *minutes("a", 1, [50, 101]), *minutes("a", 1, [801, 800], metric="CPU"))
    used = row(store, "utilization")
    assert used.gpu_utilization_ratio == pytest.approx(0.5)
    assert used.cpu_utilization_ratio == 1  # 8 vCPUs
    assert (used.out_of_range_sample_count, used.sample_count) == (2, 2)
    assert row(store, "gpu_waste").out_of_range_sample_count == 1


def test_other_statistics_and_other_metrics_do_not_count(store: Store) -> None:
    take_jobs(store, Job("a", 0, 60, "ml.g5.2xlarge"))
    take_samples(
        store,
        Sample("a", 1, 0, 90, statistic="Maximum"),
        Sample("a", 1, 0, 7, metric="train:loss"),
        Sample("a", 1, 0, 30, statistic="average"),
    )
    used = row(store, "utilization")
    assert (used.sample_count, used.gpu_utilization_ratio) == (1, pytest.approx(0.3))


def test_a_type_that_is_not_known_has_no_ratio_and_stands_apart(store: Store) -> None:
    take_jobs(store, Job("a", 0, HOUR_S, "a100-node"))
    take_samples(
        store, *minutes("a", 1, [900] * 60, metric="CPU"), *minutes("a", 1, [40] * 60),
        *minutes("a", 1, [25] * 60, metric="Memory"),
    )  # fmt: skip
    used = row(store, "utilization")
    assert pd.isna(used.cpu_utilization_ratio)
    assert pd.isna(used.gpu_utilization_ratio)
    assert used.memory_utilization_ratio == pytest.approx(0.25)  # it needs no count of devices
    assert used.unknown_host_h == pytest.approx(1)
    assert row(store, "gpu_waste").unknown_gpu_job_count == 1


def test_trainium_has_no_gpus_that_could_be_idle(store: Store) -> None:
    take_jobs(store, Job("a", 0, HOUR_S, "ml.trn1.32xlarge"))
    take_samples(store, *minutes("a", 1, [6400] * 60, metric="CPU"))
    assert row(store, "gpu_waste").allocated_gpu_h == 0
    used = row(store, "utilization")
    assert used.cpu_utilization_ratio == pytest.approx(0.5)  # 128 vCPUs
    assert pd.isna(used.gpu_utilization_ratio)


def test_time_outside_of_the_run_does_not_count(store: Store) -> None:
    take_jobs(store, Job("a", 30, 90, "ml.g5.2xlarge"))
    take_samples(store, *minutes("a", 1, [100, 0, 0, 0], first_s=-60))
    found = row(store, "gpu_waste")
    assert found.coverage_ratio == 1
    assert found.measured_gpu_h * HOUR_S == pytest.approx(60)
    assert found.gpu_utilization_ratio == 0


def test_hours_hold_what_was_held_in_them(store: Store) -> None:
    take_jobs(store, Job("a", 1800, 3 * HOUR_S, "ml.g5.2xlarge"))
    take_samples(store, *minutes("a", 1, [100] * 60, first_s=HOUR_S))
    hours = ask(store, "gpu_waste", by="hour").set_index("group_value")
    assert hours["allocated_gpu_h"].tolist() == pytest.approx([0.5, 1, 1])
    assert hours["measured_gpu_h"].tolist() == pytest.approx([0, 1, 0])
    assert hours.index[0] == "2026-03-02T08:00:00Z"
    days = ask(store, "gpu_waste", by="day").set_index("group_value")
    assert days.loc["2026-03-02", "allocated_gpu_h"] == pytest.approx(2.5)


def test_more_hosts_than_instances_do_not_raise_coverage(store: Store) -> None:
    take_jobs(store, Job("a", 0, HOUR_S, "ml.g5.2xlarge"))
    for host in (1, 2):
        take_samples(store, *minutes("a", host, [50] * 60), name=f"{host}.csv")
    used = row(store, "utilization")
    assert (used.coverage_ratio, used.host_h) == (1, pytest.approx(1))
    assert used.unknown_host_h == pytest.approx(1)


def test_samples_without_a_period_stand_for_their_distance(store: Store) -> None:
    take_jobs(store, Job("a", 0, HOUR_S, "ml.g5.2xlarge"))
    take_samples(
        store, *(Sample("a", 1, 300 * place, 50, period_s=None) for place in range(12))
    )  # fmt: skip
    assert row(store, "utilization").coverage_ratio == pytest.approx(1)


def test_a_sample_that_fits_jobs_of_two_accounts_counts_for_none(store: Store) -> None:
    first = describe_job("a", run=600)
    ingest(
        store, uploaded("jobs.jsonl", lines(first, describe_job("a", run=600, account="2" * 12)))
    )
    take_samples(store, *minutes("a", 1, [50] * 10))
    assert row(store, "utilization").sample_count == 0


def test_the_finest_period_wins_where_several_are_imported(store: Store) -> None:
    take_jobs(store, Job("a", 0, 600, "ml.g5.2xlarge"))
    take_samples(store, Sample("a", 1, 0, 10, period_s=300), Sample("a", 1, 300, 10, period_s=300))
    take_samples(store, *minutes("a", 1, [90] * 5), name="minutes.csv")
    used = row(store, "utilization")
    assert used.gpu_utilization_ratio == pytest.approx(0.5)
    assert used.coverage_ratio == 1
    assert used.sample_count == 6


def test_the_distribution_weighs_jobs_by_their_gpu_hours(store: Store) -> None:
    take_jobs(store, Job("a", 0, HOUR_S), Job("b", 0, 2 * HOUR_S, "ml.g5.2xlarge"))
    take_samples(store, *minutes("a", 1, [400] * 60), *minutes("b", 1, [4] * 120))
    steps = ask(store, "gpu_utilization_distribution")
    assert len(steps) == 20
    by_step = steps.set_index("utilization_from_ratio")
    assert by_step.loc[0.95, ["job_count", "measured_gpu_h"]].tolist() == pytest.approx([1, 4])
    assert by_step.loc[0.0, ["job_count", "measured_gpu_h"]].tolist() == pytest.approx([1, 2])
    assert steps["measured_gpu_h"].sum() == pytest.approx(6)


def test_a_job_idle_for_over_an_hour_is_named_with_its_user(store: Store) -> None:
    take_jobs(store, Job("long", 0, 2 * HOUR_S, user="ada"), Job("short", 0, HOUR_S, user="bob"))
    take_samples(store, *minutes("long", 1, [0] * 61 + [400] * 59), *minutes("short", 1, [0] * 60))
    named = ask(store, "idle_gpu_jobs")
    assert named["job_name"].tolist() == ["long"]
    job = named.iloc[0]
    assert (job.user_name, job.measured_by) == ("ada", "samples")
    assert job.idle_h == pytest.approx(61 / 60)
    assert job.idle_gpu_h == pytest.approx(4 * 61 / 60)
    assert len(ask(store, "idle_gpu_jobs", longer_than_h=0.5)) == 2


def test_a_jobs_own_series_is_every_sample_as_a_ratio(store: Store) -> None:
    take_jobs(store, Job("a", 0, 180, instance_count=2), Job("b", 0, 180))
    take_samples(store, *minutes("a", 1, [100, 200, 300]), *minutes("a", 2, [400]),
                 *minutes("b", 1, [400]))  # fmt: skip
    only = Filters(where=(("job_name", "a"),))
    series = ask(store, "job_samples", only)
    assert series["utilization_ratio"].tolist() == pytest.approx([0.25, 0.5, 0.75, 1])
    assert series["step_s"].tolist() == [60] * 4
    assert series["host_name"].unique().tolist() == ["a/algo-1", "a/algo-2"]
    steps = ask(store, "job_samples", only, most_points=4)
    assert steps["step_s"].tolist() == [300, 300]
    assert steps["utilization_ratio"].tolist() == pytest.approx([0.5, 1])
    hosts = ask(store, "job_hosts", only)
    assert hosts["gpu_utilization_ratio"].tolist() == pytest.approx([0.5, 1])


EXPORT = """job_name,created_at,training_started_at,training_ended_at,status,instance_count,\
accelerator_count,gpu_utilization_ratio,user_name,queue_name
x,2026-03-02T08:00:00Z,2026-03-02T08:00:00Z,2026-03-02T10:00:00Z,Completed,1,2,0.5,ada,q
y,2026-03-02T08:00:00Z,2026-03-02T08:30:00Z,2026-03-02T10:30:00Z,Completed,2,6,0.04,bob,q
z,2026-03-02T08:00:00Z,2026-03-02T08:00:00Z,2026-03-02T09:00:00Z,Completed,1,4,,eve,q
"""


def test_the_mean_of_an_export_counts_for_its_whole_run(store: Store) -> None:
    ingest(store, uploaded("export.csv", EXPORT.encode()), kind="jobs")
    found = row(store, "gpu_waste")
    assert found.allocated_gpu_h == pytest.approx(2 * 2 + 6 * 2 + 4)
    assert found.measured_gpu_h == pytest.approx(16)
    assert found.gpu_utilization_ratio == pytest.approx((0.5 * 4 + 0.04 * 12) / 16)
    assert found.idle_gpu_h == pytest.approx(12)
    assert (found.export_job_count, found.unknown_price_job_count) == (2, 1)
    used = row(store, "utilization")
    assert used.coverage_ratio == pytest.approx((2 + 4) / (2 + 4 + 1))
    by_hour = ask(store, "gpu_waste", by="hour")
    assert by_hour["measured_gpu_h"].tolist() == pytest.approx([2 + 3, 2 + 6, 3])
    named = ask(store, "idle_gpu_jobs").iloc[0]
    assert (named.job_name, named.measured_by, named.idle_h) == ("y", "export", pytest.approx(2))


def test_samples_take_the_place_of_an_exports_mean(store: Store) -> None:
    ingest(store, uploaded("export.csv", EXPORT.encode()), kind="jobs")
    take_samples(store, *minutes("x", 1, [200] * 60))
    found = ask(store, "gpu_waste", by="job_name").set_index("group_value").loc["x"]
    assert found.gpu_utilization_ratio == 1
    assert found.measured_gpu_h == pytest.approx(2)
    assert found.export_job_count == 0


QUESTIONS = (
    ("utilization", {"by": "hour"}),
    ("utilization", {"by": "instance_type"}),
    ("gpu_waste", {"by": "user_name"}),
    ("gpu_utilization_distribution", {}),
    ("idle_gpu_jobs", {}),
    ("job_hosts", {}),
)


@pytest.mark.parametrize("has_samples", [True, False])
def test_answers_from_remembered_hours_are_the_same(store: Store, has_samples: bool) -> None:
    ingest(store, uploaded("export.csv", EXPORT.encode()), kind="jobs")
    take_jobs(store, Job("a", 0, 2 * HOUR_S), Job("b", 600, HOUR_S, "a100-node"))
    if has_samples:
        take_samples(
            store, *minutes("a", 1, [0] * 70 + [400] * 50), *minutes("b", 1, [5] * 60),
            *minutes("b", 1, [500] * 60, metric="CPU"),
        )  # fmt: skip
    reader, jobs = Reader(store), Filters()
    expected = [ask(store, name, jobs, **given) for name, given in QUESTIONS]
    hours = load_host_hours(reader, jobs, IDLE_BELOW_RATIO)
    assert hours.rows.empty is not has_samples
    with use_host_hours(hours):
        for (name, given), before in zip(QUESTIONS, expected, strict=True):
            pd.testing.assert_frame_equal(ask(store, name, jobs, **given), before)


def test_remembered_hours_of_other_jobs_are_not_used(store: Store) -> None:
    take_jobs(store, Job("a", 0, HOUR_S), Job("b", 0, HOUR_S))
    take_samples(store, *minutes("a", 1, [400] * 60), *minutes("b", 1, [0] * 60))
    only = Filters(where=(("job_name", "a"),))
    with use_host_hours(load_host_hours(Reader(store), only, IDLE_BELOW_RATIO)):
        assert row(store, "gpu_waste", only).gpu_utilization_ratio == 1
        assert row(store, "gpu_waste").gpu_utilization_ratio == pytest.approx(0.5)
        assert row(store, "gpu_waste", only, idle_below_ratio=1).idle_gpu_h == 0
        take_samples(store, *minutes("a", 1, [0] * 60, metric="CPU"), name="later.csv")
        assert row(store, "utilization", only).cpu_utilization_ratio == 0


def test_shares_utilization_and_bottlenecks_say_the_same_of_the_same_jobs(store: Store) -> None:
    ingest(store, uploaded("export.csv", EXPORT.encode()), kind="jobs")
    take_jobs(store, Job("a", 0, 2 * HOUR_S), Job("b", 600, HOUR_S, "ml.g5.2xlarge", share="t"))
    take_samples(
        store, *minutes("a", 1, [100] * 70 + [400] * 30), *minutes("b", 1, [5] * 40),
        *minutes("x", 1, [150] * 60), Sample("a", 1, -1800, 40, period_s=3600),
        Sample("b", 1, 0, 101), *minutes("a", 1, [2400] * 90, metric="CPU"),
    )  # fmt: skip
    wholes = ask(store, "gpu_waste", by="share_name").set_index("group_value")
    usage = ask(store, "share_usage", step="all").set_index("share_name")
    for share in ("s", "t"):
        expected = wholes.loc[share].gpu_utilization_ratio
        assert usage.loc[share].gpu_utilization_ratio == pytest.approx(expected)
    by_hour = ask(store, "gpu_waste", Filters(where=(("share_name", "s"),)), by="hour")
    of_share = ask(store, "share_usage", Filters(where=(("share_name", "s"),)))
    # before the first of them the job waited
    assert of_share["gpu_utilization_ratio"].dropna().tolist() == pytest.approx(
        by_hour["gpu_utilization_ratio"].tolist()
    )
    by_job = ask(store, "utilization", by="job_name").set_index("group_value")
    jobs = ask(store, "bottlenecks").set_index("job_name")
    assert {"a", "b", "x", "y"} == set(jobs.index)
    for name, job in jobs.iterrows():
        for ours, theirs in (
            (job.accelerator_utilization_ratio, by_job.loc[name].gpu_utilization_ratio),
            (job.cpu_utilization_ratio, by_job.loc[name].cpu_utilization_ratio),
        ):
            assert ours == pytest.approx(theirs, nan_ok=True)


def test_a_sample_that_ends_before_its_job_begins_is_no_part_of_it(store: Store) -> None:
    # without a period, ten seconds stand for each: these end with the job's start
    take_jobs(store, Job("a", HOUR_S, HOUR_S + 600, "ml.g5.2xlarge"))
    take_samples(store, *(Sample("a", 1, HOUR_S - 50 + 10 * n, 50, period_s=None)
                          for n in range(5)))  # fmt: skip
    assert row(store, "utilization", by="hour").sample_count == 0
