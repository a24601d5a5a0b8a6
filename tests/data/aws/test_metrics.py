"""Metrics, prices and quotas from the local AWS: what lands, what is asked and what it costs."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from analytics.derived.derive import derive
from data.aws import cloudwatch, pricing, savings_plans, service_quotas
from data.aws.accounts import Account, session
from data.aws.calls import Calls
from data.aws.pages import Page
from data.ingest.home_store import open_home
from data.ingest.pipeline import ImportResult, ingest_files
from data.ingest.rebuild import rebuild
from data.raw.inputs import uploaded
from data.store.reader import Reader
from data.store.store import Store
from tests.aws_server.clock import Clock
from tests.aws_server.cloudwatch import CloudWatch
from tests.aws_server.history import ACCOUNT, REGION, AwsHistory
from tests.aws_server.prices import INSTANCE_TYPES, rate
from tests.aws_server.server import AwsServer
from tests.conftest import ask, lines

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
GPU = ("GPUUtilization", "GPUMemoryUtilization")


@pytest.fixture(scope="module")
def history() -> AwsHistory:
    return AwsHistory(Clock(NOW), jobs=30, days=130)


@pytest.fixture
def aws(history: AwsHistory, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsServer]:
    history.clock.now = NOW.timestamp()
    with AwsServer(history) as server:
        server.set_environment(monkeypatch)
        yield server


@pytest.fixture
def calls(aws: AwsServer) -> Calls:
    account = Account("default", account_id=ACCOUNT)
    return Calls(account, session(account), REGION, list_per_s=1e4, other_per_s=1e4, deadline_s=5)


@pytest.fixture
def jobs(store: Store, history: AwsHistory) -> pd.DataFrame:
    """The history's jobs, imported as they are described now."""
    described = [job.described(NOW.timestamp()) for job in history.created_jobs(NOW.timestamp())]
    take(store, [Page("jobs", "jobs.jsonl", lines(*described))])
    return store.frame("select job_name, training_started_at, training_ended_at from training_jobs")


def take(store: Store, pages: Iterable[Page]) -> list[ImportResult]:
    # what a page holds is seen by its content, as that of a file
    results = list(ingest_files(store, (uploaded(page.name, page.content) for page in pages)))
    assert all(isinstance(one, ImportResult) and not one.rejected_count for one in results)
    return results  # type: ignore[return-value]


def read(store: Store, calls: Calls, now: datetime, cap_usd: float | None = None) -> None:
    planned = cloudwatch.plan(Reader(store), ACCOUNT, REGION, now=now, cap_usd=cap_usd)
    take(store, cloudwatch.fetch(calls, planned, clock=lambda: now))


def expected(history: AwsHistory, now: datetime) -> pd.DataFrame:
    """Return every sample there is of jobs, at the shortest period of its age, by brute force."""
    played = CloudWatch(history, None)  # type: ignore[arg-type]
    found = []
    for job in history.created_jobs(now.timestamp()):
        if job.started is None or job.started > now.timestamp():
            continue
        series = [
            (metric, {"Name": "Host", "Value": f"{job.name}/algo-{number}"})
            for number in range(1, len(job.family.hosts) + 1)
            for metric in ("CPUUtilization", "MemoryUtilization", "DiskUtilization", *GPU)
        ]
        series += [
            (name, {"Name": "TrainingJobName", "Value": job.name}) for name in job.family.metrics
        ]
        for metric, dimension in series:
            asked = {"Namespace": "/aws/sagemaker/TrainingJobs", "MetricName": metric,
                     "Dimensions": [dimension]}  # fmt: skip
            for period, days in ((60, 15), (300, 63), (3600, 455)):
                start = now.timestamp() - days * 86400 + 1
                query = {"MetricStat": {"Metric": asked, "Period": period, "Stat": "Average"}}
                times, values = played.series(query, start, now.timestamp(), now.timestamp())
                found.append(
                    pd.DataFrame(
                        {
                            "host_name": dimension["Value"],
                            "metric_name": metric,
                            "period_s": period,
                            "at_s": times,
                            "metric_value": values,
                        }
                    )  # fmt: skip
                )
    return pd.concat(found)


def samples(store: Store) -> pd.DataFrame:
    return store.frame(
        "select account_id, region, job_name, host_name, metric_name, statistic_name, period_s,"
        " epoch(sampled_at) as at_s, metric_value from metric_samples"
    )


