"""What the users of the demo's queues ask for, and when: the same before and after the change.

Each team of `demo-training` has one hour of hurry on a working day, six hours apart, with about
four hours of its own quota's work at once, and otherwise one user who runs one job after the
other. `demo-shared` gets long sweeps in the evening, retraining in the morning, and research in
the afternoon. Beside these: a job that somebody forgot, which holds its GPUs for days and uses
them in the first hour only; jobs that wait for their CPUs; one cluster of three kinds of
instances; and one night on which a broken image fails every job of a team.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np

from data.demo.pools import AS_OF_MS, DAY_MS, MINUTE_MS, generator
from data.demo.queues import (
    BUSY,
    COMPLETED,
    CPU_BOUND,
    FAILED,
    FIRST_WEEK_MS,
    IDLE,
    MIXED,
    SHARED,
    STOPPED,
    TRAINING,
    Queue,
    QueueJob,
    Share,
)

HOUR_MS = 60 * MINUTE_MS
DAY_COUNT = 28
HURRY_HOURS = {"vision": 6.0, "language": 12.0, "ranking": 18.0, "platform": 0.0}
HURRY_WORK_H = 25.0  # instance-hours; with six instances a little over four hours
LAST_HURRY_WORK_H = 32.0  # on a Sunday, before a release
BROKEN_NIGHT_MS = int(datetime(2026, 11, 15, tzinfo=UTC).timestamp()) * 1000  # the last
FORGOTTEN_MS = int(datetime(2026, 11, 5, 9, 12, tzinfo=UTC).timestamp()) * 1000
MIXED_MS = int(datetime(2026, 11, 12, 13, 40, tzinfo=UTC).timestamp()) * 1000


def requests(queue: Queue) -> list[QueueJob]:
    """Return the jobs that are submitted to a queue, in the order of their requests."""
    asked = _to_training() if queue is TRAINING else _to_shared()
    jobs = sorted(
        (job for job in asked if job.created_ms < AS_OF_MS - MINUTE_MS),
        key=lambda job: job.created_ms,
    )
    counts: dict[str, int] = {}
    for job in jobs:
        job.number = counts[job.share.name] = counts.get(job.share.name, 0) + 1
    return jobs


def _to_training() -> Iterator[QueueJob]:
    for place, share in enumerate(TRAINING.shares):
        rng = generator(100 + place)
        yield from _one_after_the_other(share, rng)
        for day in range(DAY_COUNT):
            day_ms = FIRST_WEEK_MS + day * DAY_MS
            if day % 7 < 5:
                at_ms = day_ms + round(HURRY_HOURS[share.name] * HOUR_MS)
                yield from _hurry(share, at_ms, HURRY_WORK_H, rng)
    rng = generator(110)
    platform = TRAINING.shares[-1]
    forgotten = _job(TRAINING, platform, platform.users[1], FORGOTTEN_MS, 63 * HOUR_MS, rng)
    forgotten.instance_count, forgotten.priority, forgotten.profile = 2, 50, IDLE
    forgotten.ending, forgotten.run_ms, forgotten.failed_after_ms = STOPPED, 63 * HOUR_MS, ()
    yield forgotten
    yield from _hurry(platform, BROKEN_NIGHT_MS, LAST_HURRY_WORK_H, rng)
    # a hurry that has just begun when the history ends, so that jobs wait in its last snapshot
    yield from _hurry(TRAINING.shares[1], AS_OF_MS - 40 * MINUTE_MS, LAST_HURRY_WORK_H, rng)


def _hurry(
    share: Share, hour_ms: int, work_h: float, rng: np.random.Generator
) -> Iterator[QueueJob]:
    """Yield a team's jobs of one hour of hurry."""
    at_ms = hour_ms + round(rng.uniform(0.02, 0.15) * HOUR_MS)
    left_h = work_h + rng.uniform(-1.5, 1.5)
    is_urgent_at = rng.integers(3, 8) if rng.random() < 0.4 else -1
    is_broken = share.name == "platform" and hour_ms == BROKEN_NIGHT_MS
    place = 0
    while left_h > 0.5:
        count = int(rng.choice((1, 2, 3), p=(0.15, 0.45, 0.4)))
        hours = min(float(np.clip(rng.lognormal(np.log(1.0), 0.25), 0.7, 1.6)), left_h)
        user = share.users[int(rng.integers(len(share.users)))]
        job = _job(TRAINING, share, user, at_ms, round(hours * HOUR_MS), rng)
        job.instance_count = count
        if place == is_urgent_at:
            job.priority, job.created_ms = 90, at_ms + round(rng.uniform(0.3, 0.8) * HOUR_MS)
            job.instance_count, job.failed_after_ms = 3, ()
        elif job.priority == 1 and share.name == "ranking":
            job.preemption_limit = 0  # rather given up than run again
        if is_broken:
            job.ending, job.run_ms = FAILED, int(rng.integers(170_000, 260_000))
            job.failed_after_ms = ()
        left_h -= job.instance_count * hours
        at_ms += int(rng.integers(15_000, 75_000))
        place += 1
        yield job


