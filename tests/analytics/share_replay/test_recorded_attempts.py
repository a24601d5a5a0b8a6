"""Jobs of several attempts: what they held, how long they ran and waited, and what ends them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from analytics.query import Filters
from analytics.share_replay.calibrate import Calibrated, calibrate
from analytics.share_replay.requests import Requests
from data.ingest.pipeline import ImportResult, ingest
from data.raw.inputs import uploaded
from data.store.reader import Reader
from data.store.store import Store
from tests.conftest import ask, at
from tests.data.datasets.batch import attempt, described, ms, preempted

Take = Callable[..., ImportResult]
ONE = [{"capacityUnit": "ml.g6.12xlarge", "quantity": 1.0}]


def job(job_id: str, created: float, scheduled: float, ended: float, **fields: Any) -> dict:
    """Return a job of one instance; its last attempt is that from its schedule to its end."""
    attempts = [*fields.pop("before", []), attempt(job_id, scheduled, ended)]
    return described(
        job_id, createdAt=ms(created), scheduledAt=ms(scheduled), startedAt=ms(scheduled),
        stoppedAt=ms(ended), status="SUCCEEDED", attempts=attempts, capacityUsage=ONE, **fields,
    )  # fmt: skip


@pytest.fixture
def found(store: Store, take: Take) -> Calibrated:
    """One instance: `tried` fails and is tried again, `pushed` is preempted, others run between."""
    take(
        job("tried", 0, 200, 300, before=[attempt("tried-1", 10, 110)]),
        job("between", 20, 110, 190),
        job("pushed", 250, 500, 600, preemptionSummary=preempted(1, attempt("pushed-1", 300, 340)),
            preemptionConfiguration={"preemptionRetriesBeforeTermination": 3}),
        job("urgent", 340, 340, 500),
        described("again", createdAt=ms(610), capacityUsage=ONE, status="RUNNABLE",
                  preemptionSummary=preempted(1, attempt("again-1", 610, 620))),
    )  # fmt: skip
    ingest(store, uploaded("capacity.csv", b"queue_name,capacity\ngpus,1\n"))
    return calibrate(Reader(store), Filters())


def of_job(requests: Requests, name: str) -> tuple[float, float, int]:
    """Return how long a job ran, how long it waited, and its retries after preemption."""
    (place,) = np.flatnonzero(requests.job_name == f"train-{name}")
    run_s = requests.run_us[place] / 1e6
    return run_s, requests.observed_wait_s[place], int(requests.retries[place])


def test_a_retried_job_runs_as_long_as_all_its_attempts(found: Calibrated) -> None:
    # 100 s until it fails and 100 s again; 10 s before the first, and 90 s before the second
    assert of_job(found.requests, "tried") == (200, 100, -1)


def test_what_preemption_cut_off_is_waiting_and_no_run(found: Calibrated) -> None:
    # 50 s, 40 s that are lost, and 160 s more
    assert of_job(found.requests, "pushed") == (100, 250, 3)


def test_a_job_holds_nothing_between_its_attempts(found: Calibrated) -> None:
    assumptions = {one.assumption for one in found.contradictions}
    assert "capacity_respected" not in assumptions
    assert "no_preemption" in assumptions  # the queue is said to be a fair-share queue


def test_a_job_that_waits_again_does_not_run(found: Calibrated) -> None:
    (place,) = np.flatnonzero(found.requests.job_name == "train-again")
    assert found.requests.note[place] == "no_end"


def test_a_job_waits_for_being_eligible_apart_from_waiting_in_line(store: Store) -> None:
    """Of 90 s, 50 s are before it may start; then it waits 40 s for the one that runs."""
    lines = [
        "job_name,created_at,eligible_at,training_started_at,training_ended_at,instance_count",
        f"1,{at(0)},{at(0)},{at(0)},{at(90)},1",
        f"2,{at(0)},{at(50)},{at(90)},{at(100)},1",
        f"3,{at(5)},{at(500)},{at(100)},{at(110)},1",  # contradicts itself
    ]
    ingest(store, uploaded("jobs.csv", "\n".join(lines).encode()))
    rows = ask(store, "share_replay", policy="fifo", capacity="1").set_index("job_name")
    causes = ["queue_wait_s", "not_yet_eligible_s", "capacity_full_s", "head_of_line_s"]
    assert rows.loc["2", causes].tolist() == [90, 50, 40, 0]
    assert rows.loc["3", "not_yet_eligible_s"] == 0
