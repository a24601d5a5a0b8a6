"""Shares of service jobs as AWS Batch answers of them: losses, the queue now, and derivation."""

from collections.abc import Callable

import pandas as pd
import pytest

from data.ingest.pipeline import ImportResult
from data.store.store import Store
from tests.conftest import T0, ask, describe_job
from tests.data.datasets.batch import (
    QUEUE,
    attempt,
    described,
    job_arn,
    ms,
    preempted,
    queue,
    quota_share,
    snapshot,
    training_arn,
)

Take = Callable[..., ImportResult]


def test_a_preempted_attempt_is_lost_at_the_list_price_of_its_training_job(
    store: Store, take: Take
) -> None:
    take(
        *(
            describe_job(name, created=created, TrainingJobArn=training_arn(name))
            for name, created in (("a-1", 0), ("a-2", 3600))
        )
    )
    ended = attempt("a-1", 60, 690, "Preempted")
    take(
        described(
            "a",
            status="SUCCEEDED",
            scheduledAt=ms(3600),
            startedAt=ms(3660),
            stoppedAt=ms(4290),
            attempts=[ended, attempt("a-2", 3660, 4290)],
            preemptionSummary=preempted(1, ended),
        )
    )
    costs = dict(
        zip(*store.frame("select job_name, list_cost_usd from job_facts").T.to_numpy(), strict=True)
    )
    row = ask(store, "share_costs").iloc[0]
    assert costs["a-1"] > 0
    assert row["lost_to_preemption_usd"] == pytest.approx(costs["a-1"])
    assert row["list_cost_usd"] == pytest.approx(costs["a-1"] + costs["a-2"])
    counts = ["job_count", "attempt_count", "preempted_attempt_count", "failed_job_count"]
    assert row[counts].tolist() == [1, 2, 1, 0]


def test_the_queue_now_stands_in_the_order_and_at_the_moment_of_its_snapshot(
    store: Store, take: Take
) -> None:
    take(*(described(name, createdAt=ms(60 * place)) for place, name in enumerate("abc")))
    order = [{"jobArn": job_arn(name), "earliestTimeAtPosition": ms(300)} for name in ("c", "a")]
    take(
        {"jobQueueArn": QUEUE}
        | snapshot(600, frontOfQueue={"jobs": order, "lastUpdatedAt": ms(600)})
    )
    now = ask(store, "queue_now")
    # what the snapshot lacks stands behind it, though it was created before
    assert now["job_name"].tolist() == ["train-c", "train-a", "train-b"]
    assert now["is_in_snapshot"].tolist() == [True, True, False]
    assert now["wait_so_far_s"].tolist() == [480, 600, 540]
    assert set(now["now_at"]) == {pd.Timestamp(ms(600), unit="ms", tz="UTC")}
    assert ask(store, "queue_now", now=T0)["is_in_snapshot"].tolist() == [False]


def test_every_file_that_changes_a_queue_has_its_hours_derived_again(
    store: Store, take: Take
) -> None:
    """Whatever the order of the files, the hours are those of a derivation from nothing."""
    files = (
        (described("a", status="RUNNING", scheduledAt=ms(0), startedAt=ms(60),
                   latestAttempt={"serviceResourceId": resource_of("a-1")},
                   capacityUsage=[{"capacityUnit": "ml.p4d.24xlarge", "quantity": 2.0}]),),
        ({"quotaShares": [quota_share(capacity=4)]},),
        ({"jobQueues": [queue(schedulingPolicyArn=None)]},),
        (describe_job("a-1", created=30, TrainingJobArn=training_arn("a-1")),),
        (described("a", status="SUCCEEDED", scheduledAt=ms(0), startedAt=ms(60), stoppedAt=ms(7200),
                   attempts=[attempt("a-1", 60, 7200)],
                   capacityUsage=[{"capacityUnit": "ml.p4d.24xlarge", "quantity": 2.0}]),),
    )  # fmt: skip
    for records in files:
        take(*records)
        found = hours(store)
        with store.transaction() as cursor:
            cursor.execute("update store_state set derived_hash = 'another'")
        store.derive()
        pd.testing.assert_frame_equal(found, hours(store))
    assert found["used_instance_h"].sum() == pytest.approx(2 * 7170 / 3600)


def resource_of(name: str) -> dict[str, str]:
    return {"name": "TrainingJobArn", "value": training_arn(name)}


def hours(store: Store) -> pd.DataFrame:
    return store.frame("from share_hours order by all")
