"""The AWS that the tests play answers as AWS would, and misbehaves only where a knob is set."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.aws_server.clock import Clock
from tests.aws_server.history import ACCOUNT, REGION, AwsHistory
from tests.aws_server.prices import INSTANCE_TYPES
from tests.aws_server.server import AwsServer

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SESSION = botocore.session.get_session()
NO_RETRIES = Config(retries={"total_max_attempts": 1})


@pytest.fixture(scope="module")
def history() -> AwsHistory:
    """A small history."""
    return AwsHistory(Clock(NOW), jobs=120)


@pytest.fixture
def aws(history: AwsHistory) -> Iterator[AwsServer]:
    """A server of it, its clock back at the start."""
    history.clock.now, history.clock.step_s = NOW.timestamp(), 0.0
    with AwsServer(history) as server:
        yield server


def client(aws: AwsServer, service: str, **given: Any) -> BaseClient:
    environment = aws.environment(**given)
    return SESSION.create_client(
        service,
        region_name=environment["AWS_DEFAULT_REGION"],
        endpoint_url=aws.url,
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key="secret",
        config=NO_RETRIES,
    )


def test_lists_describes_and_searches_tell_of_the_same_jobs(aws: AwsServer) -> None:
    sagemaker = client(aws, "sagemaker")
    pages = sagemaker.get_paginator("list_training_jobs").paginate(
        SortBy="CreationTime", SortOrder="Descending", PaginationConfig={"PageSize": 100}
    )
    listed = {job["TrainingJobName"]: job for page in pages for job in page["TrainingJobSummaries"]}
    found = {
        result["TrainingJob"]["TrainingJobName"]: result["TrainingJob"]
        for page in sagemaker.get_paginator("search").paginate(
            Resource="TrainingJob", PaginationConfig={"PageSize": 100}
        )
        for result in page["Results"]
    }
    assert len(listed) == 120
    assert aws.requests == {"sagemaker:ListTrainingJobs": 2, "sagemaker:Search": 2}
    assert listed.keys() == found.keys()
    for name, job in list(found.items())[::6]:
        described = sagemaker.describe_training_job(TrainingJobName=name)
        del described["ResponseMetadata"]
        tags = job.pop("Tags")
        assert described == job
        assert listed[name]["TrainingJobStatus"] == job["TrainingJobStatus"]
        assert sagemaker.list_tags(ResourceArn=job["TrainingJobArn"])["Tags"] == tags


def test_a_donor_learns_later_who_reused_its_pool(aws: AwsServer, history: AwsHistory) -> None:
    donor = next(job for job in history.training_jobs if job.reused_by)
    sagemaker = client(aws, "sagemaker")

    def pool(at: float) -> dict[str, Any]:
        aws.clock.now = at
        return dict(sagemaker.describe_training_job(TrainingJobName=donor.name)["WarmPoolStatus"])

    assert donor.pool_ended is not None
    assert pool(donor.ended - 1) == {"Status": "InUse"}
    assert pool(donor.ended + 1) == {"Status": "Available"}
    assert pool(donor.pool_ended + 1) == {
        "Status": "Reused",
        "ResourceRetainedBillableTimeInSeconds": int(donor.pool_ended - donor.ended),
        "ReusedByJob": donor.reused_by,
    }


def test_service_jobs_name_the_training_jobs_of_their_attempts(aws: AwsServer) -> None:
    batch, sagemaker = client(aws, "batch"), client(aws, "sagemaker")
    attempts = 0
    for queue in batch.describe_job_queues()["jobQueues"]:
        if queue["jobQueueType"] != "SAGEMAKER_TRAINING":
            continue
        page = batch.list_service_jobs(
            jobQueue=queue["jobQueueArn"], filters=[{"name": "AFTER_CREATED_AT", "values": ["0"]}]
        )
        for job in page["jobSummaryList"]:
            for attempt in batch.describe_service_job(jobId=job["jobId"])["attempts"]:
                name = attempt["serviceResourceId"]["value"].rsplit("/")[-1]
                assert sagemaker.describe_training_job(TrainingJobName=name)
                attempts += 1
        assert batch.get_job_queue_snapshot(jobQueue=queue["jobQueueName"])["frontOfQueue"]
    assert attempts == 36


def test_credentials_of_a_role_lead_to_its_account(aws: AwsServer) -> None:
    sts = client(aws, "sts")
    assert sts.get_caller_identity()["Account"] == ACCOUNT
    role = sts.assume_role(
        RoleArn="arn:aws:iam::210987654321:role/reader", RoleSessionName="stoker"
    )
    assert "210987654321" in role["Credentials"]["AccessKeyId"]
    other = client(aws, "sagemaker", account="210987654321", region=REGION)
    assert other.list_training_jobs()["TrainingJobSummaries"] == []


@pytest.mark.parametrize(
    ("knob", "value", "code"),
    [
        ("throttled_share", 1.0, "ThrottlingException"),
        ("failed_share", 1.0, "InternalFailure"),
        ("expires_after", 0, "ExpiredTokenException"),
        ("denied", {"sagemaker:Search"}, "AccessDeniedException"),
    ],
)
def test_refusals_have_aws_own_codes(aws: AwsServer, knob: str, value: Any, code: str) -> None:
    setattr(aws.knobs, knob, value)
    with pytest.raises(ClientError) as caught:
        client(aws, "sagemaker").search(Resource="TrainingJob")
    assert caught.value.response["Error"]["Code"] == code
    assert aws.refused == {("sagemaker:Search", code): 1}


def test_pages_may_be_empty_repeat_and_move(aws: AwsServer) -> None:
    aws.knobs.empty_page_every, aws.knobs.duplicates = 2, True
    pages = (
        client(aws, "sagemaker")
        .get_paginator("list_training_jobs")
        .paginate(SortBy="CreationTime", SortOrder="Descending", PaginationConfig={"PageSize": 50})
    )
    names = [[job["TrainingJobName"] for job in page["TrainingJobSummaries"]] for page in pages]
    assert [] in names
    assert len(set(sum(names, []))) == 120
    assert len(sum(names, [])) > 120


def test_statuses_and_fields_of_later_years_are_played(aws: AwsServer) -> None:
    aws.knobs.unknown_status_every, aws.knobs.new_fields = 3, True
    page = client(aws, "sagemaker").list_training_jobs(MaxResults=100)
    statuses = {job["TrainingJobStatus"] for job in page["TrainingJobSummaries"]}
    assert {"Hibernating", "Completed"} <= statuses


def test_samples_have_the_period_that_their_age_allows(aws: AwsServer, history: AwsHistory) -> None:
    job = next(job for job in history.training_jobs if job.family.name == "resnet")
    assert job.started is not None
    cloudwatch = client(aws, "cloudwatch")

    def points(days_later: float, period: int) -> int:
        aws.clock.now = job.ended + days_later * 86400
        answer = cloudwatch.get_metric_data(
            MetricDataQueries=[_query("m0", "CPUUtilization", f"{job.name}/algo-1", period)],
            StartTime=datetime.fromtimestamp(job.created, UTC),
            EndTime=datetime.fromtimestamp(job.ended, UTC),
        )
        return len(answer["MetricDataResults"][0]["Values"])

    minutes = int(job.ended // 60 - job.started // 60)
    assert points(14, 60) in {minutes, minutes + 1}
    assert points(16, 60) == 0
    assert points(16, 300) in range(minutes // 5, minutes // 5 + 3)
    assert points(64, 300) == 0
    assert points(64, 3600) in range(1, minutes // 60 + 3)
    assert points(456, 3600) == 0


def test_a_series_goes_on_in_the_next_page(aws: AwsServer, history: AwsHistory) -> None:
    jobs = [job for job in history.created_jobs(NOW.timestamp() - 7200) if job.started]
    newest = [job for job in jobs if job.created > NOW.timestamp() - 10 * 86400]
    queries = [
        _query(f"m{number}", "MemoryUtilization", f"{job.name}/algo-1", 60)
        for number, job in enumerate(newest)
    ]
    cloudwatch = client(aws, "cloudwatch")
    parameters: dict[str, Any] = {
        "MetricDataQueries": queries,
        "StartTime": datetime.fromtimestamp(newest[0].created, UTC),
        "EndTime": NOW,
    }
    whole = cloudwatch.get_metric_data(**parameters)["MetricDataResults"]
    parts: dict[str, list[float]] = {}
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        **parameters, PaginationConfig={"PageSize": 1500}
    )
    statuses = set()
    for page in pages:
        assert sum(len(result["Values"]) for result in page["MetricDataResults"]) <= 1500
        for result in page["MetricDataResults"]:
            parts.setdefault(result["Id"], []).extend(result["Values"])
            statuses.add(result["StatusCode"])
    assert statuses == {"Complete", "PartialData"}
    assert parts == {result["Id"]: result["Values"] for result in whole}


def test_prices_of_training_are_found_among_those_of_other_components(aws: AwsServer) -> None:
    answer = client(aws, "pricing").get_products(
        ServiceCode="AmazonSageMaker",
        Filters=[
            {"Type": "TERM_MATCH", "Field": "regionCode", "Value": "us-west-2"},
            {"Type": "TERM_MATCH", "Field": "platoinstancetype", "Value": "Training"},
        ],
    )
    products = [json.loads(text)["product"]["attributes"] for text in answer["PriceList"]]
    assert [one["instanceName"] for one in products] == list(INSTANCE_TYPES)
    rates = client(aws, "savingsplans").describe_savings_plans_offering_rates(
        products=["SageMaker"], filters=[{"name": "region", "values": ["us-west-2"]}]
    )
    assert len(rates["searchResults"]) == 2 * len(INSTANCE_TYPES)


def test_quotas_fill_more_than_one_page(aws: AwsServer) -> None:
    pages = (
        client(aws, "service-quotas")
        .get_paginator("list_service_quotas")
        .paginate(ServiceCode="sagemaker", PaginationConfig={"PageSize": 100})
    )
    names = [quota["QuotaName"] for page in pages for quota in page["Quotas"]]
    assert "ml.p4d.24xlarge for training warm pool usage" in names
    assert aws.requests["servicequotas:ListServiceQuotas"] == 2


def _query(name: str, metric: str, host: str, period: int) -> dict[str, Any]:
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {
                "Namespace": "/aws/sagemaker/TrainingJobs",
                "MetricName": metric,
                "Dimensions": [{"Name": "Host", "Value": host}],
            },
            "Period": period,
            "Stat": "Average",
        },
    }
