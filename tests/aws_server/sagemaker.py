"""Amazon SageMaker: training jobs listed, described and searched; tags; training plans."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from tests.aws_server.errors import AwsError, not_found
from tests.aws_server.history import AwsHistory
from tests.aws_server.knobs import Knobs
from tests.aws_server.paging import page
from tests.aws_server.pooled import plan_arn
from tests.aws_server.training import Document, TrainingJob

DEFAULT_PAGE, LARGEST_PAGE = 10, 100


class SageMaker:
    """Answers for one account and region."""

    def __init__(self, history: AwsHistory, knobs: Knobs) -> None:
        self.history, self.knobs = history, knobs
        self._last: tuple[Any, list[TrainingJob]] | None = None

    def list_training_jobs(self, request: Document, now: float) -> Document:
        """Return a page of summaries."""
        jobs = self.history.created_jobs(now)
        jobs = _within(jobs, request, "CreationTime", lambda job: job.created)
        jobs = _within(jobs, request, "LastModifiedTime", lambda job: job.modified(now))
        if "NameContains" in request:
            part = request["NameContains"].lower()
            jobs = [job for job in jobs if part in job.name.lower()]
        if "TrainingPlanArnEquals" in request:
            jobs = [job for job in jobs if job.family.plan == request["TrainingPlanArnEquals"]]
        if "WarmPoolStatusEquals" in request:
            wanted = request["WarmPoolStatusEquals"]
            jobs = [
                job
                for job in jobs
                if job.summary(now).get("WarmPoolStatus", {}).get("Status") == wanted
            ]
        orders: dict[str, Callable[[TrainingJob], Any]] = {
            "CreationTime": lambda job: [job.created, job.name],
            "Name": lambda job: [job.name],
            "Status": lambda job: [job.summary(now)["TrainingJobStatus"], job.name],
        }
        key = orders[request.get("SortBy", "CreationTime")]
        is_descending = request.get("SortOrder", "Ascending") == "Descending"
        found, token = self._page(sorted(jobs, key=key, reverse=is_descending), request, key)
        answers = [job.summary(now) for job in found]
        if "StatusEquals" in request:  # after the page is cut, as AWS says
            wanted = request["StatusEquals"]
            answers = [answer for answer in answers if answer["TrainingJobStatus"] == wanted]
        return _with_token({"TrainingJobSummaries": answers}, token)

    def describe_training_job(self, request: Document, now: float) -> Document:
        """Return one training job."""
        name = request["TrainingJobName"]
        job = self.history.training_job(name, now)
        if job is None or job.name in self.knobs.deleted:
            raise not_found("sagemaker:DescribeTrainingJob", name)
        return job.described(now)

    def search(self, request: Document, now: float) -> Document:
        """Return a page of training jobs nearly whole, with their tags."""
        if request["Resource"] != "TrainingJob":
            raise AwsError("ValidationException", "Only training jobs are played")
        path = request.get("SortBy", "LastModifiedTime")

        def key(job: TrainingJob) -> list[Any]:
            value = _field(job, path, now)
            return [False, job.name] if value is None else [True, value, job.name]

        asked = {name: value for name, value in request.items() if name != "NextToken"}
        found = self._remembered(now, asked, lambda: self._found(asked, now, key))
        records, token = self._page(found, request, key)
        total = len(found)
        answer: Document = {
            "Results": [job.found(now) for job in records],
            "TotalHits": {"Value": total, "Relation": "EqualTo"},
        }
        return _with_token(answer, token)

    def _found(
        self, request: Document, now: float, key: Callable[[TrainingJob], Any]
    ) -> list[TrainingJob]:
        expression = request.get("SearchExpression", {})
        found = [
            job
            for job in self.history.created_jobs(now)
            if job.name not in self.knobs.deleted and _matches(job, expression, now)
        ]
        return sorted(found, key=key, reverse=request.get("SortOrder") != "Ascending")

    def _remembered(
        self, now: float, request: Document, find: Callable[[], list[TrainingJob]]
    ) -> list[TrainingJob]:
        """Return what was found for the page before, if nothing happened since."""
        asked = (now, len(self.knobs.deleted), json.dumps(request, sort_keys=True))
        if self._last is None or self._last[0] != asked:
            self._last = (asked, find())
        return self._last[1]

    def list_tags(self, request: Document, now: float) -> Document:
        """Return the tags of a training job."""
        name = request["ResourceArn"].rsplit("/", 1)[-1]
        job = self.history.training_job(name, now)
        if job is None or job.name in self.knobs.deleted:
            raise not_found("sagemaker:ListTags", name)
        return {"Tags": [{"Key": key, "Value": value} for key, value in job.tags.items()]}

    def list_training_plans(self, request: Document, now: float) -> Document:
        """Return the one training plan."""
        arn = plan_arn(self.history.account, self.history.region)
        begun = self.history.training_jobs[0].created - 86400
        plan = {
            "TrainingPlanArn": arn,
            "TrainingPlanName": "research",
            "Status": "Active",
            "DurationHours": 24 * 90,
            "StartTime": begun,
            "EndTime": begun + 90 * 86400,
            "UpfrontFee": "250000.00",
            "CurrencyCode": "USD",
            "TotalInstanceCount": 4,
            "AvailableInstanceCount": 2,
            "InUseInstanceCount": 2,
            "TargetResources": ["training-job"],
            "ReservedCapacitySummaries": [
                {
                    "ReservedCapacityArn": arn.replace("training-plan/", "reserved-capacity/"),
                    "InstanceType": "ml.p5.48xlarge",
                    "TotalInstanceCount": 4,
                    "Status": "Active",
                    "DurationHours": 24 * 90,
                    "StartTime": begun,
                    "EndTime": begun + 90 * 86400,
                }
            ],
        }
        return {"TrainingPlanSummaries": [plan]}

    def _page(
        self, jobs: list[TrainingJob], request: Document, key: Callable[[TrainingJob], Any]
    ) -> tuple[list[TrainingJob], str | None]:
        size = request.get("MaxResults", DEFAULT_PAGE)
        if not 1 <= size <= LARGEST_PAGE:
            raise AwsError("ValidationException", f"MaxResults {size} is not within 1 and 100")
        asked = {name: value for name, value in request.items() if name != "NextToken"}
        return page(
            jobs,
            key=key,
            token=request.get("NextToken"),
            size=size,
            request=asked,
            knobs=self.knobs,
        )


def _with_token(answer: Document, token: str | None) -> Document:
    return answer if token is None else {**answer, "NextToken": token}


def _within(
    jobs: list[TrainingJob], request: Document, name: str, value: Callable[[TrainingJob], float]
) -> list[TrainingJob]:
    after, before = request.get(f"{name}After"), request.get(f"{name}Before")
    if after is not None:
        jobs = [job for job in jobs if value(job) >= after]
    if before is not None:
        jobs = [job for job in jobs if value(job) <= before]
    return jobs


def _matches(job: TrainingJob, expression: Document, now: float) -> bool:
    checks = [_passes(job, condition, now) for condition in expression.get("Filters", [])]
    checks += [_matches(job, part, now) for part in expression.get("SubExpressions", [])]
    return any(checks) if expression.get("Operator") == "Or" else all(checks)


def _passes(job: TrainingJob, condition: Document, now: float) -> bool:
    value = _field(job, condition["Name"], now)
    operator = condition.get("Operator", "Equals")
    if operator in {"Exists", "NotExists"}:
        return (value is not None) == (operator == "Exists")
    if value is None:
        return bool(operator == "NotEquals")
    given: Any = condition["Value"]
    if operator == "In":
        return str(value) in given.split(",")
    if isinstance(value, int | float) and not isinstance(value, bool):
        given = _number(given)
    else:
        value = str(value)
    checks: dict[str, Callable[[], bool]] = {
        "Equals": lambda: value == given,
        "NotEquals": lambda: value != given,
        "GreaterThan": lambda: value > given,
        "GreaterThanOrEqualTo": lambda: value >= given,
        "LessThan": lambda: value < given,
        "LessThanOrEqualTo": lambda: value <= given,
        "Contains": lambda: given in value,
    }
    return checks[operator]()


@lru_cache
def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        instant = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return instant.replace(tzinfo=instant.tzinfo or UTC).timestamp()


def _field(job: TrainingJob, path: str, now: float) -> Any:
    if path == "CreationTime":
        return job.created
    if path == "LastModifiedTime":
        return job.modified(now)
    value: Any = job.found(now)["TrainingJob"]
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value
