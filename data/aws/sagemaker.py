"""Training jobs: found by Search where it is allowed, else listed and described one by one.

Search gives whole records by the time of their last change. A list gives summaries by creation: the
first time it is read down by creation, then by what has changed since. Neither may tell of a pool
that ends long after its job, so jobs whose pool lives are described again until it has ended.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import orjson

from data.aws.errors import GoneError, MissingPermission
from data.aws.pages import Page, Step, bare, json_lines
from data.aws.scope import Scope
from data.aws.walk import PAGE_SIZE, Listing, Stretch, end_of_second, instant, walk
from data.aws.watermarks import EPOCH, Gap

SEARCHED, LISTED = "training_jobs.search", "training_jobs.list"
SEARCH, LIST = "sagemaker:Search", "sagemaker:ListTrainingJobs"
DESCRIBE, TAGS = "sagemaker:DescribeTrainingJob", "sagemaker:ListTags"
LONGEST_CLUSTER = timedelta(days=28)
LONGEST_KEEP_ALIVE = timedelta(hours=6)
SLACK = timedelta(hours=1)
JOB_COUNT = "training_jobs.count"


def plan(scope: Scope) -> tuple[Step, ...]:
    """Return what is going to be read; of a history that was not read yet, AWS says how much."""
    poll_count = len(_live_pools(scope))
    polls = (scope.step("Pools that were alive", {DESCRIBE: poll_count}),) if poll_count else ()
    try:
        job_count = sum(_job_count(scope, gap) for gap in scope.watermarks.gaps(SEARCHED))
    except MissingPermission as error:
        scope.denied[error.iam_action] = error
        # how many there are, only the list itself tells
        return (scope.step("Training jobs", {LIST: 1, DESCRIBE: 1}, is_least=True), *polls)
    scope.answers[JOB_COUNT] = job_count
    page_count = max(1, math.ceil(job_count / PAGE_SIZE))
    return (scope.step(f"Training jobs ({job_count:,})", {SEARCH: page_count}), *polls)


def fetch(scope: Scope) -> Iterator[Page]:
    """Yield what is new of training jobs, the newest first, then of the pools that were alive."""
    pools = _live_pools(scope)
    seen: set[str] = set()
    if SEARCH not in scope.denied:
        yield from scope.allowed(_searched(scope, seen))
    if SEARCH in scope.denied:
        yield from scope.allowed(_listed(scope, seen))
    yield from scope.allowed(_polled(scope, [name for name in pools if name.lower() not in seen]))


def _job_count(scope: Scope, gap: Gap) -> int:
    """Return how many jobs a gap has: as AWS says if it is large, a guess if it is since lately."""
    if gap.start is not None and gap.end is None:
        return 1
    answer = scope.once(
        f"{SEARCHED} {gap}",
        lambda: scope.calls.call(
            "sagemaker", "Search", **_search(gap, gap.end, None) | {"MaxResults": 1}
        ),
    )
    scope.surplus[SEARCH] += 1
    return int(answer.get("TotalHits", {}).get("Value", 0))


def _searched(scope: Scope, seen: set[str]) -> Iterator[Page]:
    for gap in scope.watermarks.gaps(SEARCHED):
        listing = Listing(
            SEARCH,
            lambda bound, token, gap=gap: scope.calls.call(  # type: ignore[misc]
                "sagemaker", "Search", **_search(gap, bound, token)
            ),
            lambda answer: [one["TrainingJob"] for one in answer.get("Results", [])],
            lambda record: instant(record.get("LastModifiedTime")),
            _name,
        )
        for stretch in walk(scope, listing, gap.end):
            seen |= {_name(record) for record in stretch.records}
            scope.say("Training jobs", len(seen), scope.answers.get(JOB_COUNT))
            new = _new(scope, stretch.records)
            content = orjson.dumps({"Results": [{"TrainingJob": job} for job in new]})
            content = content if new else b""
            yield _page(scope, "search-training-jobs", content, stretch, SEARCHED, gap)


def _search(gap: Gap, bound: datetime | None, token: str | None) -> dict[str, Any]:
    """Return the parameters of Search: jobs changed in a gap, up to a time."""
    limits = []
    if gap.start is not None:
        limits.append(("GreaterThanOrEqualTo", gap.start))
    if bound is not None:
        limits.append(("LessThanOrEqualTo", end_of_second(bound)))
    filters = [
        {"Name": "LastModifiedTime", "Operator": sign, "Value": f"{time:%Y-%m-%dT%H:%M:%S}"}
        for sign, time in limits
    ]
    request: dict[str, Any] = {
        "Resource": "TrainingJob",
        "SortBy": "LastModifiedTime",
        "SortOrder": "Descending",
        "MaxResults": PAGE_SIZE,
    }
    if filters:
        request["SearchExpression"] = {"Filters": filters}
    return request | ({"NextToken": token} if token else {})


def _listed(scope: Scope, seen: set[str]) -> Iterator[Page]:
    for gap in scope.watermarks.gaps(LISTED):
        listing = Listing(
            LIST,
            lambda bound, token, gap=gap: scope.calls.call(  # type: ignore[misc]
                "sagemaker", "ListTrainingJobs", **_list(gap, bound, token)
            ),
            lambda answer: answer.get("TrainingJobSummaries", []),
            lambda record: instant(record.get("CreationTime")),
            _name,
        )
        # by change there is no order that a part of the list could be whole in
        for stretch in walk(scope, listing, gap.end if gap.start is None else None):
            jobs = _described(scope, stretch.records)
            seen |= {_name(record) for record in stretch.records}
            scope.say("Training jobs", len(seen))
            yield _page(scope, "training-jobs", json_lines(jobs), stretch, LISTED, gap)


def _list(gap: Gap, bound: datetime | None, token: str | None) -> dict[str, Any]:
    """Return the parameters of ListTrainingJobs: by creation, of what was changed since a time."""
    request: dict[str, Any] = {
        "SortBy": "CreationTime",
        "SortOrder": "Descending",
        "MaxResults": PAGE_SIZE,
    }
    if gap.start is not None:
        request["LastModifiedTimeAfter"] = gap.start
    if bound is not None:
        request["CreationTimeBefore"] = end_of_second(bound)
    return request | ({"NextToken": token} if token else {})


def _page(scope: Scope, name: str, content: bytes, stretch: Stretch, source: str, gap: Gap) -> Page:
    """Return a page that notes, once it is merged, how far down everything was read."""
    is_by_change_of_list = source == LISTED and gap.start is not None
    if stretch.is_last:
        start: datetime | None = gap.start or EPOCH
    else:
        start = None if is_by_change_of_list else stretch.whole_from
    end = gap.end or stretch.begun_at

    def note() -> None:
        if start is not None:
            scope.watermarks.cover(source, start, max(start, end))

    return Page("jobs", scope.page_name(name), content, note)


def _described(scope: Scope, summaries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the whole records of listed jobs, but for those that the store has as they are.

    Of a job that is gone meanwhile, or may not be described, the summary is all there is.
    """
    known = _known(scope, summaries)
    new = [one for one in summaries if not _is_as_known(one, known.get(_name(one)))]
    return list(scope.calls.at_once(partial(_describe, scope, known=known), new))


