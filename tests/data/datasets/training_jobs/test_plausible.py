"""A record of AWS is plausible, or rejected with its field and its value."""

from datetime import datetime
from typing import Any

from data.ingest.pipeline import ingest, uploaded
from data.store.store import Store
from tests.conftest import T0, at, describe_job, lines

DAY_S = 86400


def visits(**times: float) -> dict[str, Any]:
    return {"SecondaryStatusTransitions": [{"Status": "Training"} | {
        key: at(value) for key, value in times.items()}]}  # fmt: skip


def resources(**fields: Any) -> dict[str, Any]:
    return {"ResourceConfig": fields}


BAD: dict[str, dict[str, Any]] = {
    "CreationTime is not between 2017-11-29": {"CreationTime": "2017-11-28T23:59:59Z"},
    "CreationTime is not between 2017-11-29, when SageMaker began, and tomorrow": {
        "CreationTime": at(3 * DAY_S)},
    "TrainingEndTime is not between": {"TrainingEndTime": "294247-01-10T04:00:54.775Z"},
    "LastModifiedTime is not between": {"LastModifiedTime": 4e9},
    "A time in SecondaryStatusTransitions is not between": visits(StartTime=3 * DAY_S),
    "A status transition ends before it starts": visits(StartTime=5, EndTime=1),
    "BillableTimeInSeconds is more than the time": {"BillableTimeInSeconds": 5000},
    "'Complet' is not a status of SageMaker. Did you mean Completed?": {
        "TrainingJobStatus": "Complet"},
    "'Hibernating' is not a status of SageMaker.": {"TrainingJobStatus": "Hibernating"},
    "'Complted' is not a status of SageMaker. Did you mean Completed": {
        "SecondaryStatus": "Complted"},
    "'it is done' is not a status": {"SecondaryStatus": "it is done"},
    "WarmPoolStatus 'Gone' is not a status": {"WarmPoolStatus": {"Status": "Gone"}},
    "InstanceType 'ml.g5.2xlrge' is not an instance type of SageMaker. Did you mean ml.g5.2xlarge":
        resources(InstanceType="ml.g5.2xlrge"),
    "InstanceType 'g5.2xlarge' is not": resources(InstanceType="g5.2xlarge"),
    "InputMode 'Fast' is not an input mode of SageMaker. Did you mean FastFile?": {
        "AlgorithmSpecification": {"TrainingInputMode": "Fast"}},
    "KeepAlivePeriodInSeconds '600.5' is not a whole number": resources(
        KeepAlivePeriodInSeconds=600.5),
    "KeepAlivePeriodInSeconds '9000000000000000' is more than": resources(
        KeepAlivePeriodInSeconds=9 * 10**15),
    "ResourceRetainedBillableTimeInSeconds '1e+18' is more than": {
        "WarmPoolStatus": {
            "Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": 1e18}},
    "EnableManagedSpotTraining 'maybe' is not true or false": {
        "EnableManagedSpotTraining": "maybe"},
    "RoleArn has the wrong JSON type": {"RoleArn": {"Name": "x"}},
    "ResourceConfig.InstanceType has the wrong JSON type": resources(
        InstanceType=["ml.g5.2xlarge"]),
    "InputDataConfig has the wrong JSON type": {
        "InputDataConfig": [{"ChannelName": "a", "InputMode": {"x": 1}}]},
    "InstanceCount 'true' is not a number": resources(InstanceCount=True),
}  # fmt: skip

GOOD: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "spelled": (
        {"TrainingJobStatus": "FAILED", "SecondaryStatus": "max_runtime_exceeded"},
        {"status": "Failed", "secondary_status": "MaxRuntimeExceeded"}),
    "in-progress": ({"TrainingJobStatus": "in progress"}, {"status": "InProgress"}),
    "powershell-7": (
        {"TrainingJobStatus": {"Value": "Failed"},
         "AlgorithmSpecification": {"TrainingInputMode": {"Value": "FastFile"}},
         "ResourceConfig": {"InstanceType": {"Value": "ml.g5.2xlarge"}}},
        {"status": "Failed", "input_mode": "FastFile", "instance_type": "ml.g5.2xlarge"}),
    "powershell-5": (
        {"CreationTime": "/Date(1772438400000)/",
         "LastModifiedTime": {"value": "/Date(1772438999000+0100)/", "DateTime": "Monday"}},
        {"created_at": T0}),
    "new-type": (resources(InstanceType="ml.p9x.96xlarge"), {"instance_type": "ml.p9x.96xlarge"}),
    "upper-type": (resources(InstanceType="ML.G5.2xlarge"), {"instance_type": "ml.g5.2xlarge"}),
    "new-detail": ({"SecondaryStatus": "Hibernating"}, {"secondary_status": "Hibernating"}),
    "free-text": ({"FailureReason": '{"Value": "x" and [more'},
                  {"failure_reason": '{"Value": "x" and [more'}),
    "spelled-mode": ({"AlgorithmSpecification": {"TrainingInputMode": "fast_file"}},
                     {"input_mode": "FastFile"}),
    "arn-of-reuser": (
        {"WarmPoolStatus": {"Status": "REUSED", "ReusedByJob":
            "arn:aws:sagemaker:us-east-1:123456789012:training-job/next"}},
        {"warm_pool_status": "Reused", "reused_by_job_name": "next"}),
    "tomorrow": ({}, {"status": "Completed"}),
}  # fmt: skip


def test_records_are_taken_or_rejected_with_the_reason(store: Store) -> None:
    now = datetime.fromisoformat(at(DAY_S))
    bad = [describe_job(f"bad-{number}", **fields) for number, fields in enumerate(BAD.values())]
    good = [describe_job(name, **fields) for name, (fields, _) in GOOD.items()]
    result = ingest(store, uploaded("jobs.jsonl", lines(*bad, *good)), now=now)
    rejected = store.frame("select row_number, reason, next_action from rejected_rows")
    reasons = dict(zip(rejected["row_number"], rejected["reason"], strict=True))
    for number, reason in enumerate(BAD, start=1):
        assert reason in reasons.get(number, "taken"), reason
    assert rejected["next_action"].str.len().min() > 20
    assert (result.accepted_count, result.rejected_count) == (len(GOOD), len(BAD))
    columns = sorted({column for _, expected in GOOD.values() for column in expected})
    jobs = store.frame(
        "select job_name, created_at, status, secondary_status, input_mode, failure_reason,"
        " warm_pool_status, reused_by_job_name, instance_groups[1].instance_type as instance_type"
        " from training_jobs"
    ).set_index("job_name")[columns]
    for name, (_, expected) in GOOD.items():
        for column, value in expected.items():
            assert jobs.loc[name, column] == value, name


def test_what_is_no_number_costs_its_metric_only(store: Store) -> None:
    page = {"Results": [{"TrainingJob": describe_job(f"job-{number}", FinalMetricDataList=[
        {"MetricName": "loss", "Value": 0.5, "Timestamp": at(1)},
        {"MetricName": "ratio", "Value": float(value), "Timestamp": at(1)},
    ])} for number, value in enumerate(("nan", "inf", "1"))]}  # fmt: skip
    assert ingest(store, uploaded("page.json", lines(page))).accepted_count == 3
    metrics = store.frame(
        "select metric_name, metric_value from final_metrics order by job_name, position"
    )
    assert list(metrics["metric_value"].isna()) == [False, True, False, True, False, False]
