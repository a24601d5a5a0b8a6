"""Metrics of jobs from CloudWatch: which jobs still need some, what they cost, and the answers."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import orjson

from data.aws.calls import Calls
from data.aws.metric_requests import (
    Batch,
    Limits,
    Read,
    SampledJob,
    Tier,
    batches,
    last_due,
    series_of,
    windows,
)
from data.aws.pages import Page, Step, json_lines
from data.datasets.metric_samples.cloudwatch import QUERIES, RESULTS
from data.store.reader import Reader
from data.store.reference_tables import aws_limit, request_price

OPERATION = "cloudwatch:GetMetricData"
PERIODS_S = (60, 300, 3600)
# so many have their times anew, in case that reading takes long
JOBS_AT_ONCE = 4000
COMPLETE = "Complete"


@dataclass(frozen=True, slots=True)
class MetricPlan:
    """Which jobs' metrics are to be read, the newest first, and what that costs.

    `left_out` are jobs that the cap leaves no money for; they are the oldest.
    """

    jobs: tuple[SampledJob, ...]
    limits: Limits
    metric_count: int
    call_count: int
    cost_usd: float
    price_usd: float
    left_out: tuple[SampledJob, ...] = ()
    left_out_cost_usd: float = 0.0
    hostless_job_count: int = 0
    """Jobs that ran, but whose instances no record tells: their hosts cannot be named."""

    @property
    def step(self) -> Step:
        """What it is to read, in words that also say what is left out."""
        what = f"metrics of {len(self.jobs):,} jobs ({self.metric_count:,} metrics)"
        if self.left_out:
            newest = max(job.started_s for job in self.left_out)
            what += (
                f", without {len(self.left_out):,} jobs that started until"
                f" {datetime.fromtimestamp(newest, UTC):%Y-%m-%d %H:%M} UTC: they would cost"
                f" USD {self.left_out_cost_usd:,.2f} more than the cap allows"
            )
        if self.hostless_job_count:
            what += f"; of {self.hostless_job_count:,} jobs no record tells the instances"
        return Step(what, self.call_count, self.cost_usd)


def plan(
    reader: Reader,
    account_id: str,
    region: str,
    *,
    now: datetime,
    cap_usd: float | None = None,
) -> MetricPlan:
    """Return which jobs' metrics are not all read yet, and what reading them costs.

    With a cap, the newest jobs come first, to the last that fits; every older one is left out.
    """
    limits = limits_of(reader)
    price_usd = request_price(reader, OPERATION)
    known, hostless_count = _jobs(reader, account_id, region, now, limits)
    now_s = int(now.timestamp())
    due: list[tuple[SampledJob, int]] = []
    for job in known:
        metric_count = len(series_of(job)) * len(windows(job, now_s, limits))
        if metric_count:
            due.append((job, metric_count))
    chosen, metric_count = 0, 0
    for _, count in due:
        if cap_usd is not None and (metric_count + count) * price_usd > cap_usd:
            break
        chosen, metric_count = chosen + 1, metric_count + count
    jobs = tuple(job for job, _ in due[:chosen])
    return MetricPlan(
        jobs=jobs,
        limits=limits,
        metric_count=metric_count,
        call_count=sum(
            len(list(batches(_reads(some, now_s, limits), limits))) for some in _some(jobs)
        ),
        cost_usd=metric_count * price_usd,
        price_usd=price_usd,
        left_out=tuple(job for job, _ in due[chosen:]),
        left_out_cost_usd=sum(count for _, count in due[chosen:]) * price_usd,
        hostless_job_count=hostless_count,
    )


def fetch(calls: Calls, planned: MetricPlan, *, clock: Callable[[], datetime]) -> Iterator[Page]:
    """Yield CloudWatch's answers, each with what was asked, and after them what was read whole.

    Pages are to be landed in this order. What a job was read for is told only once all its series
    have come; if any did not, the next plan has the job again.

    Raises:
        MissingPermission: the operation is denied.
    """
    for jobs in _some(planned.jobs):
        now_s = int(clock().timestamp())
        yield from _fetched(calls, _reads(jobs, now_s, planned.limits), now_s, planned.limits)


def limits_of(reader: Reader) -> Limits:
    """Return CloudWatch's limits (reference/aws_limits.csv)."""
    return Limits(
        most_queries=aws_limit(reader, "cloudwatch_queries_per_call"),
        most_points=aws_limit(reader, "cloudwatch_points_per_call"),
        tiers=tuple(
            Tier(period_s, aws_limit(reader, f"cloudwatch_kept_{period_s}_s"))
            for period_s in PERIODS_S
        ),
    )


