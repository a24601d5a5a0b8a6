"""AWS Batch: queues of training jobs, what they are set to, what waits in them, service jobs.

Settings are landed when they have changed. Of a queue's snapshot there is no history at AWS, so
each is kept. Service jobs are listed by creation; those that have not ended are asked for again.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import orjson

from data.aws.calls import answered_at
from data.aws.errors import GoneError, MissingPermission
from data.aws.pages import Page, Step, bare, json_lines, timed
from data.aws.scope import Scope
from data.aws.walk import PAGE_SIZE, Listing, instant, walk
from data.aws.watermarks import EPOCH, Gap

LIST, DESCRIBE = "batch:ListServiceJobs", "batch:DescribeServiceJob"
TRAINING = "SAGEMAKER_TRAINING"
ENDED = ("SUCCEEDED", "FAILED")
POLLED = timedelta(days=90)
MILLISECOND = timedelta(milliseconds=1)

Queue = dict[str, Any]


def plan(scope: Scope) -> tuple[Step, ...]:
    """Return what is going to be read."""
    try:
        queues = _queues(scope)
    except MissingPermission:
        return ()
    if not queues:
        return ()
    settings = {
        "batch:DescribeServiceEnvironments": 1,
        "batch:DescribeSchedulingPolicies": 1,
        "batch:GetJobQueueSnapshot": len(queues),
    }
    unfinished_count = sum(len(_unfinished(scope, queue)) for queue in queues)
    jobs = {LIST: len(queues), DESCRIBE: max(1, unfinished_count)}
    return (
        scope.step(f"Job queues ({len(queues)}), their settings and snapshots", settings),
        scope.step("Service jobs", jobs, is_least=True),
    )


def fetch(scope: Scope) -> Iterator[Page]:
    """Yield the queues with their settings and snapshots, then what is new of service jobs."""
    try:
        queues = _queues(scope)
    except MissingPermission as error:
        scope.denied[error.iam_action] = error
        return
    if not queues:
        return
    yield from _setting(scope, "job_queues", "jobQueues", queues, scope.answers["batch.answer"])
    for part in (_environments, _policies, _quota_shares, _snapshots):
        yield from scope.allowed(part(scope, queues))
    for queue in queues:
        yield from scope.allowed(_service_jobs(scope, queue))


def _queues(scope: Scope) -> list[Queue]:
    """Return the queues that lead to SageMaker."""

    def ask() -> list[Queue]:
        found = []
        for answer in scope.calls.pages("batch", "DescribeJobQueues", maxResults=PAGE_SIZE):
            scope.answers["batch.answer"] = answer
            found += [queue for queue in answer["jobQueues"] if _is_for_training(queue)]
        return found

    scope.say("Job queues", 0)
    queues: list[Queue] = scope.once("batch.queues", ask)
    return queues


def _is_for_training(queue: Queue) -> bool:
    usual = TRAINING if queue.get("serviceEnvironmentOrder") else ""
    return str(queue.get("jobQueueType", usual)) == TRAINING


def _setting(
    scope: Scope, kind: str, wrapper: str, records: list[dict[str, Any]], answer: dict[str, Any]
) -> Iterator[Page]:
    """Yield a page of settings, unless they are what they were."""
    told = orjson.dumps(records, option=orjson.OPT_SORT_KEYS)
    at = answered_at(answer)

    def note() -> None:
        scope.watermarks.remember(kind, told, at)

    if scope.watermarks.is_known(kind, told):
        note()
    elif records:
        document = timed({wrapper: records, "ResponseMetadata": answer["ResponseMetadata"]})
        yield Page(kind, scope.page_name(kind), json_lines([document]), note)


def _environments(scope: Scope, queues: Sequence[Queue]) -> Iterator[Page]:
    wanted = {
        one["serviceEnvironment"] for queue in queues for one in queue["serviceEnvironmentOrder"]
    }
    found: list[dict[str, Any]] = []
    answer: dict[str, Any] = {}
    for answer in scope.calls.pages("batch", "DescribeServiceEnvironments", maxResults=PAGE_SIZE):
        found += [
            one
            for one in answer["serviceEnvironments"]
            if one.get("serviceEnvironmentType", TRAINING) == TRAINING
            or one["serviceEnvironmentArn"] in wanted
        ]
    yield from _setting(scope, "service_environments", "serviceEnvironments", found, answer)


def _policies(scope: Scope, queues: Sequence[Queue]) -> Iterator[Page]:
    arns = sorted({arn for queue in queues if (arn := queue.get("schedulingPolicyArn"))})
    found: list[dict[str, Any]] = []
    answer: dict[str, Any] = {}
    for start in range(0, len(arns), PAGE_SIZE):
        answer = scope.calls.call(
            "batch", "DescribeSchedulingPolicies", arns=arns[start : start + PAGE_SIZE]
        )
        found += answer["schedulingPolicies"]
    scope.answers["batch.policies"] = {one["arn"]: one for one in found}
    if found:
        yield from _setting(scope, "scheduling_policies", "schedulingPolicies", found, answer)


def _quota_shares(scope: Scope, queues: Sequence[Queue]) -> Iterator[Page]:
    policies = scope.answers.get("batch.policies", {})
    found: list[dict[str, Any]] = []
    last: dict[str, Any] = {}
    for queue in queues:
        policy = policies.get(queue.get("schedulingPolicyArn"))
        if policy is not None and "quotaSharePolicy" not in policy:
            continue
        for answer in scope.calls.pages(
            "batch", "ListQuotaShares", jobQueue=queue["jobQueueArn"], maxResults=PAGE_SIZE
        ):
            found += answer["quotaShares"]
            last = answer
    if found:
        yield from _setting(scope, "quota_shares", "quotaShares", found, last)


def _snapshots(scope: Scope, queues: Sequence[Queue]) -> Iterator[Page]:
    snapshots, at = [], scope.now
    for queue in queues:
        arn = queue["jobQueueArn"]
        answer = scope.calls.call("batch", "GetJobQueueSnapshot", jobQueue=arn)
        # an answer does not say whose it is
        snapshots.append({"jobQueue": arn, **timed(answer)})
        at = answered_at(answer)
    note = partial(scope.watermarks.remember, "queue_snapshots", b"", at)
    yield Page("queue_snapshots", scope.page_name("queue_snapshots"), json_lines(snapshots), note)


def _service_jobs(scope: Scope, queue: Queue) -> Iterator[Page]:
    arn = queue["jobQueueArn"]
    source = f"service_jobs/{arn}"
    unfinished = {row["service_job_id"]: row for row in _unfinished(scope, queue)}
    seen: set[str] = set()
    for gap in scope.watermarks.gaps(source):
        wide = _widened(scope, queue, gap, list(unfinished.values()))
        listing = Listing(
            LIST,
            partial(_listed, scope, arn, wide),
            lambda answer: answer["jobSummaryList"],
            lambda record: instant(record.get("createdAt")),
            lambda record: str(record["jobId"]),
            is_filtered_by_time=False,
        )
        for stretch in walk(scope, listing):
            seen |= {str(record["jobId"]) for record in stretch.records}
            scope.say(f"Service jobs in {_queue_name(queue)}", len(seen))
            is_through = _is_below(wide.start, stretch.whole_from)
            start = (gap.start or EPOCH) if stretch.is_last or is_through else stretch.whole_from
            end = gap.end or stretch.begun_at
            note = partial(_cover, scope, source, start, end)
            jobs = _described(scope, arn, stretch.records)
            yield Page("service_jobs", scope.page_name("service-jobs"), json_lines(jobs), note)
            if is_through:
                break
    left = [{"jobId": job_id} for job_id in unfinished if job_id not in seen]
    for begin in range(0, len(left), PAGE_SIZE):
        answers = scope.calls.at_once(
            partial(_describe, scope, arn), left[begin : begin + PAGE_SIZE]
        )
        if jobs := [job for job in answers if "jobArn" in job]:
            yield Page("service_jobs", scope.page_name("service-jobs"), json_lines(jobs))


def _cover(scope: Scope, source: str, start: datetime | None, end: datetime) -> None:
    if start is not None:
        scope.watermarks.cover(source, start, max(start, end))


def _is_below(start: datetime | None, whole_from: datetime | None) -> bool:
    return start is not None and whole_from is not None and whole_from < start


def _listed(
    scope: Scope, queue_arn: str, gap: Gap, _: datetime | None, token: str | None
) -> dict[str, Any]:
    """List the service jobs of a queue, created in a gap: one filter is all that AWS takes."""
    if gap.end is None:
        name, limit = "AFTER_CREATED_AT", gap.start or EPOCH
    else:
        name, limit = "BEFORE_CREATED_AT", gap.end + MILLISECOND
    extra = {"nextToken": token} if token else {}
    return scope.calls.call(
        "batch",
        "ListServiceJobs",
        jobQueue=queue_arn,
        filters=[{"name": name, "values": [str(int(limit.timestamp() * 1000))]}],
        maxResults=PAGE_SIZE,
        **extra,
    )


def _widened(scope: Scope, queue: Queue, gap: Gap, unfinished: list[dict[str, Any]]) -> Gap:
    """Return a gap that reaches down to the oldest unfinished job, if that saves requests."""
    if gap.end is not None or gap.start is None or not unfinished:
        return gap
    oldest_us = min(row["created_us"] for row in unfinished)
    oldest = EPOCH + timedelta(microseconds=oldest_us)
    if oldest >= gap.start:
        return gap
    (row,) = scope.rows(
        """
        select count(*) as job_count from service_jobs
        where account_id = $account_id and region = $region and queue_name = $queue_name
            and created_at >= $oldest::timestamptz
        """,
        {"queue_name": _queue_name(queue), "oldest": oldest},
    )
    is_cheaper = row["job_count"] / PAGE_SIZE < len(unfinished)
    return Gap(oldest - MILLISECOND, None) if is_cheaper else gap


def _unfinished(scope: Scope, queue: Queue) -> list[dict[str, Any]]:
    """Return the jobs of a queue that had not ended when they were read last."""
    return scope.rows(
        """
        select service_job_id, epoch_us(created_at) as created_us
        from service_jobs
        where account_id = $account_id and region = $region and queue_name = $queue_name
            and coalesce(not list_contains($ended, status), true)
            and created_at > $now::timestamptz - $polled::interval
        """,
        {
            "queue_name": _queue_name(queue),
            "ended": list(ENDED),
            "now": scope.now,
            "polled": POLLED,
        },
    )


def _queue_name(queue: Queue) -> str:
    return str(queue["jobQueueName"])


def _described(
    scope: Scope, queue_arn: str, summaries: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the whole records of listed jobs, but for those that the store has as they are."""
    known = _known(scope, [str(one["jobId"]) for one in summaries])
    new = [one for one in summaries if not _is_as_known(one, known.get(str(one["jobId"])))]
    return list(scope.calls.at_once(partial(_describe, scope, queue_arn), new))


