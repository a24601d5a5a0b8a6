"""The files of the demo's queues: AWS's shapes, recognised by their content, marked as made up."""

import re
import time
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
import orjson
import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.validate import ParamValidator

from data.demo.files import KINDS, demo_files
from data.store.store import Store
from tests.data.demo.reading import attempts, files, service_jobs

BATCH_ANSWERS = {
    "service_jobs": "DescribeServiceJobResponse",
    "job_queues": "DescribeJobQueuesResponse",
    "service_environments": "DescribeServiceEnvironmentsResponse",
    "scheduling_policies": "DescribeSchedulingPoliciesResponse",
    "quota_shares": "ListQuotaSharesResponse",
    "queue_snapshots": "GetJobQueueSnapshotResponse",
}


@cache
def shape_of(service: str, name: str) -> Shape:
    return botocore.session.get_session().get_service_model(service).shape_for(name)


def check_shape(service: str, shape_name: str, document: Any) -> None:
    shape = shape_of(service, shape_name)
    report = ParamValidator().validate(document, shape)
    assert not report.has_errors(), report.generate_report()
    for text, leaf in texts(shape, document):
        check_text(text, leaf.name, tuple(leaf.enum), leaf.metadata.get("pattern", ".*"))


@cache
def check_text(text: str, name: str, allowed: tuple[str, ...], pattern: str) -> None:
    assert text in (allowed or (text,)), name
    # Python's patterns do not know the classes of letters, separators and digits
    assert re.fullmatch(re.sub(r"\\p{[LZN]}", r"\\w", pattern), text, re.DOTALL), name


def texts(shape: Shape, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(shape, StructureShape):
        for key, member in value.items():
            yield from texts(shape.members[key], member)
    elif isinstance(shape, ListShape):
        for member in value:
            yield from texts(shape.member, member)
    elif isinstance(shape, MapShape):
        for member in value.values():
            yield from texts(shape.value, member)
    elif shape.type_name == "string":
        yield value, shape


@pytest.mark.parametrize("name", [name for name in KINDS if KINDS[name] in BATCH_ANSWERS])
def test_batch_answers_have_the_shapes_of_the_api_model(name: str) -> None:
    for document in files()[name]:
        answer = {key: document[key] for key in document if key != "ResponseMetadata"}
        check_shape("batch", BATCH_ANSWERS[KINDS[name]], answer)


def test_training_jobs_have_the_shapes_of_the_api_model() -> None:
    for result in files()["demo-queue-training-jobs.jsonl"]:
        check_shape("sagemaker", "SearchResponse", {"Results": [result]})


def test_payloads_are_requests_that_sagemaker_takes() -> None:
    for job in service_jobs():
        request = orjson.loads(job["serviceRequestPayload"])
        check_shape("sagemaker", "CreateTrainingJobRequest", request)


def test_metric_answers_and_their_queries_have_the_shapes_of_the_api_model() -> None:
    answers = files()["demo-metrics.jsonl"]
    for answer in (answers[0], answers[-1]):  # the check of a time takes its time
        queries = answer["MetricDataQueries"]
        assert len(queries) <= 500
        check_shape("cloudwatch", "MetricDataQueries", queries)
        response = {key: answer[key] for key in ("MetricDataResults", "Messages")}
        check_shape("cloudwatch", "GetMetricDataOutput", response)
        assert [one["Id"] for one in queries] == [one["Id"] for one in answer["MetricDataResults"]]


def test_files_are_the_same_at_every_call_and_made_in_under_4_s() -> None:
    began_s = time.process_time()
    once = demo_files()
    assert time.process_time() - began_s < 4
    assert once == demo_files()


def test_every_file_is_recognised_by_its_content(demo_store: Store) -> None:
    imports = demo_store.frame("select file_name, kind, rejected_count from imports")
    assert dict(zip(imports["file_name"], imports["kind"], strict=True)) == KINDS
    assert imports["rejected_count"].sum() == 0


def test_every_name_says_demo() -> None:
    for job in service_jobs():
        assert job["jobName"].startswith("demo-")
        assert job["tags"]["demo"] == "true"
        assert "/demo-" in job["jobQueue"]
    for attempt in attempts():
        record = attempt.training_job
        assert record["TrainingJobName"].startswith(f"AWSBatch{attempt.job['jobName']}")
        assert ":role/demo-" in record["RoleArn"]
        assert record["OutputDataConfig"]["S3OutputPath"].startswith("s3://demo-")
        assert {"Key": "demo", "Value": "true"} in record["Tags"]


def test_no_job_of_a_queue_can_meet_a_pool_of_the_history() -> None:
    history = {
        tuple(result["TrainingJob"]["TrainingJobArn"].split(":")[3:5])
        for result in files()["demo-history.jsonl"]
    }
    for attempt in attempts():
        assert tuple(attempt.training_job["TrainingJobArn"].split(":")[3:5]) not in history
        assert "KeepAlivePeriodInSeconds" not in attempt.training_job["ResourceConfig"]