def _some(jobs: Sequence[SampledJob]) -> Iterator[Sequence[SampledJob]]:
    for first in range(0, len(jobs), JOBS_AT_ONCE):
        yield jobs[first : first + JOBS_AT_ONCE]


def _reads(jobs: Sequence[SampledJob], now_s: int, limits: Limits) -> list[Read]:
    return [Read(job, window) for job in jobs for window in windows(job, now_s, limits)]


def _jobs(
    reader: Reader, account_id: str, region: str, now: datetime, limits: Limits
) -> tuple[list[SampledJob], int]:
    """Return the jobs with samples to read, and how many have hosts that nobody knows."""
    query = (files("data.aws") / "sampled_jobs.sql").read_text(encoding="utf-8")
    oldest_at = now - timedelta(seconds=limits.tiers[-1].kept_s)
    given = {
        "account_id": account_id,
        "region": region,
        "oldest_at": oldest_at,
        "now": now,
        "longest_s": aws_limit(reader, "training_run"),
    }
    rows = reader.read(lambda cursor: cursor.execute(query, given).fetchall())
    found: list[SampledJob] = []
    hostless_count = 0
    for job_name, started_s, ended_s, instance_count, has_gpus, metric_names, read_until_s in rows:
        if not instance_count:
            hostless_count += 1
            continue
        found.append(
            SampledJob(
                job_name=job_name,
                started_s=started_s,
                ended_s=ended_s,
                instance_count=instance_count,
                has_gpus=has_gpus,
                metric_names=tuple(metric_names),
                read_until_s=read_until_s,
            )
        )
    return found, hostless_count


def _fetched(calls: Calls, reads: list[Read], now_s: int, limits: Limits) -> Iterator[Page]:
    left = Counter[str]()
    for read in reads:
        left[read.job.job_name] += len(series_of(read.job))
    failed: set[str] = set()
    for number, batch in enumerate(batches(reads, limits)):
        name = f"{calls.account_id}.{calls.region}.{now_s}.{number}"
        yield from _answers(calls, batch, name, limits, failed)
        done: list[SampledJob] = []
        for read, series in batch.parts:
            left[read.job.job_name] -= len(series)
            if not left[read.job.job_name] and read.job.job_name not in failed:
                done.append(read.job)
        if done:
            rows = [_read_row(calls, job, now_s) for job in done]
            yield Page("metric_reads", f"{name}.metric-reads.jsonl", json_lines(rows))


def _answers(
    calls: Calls, batch: Batch, name: str, limits: Limits, failed: set[str]
) -> Iterator[Page]:
    """Yield the pages of one call's answer; add to `failed` the jobs of series that did not come.

    A page has the queries of its series only: empty series say nothing, and are left out.
    """
    queries = {query["Id"]: query for query in batch.queries}
    asked = [read.job.job_name for read, series in batch.parts for _ in series]
    job_names = dict(zip(queries, asked, strict=True))
    start_at, end_at = (
        datetime.fromtimestamp(moment_s, UTC)
        for moment_s in (batch.window.start_s, batch.window.end_s)
    )
    states: dict[str, str] = {}
    pages = calls.pages(
        "cloudwatch",
        "GetMetricData",
        MetricDataQueries=list(queries.values()),
        StartTime=start_at,
        EndTime=end_at,
        ScanBy="TimestampAscending",
        MaxDatapoints=limits.most_points,
    )
    for number, answer in enumerate(pages):
        results = [one for one in answer[RESULTS] if one.get("Id") in queries]
        states |= {one["Id"]: one.get("StatusCode", COMPLETE) for one in results}
        filled = [one for one in results if one.get("Timestamps")]
        if filled:
            document: dict[str, Any] = {
                "AccountId": calls.account_id,
                "Region": calls.region,
                "StartTime": start_at,
                "EndTime": end_at,
                QUERIES: [queries[one["Id"]] for one in filled],
                RESULTS: filled,
            }
            yield Page("metrics", f"{name}.{number}.metrics.json", orjson.dumps(document))
    failed |= {job_names[key] for key in queries if states.get(key) != COMPLETE}


def _read_row(calls: Calls, job: SampledJob, now_s: int) -> dict[str, Any]:
    until_s, is_complete = last_due(job, now_s)
    first_s = job.started_s if job.read_until_s is None else job.read_until_s
    return {
        "account_id": calls.account_id,
        "region": calls.region,
        "job_name": job.job_name,
        "read_from": datetime.fromtimestamp(first_s, UTC),
        "read_until": datetime.fromtimestamp(until_s, UTC),
        "series_count": len(series_of(job)),
        "is_complete": is_complete,
    }