def test_every_job_has_every_sample_at_the_shortest_period_that_is_kept(
    store: Store, jobs: pd.DataFrame, calls: Calls, history: AwsHistory, aws: AwsServer
) -> None:
    planned = cloudwatch.plan(Reader(store), ACCOUNT, REGION, now=NOW)
    assert not aws.requests
    take(store, cloudwatch.fetch(calls, planned, clock=lambda: NOW))
    found = samples(store)
    assert set(found["period_s"]) == {60, 300, 3600}
    assert (found["account_id"] == ACCOUNT).all()
    assert (found["region"] == REGION).all()
    assert set(found["statistic_name"]) == {"Average"}
    assert (found["job_name"] == found["host_name"].str.split("/").str[0]).all()

    every = expected(history, NOW)
    key = ["host_name", "metric_name", "period_s", "at_s"]
    both = found.merge(every, on=key, suffixes=("", "_played"))
    assert len(both) == len(found) == len(found[key].drop_duplicates())
    np.testing.assert_allclose(both["metric_value"], both["metric_value_played"])
    # what is missing has a sample of a longer period in its place, or is too new to be settled
    asked = set(zip(found["host_name"], found["metric_name"], strict=True))
    assert asked == {
        key
        for key, group in every.groupby(["host_name", "metric_name"])
        if group["at_s"].min() < NOW.timestamp() - 600
    }
    minutes = every[(every["period_s"] == 60) & (every["at_s"] < NOW.timestamp() - 660)]
    young = minutes[minutes["at_s"] > NOW.timestamp() - 14.9 * 86400]
    assert len(young.merge(found, on=key)) == len(young)

    # exactly as many metrics as were announced, in as many calls
    sent = [request for action, request in aws.received if action == cloudwatch.OPERATION]
    assert sum(len(request["MetricDataQueries"]) for request in sent) == planned.metric_count
    assert len(sent) == planned.call_count == aws.requests[cloudwatch.OPERATION]
    # USD 0.01 for 1,000 metrics
    assert planned.cost_usd == pytest.approx(planned.metric_count * 0.01 / 1000)
    assert f"{len(planned.jobs)} jobs" in planned.step.what


def test_no_gpu_metric_is_asked_for_where_no_host_has_a_gpu(
    store: Store, jobs: pd.DataFrame, calls: Calls, aws: AwsServer
) -> None:
    read(store, calls, NOW)
    asked = Counter(
        (stat["Metric"]["Dimensions"][0]["Value"].split("-")[0], stat["Metric"]["MetricName"])
        for action, request in aws.received
        if action == cloudwatch.OPERATION
        for stat in (query["MetricStat"] for query in request["MetricDataQueries"])
    )
    families = {family for family, metric in asked if metric in GPU}
    assert {"BertLarge", "hetero"} <= families
    assert not {"tabular", "nightly", "tuned"} & families
    # two types in one job: any of its three hosts may be the one with GPUs
    assert asked["hetero", "GPUUtilization"] == asked["hetero", "CPUUtilization"]


def test_what_was_read_is_not_asked_for_again_and_what_runs_goes_on(
    store: Store, jobs: pd.DataFrame, calls: Calls, history: AwsHistory, aws: AwsServer
) -> None:
    read(store, calls, NOW)
    first, asked = len(samples(store)), aws.requests[cloudwatch.OPERATION]
    is_settled = jobs["training_ended_at"] < NOW - timedelta(minutes=10)
    running = set(jobs["job_name"][jobs["training_started_at"].notna() & ~is_settled])
    assert running
    planned = cloudwatch.plan(Reader(store), ACCOUNT, REGION, now=NOW)
    assert not planned.jobs
    later = NOW + timedelta(hours=1)
    history.clock.now = later.timestamp()
    planned = cloudwatch.plan(Reader(store), ACCOUNT, REGION, now=later)
    assert {job.job_name for job in planned.jobs} == running
    read(store, calls, later)
    found = samples(store)
    assert len(found) > first
    assert not found.duplicated(["host_name", "metric_name", "period_s", "at_s"]).any()
    assert aws.requests[cloudwatch.OPERATION] == asked + planned.call_count
    states = store.frame("select job_name from metric_reads")
    assert set(states["job_name"]) == set(jobs["job_name"][jobs["training_started_at"].notna()])
    # a rebuild knows as much: nothing is paid for twice
    store.close()
    rebuild(store.home, derivation=derive)
    with closing(open_home(store.home, derivation=derive)) as rebuilt:
        assert not cloudwatch.plan(Reader(rebuilt), ACCOUNT, REGION, now=later).jobs


