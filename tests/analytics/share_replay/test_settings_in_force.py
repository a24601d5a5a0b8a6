"""The settings in force come from the records that say most, and unknown stays unknown."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from analytics.query import Filters
from analytics.share_replay.calibrate import calibrate
from analytics.share_replay.scenario import CapacityStep
from analytics.share_replay.settings_in_force import SettingsInForce, settings_in_force
from data.errors import WrongUseError
from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.reader import Reader
from data.store.store import Store
from tests.conftest import T0, at

ARN = "arn:aws:batch:us-east-1:123456789012"
QUEUE = {
    "jobQueueName": "train",
    "jobQueueArn": f"{ARN}:job-queue/train",
    "schedulingPolicyArn": f"{ARN}:scheduling-policy/fair",
    "serviceEnvironmentOrder": [
        {"order": 1, "serviceEnvironment": f"{ARN}:service-environment/a"},
        {"order": 2, "serviceEnvironment": f"{ARN}:service-environment/b"},
    ],
}
EXPORT = "job_name,created_at,training_started_at,training_ended_at,instance_count,queue_name"
PARTS = ("jobs", "queues", "policies", "environments", "quotas")


def jobs(*rows: str, more: str = "") -> str:
    return "\n".join([EXPORT + more, *rows]) + "\n"


ONE_JOB = jobs(f"a,{at(0)},{at(60)},{at(600)},2,train")


def environment(name: str, capacity: float) -> dict[str, Any]:
    return {
        "serviceEnvironmentName": name,
        "serviceEnvironmentArn": f"{ARN}:service-environment/{name}",
        "serviceEnvironmentType": "SAGEMAKER_TRAINING",
        "state": "ENABLED",
        "status": "VALID",
        "capacityLimits": [{"maxCapacity": capacity, "capacityUnit": "NUM_INSTANCES"}],
    }


def quota_share(name: str, quota: float, strategy: str, **sharing: Any) -> dict[str, Any]:
    return {
        "quotaShareName": name,
        "quotaShareArn": f"{ARN}:job-queue/train/quota-share/{name}",
        "jobQueueArn": f"{ARN}:job-queue/train",
        "capacityLimits": [{"maxCapacity": quota, "capacityUnit": "ml.p4d.24xlarge"}],
        "resourceSharingConfiguration": {"strategy": strategy, **sharing},
        "preemptionConfiguration": {"inSharePreemption": "ENABLED"},
        "state": "ENABLED",
        "status": "VALID",
    }


def put(store: Store, text: str | dict[str, Any], name: str = "jobs.csv") -> None:
    content = text if isinstance(text, str) else json.dumps(text)
    ingest(store, uploaded(name, content.encode()))


def in_force(store: Store, **filters: Any) -> SettingsInForce:
    return settings_in_force(Reader(store), Filters(**filters))


def test_without_any_record_of_a_queue_it_is_fifo_of_unknown_capacity(store: Store) -> None:
    put(store, ONE_JOB)
    found = in_force(store)
    assert (found.scenario.policy, found.policy_source) == ("fifo", "assumed")
    assert (found.scenario.capacity, found.capacity_source) == ((), None)


def test_capacity_of_an_export_changes_when_its_jobs_say_so(store: Store) -> None:
    rows = [
        f"{name},{at(created)},{at(created + 60)},{at(created + 600)},1,train,{capacity}"
        for name, created, capacity in (("a", 0, 8), ("b", 60, 8), ("c", 120, 12))
    ]
    put(store, jobs(*rows, more=",capacity_instance_count"))
    found = in_force(store)
    assert found.capacity_source == "jobs"
    assert [step.capacity for step in found.scenario.capacity] == [8, 12]
    assert found.scenario.capacity[0].since is None
    assert (found.scenario.capacity[1].since - T0).total_seconds() == 120  # type: ignore[operator]


def test_capacity_file_takes_precedence_and_sums_its_types(store: Store) -> None:
    put(store, jobs(f"a,{at(0)},{at(60)},{at(600)},1,train,8", more=",capacity_instance_count"))
    put(
        store,
        "queue_name,instance_type,effective_from,capacity\n"
        f"train,ml.p4d.24xlarge,,10\ntrain,ml.g5.48xlarge,{at(0)},4\n"
        f"train,ml.g5.48xlarge,{at(3600)},6\n",
        "capacity.csv",
    )
    found = in_force(store)
    assert found.capacity_source == "capacity_file"
    assert [step.capacity for step in found.scenario.capacity] == [14, 16]


def test_capacity_of_the_queue_comes_before_that_of_every_queue(store: Store) -> None:
    put(store, ONE_JOB)
    put(store, "queue_name,capacity\n,99\ntrain,20\nother,7\n", "capacity.csv")
    assert in_force(store).scenario.capacity == (CapacityStep(None, 20.0),)


def test_fair_share_policy_and_environments_of_the_queue(store: Store) -> None:
    put(store, ONE_JOB)
    put(store, {"jobQueues": [QUEUE]}, "queues.json")
    policy = {
        "shareDecaySeconds": 3600,
        "computeReservation": 10,
        "shareDistribution": [
            {"shareIdentifier": "research", "weightFactor": 1},
            {"shareIdentifier": "vision", "weightFactor": 3},
        ],
    }
    put(
        store,
        {
            "schedulingPolicies": [
                {"name": "fair", "arn": QUEUE["schedulingPolicyArn"], "fairsharePolicy": policy}
            ]
        },
        "policies.json",
    )
    put(
        store,
        {"serviceEnvironments": [environment("a", 30), environment("b", 12), environment("c", 5)]},
        "environments.json",
    )
    found = in_force(store)
    scenario = found.scenario
    assert (scenario.policy, found.policy_source) == ("fair_share", "scheduling_policy")
    assert (scenario.decay_s, scenario.reservation_ratio) == (3600, 0.1)
    assert [(share.name, share.weight) for share in scenario.shares] == [
        ("research", 1),
        ("vision", 3),
    ]
    assert scenario.capacity == (CapacityStep(None, 42.0),)
    assert found.capacity_source == "environments"


def test_quota_shares_say_policy_and_capacity(store: Store) -> None:
    put(store, ONE_JOB)
    put(
        store,
        {
            "quotaShares": [
                quota_share("a", 60, "LEND_AND_BORROW", borrowLimit=50),
                quota_share("b", 40, "RESERVE"),
            ]
        },
        "quotas.json",
    )
    found = in_force(store)
    first, second = found.scenario.shares
    assert (found.scenario.policy, found.policy_source) == ("quota", "quota_shares")
    assert (first.quota, first.strategy, first.borrow_limit_pct) == (60, "LEND_AND_BORROW", 50)
    assert (second.quota, second.strategy, second.has_in_share_preemption) == (40, "RESERVE", True)
    assert found.scenario.capacity == (CapacityStep(None, 100.0),)
    assert found.capacity_source == "quota_shares"


def test_capacities_of_shares_alone_are_silos(store: Store) -> None:
    put(store, ONE_JOB)
    put(store, "queue_name,share_name,capacity\ntrain,a,60\ntrain,b,40\n", "capacity.csv")
    found = in_force(store)
    assert found.policy_source == found.capacity_source == "share_capacities"
    assert [(s.name, s.quota, s.strategy) for s in found.scenario.shares] == [
        ("a", 60, "RESERVE"),
        ("b", 40, "RESERVE"),
    ]
    assert found.scenario.capacity == (CapacityStep(None, 100.0),)


def test_several_queues_have_no_settings_together(store: Store) -> None:
    put(
        store,
        jobs(f"a,{at(0)},{at(1)},{at(2)},1,train", f"b,{at(0)},{at(1)},{at(2)},1,other"),
    )
    with pytest.raises(WrongUseError, match="2 queues"):
        in_force(store)
    assert in_force(store, where=(("queue_name", "other"),)).queue_name == "other"


def test_no_queue_is_an_error_that_says_what_to_do(store: Store) -> None:
    with pytest.raises(WrongUseError, match="Import service jobs"):
        in_force(store)


def seen_at(document: dict[str, Any], day: str) -> dict[str, Any]:
    return document | {"ResponseMetadata": {"HTTPHeaders": {"date": day}}}


def test_a_change_of_quotas_is_told_and_no_change_is_not(store: Store) -> None:
    put(store, ONE_JOB)
    for day, strategy in (("01", "RESERVE"), ("02", "RESERVE"), ("03", "LEND"), ("04", "LEND")):
        quotas = {"quotaShares": [quota_share("a", 60, strategy)]}
        put(store, seen_at(quotas, f"Thu, {day} Oct 2026 00:00:00 GMT"), f"quotas-{day}.json")
    held_since = in_force(store).held_since
    assert held_since is not None
    assert held_since.date().isoformat() == "2026-10-03"
    before = datetime(2026, 10, 2, 12, tzinfo=UTC)
    assert in_force(store, until=before).held_since is None


def test_jobs_of_earlier_settings_are_not_replayed(store: Store) -> None:
    early, late = "2026-10-01T00:00:00Z", "2026-10-05T00:00:00Z"
    put(
        store,
        jobs(
            f"a,{early},{early},2026-10-01T01:00:00Z,2,train",
            f"b,{late},{late},2026-10-05T01:00:00Z,2,train",
        ),
    )
    for day, strategy in (("01", "RESERVE"), ("03", "LEND")):
        quotas = {"quotaShares": [quota_share("a", 60, strategy)]}
        put(store, seen_at(quotas, f"Thu, {day} Oct 2026 00:00:00 GMT"), f"quotas-{day}.json")
    found = calibrate(Reader(store), Filters())
    assert found.requests.job_name.tolist() == ["b"]
    assert found.left_out_before == found.settings.held_since
    earlier = Filters(until=datetime(2026, 10, 2, tzinfo=UTC))
    assert calibrate(Reader(store), earlier).requests.job_name.tolist() == ["a"]
