"""Queues, environments, policies, quota shares and snapshots: what was seen of them, and when."""

import json
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data.ingest.home_store import open_home
from data.ingest.pipeline import ImportResult, ingest, ingest_files, input_files
from data.ingest.rebuild import rebuild
from data.raw.inputs import uploaded
from data.store.home import Home
from data.store.store import Store
from tests.conftest import at, describe_job, lines
from tests.data.datasets.batch import (
    ENVIRONMENT,
    POLICY,
    QUEUE,
    described,
    environment,
    event,
    fair_share_policy,
    job_arn,
    queue,
    quota_policy,
    quota_share,
    snapshot,
    summary,
)

pytestmark = pytest.mark.thorough

Take = Callable[..., ImportResult]
ANSWERED = {"ResponseMetadata": {"HTTPHeaders": {"date": "Mon, 02 Mar 2026 09:00:00 GMT"}}}

ANSWERS: dict[str, dict[str, Any]] = {
    "job_queues": {"jobQueues": [queue()]},
    "service_environments": {"serviceEnvironments": [environment()]},
    "scheduling_policies": {"schedulingPolicies": [fair_share_policy()]},
    "quota_shares": {"quotaShares": [quota_share()]},
    "queue_snapshots": snapshot(),
}


def row(store: Store, table: str, columns: str = "*") -> pd.Series:
    rows = store.frame(f"select {columns} from {table}")
    assert len(rows) == 1
    return rows.iloc[0]


def test_a_queue_has_its_policy_and_environments_in_order(store: Store, take: Take) -> None:
    order = [
        {"order": 2, "serviceEnvironment": "second"},
        {"order": 1, "serviceEnvironment": ENVIRONMENT},
    ]
    take({"jobQueues": [queue(serviceEnvironmentOrder=order)]})
    found = row(store, "job_queues")
    assert (found.account_id, found.region) == ("123456789012", "us-east-1")
    assert (found.queue_name, found.queue_arn, found.queue_priority) == ("gpus", QUEUE, 7)
    assert (found.state, found.status) == ("ENABLED", "VALID")
    assert found.scheduling_policy_arn == POLICY
    assert list(found.service_environment_arns) == [ENVIRONMENT, "second"]


def test_an_environment_has_its_limits_in_awss_units(store: Store, take: Take) -> None:
    take({"serviceEnvironments": [environment()]})
    found = row(store, "service_environments")
    assert (found.environment_name, found.environment_arn) == ("p4d", ENVIRONMENT)
    assert list(found.capacity_limits) == [{"capacity": 100.0, "capacity_unit": "NUM_INSTANCES"}]


def test_a_policy_has_decay_reservation_and_weights(store: Store, take: Take) -> None:
    take({"schedulingPolicies": [fair_share_policy()]})
    found = row(store, "scheduling_policies", "* exclude (share_weights)")
    assert (found.policy_name, found.share_kind) == ("by-team", "fair_share")
    assert (found.share_decay_s, found.compute_reservation_pct) == (3600, 10)
    weights = store.frame("select share_name, weight_factor from share_weights order by position")
    # AWS: a share without a weight has 1
    assert list(weights.itertuples(index=False, name=None)) == [("vision", 0.5), ("speech*", 1.0)]


def test_a_policy_of_quotas_has_no_weights(store: Store, take: Take) -> None:
    take({"schedulingPolicies": [quota_policy()]})
    found = row(store, "scheduling_policies")
    assert (found.policy_name, found.share_kind) == ("quotas", "quota")
    assert pd.isna(found.share_decay_s)
    assert store.scalar("select count(*) from share_weights") == 0


def test_a_list_of_policies_does_not_stand_for_a_description(store: Store, take: Take) -> None:
    take({"schedulingPolicies": [fair_share_policy()]}, name="described.json")
    result = take({"schedulingPolicies": [{"arn": POLICY}]}, name="listed.json")
    assert (result.kind, result.accepted_count) == ("scheduling_policies", 1)
    assert row(store, "scheduling_policies", "share_kind").item() == "fair_share"


@pytest.mark.parametrize(
    ("sharing", "limit"),
    [
        ({"strategy": "LEND_AND_BORROW", "borrowLimit": 50}, 50),
        # AWS: without a limit unless one is set, and only this strategy borrows
        ({"strategy": "LEND_AND_BORROW"}, -1),
        ({"strategy": "LEND"}, None),
        ({"strategy": "RESERVE"}, None),
    ],
)
def test_a_quota_share_lends_borrows_and_preempts(
    store: Store, take: Take, sharing: dict[str, Any], limit: int | None
) -> None:
    take(quota_share(resourceSharingConfiguration=sharing))
    found = row(store, "quota_shares")
    assert (found.queue_name, found.share_name) == ("gpus", "vision")
    assert (found.queue_arn, found.quota_share_arn) == (QUEUE, f"{QUEUE}/quota-share/vision")
    assert found.sharing_strategy == sharing["strategy"]
    assert (None if pd.isna(found.borrow_limit_pct) else found.borrow_limit_pct) == limit
    assert found.has_in_share_preemption
    assert list(found.capacity_limits) == [{"capacity": 60.0, "capacity_unit": "ml.p4d.24xlarge"}]


