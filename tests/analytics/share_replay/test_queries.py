"""The share replay's queries, from files to rows: settings, known capacity, notes and sums."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.query import Filters
from analytics.share_replay.bands import MEASURES
from data.errors import StokerError, WrongUseError
from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.store import Store
from tests.conftest import ask, at

HEAD = [
    "job_name", "created_at", "training_started_at", "training_ended_at", "instance_count",
    "share_name", "scheduling_priority", "capacity_instance_count", "queue_name",
    "accelerator_count", "status",
]  # fmt: skip


def export(store: Store, *jobs: dict[str, object], name: str = "jobs.csv") -> None:
    lines = [",".join(HEAD)]
    lines += [",".join(str(job.get(column, "")) for column in HEAD) for job in jobs]
    assert ingest(store, uploaded(name, "\n".join(lines).encode())).rejected_count == 0


def job(name: str, created_s: float, wait_s: float, run_s: float, **fields: object) -> dict:
    start_s = created_s + wait_s
    times = {
        "created_at": at(created_s), "training_started_at": at(start_s),
        "training_ended_at": at(start_s + run_s),
    }  # fmt: skip
    return {"job_name": name, "instance_count": 1, **times, **fields}


def test_an_export_is_replayed_in_the_order_of_its_file(store: Store) -> None:
    export(store, job("b", 0, 0, 10), job("a", 0, 0, 10), job("c", 5, 0, 10))
    rows = ask(store, "share_replay", policy="fifo", capacity="1")
    assert rows["job_name"].tolist() == ["b", "a", "c"]
    assert rows["queue_wait_s"].tolist() == [0, 10, 15]
    assert (rows["started_at"] - rows["created_at"]).dt.total_seconds().tolist() == [0, 10, 15]
    assert (rows["ended_at"] - rows["started_at"]).dt.total_seconds().tolist() == [10] * 3


def test_the_summary_has_a_row_a_share(store: Store) -> None:
    export(
        store,
        job("a", 0, 0, 100, share_name="x", instance_count=2),
        job("b", 0, 50, 100, share_name="x", instance_count=2),
        job("c", 0, 200, 100, share_name="y", instance_count=1),
    )
    rows = ask(store, "share_replay_summary", policy="fifo", capacity="2").set_index("share_name")
    assert rows["job_count"].to_dict() == {"x": 2, "y": 1}
    assert rows["queue_wait_mean_s"].to_dict() == {"x": 50, "y": 200}
    assert rows["queue_wait_p90_s"].to_dict() == {"x": 90, "y": 200}
    # work of 400 and 100 instance-seconds, of 2 instances for 300 s
    assert rows["allocation_ratio"].to_dict() == pytest.approx({"x": 400 / 600, "y": 100 / 600})
    assert rows["calibration_error_ratio"].to_dict() == {"x": 1.0, "y": 0.0}


def test_an_error_is_empty_where_nobody_waited(store: Store) -> None:
    export(store, job("a", 0, 0, 10), job("b", 0, 0, 10))
    rows = ask(store, "share_replay_summary", policy="fifo", capacity="1")
    assert rows["calibration_error_ratio"].isna().all()


def test_a_share_has_a_pool_of_its_own(store: Store) -> None:
    export(
        store,
        job("a", 0, 0, 100, share_name="x"),
        job("b", 0, 0, 100, share_name="x"),
        job("c", 0, 0, 100, share_name="y"),
    )
    rows = ask(
        store, "share_replay", policy="fifo", scope="share",
        capacities="share_name,capacity\nx,1\ny,5\n",
    )  # fmt: skip
    assert rows["queue_wait_s"].tolist() == [0, 100, 0]
    assert rows["share_limit_s"].tolist() == [0, 100, 0]


def test_capacity_counts_accelerators_where_asked_for_or_where_only_they_are_known(
    store: Store,
) -> None:
    export(
        store,
        job("a", 0, 0, 100, instance_count="", accelerator_count=8),
        job("b", 0, 0, 100, instance_count="", accelerator_count=8),
    )
    for unit in ({}, {"capacity_unit": "accelerators"}):
        rows = ask(store, "share_replay", policy="fifo", capacity="8", **unit)
        assert rows["queue_wait_s"].tolist() == [0, 100]


def test_a_job_without_accelerators_takes_no_part_where_they_are_counted(store: Store) -> None:
    export(
        store,
        job("a", 0, 0, 100, accelerator_count=8),
        job("b", 0, 0, 100, accelerator_count=0),
    )
    rows = ask(store, "share_replay", policy="fifo", capacity="8", capacity_unit="accelerators")
    assert rows["replay_note"].isna().tolist() == [True, False]
    assert rows["replay_note"].tolist()[1] == "needs_none"


def test_the_capacity_of_the_export_counts_where_none_is_given(store: Store) -> None:
    export(
        store,
        job("a", 0, 0, 100, capacity_instance_count=1),
        job("b", 1, 0, 100, capacity_instance_count=1),
        job("c", 50, 0, 100, capacity_instance_count=2),
    )
    rows = ask(store, "share_replay", policy="fifo")
    assert rows["queue_wait_s"].tolist() == [0, 49, 50]


def test_without_a_known_capacity_the_error_says_how_to_give_it(store: Store) -> None:
    export(store, job("a", 0, 0, 100))
    with pytest.raises(WrongUseError, match=r"--set capacity="):
        ask(store, "share_replay", policy="fifo")


def test_several_queues_have_no_one_capacity(store: Store) -> None:
    export(
        store,
        job("a", 0, 0, 100, queue_name="one", capacity_instance_count=1),
        job("b", 1, 0, 100, queue_name="two", capacity_instance_count=9),
        job("c", 2, 0, 100, queue_name="two", capacity_instance_count=9),
    )
    with pytest.raises(WrongUseError, match=r"--where queue_name="):
        ask(store, "share_replay")
    rows = ask(store, "share_replay", Filters(where=(("queue_name", "two"),)))
    assert rows["queue_wait_s"].tolist() == [0, 0]


def test_jobs_that_cannot_be_replayed_are_named_and_counted(store: Store) -> None:
    export(
        store,
        job("runs", 0, 0, 100),
        job("waits", 0, 0, 0, training_started_at="", training_ended_at=""),
        job("still", 0, 0, 0, training_ended_at=""),
        job("over", 0, 0, 0, training_ended_at="", status="Failed"),
        job("sizeless", 0, 0, 100, instance_count=""),
        job("large", 0, 0, 100, instance_count=9),
        job("instant", 0, 0, 0),
    )
    rows = ask(store, "share_replay", policy="fifo", capacity="4").set_index("job_name")
    assert rows["replay_note"].dropna().to_dict() == {
        "waits": "never_started",
        "still": "still_running",
        "over": "no_end",
        "sizeless": "no_size",
        "large": "larger_than_capacity",
    }
    assert rows["started_at"].notna().sum() == 3
    assert (rows.loc["still", "ended_at"] - rows.loc["still", "started_at"]).seconds == 100
    summary = ask(store, "share_replay_summary", policy="fifo", capacity="4")
    assert summary[["job_count", "not_replayed_count"]].to_numpy().tolist() == [[3, 4]]


SCENARIO = """
policy = "quota"
capacity = 100
[[share]]
name = "first"
quota = 60
[[share]]
name = "second"
quota = 40
strategy = "LEND"
"""


def test_a_scenario_file_brings_quotas(store: Store) -> None:
    export(
        store,
        job("a", 0, 0, 1000, share_name="first", instance_count=60, scheduling_priority=9),
        job("b", 1, 0, 1000, share_name="first", instance_count=15),
        job("c", 2, 0, 100, share_name="second", instance_count=40),
    )
    rows = ask(store, "share_replay", scenario=SCENARIO).set_index("job_name")
    assert rows["preempted_count"].to_dict() == {"a": 0, "b": 1, "c": 0}
    assert rows.loc["b", "lost_s"] == 1
    assert rows.loc["b", "queue_wait_s"] == 101
    summary = ask(store, "share_replay_summary", scenario=SCENARIO).set_index("share_name")
    assert summary.loc["first", "lost_instance_h"] == pytest.approx(15 / 3600)
    # a setting of its own takes precedence over the file's
    rows = ask(store, "share_replay", scenario=SCENARIO, policy="fifo", capacity="115")
    assert rows["preempted_count"].sum() == 0


def test_a_share_without_a_quota_is_named(store: Store) -> None:
    export(store, job("a", 0, 0, 10, share_name="third"))
    with pytest.raises(WrongUseError, match="'third'"):
        ask(store, "share_replay", scenario=SCENARIO)


@pytest.mark.parametrize("policy", ["fifo", "fair_share", "quota"])
def test_bands_add_up_to_the_capacity(store: Store, policy: str) -> None:
    chance = np.random.default_rng(3)
    export(
        store,
        *(
            job(
                f"j{number}", float(chance.integers(0, 20_000)), 0, float(chance.integers(1, 4000)),
                share_name=["first", "second"][number % 2],
                instance_count=int(chance.integers(1, 40)),
            )
            for number in range(80)
        ),
    )  # fmt: skip
    bands = ask(store, "share_replay_bands", scenario=SCENARIO, policy=policy, step_s="1800")
    sums = bands.groupby("bin_at")[list(MEASURES)].sum()
    capacity = bands.groupby("bin_at")["capacity_instance_h"].first()
    parts = sums["owned_used_instance_h"] + sums["borrowed_instance_h"] + sums["idle_instance_h"]
    assert parts.to_numpy() == pytest.approx(capacity.to_numpy())
    assert sums["lent_instance_h"].to_numpy() == pytest.approx(sums["borrowed_instance_h"])
    assert (bands[list(MEASURES)].to_numpy() >= -1e-9).all()
    jobs = ask(store, "share_replay", scenario=SCENARIO, policy=policy)
    held_h = ((jobs["ended_at"] - jobs["started_at"]).dt.total_seconds() + jobs["lost_s"]) / 3600
    used_h = (held_h * jobs["requested_capacity"]).sum()
    assert sums["used_instance_h"].sum() == pytest.approx(used_h)


def test_the_order_and_the_number_of_files_change_nothing(store: Store, tmp_path: Path) -> None:
    jobs = [
        job(f"j{number}", number * 7 % 50, 0, 10 + number % 9, share_name="xy"[number % 2])
        for number in range(60)
    ]
    export(store, *jobs)
    before = ask(store, "share_replay", policy="sjf", capacity="3")
    export(store, *jobs, name="again.csv")
    pd.testing.assert_frame_equal(ask(store, "share_replay", policy="sjf", capacity="3"), before)


def test_an_empty_database_has_no_rows(store: Store) -> None:
    assert ask(store, "share_replay", policy="fifo", capacity="3").empty
    assert ask(store, "share_replay_summary", policy="quota", capacity="3").empty
    assert ask(store, "share_replay_bands", policy="fifo", capacity="3").empty
    assert len(ask(store, "share_replay_calibration", policy="fifo", capacity="3")) == 1


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"policy": "lifo"}, "lifo"),
        ({"policy": "fair_share", "backfill": "easy", "capacity": "3"}, "backfill"),
        ({"scope": "share", "policy": "fifo"}, "capacities"),
        ({"scenario": "policy = 3"}, "policy"),
        ({"scenario": "[[share]]\nname = 'x'\nquotas = 3"}, "quotas"),
        ({"scenario": "[[share]]\nname = 'x'\nstrategy = 'KEEP'"}, "RESERVE"),
        ({"capacities": "share,capacity\nx,3\n"}, "share_name,capacity"),
        ({"capacities": "share_name,capacity\nx,many\n"}, "Line 2"),
    ],
)
def test_a_wrong_setting_says_what_to_do(store: Store, settings: dict[str, str], said: str) -> None:
    export(store, job("a", 0, 0, 10, share_name="x"))
    with pytest.raises(StokerError, match=said):
        ask(store, "share_replay", **settings)
