"""The back-test of policies, against a slow replay that keeps each cluster and looks for it."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data.ingest.pipeline import ImportResult
from data.store.store import Store
from tests.chains import DAY_S, history
from tests.conftest import ask, describe_job

# AWS's list price of ml.g5.2xlarge in us-east-1, and its published table for File: 176 - 70 s
USD_PER_S, SAVED_S = 1.515 / 3600, 106
VALUE = 40.0
LIMIT_S = 400
POLICIES = (
    "advised",
    "hindsight",
    "today",
    "break_even",
    "none",
    "hybrid_histogram",
    "conditional",
)


def slow_cost(
    jobs: list[dict[str, Any]], keep_s: Callable[[pd.Timestamp], float], first_day: int
) -> tuple[float, float, int, float]:
    """Return cost, seconds kept, hits and seconds waited of jobs from a day on; one at a time."""
    start = pd.Timestamp(jobs[0]["CreationTime"]).floor("D")
    free: tuple[pd.Timestamp, float] | None = None  # since when, and kept until it is reused
    cost, retained, hits, waited = 0.0, 0.0, 0, 0.0
    for number, job in enumerate(jobs):
        created = pd.Timestamp(job["CreationTime"])
        is_late = (created.floor("D") - start).days >= first_day
        is_hit = free is not None and (created - free[0]).total_seconds() < free[1]
        if is_late:
            hits += is_hit
            waited += 0 if is_hit else SAVED_S
            cost += 0 if is_hit else SAVED_S * VALUE / 3600
        ended, period_s = pd.Timestamp(job["TrainingEndTime"]), keep_s(created)
        kept = period_s
        if number + 1 < len(jobs):
            gap = (pd.Timestamp(jobs[number + 1]["CreationTime"]) - ended).total_seconds()
            kept = min(gap, period_s)
        if is_late:
            retained += kept
            cost += kept * USD_PER_S
        free = (ended, period_s)
    return cost, retained, hits, waited


@pytest.mark.parametrize("seed", [1, 4])
def test_each_policy_costs_what_a_slow_replay_says(
    store: Store, take: Callable[..., ImportResult], seed: int
) -> None:
    jobs = history(seed=seed)
    take(*jobs)
    given: dict[str, Any] = {"value_of_waiting_usd_per_h": str(VALUE), "limit_s": str(LIMIT_S)}
    rows = ask(store, "backtest", **given).set_index("policy")
    assert tuple(rows.index) == POLICIES
    split = (rows["train_until"].iloc[0] - pd.Timestamp(jobs[0]["CreationTime"]).floor("D")).days
    days = (pd.Timestamp(jobs[-1]["CreationTime"]) - pd.Timestamp(jobs[0]["CreationTime"])).days
    assert split == int(0.7 * (days + 1))

    def cost(period_s: float, first_day: int = split) -> tuple[float, float, int, float]:
        return slow_cost(jobs, lambda _: period_s, first_day)

    early = [
        job
        for job in jobs
        if (pd.Timestamp(job["CreationTime"]) - pd.Timestamp(jobs[0]["CreationTime"]).floor("D"))
        < pd.Timedelta(days=split)
    ]
    chosen_early = min(range(LIMIT_S + 1), key=lambda s: (round(_early_cost(jobs, early, s), 9), s))
    expected = {
        "none": cost(0),
        "today": cost(60),
        # what 106 s of waiting are worth, in seconds of the cluster
        "break_even": cost(int(min(SAVED_S * VALUE / 3600 / USD_PER_S, LIMIT_S))),
        "advised": cost(chosen_early),
    }
    for policy, (usd, retained_s, hits, waited_s) in expected.items():
        row = rows.loc[policy]
        assert row["total_cost_usd"] == pytest.approx(usd), policy
        assert row["retained_s"] == pytest.approx(retained_s), policy
        assert row["hit_rate_ratio"] == pytest.approx(hits / row["job_count"]), policy
        assert row["wait_s"] == pytest.approx(waited_s), policy
    best = min(cost(period_s)[0] for period_s in range(LIMIT_S + 1))
    assert rows.loc["hindsight", "total_cost_usd"] == pytest.approx(best)
    regret = rows["total_cost_usd"] / best - 1
    np.testing.assert_allclose(rows["regret_ratio"], regret, atol=1e-9)


def test_the_histogram_is_of_idle_times_whatever_found_no_cluster(
    store: Store, take: Callable[..., ImportResult]
) -> None:
    """Sixty jobs run all the while: they waited for no cluster, and leave one when all is over."""
    jobs = history()
    long = (describe_job(f"long-{n:02}", created=-60, run=25 * DAY_S) for n in range(60))
    kept = {"KeepAlivePeriodInSeconds": 60}
    take(*jobs, *({**job, "ResourceConfig": {**job["ResourceConfig"], **kept}} for job in long))
    rows = ask(store, "backtest", limit_s="3600").set_index("policy")
    first = pd.Timestamp(jobs[0]["CreationTime"]).floor("D")
    split = (rows["train_until"].iloc[0] - first).days
    gaps_s = [
        (pd.Timestamp(later["CreationTime"]) - pd.Timestamp(job["TrainingEndTime"])).total_seconds()
        for job, later in pairwise(jobs)
        if (pd.Timestamp(later["CreationTime"]) - first).days < split
    ]
    within = [gap for gap in gaps_s if gap <= 3600]
    assert len(gaps_s) / 2 < len(within) < (len(gaps_s) + 60) / 2
    minutes = np.ceil(np.quantile(within, 0.99) / 60)
    expected = slow_cost(jobs, lambda _: 60 * minutes, split)[1]
    assert rows.loc["hybrid_histogram", "retained_s"] == pytest.approx(expected)


def _early_cost(jobs: list[dict[str, Any]], early: list[dict[str, Any]], period_s: int) -> float:
    """Return what a period costs on the early jobs; the last one's cluster waits for a late job."""
    total = slow_cost(jobs, lambda _: period_s, 0)[0]
    first_late = jobs[len(early)] if len(early) < len(jobs) else None
    if first_late is None:
        return total
    start = pd.Timestamp(jobs[0]["CreationTime"]).floor("D")
    split = (pd.Timestamp(first_late["CreationTime"]).floor("D") - start).days
    return total - slow_cost(jobs, lambda _: period_s, split)[0]