def _new(scope: Scope, jobs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the jobs that the store does not have as they are."""
    known = _known(scope, jobs)
    return [one for one in jobs if not _is_as_known(one, known.get(_name(one)))]


def _describe(
    scope: Scope, summary: dict[str, Any], known: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    if DESCRIBE in scope.denied:
        return summary
    try:
        job = bare(
            scope.calls.call(
                "sagemaker", "DescribeTrainingJob", TrainingJobName=summary["TrainingJobName"]
            )
        )
    except GoneError:
        return summary
    except MissingPermission as error:
        scope.denied[error.iam_action] = error
        return summary
    has_tags = known.get(_name(summary), {}).get("has_tags", False)
    if has_tags or TAGS in scope.denied:
        return job
    try:
        tags = [
            tag
            for answer in scope.calls.pages(
                "sagemaker", "ListTags", ResourceArn=job["TrainingJobArn"]
            )
            for tag in answer["Tags"]
        ]
    except GoneError:
        return job
    except MissingPermission as error:
        scope.denied[error.iam_action] = error
        return job
    # as Search has it
    return job | {"Tags": tags}


def _known(scope: Scope, jobs: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return what the store has of jobs, by their names in lower case."""
    rows = scope.rows(
        """
        select lower(job_name) as name, epoch_us(last_modified_at) as last_modified_us,
            warm_pool_status, len(tags) > 0 as has_tags
        from training_jobs
        where account_id = $account_id and region = $region
            and record_kind in ('describe', 'search')
            and list_contains($names, lower(job_name))
        """,
        {"names": [_name(one) for one in jobs]},
    )
    return {row["name"]: row for row in rows}


def _is_as_known(summary: dict[str, Any], known: dict[str, Any] | None) -> bool:
    changed_at = instant(summary.get("LastModifiedTime"))
    if known is None or changed_at is None or known["last_modified_us"] is None:
        return False
    pool = summary.get("WarmPoolStatus", {}).get("Status")
    difference_us = abs(
        (changed_at - EPOCH) / timedelta(microseconds=1) - known["last_modified_us"]
    )
    return bool(difference_us < 1000 and pool == known["warm_pool_status"])


def _live_pools(scope: Scope) -> list[str]:
    """Return the jobs whose pool was alive when they were read last, and may have ended since."""
    rows = scope.rows(
        """
        select job_name from training_jobs
        where account_id = $account_id and region = $region
            and warm_pool_status in ('InUse', 'Available')
            -- one more time after the latest end that is possible, then no more
            and fetched_at < coalesce(training_ended_at, created_at + $cluster::interval)
                + $keep_alive::interval
            and created_at > $now::timestamptz - 2 * $cluster::interval
        order by created_at desc
        """,
        {
            "now": scope.now,
            "cluster": LONGEST_CLUSTER,
            "keep_alive": LONGEST_KEEP_ALIVE + SLACK,
        },
    )
    return [str(row["job_name"]) for row in rows]


def _polled(scope: Scope, names: Sequence[str]) -> Iterator[Page]:
    def describe(name: str) -> dict[str, Any] | None:
        try:
            return bare(scope.calls.call("sagemaker", "DescribeTrainingJob", TrainingJobName=name))
        except GoneError:
            return None

    for start in range(0, len(names), PAGE_SIZE):
        scope.say("Warm pools", start, len(names))
        answers = scope.calls.at_once(describe, names[start : start + PAGE_SIZE])
        if jobs := _new(scope, [job for job in answers if job is not None]):
            yield Page("jobs", scope.page_name("warm-pools"), json_lines(jobs))


def _name(record: dict[str, Any]) -> str:
    return str(record["TrainingJobName"]).lower()
