"""share_usage, waits, costs, peaks, the queue now and alerts, each against numbers by hand."""

from datetime import timedelta

import numpy as np
import pytest

from analytics.query import Filters
from data.store.store import Store
from tests.analytics.shares.queues import add, capacity, import_jobs, job, moment
from tests.conftest import T0, ask


def test_steps_add_up_and_a_wider_window_has_no_fewer_gpu_hours(store: Store) -> None:
    import_jobs(
        store,
        *(
            job(f"j{n}", "ab"[n % 2], 1000 * n, 1000 * n + 100, 1000 * n + 5000, n % 3 + 1,
                instance_type="ml.p4d.24xlarge")
            for n in range(40)
        ),
    )  # fmt: skip
    add(store, "capacity_records", capacity(30))
    by_hour = ask(store, "share_usage")
    by_day = ask(store, "share_usage", step="day")
    in_all = ask(store, "share_usage", step="all")
    for name in ("used_instance_h", "allocated_gpu_h", "idle_instance_h", "waiting_instance_h"):
        assert by_hour[name].sum() == pytest.approx(by_day[name].sum())
        assert by_hour[name].sum() == pytest.approx(in_all[name].sum())
    assert in_all["used_instance_h"].sum() == pytest.approx(
        sum((n % 3 + 1) * 4900 / 3600 for n in range(40))
    )
    assert in_all["allocated_gpu_h"].sum() == pytest.approx(8 * in_all["used_instance_h"].sum())
    before = 0.0
    for hours in range(1, 14):
        window = Filters(T0 + timedelta(hours=6 - hours), T0 + timedelta(hours=6 + hours))
        now = ask(store, "share_usage", window)["allocated_gpu_h"].sum()
        assert now >= before
        before = now


def test_gpu_allocation_is_the_held_part_of_the_capacity(store: Store) -> None:
    import_jobs(
        store,
        job("one", "a", 0, 0, 3600, 2, instance_type="ml.p4d.24xlarge"),
        job("two", "b", 0, 0, 1800, 2, instance_type="ml.p4d.24xlarge"),
    )
    add(store, "capacity_records", capacity(10))
    usage = ask(store, "share_usage").set_index("share_name")
    assert usage["gpu_allocation_ratio"].to_dict() == {"a": 0.2, "b": 0.1, "unassigned": 0}
    # received of the whole capacity; nobody is known to be entitled to anything
    assert usage["received_ratio"].to_dict() == {"a": 0.2, "b": 0.1, "unassigned": 0}
    assert usage.loc[["a", "b"], "entitlement_ratio"].isna().all()


def test_gpu_allocation_is_unknown_where_gpus_or_capacity_are(store: Store) -> None:
    import_jobs(store, job("one", "a", 0, 0, 3600, 2))
    add(store, "capacity_records", capacity(10))
    assert ask(store, "share_usage")["gpu_allocation_ratio"].isna().any()


def test_gpu_utilization_weighs_by_gpus_and_time_and_says_what_it_covers(store: Store) -> None:
    import_jobs(
        store,
        job("one", "a", 0, 0, 3600, 1, accelerator_count=4, gpu_utilization_ratio=0.5),
        job("two", "a", 0, 0, 1800, 1, accelerator_count=8, gpu_utilization_ratio=0.25),
        job("unmeasured", "a", 0, 0, 3600, 1, accelerator_count=8),
    )
    row = ask(store, "share_usage").iloc[0]
    # 4 GPU x 1 h at 0.5 and 8 GPU x 0.5 h at 0.25
    assert row["gpu_utilization_ratio"] == pytest.approx(0.375)
    assert row["coverage_ratio"] == pytest.approx(1.5 / 2.5)


def test_waits_are_exact_and_withheld_below_ten_jobs(store: Store) -> None:
    import_jobs(
        store,
        *(job(f"j{n}", "a", 0, n * 100, n * 100 + 60, scheduling_priority=5) for n in range(11)),
        *(job(f"k{n}", "a", 0, n * 100, n * 100 + 60, scheduling_priority=1) for n in range(9)),
        job("waits", "a", 0, None, None, scheduling_priority=5),
    )
    waits = ask(store, "share_waits").set_index("scheduling_priority")
    row = waits.loc[5]
    names = ["job_count", "queue_wait_p50_s", "queue_wait_p90_s", "queue_wait_p99_s",
             "queue_wait_mean_s", "waiting_job_count"]  # fmt: skip
    assert row[names].tolist() == [11, 500, 900, 990, 500, 1]
    assert waits.loc[1, ["queue_wait_p50_s", "queue_wait_p90_s"]].isna().all()
    assert waits.loc[1, "queue_wait_mean_s"] == 400
    shown = ask(store, "share_waits", least_job_count=1).set_index("scheduling_priority")
    assert shown.loc[1, "queue_wait_p50_s"] == 400
    assert ask(store, "share_waits", by="share")["job_count"].tolist() == [20]


