"""What is asked of queues: their newest settings, their shares, and the jobs that went through."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pandas as pd

from analytics.query import Filters
from data.ingest.pipeline import ImportResult, ingest
from data.raw.inputs import uploaded
from data.store.store import Store
from tests.conftest import T0, ask, at, describe_job
from tests.data.datasets.batch import (
    POLICY,
    attempt,
    described,
    environment,
    fair_share_policy,
    ms,
    queue,
    quota_share,
    resource,
    snapshot,
    training_arn,
)

Take = Callable[..., ImportResult]
MARCH, APRIL = (datetime(2026, month, 1, tzinfo=UTC) for month in (3, 4))


def test_service_jobs_have_their_resources_and_last_training_job(store: Store, take: Take) -> None:
    usage = [{"capacityUnit": "ml.p4d.24xlarge", "quantity": 2.0}]
    mixed = [*usage, {"capacityUnit": "ml.c5.xlarge", "quantity": 3.0}]
    take(
        described(
            "a",
            capacityUsage=usage,
            attempts=[attempt("a-1", 10, 20)],
            latestAttempt={"serviceResourceId": resource("a-2")},
        ),
        described("b", createdAt=ms(60), capacityUsage=mixed),
        described("c", createdAt=ms(120)),
    )
    jobs = ask(store, "service_jobs")
    assert list(jobs["service_job_name"]) == ["train-a", "train-b", "train-c"]
    assert list(jobs["instance_type"].fillna("")) == ["ml.p4d.24xlarge", "mixed", ""]
    assert list(jobs["instance_count"].astype("Float64").fillna(-1)) == [2, 5, -1]
    assert jobs["training_job_arn"][0] == training_arn("a-2")
    attempts = ask(store, "service_job_attempts")
    assert list(attempts["position"]) == [1, 2]


def test_service_jobs_are_filtered_by_their_own_columns(store: Store, take: Take) -> None:
    take(
        described("a", shareIdentifier="vision"),
        described("b", shareIdentifier="speech", createdAt=ms(60)),
    )
    speech = Filters(where=(("share_name", "speech"),))
    assert list(ask(store, "service_jobs", speech)["service_job_id"]) == ["b"]
    before = Filters(until=T0 + timedelta(seconds=60))
    assert list(ask(store, "service_jobs", before)["service_job_id"]) == ["a"]


def test_a_queue_has_its_newest_settings(store: Store, take: Take) -> None:
    take({"jobQueues": [queue(state="DISABLED", schedulingPolicyArn=POLICY)]}, now=APRIL)
    take({"jobQueues": [queue(state="ENABLED", schedulingPolicyArn=None)]}, now=MARCH)
    newer = {"shareDecaySeconds": 60, "shareDistribution": [{"shareIdentifier": "x"}]}
    take({"schedulingPolicies": [fair_share_policy(fairsharePolicy=newer)]}, now=APRIL)
    take({"schedulingPolicies": [fair_share_policy()]}, now=MARCH)
    take({"serviceEnvironments": [environment()]}, now=MARCH)
    take(described("a"), described("b", jobQueue="another"))
    found = ask(store, "queues").set_index("queue_name")
    gpus = found.loc["gpus"]
    assert (gpus.state, gpus.policy_name, gpus.share_kind) == ("DISABLED", "by-team", "fair_share")
    assert (gpus.share_decay_s, gpus.service_job_count) == (60, 1)
    assert gpus.observed_at == pd.Timestamp(APRIL)
    assert list(gpus.capacity_limits) == [{"capacity": 100.0, "capacity_unit": "NUM_INSTANCES"}]
    assert list(gpus.share_weights) == [{"share_name": "x", "weight_factor": 1.0}]
    # known from its jobs only
    assert pd.isna(found.loc["another"].observed_at)


def test_shares_of_a_queue_are_weights_or_quotas(store: Store, take: Take) -> None:
    take({"jobQueues": [queue()]})
    take({"schedulingPolicies": [fair_share_policy()]})
    take(quota_share("vision", 60), now=MARCH)
    take(quota_share("vision", 40), now=APRIL)
    take(quota_share("empty", capacityLimits=[]))
    shares = ask(store, "queue_shares")
    weights = shares[shares["share_kind"] == "fair_share"].set_index("share_name")
    assert dict(weights["weight_factor"]) == {"vision": 0.5, "speech*": 1.0}
    quotas = shares[shares["share_kind"] == "quota"].set_index("share_name")
    assert quotas["capacity"].astype("Float64").fillna(-1).to_dict() == {"vision": 40, "empty": -1}
    assert quotas.loc["vision", "borrow_limit_pct"] == 50


def test_capacity_is_what_files_say(store: Store) -> None:
    ingest(store, uploaded("capacity.csv", b"queue_name,capacity\ngpus,8\n"))
    rows = ask(store, "capacity")
    assert rows[["queue_name", "capacity", "capacity_unit"]].values.tolist() == [
        ["gpus", 8, "instances"]
    ]


def test_every_kind_says_how_many_and_from_when_to_when(store: Store, take: Take) -> None:
    assert ask(store, "coverage").empty
    take(describe_job("a"), describe_job("b", created=86_400 * 3))
    take(described("a"), described("b", createdAt=ms(86_400 * 2)))
    take({**snapshot(60), "jobQueue": "gpus"}, {**snapshot(120), "jobQueue": "gpus"}, name="s.json")
    take({"jobQueues": [queue()]}, now=MARCH)
    samples = (
        f"host_name,metric_name,sampled_at,metric_value\nb/algo-1,GPUUtilization,{at(0)},3\n"
    ).encode()
    ingest(store, uploaded("samples.csv", samples))
    coverage = ask(store, "coverage", by="source").set_index("source")
    assert coverage["record_count"].to_dict() == {
        "describe": 2,
        "job_queues": 1,
        "metrics": 1,
        "queue_snapshots": 2,
        "service_jobs": 2,
    }
    assert coverage.loc["service_jobs", "longest_gap_days"] == 1
    assert coverage.loc["queue_snapshots", "first_record_at"] == pd.Timestamp(at(60))
    assert coverage.loc["queue_snapshots", "last_record_at"] == pd.Timestamp(at(120))
    assert coverage.loc["job_queues", "first_record_at"] == pd.Timestamp(MARCH)
    # jobs are training jobs
    assert coverage["job_count"].sum() == 2
    assert list(ask(store, "coverage", of_kind="jobs")["source"]) == ["describe"]
