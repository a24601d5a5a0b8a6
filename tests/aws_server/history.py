"""The history of one account in one region: what happens is decided by a seed, once and for all."""

from bisect import bisect_right
from functools import cached_property

import numpy as np

from tests.aws_server.clock import Clock
from tests.aws_server.pooled import pooled_jobs
from tests.aws_server.queued import QUEUES, Queue, ServiceJob, attempts_of, queued_jobs
from tests.aws_server.training import TrainingJob

ACCOUNT, REGION = "123456789012", "us-east-1"
QUEUED_RATIO = 0.3


class AwsHistory:
    """At least `jobs` training jobs were created by the clock's first time; more come with it."""

    def __init__(
        self,
        clock: Clock,
        *,
        seed: int = 1,
        jobs: int = 500,
        days: float = 20,
        later: float = 0.1,
        account: str = ACCOUNT,
        region: str = REGION,
        queues: tuple[Queue, ...] = QUEUES,
    ) -> None:
        rng = np.random.default_rng(seed)
        self.clock, self.account, self.region = clock, account, region
        self.queues = queues
        self.training_jobs: list[TrainingJob] = []
        self.service_jobs: list[ServiceJob] = []
        if jobs:
            self._decide(rng, jobs, days, later)

    def _decide(self, rng: np.random.Generator, jobs: int, days: float, later: float) -> None:
        queued = int(jobs * QUEUED_RATIO)
        pooled = jobs - queued
        place = {"account": self.account, "region": self.region}
        coming = pooled_jobs(rng, pooled, days, **place)
        plain = [next(coming) for _ in range(int(pooled * (1 + later)) + 1)]
        _shift(plain, self.clock.now - plain[pooled - 1].created - 1)
        self.service_jobs = queued_jobs(rng, int(queued * (1 + later)) + 1, days, **place)
        attempts = sorted(attempts_of(self.service_jobs), key=lambda job: job.created)
        offset = self.clock.now - attempts[queued - 1].created - 1
        _shift(attempts, offset)
        for job in self.service_jobs:
            job.shift(offset)
        self.training_jobs = sorted([*plain, *attempts], key=lambda job: (job.created, job.name))
        self.service_jobs.sort(key=lambda job: (job.created, job.job_id))

    def created_jobs(self, now: float) -> list[TrainingJob]:
        """Return the training jobs that have been created by `now`, by creation."""
        return self.training_jobs[: bisect_right(self._created, now)]

    def submitted_jobs(self, now: float) -> list[ServiceJob]:
        """Return the service jobs that have been created by `now`, by creation."""
        return self.service_jobs[: bisect_right(self._submitted, now)]

    def training_job(self, name: str, now: float) -> TrainingJob | None:
        """Return a training job by its name, in any case."""
        job = self._by_name.get(name.lower())
        return job if job and job.created <= now else None

    def service_job(self, job_id: str, now: float) -> ServiceJob | None:
        """Return a service job by its id."""
        job = self._by_id.get(job_id)
        return job if job and job.created <= now else None

    @cached_property
    def _created(self) -> list[float]:
        return [job.created for job in self.training_jobs]

    @cached_property
    def _submitted(self) -> list[float]:
        return [job.created for job in self.service_jobs]

    @cached_property
    def _by_name(self) -> dict[str, TrainingJob]:
        return {job.name.lower(): job for job in self.training_jobs}

    @cached_property
    def _by_id(self) -> dict[str, ServiceJob]:
        return {job.job_id: job for job in self.service_jobs}


def _shift(jobs: list[TrainingJob], seconds: float) -> None:
    for job in jobs:
        job.shift(seconds)