def test_a_snapshot_has_what_waits_and_what_is_in_use(store: Store, take: Take) -> None:
    take({**snapshot(30), "jobQueue": QUEUE})
    found = row(
        store,
        "queue_snapshots",
        "queue_name, queue_arn, observed_at, capacity_usage, share_usage,"
        " front_of_queue::varchar as front, front_of_shares::varchar as shares",
    )
    assert (found.queue_name, found.queue_arn) == ("gpus", QUEUE)
    assert found.observed_at == pd.Timestamp(at(30))
    assert job_arn("a") in found.front
    assert "2026-03-02 07:59:00" in found.front
    assert "'share_name': vision" in found.shares
    assert list(found.capacity_usage) == [{"capacity_unit": "ml.p4d.24xlarge", "quantity": 75.0}]
    assert list(found.share_usage) == [
        {"share_name": "vision", "capacity_unit": "ml.p4d.24xlarge", "quantity": 75.0}
    ]


@pytest.mark.parametrize(
    "name", ["gpus.snapshot.json", "gpus.snapshot.2026-03-02T08.json", "day/gpus.snapshot.json"]
)
def test_a_file_named_after_its_queue_says_which_it_is(store: Store, name: str) -> None:
    ingest(store, uploaded(name, json.dumps(snapshot()).encode()))
    assert row(store, "queue_snapshots", "queue_name").item() == "gpus"


def test_the_jobs_at_its_front_say_which_queue_a_snapshot_is_of(store: Store, take: Take) -> None:
    take(snapshot(), name="answer.json")
    assert pd.isna(row(store, "queue_snapshots", "queue_name").item())
    take(described("a"), name="job.json")
    assert row(store, "queue_snapshots", "queue_name").item() == "gpus"


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_without_a_time_was_seen_when_it_was_imported(home: Home, kind: str) -> None:
    document = dict(ANSWERS[kind])
    if kind == "queue_snapshots":
        document = {"frontOfQueue": {"jobs": []}, "jobQueue": "gpus"}
    imported_at = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
    content = uploaded("answer.json", json.dumps(document).encode())
    with closing(open_home(home)) as store:
        assert ingest(store, content, now=imported_at).kind == kind
        assert row(store, kind, "observed_at").item() == pd.Timestamp(imported_at)
    rebuild(home)
    with closing(open_home(home)) as store:
        assert row(store, kind, "observed_at").item() == pd.Timestamp(imported_at)
        first = store.frame("select first_record_at from imports")["first_record_at"].item()
        assert pd.Timestamp(first) == pd.Timestamp(imported_at)


@pytest.mark.parametrize("kind", [kind for kind in ANSWERS if kind != "queue_snapshots"])
def test_an_answer_that_was_written_down_whole_has_its_time(
    store: Store, take: Take, kind: str
) -> None:
    assert take({**ANSWERS[kind], **ANSWERED}, name="answer.json").kind == kind
    assert row(store, kind, "observed_at").item() == pd.Timestamp(at(3600))


@pytest.mark.parametrize("kind", ANSWERS)
def test_the_same_answer_is_one_observation_however_it_is_written(store: Store, kind: str) -> None:
    document = {**ANSWERS[kind], **ANSWERED}
    files = [
        uploaded("one.json", json.dumps(document).encode()),
        uploaded("again.json", json.dumps(document).encode()),
        uploaded("pretty.json", json.dumps({**document, "nextToken": None}, indent=1).encode()),
    ]
    first, again, _ = ingest_files(store, files)
    assert isinstance(first, ImportResult)
    assert isinstance(again, ImportResult)
    assert (first.is_known_file, again.is_known_file) == (False, True)
    assert store.scalar(f"select count(*) from {kind}") == 1


def test_settings_that_change_are_two_observations(store: Store, take: Take) -> None:
    take(quota_share(capacity=60), now=datetime(2026, 3, 1, tzinfo=UTC))
    take(quota_share(capacity=40), now=datetime(2026, 3, 2, tzinfo=UTC))
    newest = store.frame(
        "select capacity_limits[1].capacity as capacity from quota_shares order by observed_at"
    )
    assert list(newest["capacity"]) == [60, 40]