def test_costs_of_a_share_are_those_of_all_its_jobs_and_its_failures(store: Store) -> None:
    import_jobs(
        store,
        job("one", "a", 0, 0, 3600, 1, instance_type="ml.g5.2xlarge"),
        job("two", "a", 0, 0, 3600, 2, instance_type="ml.g5.2xlarge", status="Failed"),
        job("three", "a", 0, 0, 3600, 2),
    )
    price = float(store.scalar("select usd_per_h from job_facts where job_name = 'one'"))
    row = ask(store, "share_costs").iloc[0]
    assert row["list_cost_usd"] == pytest.approx(3 * price)
    assert row["failed_usd"] == pytest.approx(2 * price)
    assert row["lost_to_preemption_usd"] == 0
    counts = ["job_count", "attempt_count", "failed_job_count", "unknown_cost_attempt_count"]
    assert row[counts].tolist() == [3, 3, 1, 1]


def test_peak_is_the_highest_hour_and_typical_the_median(store: Store) -> None:
    import_jobs(
        store,
        job("one", "a", 0, 0, 5 * 3600, 2),
        job("two", "a", 0, 3600, 7200, 6),
    )
    add(store, "capacity_records", capacity(10))
    row = ask(store, "share_peaks").iloc[0]
    assert row["peak_hour_at"] == moment(3600)
    names = ["peak_allocation_ratio", "median_allocation_ratio", "hour_count"]
    assert row[names].tolist() == [0.8, 0.2, 5]
    assert len(ask(store, "share_peaks", by="hour_of_day")) == 5


def test_the_queue_now_has_waiting_jobs_first_in_their_order(store: Store) -> None:
    import_jobs(
        store,
        job("ended", "a", 0, 0, 900),
        job("runs", "a", 0, 100, None),
        job("second", "b", 500, None, None),
        job("first", "b", 400, None, None),
        job("last", "b", 1000, None, None),
    )
    now = ask(store, "queue_now")
    assert now["job_name"].tolist() == ["first", "second", "last", "runs"]
    assert now["queue_position"].tolist()[:3] == [1, 2, 3]
    assert now["wait_so_far_s"].tolist()[:3] == [600, 500, 0]
    assert now["held_s"].tolist()[3] == 900
    earlier = ask(store, "queue_now", now=moment(450))
    assert earlier["job_name"].tolist() == ["first", "ended", "runs"]


def test_alerts_say_which_thresholds_are_crossed(store: Store) -> None:
    hour = 3600
    import_jobs(
        store,
        *(job(f"slow{n}", "hungry", n, 6 * hour + n, 7 * hour, 2) for n in range(12)),
        job("light", "rich", 0, 0, 7 * hour, 1),
        *(
            job(f"bad{n}", "hungry", 6 * hour, 6 * hour, 6.5 * hour + n, status="Failed")
            for n in range(10)
        ),
    )  # fmt: skip
    add(store, "capacity_records", capacity(40, "rich"), capacity(10, "hungry"))
    alerts = ask(store, "alerts").set_index(["alert", "share_name"])
    assert alerts["is_crossed"].all()
    assert alerts.loc[("underused_share", "rich"), "alert_value"] == pytest.approx(0.025)
    assert alerts.loc["failure_burst", "alert_value"].tolist() == [10]
    assert "hungry" in alerts.loc[("long_wait", "hungry"), "explanation"]


def test_a_limit_of_zero_watches_nothing(store: Store) -> None:
    store.home.settings.write_text(
        "long_wait_p90_h = 0\nunderused_share_ratio = 0\nfailure_burst_job_count = 0\n"
    )
    import_jobs(store, *(job(f"j{n}", "a", 0, 10**6, 10**6 + 60) for n in range(12)))
    assert ask(store, "alerts").empty


def test_questions_about_queues_answer_an_empty_store(store: Store) -> None:
    for name in ("share_usage", "share_waits", "share_costs", "share_peaks", "queue_now", "alerts"):
        assert ask(store, name).empty


def test_ratios_stay_between_0_and_1_beyond_the_capacity(store: Store) -> None:
    import_jobs(store, job("one", "a", 0, 0, 3600, 20, instance_type="ml.p4d.24xlarge"))
    add(store, "capacity_records", capacity(10))
    usage = ask(store, "share_usage")
    for name in ("gpu_allocation_ratio", "received_ratio", "entitlement_ratio"):
        values = usage[name].dropna().to_numpy(dtype=float)
        assert np.all((values >= 0) & (values <= 1))
    assert usage["over_capacity_instance_h"].max() == 10
