"""Did it pay: a step of a known size is found with its size, and no step is not."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from analytics.advice.answers import decisions
from analytics.advice.compare import Side, difference
from analytics.advice.decide import decide
from analytics.advice.listing import Listed
from analytics.query import Filters
from data.ingest.pipeline import ImportResult
from data.store.reader import Reader
from data.store.store import Store
from tests.analytics.advice.test_listing import advised
from tests.conftest import ask, at, describe_job

DAY_S = 86_400
WEEKS = 4


def side(rng: np.random.Generator, idle_usd: float, spread: float = 0.5) -> Side:
    """Return four weeks with ten jobs a day that idle for so much each, twice on Mondays."""
    days = np.arange(7 * WEEKS)
    weekday = days % 7
    jobs = np.full(len(days), 10)
    per_job = np.where(weekday == 0, 2 * idle_usd, idle_usd) + rng.normal(0, spread, len(days))
    sums = np.stack([per_job * jobs, np.zeros(len(days)), np.zeros(len(days))], axis=1)
    return Side(weekday, jobs, sums, np.stack([jobs] * 3, axis=1))


def test_a_step_is_measured_on_the_same_weekdays() -> None:
    """From 3 to 1 USD a job, twice on Mondays: 8/7 x 2 USD x 10 jobs x 24 h of a month of 730 h."""
    rng = np.random.default_rng(1)
    found = difference(
        side(rng, 3.0, 0.0), side(rng, 1.0, 0.0), after_h=24 * 7 * WEEKS, value_usd_per_h=60.0
    )
    assert found.gain_usd == pytest.approx(8 / 7 * 2 * 10 * 730 / 24)
    assert found.cash_usd == found.gain_usd
    assert found.wait_h == 0.0
    assert (found.before_job_count, found.after_job_count) == (280, 280)


def test_without_a_step_it_is_rarely_said_to_have_paid_or_not() -> None:
    """A 90 % interval leaves 0 out in one of ten histories without a change."""
    outside = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        found = difference(side(rng, 3.0), side(rng, 3.0), after_h=672.0, value_usd_per_h=0.0)
        assert found.low_usd is not None
        assert found.high_usd is not None
        outside += not found.low_usd <= 0 <= found.high_usd
    assert outside / 200 <= 0.15


def test_what_no_job_says_is_not_judged() -> None:
    one, other = (side(np.random.default_rng(1), usd) for usd in (3.0, 1.0))
    unknown = Side(other.weekday, other.job_count, other.sums, other.counts * np.array([1, 1, 0]))
    found = difference(one, unknown, after_h=672.0, value_usd_per_h=60.0)
    assert (found.wait_h, found.gain_usd) == (None, None)
    assert difference(one, unknown, after_h=672.0, value_usd_per_h=0.0).gain_usd is not None


def kept_for(periods_s: Sequence[int], days: int = 28) -> list[dict[str, Any]]:
    """Return three jobs a day, and so many days of each period; each is retained for its period."""
    return [
        describe_job(
            f"job-{day}-{hour}",
            created=day * DAY_S + hour * 3600,
            ResourceConfig={"KeepAlivePeriodInSeconds": kept_s},
            WarmPoolStatus={
                "Status": "Terminated",
                "ResourceRetainedBillableTimeInSeconds": kept_s,
            },
        )
        for day, kept_s in enumerate(kept_s for kept_s in periods_s for _ in range(days))
        for hour in (0, 3, 6)
    ]


def mark(store: Store, decision: str = "applied", *, days: float = 29, **fields: Any) -> None:
    """Decide on advice for the one pool, in force so many days after the first job."""
    one = advised(ask(store, "pools")["pool_key"].iloc[0], net=100.0, **fields)
    listed = Listed(1, "abc", one, "open", is_in_total=True, conflicts_with=None, decided=None)
    applied_at = datetime.fromisoformat(at(days * DAY_S))
    decide(store, listed, decision, note="done", applied_at=applied_at, now=datetime.now(UTC))


def test_a_change_of_the_period_is_seen_and_one_that_was_marked_is_expected(
    store: Store, take: Callable[..., ImportResult]
) -> None:
    """28 days with 1 h, then 28 without keep-alive."""
    take(*kept_for([3600, 0]))
    (seen,) = ask(store, "did_it_pay", value_of_waiting_usd_per_h="0").to_dict("records")
    # what 1 h of a g5.2xlarge costs (AWS, us-east-1), three times a day
    expected = 1.515 * 3 * 730 / 24
    assert (seen["seen_in"], seen["verdict"], seen["advised"]) == ("seen", "paid", "0 s")
    assert seen["applied_at"].isoformat() == at(28 * DAY_S)
    assert seen["realised_gain_usd_per_month"] == pytest.approx(expected)
    assert seen["before_job_count"] == seen["after_job_count"] == 84

    for _ in range(2):  # decided twice, it is one change
        mark(store, advised="0 s")
    (marked,) = ask(store, "did_it_pay", value_of_waiting_usd_per_h="0").to_dict("records")
    assert (marked["seen_in"], marked["advice_id"]) == ("marked", "abc")
    assert marked["expected_gain_usd_per_month"] == 100.0
    assert marked["verdict"] == "paid"
    log = Reader(store).frame("select decision, decision_note from advice_log", {})
    assert log["decision"].tolist() == ["applied"] * 2
    none_then = Filters(until=datetime(2026, 3, 10, tzinfo=UTC))
    assert ask(store, "did_it_pay", none_then)["verdict"].tolist() == ["not_enough_data"]


@pytest.mark.parametrize(
    ("kind", "text"), [("merge_pools", "one pool, 0 s"), ("keep_alive", "60 s")]
)
def test_a_change_that_was_marked_is_not_listed_again_as_seen_whatever_was_set(
    store: Store, take: Callable[..., ImportResult], kind: str, text: str
) -> None:
    take(*kept_for([3600, 0]))
    mark(store, kind=kind, advised=text)
    (marked,) = ask(store, "did_it_pay", value_of_waiting_usd_per_h="0").to_dict("records")
    assert (marked["seen_in"], marked["verdict"]) == ("marked", "paid")


def test_advice_of_another_kind_does_not_hide_a_change_of_the_period(
    store: Store, take: Callable[..., ImportResult]
) -> None:
    take(*kept_for([3600, 0]))
    mark(store, kind="startup", advised="FastFile")
    assert set(ask(store, "did_it_pay")["seen_in"]) == {"marked", "seen"}


@pytest.mark.parametrize("decision", ["reopened", "dismissed"])
def test_what_was_marked_by_mistake_is_no_change(
    store: Store, take: Callable[..., ImportResult], decision: str
) -> None:
    take(*kept_for([3600, 0]))
    mark(store, days=45, advised="0 s")
    mark(store, decision, advised="0 s")
    (seen,) = ask(store, "did_it_pay", value_of_waiting_usd_per_h="0").to_dict("records")
    assert (seen["seen_in"], seen["after_job_count"]) == ("seen", 84)


def test_what_was_opened_again_is_in_force_from_no_instant(
    store: Store, take: Callable[..., ImportResult]
) -> None:
    take(*kept_for([3600], days=2))
    mark(store, advised="0 s")
    mark(store, "reopened", advised="0 s")
    newest = decisions(Reader(store))["abc"]
    assert (newest.decision, newest.applied_at, newest.note) == ("reopened", None, "done")


def test_a_month_is_made_of_the_days_that_the_data_has(
    store: Store, take: Callable[..., ImportResult]
) -> None:
    """A change two weeks after the newest job adds no days without jobs to the one before it."""
    take(*kept_for([3600, 0]))
    mark(store, days=56 + 14, advised="0 s")
    rows = ask(store, "did_it_pay", value_of_waiting_usd_per_h="0").set_index("seen_in")
    gain = rows.loc["seen", "realised_gain_usd_per_month"]
    assert gain == pytest.approx(1.515 * 3 * 730 / 24)


def test_a_cost_of_delay_that_nobody_gave_is_said(
    store: Store, take: Callable[..., ImportResult]
) -> None:
    take(*kept_for([3600, 0]))
    assumed = "An hour of waiting is assumed to cost 60 USD"
    assert assumed in ask(store, "did_it_pay")["rationale"].iloc[0]
    given = ask(store, "did_it_pay", value_of_waiting_usd_per_h="60")
    assert assumed not in given["rationale"].iloc[0]


def test_enough_jobs_of_unknown_cost_are_not_called_too_few(
    store: Store, take: Callable[..., ImportResult]
) -> None:
    jobs = kept_for([3600, 0])
    for job in jobs:
        job["ResourceConfig"]["InstanceType"] = "ml.unheard.xlarge"
    take(*jobs)
    (row,) = ask(store, "did_it_pay").to_dict("records")
    assert (row["verdict"], row["before_job_count"]) == ("not_enough_data", 84)
    assert row["rationale"] == (
        "84 jobs before and 84 after are enough, but on some weekday the cost of every job on one"
        " side is unknown."
    )
