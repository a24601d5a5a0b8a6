"""Many records of one job become one row, in whatever order they come."""

import itertools
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.ingest.home_store import open_home
from data.ingest.pipeline import ImportResult, ingest
from data.raw.inputs import uploaded
from data.store.home import Home
from data.store.store import Store
from tests.conftest import at, describe_job, lines

Take = Callable[..., ImportResult]


def job_row(
    store: Store, columns: str = "* exclude (status_transitions, final_metrics)"
) -> pd.Series:
    rows = store.frame(f"select {columns} from training_jobs")
    assert len(rows) == 1
    return rows.iloc[0]


def event(job: dict[str, Any], *, seconds: float) -> dict[str, Any]:
    """Return the EventBridge event of a describe answer's state."""

    def milliseconds(text: str) -> str:
        return str(int(pd.Timestamp(text).timestamp() * 1000))

    detail = {
        key: milliseconds(value) if key.endswith("Time") and isinstance(value, str) else value
        for key, value in job.items()
    }
    return {
        "version": "0",
        "detail-type": "SageMaker Training Job State Change",
        "source": "aws.sagemaker",
        "account": "123456789012",
        "region": "us-east-1",
        "time": at(seconds),
        "resources": [job["TrainingJobArn"]],
        "detail": detail,
    }


def test_taking_a_file_in_twice_is_taking_it_in_once(store: Store, take: Take) -> None:
    first = take(describe_job("a"), describe_job("b"))
    again = take(describe_job("a"), describe_job("b"))
    assert (first.accepted_count, first.unchanged_count) == (2, 0)
    assert (again.accepted_count, again.unchanged_count) == (0, 2)
    assert again.is_known_file
    assert store.scalar("select count(*) from training_jobs") == 2
    assert store.scalar("select count(*) from imports") == 1


def test_an_equal_record_in_another_file_is_unchanged(store: Store, take: Take) -> None:
    take(describe_job("a"))
    result = take(describe_job("a"), describe_job("b"))
    assert (result.accepted_count, result.unchanged_count) == (1, 1)
    assert store.scalar("select max(version_count) from training_jobs") == 1


def test_the_newer_record_wins_field_by_field(store: Store, take: Take) -> None:
    older = describe_job("a", LastModifiedTime=at(10), RoleArn="old", FailureReason="kept")
    newer = describe_job("a", LastModifiedTime=at(20), RoleArn="new")
    take(newer)
    take(older)
    row = job_row(store, "role_arn, failure_reason, last_modified_at::varchar as modified")
    assert (row.role_arn, row.failure_reason) == ("new", "kept")
    assert row.modified.startswith("2026-03-02 08:00:20")


def test_an_event_never_overwrites_a_fuller_record_with_a_poorer_one(
    store: Store, take: Take
) -> None:
    full = describe_job("a", ResourceConfig={"KeepAlivePeriodInSeconds": 600})
    poor = {
        "TrainingJobName": "a",
        "TrainingJobArn": full["TrainingJobArn"],
        "TrainingJobStatus": "Completed",
        "CreationTime": full["CreationTime"],
        "LastModifiedTime": at(10_000),
        "SecondaryStatusTransitions": [],
        "ResourceConfig": {"InstanceType": "ml.g5.2xlarge", "InstanceCount": 1},
    }
    take(full)
    take(event(poor, seconds=10_000), name="events.jsonl")
    row = job_row(
        store, "keep_alive_period_s, len(status_transitions) as visits, role_arn, input_mode"
    )
    assert row.keep_alive_period_s == 600
    assert row.visits == 4
    assert row.role_arn == full["RoleArn"]
    assert row.input_mode == "File"


def test_a_summary_adds_the_link_that_describe_did_not_have_yet(store: Store, take: Take) -> None:
    job = describe_job("a", WarmPoolStatus={"Status": "Available"})
    summary = {
        "TrainingJobName": "a",
        "TrainingJobArn": job["TrainingJobArn"],
        "CreationTime": job["CreationTime"],
        "LastModifiedTime": job["LastModifiedTime"],
        "TrainingJobStatus": "Completed",
        "WarmPoolStatus": {"Status": "Reused", "ReusedByJob": "b"},
    }
    take(job)
    take({"TrainingJobSummaries": [summary]}, name="list.json")
    row = job_row(store, "reused_by_job_name, warm_pool_status, role_arn")
    assert tuple(row) == ("b", "Reused", job["RoleArn"])


