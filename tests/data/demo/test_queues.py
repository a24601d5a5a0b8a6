"""The demo's queues: what happened in them obeys the rules of AWS Batch, and tells its story."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from analytics.query import Filters
from analytics.share_replay.calibrate import calibrate
from data.store.reader import Reader
from data.store.store import Store
from tests.data.demo.reading import (
    CAPACITY,
    CHANGED,
    QUOTA,
    SINCE,
    UNTIL,
    Attempt,
    attempts,
    created,
    files,
    hourly,
    of_queue,
    service_jobs,
    used_at,
    waits_h,
)


@pytest.mark.parametrize("queue", CAPACITY)
def test_capacity_is_never_exceeded(queue: str) -> None:
    changes = [(one.allocated, one.size) for one in of_queue(queue)]
    changes += [(one.released, -one.size) for one in of_queue(queue)]
    held = np.cumsum([size for _, size in sorted(changes)])
    assert held.max() == CAPACITY[queue]


def test_no_share_holds_more_than_its_quota_before_the_change() -> None:
    most: dict[bool, float] = {False: 0, True: 0}
    for share in ("vision", "language", "ranking", "platform"):
        members = [one for one in of_queue("demo-training") if one.share == share]
        changes = [(one.allocated, one.size) for one in members]
        changes += [(one.released, -one.size) for one in members]
        held = 0
        for moment, size in sorted(changes):
            held += size
            most[moment >= CHANGED] = max(most[moment >= CHANGED], held)
    assert most[False] == QUOTA
    assert most[True] > 2 * QUOTA


@pytest.mark.parametrize("queue", CAPACITY)
def test_equals_are_served_in_the_order_of_their_requests(queue: str) -> None:
    first: dict[str, Attempt] = {}
    for attempt in of_queue(queue):
        first.setdefault(attempt.job["jobId"], attempt)
    equals: dict[tuple[str, int], list[Attempt]] = defaultdict(list)
    for attempt in first.values():
        equals[attempt.share, attempt.job["schedulingPriority"]].append(attempt)
    for members in equals.values():
        members.sort(key=lambda attempt: attempt.job["createdAt"])
        assert all(one.allocated <= other.allocated for one, other in pairwise(members))


def test_fair_share_never_preempts() -> None:
    assert {one.queue for one in attempts() if one.is_preempted} == {"demo-training"}


def test_who_preempts_is_more_urgent_or_takes_back_what_is_its_own() -> None:
    kinds: Counter[str] = Counter()
    for victim in of_queue("demo-training"):
        if not victim.is_preempted:
            continue
        just_before = used_at(victim.released - timedelta(milliseconds=1), "demo-training")
        now = used_at(victim.released, "demo-training")
        takers = [one for one in of_queue("demo-training") if one.allocated == victim.released]
        in_share = any(
            one.share == victim.share
            and one.job["schedulingPriority"] > victim.job["schedulingPriority"]
            for one in takers
        )
        cross_share = just_before[victim.share] > QUOTA and any(
            one.share != victim.share and now[one.share] <= QUOTA for one in takers
        )
        assert in_share or cross_share
        kinds["cross_share" if cross_share and not in_share else "in_share"] += 1
    assert kinds["cross_share"] >= 3
    assert kinds["in_share"] >= 3


def test_a_preempted_job_runs_again_unless_it_asked_not_to() -> None:
    for job in service_jobs():
        summary = job.get("preemptionSummary")
        if summary:
            gives_up = job.get("preemptionConfiguration") == {
                "preemptionRetriesBeforeTermination": 0
            }
            assert summary["preemptedAttemptCount"] == len(summary["recentPreemptedAttempts"])
            assert bool(job["attempts"]) != gives_up
            assert not gives_up or job["status"] == "FAILED"


def peak_ratio(queue: str, since: datetime, until: datetime) -> float:
    hours = [sum(used.values()) for hour, used in hourly(queue).items() if since <= hour < until]
    return max(hours) / CAPACITY[queue]


def test_peak_allocation_rises_from_about_40_to_over_80_percent() -> None:
    assert peak_ratio("demo-training", SINCE, CHANGED) == pytest.approx(0.4, abs=0.03)
    assert peak_ratio("demo-training", CHANGED, UNTIL) > 0.8


def test_the_same_is_asked_for_before_and_after_the_change() -> None:
    weeks = [0.0] * 4
    for hour, used in hourly("demo-training").items():
        weeks[(hour - SINCE) // timedelta(weeks=1)] += sum(used.values())
    assert max(weeks) < 1.25 * min(weeks)


@pytest.mark.parametrize("share", ["vision", "language", "ranking", "platform"])
def test_waits_of_every_share_fall_with_the_change(share: str) -> None:
    before_h = waits_h("demo-training", share, SINCE, CHANGED)
    after_h = waits_h("demo-training", share, CHANGED, UNTIL)
    assert np.percentile(before_h, 90) > 2
    assert np.percentile(after_h, 90) < 0.6


def test_the_share_with_the_greatest_claim_starves_in_the_morning_while_others_idle() -> None:
    """Weights 1, 3, 5 entitle it to 65.2 % of the queue while all are busy."""
    morning = [
        used
        for hour, used in hourly("demo-shared").items()
        if hour.weekday() < 5 and hour.hour in (6, 7)
    ]
    received = sum(used["retrain"] for used in morning)
    of_least_claim = sum(used["sweeps"] for used in morning)
    assert of_least_claim > 3 * received
    assert sum(used["research"] for used in morning) < 0.02 * received + 1
    waits = waits_h("demo-shared", "retrain", SINCE, UNTIL)
    assert np.median(waits) > 1
    assert np.percentile(waits, 90) > 3


def test_one_night_fails_every_job_of_a_team() -> None:
    night = [
        job
        for job in service_jobs()
        if job.get("quotaShareName") == "platform"
        and datetime(2026, 11, 15, tzinfo=UTC)
        <= created(job)
        < datetime(2026, 11, 15, 1, tzinfo=UTC)
    ]
    assert len(night) >= 12
    assert sum(job["status"] == "FAILED" for job in night) >= len(night) - 1


def test_failures_retries_and_stops_are_there() -> None:
    assert sum(len(job["attempts"]) > 1 for job in service_jobs()) >= 20
    assert sum(job["isTerminated"] for job in service_jobs()) >= 20
    assert all(len(job["attempts"]) <= job["retryStrategy"]["attempts"] for job in service_jobs())


@pytest.mark.parametrize("queue", CAPACITY)
def test_the_snapshot_agrees_with_the_jobs(queue: str) -> None:
    (snapshot,) = files()[f"{queue}.snapshot.json"]
    waiting = {
        job["jobArn"]
        for job in service_jobs()
        if job["status"] == "RUNNABLE" and job["jobQueue"].endswith(f"/{queue}")
    }
    assert {job["jobArn"] for job in snapshot["frontOfQueue"]["jobs"]} == waiting
    assert len(waiting) >= 3
    (total,) = snapshot["queueUtilization"]["totalCapacityUsage"]
    running = [
        one.size for one in of_queue(queue) if one.training_job["TrainingJobStatus"] == "InProgress"
    ]
    assert total["quantity"] == sum(running) > 0.9 * CAPACITY[queue]


@pytest.mark.parametrize("queue", CAPACITY)
def test_the_replay_explains_the_queue(queue: str, demo_store: Store) -> None:
    found = calibrate(Reader(demo_store), Filters(where=(("queue_name", queue),)))
    assert found.is_explained
    assert found.errors is not None
    assert found.errors.wait_mean_error_ratio is not None
    assert found.errors.wait_mean_error_ratio < 0.05
    # jobs that still wait or run are no error of the settings
    assert {one.assumption for one in found.contradictions} <= {"times_known"}