def test_a_series_that_did_not_come_is_asked_for_again(
    store: Store, jobs: pd.DataFrame, calls: Calls, aws: AwsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = calls.pages

    def failing(*words: str, **parameters: object) -> Iterator[dict[str, object]]:
        for answer in every(*words, **parameters):
            answer["MetricDataResults"][0]["StatusCode"] = "InternalError"
            yield answer

    monkeypatch.setattr(calls, "pages", failing)
    read(store, calls, NOW)
    monkeypatch.undo()
    aws.set_environment(monkeypatch)
    planned = cloudwatch.plan(Reader(store), ACCOUNT, REGION, now=NOW)
    assert 1 <= len(planned.jobs) <= aws.requests[cloudwatch.OPERATION]
    before = samples(store)
    read(store, calls, NOW)
    assert not cloudwatch.plan(Reader(store), ACCOUNT, REGION, now=NOW).jobs
    assert len(samples(store)) == len(before)


def test_pages_of_a_long_answer_are_put_together(
    store: Store, jobs: pd.DataFrame, calls: Calls, aws: AwsServer, history: AwsHistory
) -> None:
    aws.knobs.largest_page = 1999
    try:
        read(store, calls, NOW)
    finally:
        aws.knobs.largest_page = None
    in_pages = samples(store)
    assert aws.requests[cloudwatch.OPERATION] > len(in_pages) / 1999
    every = expected(history, NOW)
    both = in_pages.merge(every, on=["host_name", "metric_name", "period_s", "at_s"])
    assert len(both) == len(in_pages) > 5_000
    assert not cloudwatch.plan(Reader(store), ACCOUNT, REGION, now=NOW).jobs


def test_a_cap_keeps_the_newest_jobs_and_says_what_it_leaves_out(
    store: Store, jobs: pd.DataFrame, calls: Calls, aws: AwsServer
) -> None:
    whole = cloudwatch.plan(Reader(store), ACCOUNT, REGION, now=NOW)
    cap_usd = whole.cost_usd / 3
    planned = cloudwatch.plan(Reader(store), ACCOUNT, REGION, now=NOW, cap_usd=cap_usd)
    assert 0 < planned.cost_usd <= cap_usd
    assert planned.cost_usd + planned.left_out_cost_usd == pytest.approx(whole.cost_usd)
    assert len(planned.jobs) + len(planned.left_out) == len(whole.jobs)
    newest = max(job.started_s for job in planned.left_out)
    assert min(job.started_s for job in planned.jobs) >= newest
    words = planned.step.what
    assert f"{len(planned.left_out)} jobs" in words
    assert f"{datetime.fromtimestamp(newest, UTC):%Y-%m-%d %H:%M}" in words
    # the next time, under the same cap, the rest follows
    read(store, calls, NOW, cap_usd)
    again = cloudwatch.plan(Reader(store), ACCOUNT, REGION, now=NOW, cap_usd=cap_usd)
    assert [job.job_name for job in again.jobs] == [
        job.job_name for job in planned.left_out[: len(again.jobs)]
    ]
    assert cloudwatch.plan(Reader(store), ACCOUNT, REGION, now=NOW, cap_usd=0).metric_count == 0


def test_list_prices_and_rates_of_plans_are_kept_apart(store: Store, calls: Calls) -> None:
    regions = ["us-east-1", "eu-west-1"]
    take(store, pricing.fetch(calls, regions))
    take(store, savings_plans.fetch(calls, regions, now=NOW))
    found = store.frame("select * from prices where import_id is not null")
    assert not found["is_users"].any()
    by_list = found[found["component"] == "training"]
    assert {
        (row.instance_type, row.region, row.list_unit_price_usd_per_h)
        for row in by_list.itertuples()
    } == {(kind, region, rate(kind, region)) for kind in INSTANCE_TYPES for region in regions}
    assert set(by_list["source"]) == {"AWS Price List API"}
    assert set(by_list["effective_from"].dt.date) == {date(2026, 10, 1)}
    by_plan = found[found["component"] == "savings_plan"]
    assert len(by_plan) == 2 * len(INSTANCE_TYPES) * len(regions)
    assert set(by_plan["note"]) == {"1 year, No Upfront", "1 year, All Upfront"}
    assert set(by_plan["effective_from"].dt.date) == {NOW.date()}
    # the same answers again are known, and leave everything as it was
    results = take(store, pricing.fetch(calls, regions))
    assert all(one.is_known_file for one in results)
    assert store.scalar("select count(*) from prices where import_id is not null") == len(found)


def test_quotas_on_training_and_warm_pools(store: Store, calls: Calls, aws: AwsServer) -> None:
    take(store, service_quotas.fetch(calls))
    found = ask(store, "service_quotas")
    assert set(found["instance_type"]) == set(INSTANCE_TYPES)
    values = dict(zip(found["quota_kind"], found["quota_value"], strict=True))
    assert values == {"training_warm_pool": 4, "training_job": 20, "spot_training_job": 10}
    assert set(found["account_id"]) == {ACCOUNT}
    assert (
        len(found)
        == 3 * len(INSTANCE_TYPES)
        == store.scalar("select count(*) from service_quota_records")
    )
    assert found["observed_at"].notna().all()
    # later the same, and the newest stands
    arn = f"arn:aws:servicequotas:{REGION}:{ACCOUNT}:sagemaker/L-1"
    name = "ml.g5.2xlarge for training warm pool usage"
    quota = {"QuotaName": name, "QuotaCode": code(found), "Value": 8.0, "QuotaArn": arn}
    raised = {"Quotas": [quota]}
    take(store, [Page("service_quotas", "q.json", json.dumps(raised).encode())])
    again = ask(store, "service_quotas")
    assert again.set_index("quota_code").loc[code(found), "quota_value"] == 8
    assert len(again) == len(found)


def code(quotas: pd.DataFrame) -> str:
    is_it = quotas["quota_name"] == "ml.g5.2xlarge for training warm pool usage"
    return str(quotas["quota_code"][is_it].item())