@pytest.mark.thorough
@pytest.mark.parametrize("order", list(itertools.permutations(["InUse", "Available", "Reused"])))
def test_a_pool_status_only_moves_forward(store: Store, take: Take, order: list[str]) -> None:
    for number, status in enumerate(order):
        take(
            describe_job("a", WarmPoolStatus={"Status": status}, LastModifiedTime=at(1)),
            name=f"{number}.jsonl",
        )
    assert job_row(store).warm_pool_status == "Reused"


versions = st.lists(
    st.fixed_dictionaries(
        {
            "LastModifiedTime": st.integers(0, 3).map(at),
            "RoleArn": st.sampled_from(["one", "two", None]),
            "FailureReason": st.sampled_from(["x", "y", None]),
            "WarmPoolStatus": st.sampled_from(
                [None, {"Status": "InUse"}, {"Status": "Available"}, {"Status": "Terminated"}]
            ),
        }
    ),
    min_size=2,
    max_size=4,
    unique_by=lambda version: version["LastModifiedTime"],
)


@pytest.mark.thorough
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(versions=versions, data=st.data())
def test_the_order_of_files_does_not_matter(
    new_home: Callable[[], Home], versions: list[dict[str, Any]], data: st.DataObject
) -> None:
    def merged(order: list[dict[str, Any]]) -> pd.Series:
        opened = open_home(new_home())
        for number, version in enumerate(order):
            ingest(opened, uploaded(f"{number}.jsonl", lines(describe_job("a", **version))))
        row = job_row(
            opened,
            "* exclude (job_id, import_id, fetched_at, content_hash, input_seq,"
            " status_transitions, final_metrics), status_transitions::varchar as visits",
        )
        opened.close()
        return row.astype(str)

    pd.testing.assert_series_equal(merged(versions), merged(data.draw(st.permutations(versions))))


def test_several_records_of_one_job_in_one_file_are_merged(store: Store, take: Take) -> None:
    result = take(
        describe_job("a", LastModifiedTime=at(5), RoleArn="old"),
        describe_job("a", LastModifiedTime=at(9), RoleArn="new"),
        describe_job("a", LastModifiedTime=at(9), RoleArn="new"),
    )
    assert job_row(store).role_arn == "new"
    assert (result.row_count, result.accepted_count, result.unchanged_count) == (3, 2, 1)


@pytest.mark.parametrize("order", [("describe", "summary"), ("summary", "describe")])
@pytest.mark.derived
def test_a_name_is_as_its_user_spelled_it_however_the_arn_does(
    store: Store, take: Take, order: tuple[str, str]
) -> None:
    donor, reuser = describe_job("Seg-Run-A"), describe_job("Seg-Run-B", created=800)
    # AWS's list calls, and answers of earlier years, have the ARN in lower case
    pool = {"Status": "Reused", "ReusedByJob": "Seg-Run-B"}
    records = {
        "describe": [donor, reuser],
        "summary": [
            {
                key: value.lower() if key == "TrainingJobArn" else value
                for key, value in job.items()
                if key in ("TrainingJobName", "TrainingJobArn", "TrainingJobStatus", "CreationTime")
            }
            | more
            for job, more in ((donor, {"WarmPoolStatus": pool}), (reuser, {}))
        ],
    }
    for number, kind in enumerate(order):
        take(*records[kind], name=f"{number}.jsonl")
    found = store.frame("select job_name, outcome from job_facts order by job_name")
    assert list(found.itertuples(index=False, name=None)) == [
        ("Seg-Run-A", "miss"), ("Seg-Run-B", "hit"),
    ]  # fmt: skip


def test_same_name_in_another_account_or_region_is_another_job(store: Store, take: Take) -> None:
    take(
        describe_job("a"),
        describe_job("a", region="eu-west-1"),
        describe_job("a", account="210987654321"),
    )
    assert store.scalar("select count(*) from training_jobs") == 3