def _one_after_the_other(share: Share, rng: np.random.Generator) -> Iterator[QueueJob]:
    """Yield the jobs of the user who waits for each before asking for the next."""
    at_ms = FIRST_WEEK_MS + round(rng.uniform(0, 3) * HOUR_MS)
    while at_ms < AS_OF_MS:
        is_weekend = (at_ms - FIRST_WEEK_MS) // DAY_MS % 7 >= 5
        hours = float(np.clip(rng.lognormal(np.log(3.0), 0.4), 1.0, 6.0))
        job = _job(TRAINING, share, share.users[0], at_ms, round(hours * HOUR_MS), rng)
        job.instance_count = 1
        yield job
        pause_h = rng.exponential(5.0 if is_weekend else 1.2) + 0.2
        at_ms += round((hours + pause_h) * HOUR_MS)


def _to_shared() -> Iterator[QueueJob]:
    retrain, research, sweeps = SHARED.shares
    rng = generator(120)
    for day in range(DAY_COUNT):
        day_ms = FIRST_WEEK_MS + day * DAY_MS
        is_weekend = day % 7 >= 5
        # Sunday evening has a sweep as well: the next working day starts with a full queue
        if day % 7 != 5:
            at_ms = day_ms + round((16.5 if is_weekend else 19.5) * HOUR_MS)
            for _ in range(15):
                at_ms += int(rng.integers(2_000, 240_000))
                hours = float(np.clip(rng.normal(12.5, 1.5), 9, 16))
                yield _job(SHARED, sweeps, sweeps.users[0], at_ms, round(hours * HOUR_MS), rng)
        if is_weekend:
            continue
        yield from _spread(retrain, day_ms, (5.5, 8.0), 9, 1.2, rng)
        yield from _spread(research, day_ms, (12.5, 16.0), 6, 1.6, rng)
    mixed = _job(SHARED, research, research.users[1], MIXED_MS, round(2.6 * HOUR_MS), rng)
    mixed.instance_count, mixed.profile, mixed.failed_after_ms = 6, MIXED, ()
    mixed.ending, mixed.run_ms = COMPLETED, round(2.6 * HOUR_MS)
    yield mixed


def _spread(
    share: Share,
    day_ms: int,
    between_hours: tuple[float, float],
    count: int,
    hours: float,
    rng: np.random.Generator,
) -> Iterator[QueueJob]:
    for hour in np.sort(rng.uniform(*between_hours, rng.poisson(count))):
        user = share.users[int(rng.integers(len(share.users)))]
        run_h = float(np.clip(rng.lognormal(np.log(hours), 0.35), 0.5, 3.5))
        at_ms = day_ms + round(hour * HOUR_MS)
        job = _job(SHARED, share, user, at_ms, round(run_h * HOUR_MS), rng)
        job.instance_count = int(rng.choice((1, 2, 4), p=(0.5, 0.35, 0.15)))
        yield job


def _job(
    queue: Queue, share: Share, user: str, at_ms: int, run_ms: int, rng: np.random.Generator
) -> QueueJob:
    """Return a job with the priority, the ending and the use of its devices drawn."""
    job = QueueJob(
        queue=queue,
        share=share,
        number=0,
        user=user,
        priority=_priority(share, rng),
        instance_count=1,
        created_ms=at_ms,
        run_ms=run_ms,
        profile=CPU_BOUND if rng.random() < 0.12 else BUSY,
        attempt_limit=int(rng.choice((1, 3), p=(0.4, 0.6))),
    )
    draw = rng.random()
    fails_after_ms = int(run_ms * rng.uniform(0.1, 0.5))
    if draw < 0.05 and job.attempt_limit > 1:
        job.failed_after_ms = (fails_after_ms,)
    elif draw < 0.08:
        job.ending, job.run_ms = FAILED, fails_after_ms
    elif draw < 0.1:
        job.ending, job.run_ms = STOPPED, int(run_ms * 0.7)
    return job


def _priority(share: Share, rng: np.random.Generator) -> int:
    """Draw a priority: where jobs give way to more urgent ones, people use few of them."""
    chances = (0.04, 0.96, 0.0) if share.has_in_share_preemption else (0.06, 0.64, 0.3)
    return int(rng.choice((1, 10, 50), p=chances))
