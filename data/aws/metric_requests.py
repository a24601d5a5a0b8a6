"""What to ask CloudWatch about jobs: series, times by their age, batches. Pure; seconds since 1970.

CloudWatch keeps a sample at shorter periods for a shorter time, and a request whose period is too
short for the age of its start finds nothing at all (docs/decisions/0033-metric-samples.md).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

NAMESPACE = "/aws/sagemaker/TrainingJobs"
STATISTIC = "Average"
HOST_METRICS = ("CPUUtilization", "MemoryUtilization", "DiskUtilization")
GPU_METRICS = ("GPUUtilization", "GPUMemoryUtilization")
HOST, JOB = "Host", "TrainingJobName"

MINUTE_S, HOUR_S = 60, 3600
# samples that have come by then do not change: one is kept as it came first
SETTLED_S = 600
# time between planning a request and making it, in which its start may become too old
MARGIN_S = HOUR_S

_SPEED = re.compile(
    r"step_?time|throughput|_per_(s|sec|seconds?|steps?|iter|iterations?|batch)(_|$)"
)


class Tier(NamedTuple):
    """How long CloudWatch keeps samples of a period."""

    period_s: int
    kept_s: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What CloudWatch allows a call, and how long it keeps samples, the shortest period first."""

    most_queries: int
    most_points: int
    tiers: tuple[Tier, ...]


@dataclass(frozen=True, slots=True)
class SampledJob:
    """A job as far as its metrics go."""

    job_name: str
    started_s: int
    ended_s: int | None
    instance_count: int
    has_gpus: bool
    """Whether any of its hosts has, or may have, GPUs."""
    metric_names: tuple[str, ...] = ()
    """Metrics that its algorithm defines."""
    read_until_s: int | None = None
    """Until when its samples are there already."""


class Series(NamedTuple):
    """A metric of one host, or of the job itself."""

    metric_name: str
    dimension: str
    measured: str


class Window(NamedTuple):
    """A time to ask for, [start, end), and the period of its samples."""

    start_s: int
    end_s: int
    period_s: int


class Read(NamedTuple):
    """The part of a job's samples that one request can give."""

    job: SampledJob
    window: Window


@dataclass(slots=True)
class Batch:
    """Series of several jobs that one call asks for: their times may differ, their period not."""

    window: Window
    parts: list[tuple[Read, Sequence[Series]]] = field(default_factory=list)

    @property
    def query_count(self) -> int:
        """How many metrics the call asks for."""
        return sum(len(series) for _, series in self.parts)

    @property
    def queries(self) -> list[dict[str, Any]]:
        """The queries as GetMetricData takes them."""
        every = (one for _, series in self.parts for one in series)
        return [
            {
                "Id": f"m{number}",
                "MetricStat": {
                    "Metric": {
                        "Namespace": NAMESPACE,
                        "MetricName": one.metric_name,
                        "Dimensions": [{"Name": one.dimension, "Value": one.measured}],
                    },
                    "Period": self.window.period_s,
                    "Stat": STATISTIC,
                },
                "ReturnData": True,
            }
            for number, one in enumerate(every)
        ]


def host_names(job: SampledJob) -> list[str]:
    """Return the hosts of a job: numbered from 1 across all its groups, in no known order.

    >>> host_names(SampledJob("train", 0, None, 2, False))
    ['train/algo-1', 'train/algo-2']
    """
    return [f"{job.job_name}/algo-{number}" for number in range(1, job.instance_count + 1)]


def speed_metrics(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of metrics that tell a step time or a throughput.

    >>> speed_metrics(["train:loss", "train:step_time_ms", "samples_per_second", "sec/step"])
    ('train:step_time_ms', 'samples_per_second', 'sec/step')
    """
    return tuple(name for name in names if _SPEED.search(_plain(name)))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower().replace("/", "_per_"))


def series_of(job: SampledJob) -> list[Series]:
    """Return every series to ask for: each metric on each host, then those of the algorithm."""
    metrics = (*HOST_METRICS, *GPU_METRICS) if job.has_gpus else HOST_METRICS
    of_hosts = [Series(metric, HOST, host) for host in host_names(job) for metric in metrics]
    return of_hosts + [Series(name, JOB, job.job_name) for name in speed_metrics(job.metric_names)]


def last_due(job: SampledJob, now_s: int) -> tuple[int, bool]:
    """Return until when samples are to be read, and whether that is all of them."""
    settled_s = now_s - SETTLED_S
    if job.ended_s is not None and job.ended_s <= settled_s:
        return _up(job.ended_s, MINUTE_S), True
    return _down(settled_s, MINUTE_S), False


def windows(job: SampledJob, now_s: int, limits: Limits) -> list[Window]:
    """Return the times to ask for: one for each period that its samples are kept at by now."""
    last_s, _ = last_due(job, now_s)
    first_s = job.started_s if job.read_until_s is None else max(job.started_s, job.read_until_s)
    found: list[Window] = []
    until_s = last_s
    for tier, coarser in zip(limits.tiers, (*limits.tiers[1:], limits.tiers[-1]), strict=True):
        # a full step of the next period, so that no time is in a sample of each
        oldest_s = _up(now_s - tier.kept_s + MARGIN_S, coarser.period_s)
        start_s = max(first_s, oldest_s)
        if start_s < until_s:
            is_resumed = job.read_until_s is not None and start_s == job.read_until_s
            aligned = _up if is_resumed else _down
            window = Window(aligned(start_s, tier.period_s), until_s, tier.period_s)
            if window.start_s < window.end_s:
                found.append(window)
            until_s = start_s
        until_s = min(until_s, oldest_s)
    return found


def batches(reads: Iterable[Read], limits: Limits) -> Iterator[Batch]:
    """Put series into as few calls as their number and their samples allow.

    Reads that are near each other in time should follow each other: a call has one time for all.
    """
    for period_s in (tier.period_s for tier in limits.tiers):
        of_period = [read for read in reads if read.window.period_s == period_s]
        batch: Batch | None = None
        for read in of_period:
            left = series_of(read.job)
            while left:
                if batch is None:
                    batch = Batch(read.window)
                room = _room(batch, read, limits)
                if room <= 0 and batch.parts:
                    yield batch
                    batch = None
                    continue
                taken, left = left[: max(room, 1)], left[max(room, 1) :]
                batch.window = _union(batch.window, read.window)
                batch.parts.append((read, taken))
        if batch is not None and batch.parts:
            yield batch


def _room(batch: Batch, read: Read, limits: Limits) -> int:
    """Return how many series of a read a call has room for."""
    window = _union(batch.window, read.window)
    points = sum(
        _most_points(one.job, window) * len(series)  # others may have more in a longer time
        for one, series in batch.parts
    )
    left = (limits.most_points - points) // _most_points(read.job, window)
    return min(limits.most_queries - batch.query_count, left)


def _most_points(job: SampledJob, window: Window) -> int:
    """Return how many samples a series of a job may have in a time: only it has its hosts."""
    start_s = max(_down(job.started_s, window.period_s), window.start_s)
    end_s = window.end_s if job.ended_s is None else min(job.ended_s + MINUTE_S, window.end_s)
    return max(1, -(-(end_s - start_s) // window.period_s))


def _union(one: Window, other: Window) -> Window:
    return Window(min(one.start_s, other.start_s), max(one.end_s, other.end_s), one.period_s)


def _down(moment_s: int, step_s: int) -> int:
    return moment_s // step_s * step_s


def _up(moment_s: int, step_s: int) -> int:
    return -(-moment_s // step_s) * step_s