def _describe(scope: Scope, queue_arn: str, summary: dict[str, Any]) -> dict[str, Any]:
    # a summary does not say its queue
    whole = {"jobQueue": queue_arn, **summary}
    if DESCRIBE in scope.denied:
        return whole
    try:
        return bare(scope.calls.call("batch", "DescribeServiceJob", jobId=summary["jobId"]))
    except GoneError:
        return whole
    except MissingPermission as error:
        scope.denied[error.iam_action] = error
        return whole


def _known(scope: Scope, job_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    rows = scope.rows(
        """
        select service_job_id, status, epoch_ms(scheduled_at) as scheduled_ms,
            epoch_ms(started_at) as started_ms, epoch_ms(ended_at) as ended_ms,
            list_transform(attempts, lambda one: lower(one.training_job_arn)) as attempt_arns
        from service_jobs
        where account_id = $account_id and region = $region and record_kind = 'describe'
            and list_contains($job_ids, service_job_id)
        """,
        {"job_ids": list(job_ids)},
    )
    return {row["service_job_id"]: row for row in rows}


def _is_as_known(summary: dict[str, Any], known: dict[str, Any] | None) -> bool:
    """Whether nothing that a summary says of a job is news."""
    if known is None or summary.get("status") != known["status"]:
        return False
    attempt = summary.get("latestAttempt", {}).get("serviceResourceId", {}).get("value")
    if attempt and attempt.lower() not in (known["attempt_arns"] or []):
        return False
    times = [("scheduledAt", "scheduled_ms"), ("startedAt", "started_ms")]
    if known["status"] in ENDED:
        times.append(("stoppedAt", "ended_ms"))
    return all(_ms(summary.get(said)) == known[kept] for said, kept in times)


def _ms(value: Any) -> int | None:
    time = instant(value)
    return None if time is None else round(time.timestamp() * 1000)
