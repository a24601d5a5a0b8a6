"""Training jobs outside queues: families of jobs that follow each other, some in warm pools."""

import heapq
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from tests.aws_server.training import Family, TrainingJob

FAMILIES = (
    Family("resnet", keep_alive_s=1800, has_vpc=True, metrics=("step_time", "train:throughput")),
    Family("BertLarge", "ml.p4d.24xlarge", 2, keep_alive_s=3600, input_mode="FastFile", user="bo"),
    Family("tabular", "ml.m5.4xlarge", user="cy", team="risk", cold_start_s=90, run_s=900),
    Family("spotty", "ml.g4dn.xlarge", is_spot=True, user="di", metrics=("step_time",)),
    Family(
        "hetero",
        groups=(("data", "ml.c5.18xlarge", 2), ("dnn", "ml.p4d.24xlarge", 1)),
        metrics=("step_time",),
        user="ed",
    ),
    Family("recsys", "ml.g5.12xlarge", keep_alive_s=600, input_mode="Pipe", team="risk"),
    Family("segment", "ml.g5.48xlarge", keep_alive_s=2700, has_vpc=True, has_file_system=True),
    Family("tuned", "ml.m5.xlarge", tuning_job="tune-nightly", user="fi", run_s=600),
    Family("planned", "ml.p5.48xlarge", 2, plan="{plan}", user="gu", run_s=5400),
    Family("nightly", "ml.c5.9xlarge", keep_alive_s=900, user="hal", team="risk", run_s=1500),
)
ROUND = 6


def plan_arn(account: str, region: str) -> str:
    """Return the ARN of the training plan that one family uses."""
    return f"arn:aws:sagemaker:{region}:{account}:training-plan/research"


def pooled_jobs(
    rng: np.random.Generator, count: int, days: float, *, account: str, region: str
) -> Iterator[TrainingJob]:
    """Yield `count` jobs and more, without end, by creation; the first is created at 0."""
    lanes = max(len(FAMILIES), int(count / (days * 20)))
    families = []
    for lane in range(lanes):
        base = FAMILIES[lane % len(FAMILIES)]
        name = base.name if lane < len(FAMILIES) else f"{base.name}{lane // len(FAMILIES)}"
        plan = plan_arn(account, region) if base.plan else None
        families.append(replace(base, name=name, plan=plan))
    # rounds of jobs in quick succession, and as much rest between them as makes it `days`
    rest = max(days * 86400 * lanes / count * ROUND - ROUND * 3000, 4000.0)
    due = [(float(rng.exponential(rest / 2)), lane, 0) for lane in range(lanes)]
    first = min(due)[0]
    due = [(at - first, lane, number) for at, lane, number in due]
    heapq.heapify(due)
    donors: dict[int, TrainingJob] = {}
    while True:
        created, lane, number = heapq.heappop(due)
        family = families[lane]
        name = f"{family.name}-{number:05d}"
        donor = donors.pop(lane, None)
        is_warm = donor is not None and donor.ended <= created < (donor.pool_ended or 0)
        if is_warm and donor is not None:
            donor.pool_ended, donor.reused_by = created, name
        job = _job(rng, family, name, created, is_warm, account, region)
        if job.pool_ended is not None:
            donors[lane] = job
        is_last = number % ROUND == ROUND - 1
        gap = rng.exponential(rest) + 60 if is_last else rng.exponential(400) + 5
        heapq.heappush(due, (job.ended + float(gap), lane, number + 1))
        yield job


def _job(
    rng: np.random.Generator,
    family: Family,
    name: str,
    created: float,
    is_warm: bool,
    account: str,
    region: str,
) -> TrainingJob:
    start = (family.warm_start_s if is_warm else family.cold_start_s) * float(rng.uniform(0.7, 1.4))
    started = created + 3 + start
    trained = started + float(rng.uniform(20, 90))
    run = family.run_s * float(rng.lognormal(0, 0.4))
    uploaded = trained + run
    parts: dict[str, Any] = {
        "name": name,
        "family": family,
        "account": account,
        "region": region,
        "created": created,
        "tags": {"user": family.user, "team": family.team, "project": family.name},
    }
    luck = float(rng.random())
    if luck < 0.02:  # never started: no capacity, and someone stopped it
        return TrainingJob(
            started=None, trained=None, uploaded=None, ended=created + 3 + start,
            status="Stopped", **parts,
        )  # fmt: skip
    if luck < 0.08:
        job = TrainingJob(
            started=started, trained=trained, uploaded=None, ended=trained + run * luck * 5,
            status="Failed", reason="AlgorithmError: exit code 1", **parts,
        )  # fmt: skip
    elif luck < 0.12:
        job = TrainingJob(
            started=started, trained=trained, uploaded=uploaded, ended=uploaded + 5,
            status="Stopped", **parts,
        )  # fmt: skip
    else:
        job = TrainingJob(
            started=started, trained=trained, uploaded=uploaded,
            ended=uploaded + float(rng.uniform(5, 40)), **parts,
        )  # fmt: skip
    if family.is_spot:
        job.billed_ratio = float(rng.uniform(0.3, 0.6))
        if luck > 0.7:
            job.interrupted = (trained + run * 0.3, trained + run * 0.5)
    if family.keep_alive_s:
        job.pool_ended = job.ended + family.keep_alive_s
    return job