MIXED: dict[str, tuple[str, bytes]] = {
    "jobs/list.json": ("service_jobs", json.dumps({"jobSummaryList": [summary("a")]}).encode()),
    "jobs/a.json": ("service_jobs", json.dumps(described("a"), indent=2).encode()),
    "events.jsonl": ("service_jobs", lines(event(described("b"), 5))),
    "queues.json": ("job_queues", json.dumps(ANSWERS["job_queues"]).encode()),
    "environments.json": (
        "service_environments",
        json.dumps(ANSWERS["service_environments"]).encode(),
    ),
    "policies.json": ("scheduling_policies", json.dumps(ANSWERS["scheduling_policies"]).encode()),
    "policy-arns.json": (
        "scheduling_policies",
        json.dumps({"schedulingPolicies": [{"arn": POLICY}]}).encode(),
    ),
    "shares.json": ("quota_shares", json.dumps(ANSWERS["quota_shares"]).encode()),
    "share.json": ("quota_shares", json.dumps(quota_share("speech")).encode()),
    "gpus.snapshot.json": ("queue_snapshots", json.dumps(snapshot()).encode()),
    "capacity.csv": ("capacity", b"queue_name,capacity\ngpus,100\n"),
    "training.jsonl": ("jobs", lines(describe_job("a"), describe_job("b"))),
    "sacct.csv": ("jobs", f"job_name,created_at,capacity\nx,{at(0)},3\n".encode()),
    "samples.csv": (
        "metrics",
        f"host_name,metric_name,sampled_at,metric_value\nb/algo-1,GPUUtilization,{at(0)},3\n".encode(),
    ),
    "empty-queues.json": ("job_queues", b'{"jobQueues": []}'),
    "no-shares.json": ("quota_shares", b'{"quotaShares": []}'),
}


@pytest.mark.parametrize("packing", ["folder", "zip"])
def test_a_folder_or_zip_of_everything_is_imported_in_one_go(
    store: Store, tmp_path: Path, packing: str
) -> None:
    where = tmp_path / "export"
    if packing == "zip":
        with zipfile.ZipFile(where, "w") as archive:
            for name, (_, content) in MIXED.items():
                archive.writestr(name, content)
    else:
        for name, (_, content) in MIXED.items():
            (where / name).parent.mkdir(parents=True, exist_ok=True)
            (where / name).write_bytes(content)
    outcomes = {one.file_name: one for one in ingest_files(store, input_files(where))}
    assert {name: one.kind for name, one in outcomes.items()} == {
        name: kind for name, (kind, _) in MIXED.items()
    }
    for outcome in outcomes.values():
        assert isinstance(outcome, ImportResult)
        assert outcome.rejected_count == 0
    counts = {
        table: store.scalar(f"select count(*) from {table}")
        for table in (*ANSWERS, "service_jobs", "capacity", "training_jobs")
    }
    assert counts == {
        "job_queues": 1,
        "service_environments": 1,
        "scheduling_policies": 1,
        "quota_shares": 2,
        "queue_snapshots": 1,
        "service_jobs": 2,
        "capacity": 1,
        "training_jobs": 3,
    }


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"jobQueues": [{"jobQueueName": ""}]}, "no jobQueueName"),
        ({"jobQueues": [7]}, "not a job queue"),
        ({"jobQueues": [queue(priority="high")]}, "priority 'high' is not a number"),
        ({"jobQueues": [queue(serviceEnvironmentOrder={})]}, "serviceEnvironmentOrder has the"),
        ({"serviceEnvironments": [environment(capacityLimits=[7])]}, "capacityLimits has the"),
        (
            {"serviceEnvironments": [environment(capacityLimits=[{"maxCapacity": -1}])]},
            "maxCapacity '-1' is not a number of 0 or more",
        ),
        (
            {
                "schedulingPolicies": [
                    fair_share_policy(
                        fairsharePolicy={
                            "shareDistribution": [{"shareIdentifier": "a", "weightFactor": 0}]
                        }
                    )
                ]
            },
            "A weightFactor is 0",
        ),
        ({"quotaShares": [quota_share(jobQueueArn=None)]}, "no jobQueueArn"),
        (
            {"quotaShares": [quota_share(resourceSharingConfiguration={"borrowLimit": -2})]},
            "borrowLimit '-2'",
        ),
        ({**snapshot(), "frontOfQueue": {"jobs": [{}]}}, "no jobArn"),
        ({**snapshot(), "frontOfQuotaShares": {"quotaShares": [1]}}, "wrong JSON type"),
        ({**snapshot(), "frontOfQuotaShares": {"quotaShares": {"a": 1}}}, "wrong JSON type"),
        (
            {**snapshot(), "frontOfQueue": {"lastUpdatedAt": "then"}},
            "lastUpdatedAt 'then' is not a time",
        ),
    ],
)
def test_a_wrong_answer_is_rejected_with_a_reason(
    store: Store, take: Take, document: dict[str, Any], reason: str
) -> None:
    result = take(document, name="answer.json")
    assert (result.accepted_count, result.rejected_count) == (0, 1)
    rejected = store.frame("select * from rejected_rows").iloc[0]
    assert reason in rejected.reason
    assert rejected.next_action.endswith(".")
