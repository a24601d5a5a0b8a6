"""Quota advice: what a refusal cost by hand, and peaks by counting every instant."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from analytics.advisors import advice
from analytics.keep_alive.history import History, load_history
from analytics.query import Filters
from analytics.quotas.recommendations import recommendations
from data.ingest.pipeline import ImportResult, ingest
from data.raw.inputs import uploaded
from data.store.reader import Reader
from data.store.store import Store
from tests.chains import history
from tests.conftest import ask, describe_job, lines

Take = Callable[..., ImportResult]
REFUSED = "Instances not retained as a result of warmpool resource limits being exceeded"
G5_USD_PER_H, SAVED_S = 1.515, 106  # published for File: 176 - 70 s
HOURS_PER_MONTH = 730


def take_quotas(store: Store, warm: float, training: float) -> None:
    def quota(use: str, code: str, value: float) -> dict[str, object]:
        return {
            "QuotaName": f"ml.g5.2xlarge for training {use} usage",
            "QuotaCode": code,
            "Value": value,
            "QuotaArn": f"arn:aws:servicequotas:us-east-1:123456789012:sagemaker/{code}",
        }

    answer = {"Quotas": [quota("warm pool", "L-1", warm), quota("job", "L-2", training)]}
    ingest(store, uploaded("quotas.json", lines(answer)), kind="service_quotas")


def test_a_refusal_costs_the_wait_of_the_job_that_would_have_reused_it(
    store: Store, take: Take
) -> None:
    kept = {"KeepAlivePeriodInSeconds": 600}
    first = describe_job("first", ResourceConfig=kept)  # it ends at 690
    first["SecondaryStatusTransitions"][-1]["StatusMessage"] = REFUSED
    second = describe_job("second", created=790, ResourceConfig=kept)  # and this at 1480
    take(first, second, describe_job("late", created=4000, ResourceConfig=kept))
    (row,) = ask(store, "quota_advice").to_dict("records")
    assert (row["verdict"], row["quota_kind"]) == ("ask_for_more", "training_warm_pool")
    assert (row["refused_job_count"], row["refused_by_message_count"]) == (1, 1)
    assert (row["miss_count"], row["advised_quota_value"]) == (1, 1)
    # a history of one day: 100 s idle against one wait
    months = 24 / HOURS_PER_MONTH
    assert row["wait_saved_h_per_month"] == pytest.approx(SAVED_S / 3600 / months)
    assert row["cash_gain_usd_per_month"] == pytest.approx(-100 * G5_USD_PER_H / 3600 / months)
    assert row["net_gain_usd_per_month"] == pytest.approx(
        row["cash_gain_usd_per_month"] + 60 * row["wait_saved_h_per_month"]
    )
    (made,) = recommendations(ask(store, "quota_advice"))
    assert (made.is_change, made.basis, made.certainty) == (True, "same_data", "not_judged")

    take_quotas(store, warm=4, training=1)
    rows = ask(store, "quota_advice").set_index("quota_kind")
    assert rows.loc["training_warm_pool", "verdict"] == "enough"
    # nothing runs while another cluster idles: one instance at a time is enough
    training = rows.loc["training_job"]
    assert (training.verdict, training.needed_count) == ("enough", 1)


def test_a_cluster_that_was_not_kept_cost_one_job_its_warm_start(store: Store, take: Take) -> None:
    """Two jobs ask within its period: it could have been there for the first of them."""
    kept = {"KeepAlivePeriodInSeconds": 600}
    refused = describe_job("refused", ResourceConfig=kept)  # it ends at 690
    refused["SecondaryStatusTransitions"][-1]["StatusMessage"] = REFUSED
    later = (
        describe_job(f"later-{created}", created=created, ResourceConfig=kept)
        for created in (990, 1020)
    )
    take(refused, *later)
    assert ask(store, "warm_pool_misses").set_index("miss_reason").loc[
        "not_provisioned", "job_count"
    ] == 2  # fmt: skip
    (row,) = ask(store, "quota_advice").to_dict("records")
    assert (row["refused_job_count"], row["miss_count"]) == (1, 1)
    months = 24 / HOURS_PER_MONTH
    assert row["wait_saved_h_per_month"] == pytest.approx(SAVED_S / 3600 / months)


def test_what_is_needed_is_what_the_same_keep_alive_advice_needs(store: Store, take: Take) -> None:
    """A pool that keeps clusters for an hour to no avail, for money alone."""
    take(*history(keep_alive_s=3600))
    given = {"value_of_waiting_usd_per_h": "0"}
    assert ask(store, "quota_advice", **given).empty  # advice keeps none warm
    for more in ({"minimum_gain_usd_per_month": "1000000"}, {"p90_target_s": "60"}):
        advised = ask(store, "keep_alive_advice", **given, **more)
        assert advised["advised_keep_alive_s"].iloc[0] > 0
        assert ask(store, "quota_advice", **given, **more)["needed_count"].tolist() == [1]


def test_one_list_judges_the_pools_once(
    store: Store, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(*history(keep_alive_s=3600))
    calls = []

    def counted(*args: Any, **options: Any) -> Iterator[History]:
        calls.append(args)
        return load_history(*args, **options)

    monkeypatch.setattr("analytics.keep_alive.advice.load_history", counted)
    given = {"minimum_gain_usd_per_month": "100", "p90_target_s": "60"}
    advice(Reader(store), Filters(), given, ["keep_alive", "quota"])
    assert len(calls) == 1


def test_peaks_are_those_of_a_slow_count(demo_store: Store) -> None:
    rows = ask(demo_store, "quota_advice")
    row = rows[rows["instance_type"] == "ml.m5.4xlarge"].iloc[0]
    jobs = demo_store.frame(
        """
        select pool_key, instance_count as n, epoch(training_started_at) as began,
            epoch(release_at) as ended, is_releasing and eligibility = 'eligible' as can_idle,
            coalesce(unlimited_idle_s, 1e12) as idle_s, coalesce(keep_alive_period_s, 0) as own_s
        from job_facts
        where instance_type = 'ml.m5.4xlarge' and eligibility <> 'spot'
            and region = $region and account_id = $account_id and release_at is not null
        """,
        {"region": row.region, "account_id": row.account_id},
    )
    advice = ask(demo_store, "keep_alive_advice").set_index("pool_key")["advised_keep_alive_s"]
    advised_s = jobs["pool_key"].map(advice.dropna().astype(float)).fillna(jobs["own_s"])
    for periods_s, expected in (
        (jobs["own_s"], row.peak_idle_today),
        (advised_s, row.peak_idle_advised),
    ):
        until = jobs["ended"] + jobs["idle_s"].clip(upper=periods_s)
        most = max(
            jobs["n"][jobs["can_idle"] & (jobs["ended"] <= at) & (until > at)].sum()
            for at in jobs["ended"]
        )
        assert most == expected
    running = max(
        jobs["n"][(jobs["began"] <= at) & (jobs["ended"] > at)].sum() for at in jobs["began"]
    )
    assert running == row.peak_running_count
