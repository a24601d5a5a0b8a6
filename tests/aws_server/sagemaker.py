"""Amazon SageMaker: training jobs listed, described and searched; tags; training plans."""

from collections.abc import Callable
from datetime import UTC, datetime
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
        found = [
            job for job in self.history.created_jobs(now) if job.name not in self.knobs.deleted
        ]
        expression = request.get("SearchExpression")
        if expression:
            found = [job for job in found if _matches(job.found(now)["TrainingJob"], expression)]
        path = request.get("SortBy", "LastModifiedTime")

        def key(job: TrainingJob) -> Any:
            value = _value(job.found(now)["TrainingJob"], path)
            return [value is not None, value, job.name] if value is not None else [False, job.name]

        is_descending = request.get("SortOrder", "Descending") == "Descending"
        total = len(found)
        found.sort(key=key, reverse=is_descending)
        records, token = self._page(found, request, key)
        answer: Document = {
            "Results": [job.found(now) for job in records],
            "TotalHits": {"Value": total, "Relation": "EqualTo"},
        }
        return _with_token(answer, token)

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


def _matches(record: Document, expression: Document) -> bool:
    checks = [_passes(record, condition) for condition in expression.get("Filters", [])]
    checks += [_matches(record, part) for part in expression.get("SubExpressions", [])]
    return any(checks) if expression.get("Operator") == "Or" else all(checks)


def _passes(record: Document, condition: Document) -> bool:
    value = _value(record, condition["Name"])
    operator = condition.get("Operator", "Equals")
    if operator in {"Exists", "NotExists"}:
        return (value is not None) == (operator == "Exists")
    if value is None:
        return operator == "NotEquals"
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


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        instant = datetime.fromisoformat(text.replace("Z", "+00:00"))
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=UTC)  # as the API reference writes instants
        return instant.timestamp()


def _value(record: Document, path: str) -> Any:
    value: Any = record
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value
