"""The Warm right now page: what idles, its cost, the quota, and what is said of old records."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from data.ingest.pipeline import ImportResult, ingest
from data.raw.inputs import uploaded
from data.store.reader import Reader
from data.store.store import Store
from pages.kit.badges import badges
from tests.conftest import describe_job
from tests.pages.running import linked_names, run_page, texts

Take = Callable[..., ImportResult]


def idle_job(name: str, ended_s_ago: float, keep_alive_s: int, count: int = 1) -> dict[str, Any]:
    """Return a job that ended so long ago, and whose cluster is still there."""
    ended_at = datetime.now(UTC) - timedelta(seconds=ended_s_ago)
    return describe_job(
        name,
        TrainingEndTime=ended_at.isoformat(),
        TrainingStartTime=(ended_at - timedelta(hours=1)).isoformat(),
        CreationTime=(ended_at - timedelta(hours=2)).isoformat(),
        LastModifiedTime=ended_at.isoformat(),
        SecondaryStatusTransitions=None,
        ResourceConfig={"KeepAlivePeriodInSeconds": keep_alive_s, "InstanceCount": count},
        WarmPoolStatus={"Status": "Available"},
    )


def take_quota(store: Store, value: float) -> None:
    """Import a quota for warm pools of the type that `idle_job` has."""
    quota = {
        "QuotaName": "ml.g5.2xlarge for training warm pool usage",
        "QuotaCode": "L-1",
        "Value": value,
        "QuotaArn": "arn:aws:servicequotas:us-east-1:123456789012:sagemaker/L-1",
    }
    content = json.dumps({"Quotas": [quota]}).encode()
    ingest(store, uploaded("quotas.json", content), kind="service_quotas")


def test_idle_clusters_have_price_expiry_and_quota(store: Store, take: Take) -> None:
    take(idle_job("a", 600, 3600, 2), idle_job("b", 600, 1200), idle_job("over", 600, 300))
    take_quota(store, 8)
    page = run_page("warm_now", store)
    figures = {metric.label: metric.value for metric in page.metric}
    assert figures["Idle clusters"] == "2"
    assert figures["Idle cost (USD per hour)"] == f"{3 * 1.515:.2f}"
    assert figures["Next to expire"].startswith(("9 min", "10 min"))
    assert figures["Warm pool quota used"] == "3 of 8"
    clusters = next(table.value for table in page.dataframe if "expires_at" in table.value)
    assert linked_names(clusters["job_name"]) == ["b", "a"]
    assert "records are" not in texts(page)
    (expiring, ended) = badges(Reader(store))
    assert expiring.text.startswith("1 warm pool about to expire, at ")
    assert ended.text == "3 jobs ended within the last hour"


def test_without_idle_clusters_the_page_says_why(store: Store, take: Take) -> None:
    take(describe_job("long ago"))
    page = run_page("warm_now", store)
    assert "No warm cluster is idle" in texts(page)
    assert "No job ended within the last hour" in texts(page)
    assert badges(Reader(store)) == []


def test_old_records_are_said_to_be_old(store: Store, take: Take) -> None:
    take(idle_job("a", 600, 3600))
    with store.transaction() as cursor:
        cursor.execute("update training_jobs set fetched_at = fetched_at - interval 181 minute")
        store.publish(cursor)
    page = run_page("warm_now", store)
    assert "The newest records are 3 h" in page.warning[0].value
