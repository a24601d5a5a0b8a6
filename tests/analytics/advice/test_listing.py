"""The list of advice: no gain is counted twice, whatever is recommended and decided."""

from datetime import UTC, datetime
from itertools import combinations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from analytics.advice.listing import (
    OPEN,
    Decided,
    advice_id,
    listing,
    total,
    would_change,
)
from analytics.recommendation import Gain, Recommendation, pool_touched
from data.datasets.advice_decisions.dataset import APPLIED, DISMISSED

P_AND_Q = frozenset({pool_touched("us-east-1", name) for name in "pq"})
AT = datetime(2026, 11, 1, tzinfo=UTC)


def advised(
    subject: str = "p",
    *,
    kind: str = "keep_alive",
    net: float | None = 10.0,
    touches: frozenset[str] | None = None,
    **further: Any,
) -> Recommendation:
    cash, wait_h = further.pop("cash", net), further.pop("wait_h", 0.0)
    own = frozenset({pool_touched("us-east-1", subject)}) if touches is None else touches
    fields: dict[str, Any] = {
        "kind": kind,
        "subject": subject,
        "subject_label": subject,
        "verdict": "raise",
        "is_change": True,
        "current": "60 s",
        "advised": "600 s",
        "gain": Gain(net, net, net, wait_h, cash),
        "job_count": 40,
        "backtest_regret_ratio": None,
        "rationale": "because",
        "setting": "{}",
        "evidence_page": "keep_alive",
        "basis": "other_days",
        "touches": own,
    }
    return Recommendation(**{**fields, **further})


def decided(decision: str, advised_value: str | None = "600 s") -> Decided:
    return Decided(decision, advised_value, AT, None, AT)


THINGS = st.frozensets(st.sampled_from("abcdef"), min_size=1, max_size=3)
KINDS = st.sampled_from(["keep_alive", "merge_pools", "quota"])
GAINS = st.one_of(st.none(), st.floats(-5, 1000))
RECOMMENDATIONS = st.lists(st.tuples(THINGS, KINDS, GAINS, st.booleans()), max_size=12)
CHOSEN = st.lists(st.sampled_from([None, DISMISSED, APPLIED, "reopened"]), min_size=12, max_size=12)


@given(RECOMMENDATIONS, CHOSEN)
def test_what_counts_changes_nothing_in_common_and_adds_up_to_the_total(
    drawn: list[tuple[frozenset[str], str, float | None, bool]], choices: list[str | None]
) -> None:
    given_ones = [
        advised(str(number), kind=kind, net=net, touches=things, is_change=is_change)
        for number, (things, kind, net, is_change) in enumerate(drawn)
    ]
    decisions = {
        advice_id(one): decided(choice)
        for one, choice in zip(given_ones, choices, strict=False)
        if choice is not None
    }
    found = listing(given_ones, decisions, minimum_usd_per_month=1.0)
    counted = [one for one in found if one.is_in_total]
    for one, other in combinations(counted, 2):
        assert not one.recommendation.touches & other.recommendation.touches
    gains = [one.recommendation.gain.net_usd_per_month for one in counted]
    assert all(gain is not None and gain >= 1.0 for gain in gains)
    assert total(found).net_usd_per_month == sum(gain or 0.0 for gain in gains)
    assert all(one.state == OPEN for one in counted)
    # whatever does not count says why: known already, decided, barred, or of unknown gain
    for one in found:
        is_unknown = one.recommendation.gain.net_usd_per_month is None
        barred = one.conflicts_with is not None
        assert one.is_in_total != (is_unknown or barred or one.state != OPEN)
    assert [one.rank for one in found] == list(range(1, len(found) + 1))


def test_of_two_that_change_the_same_pool_the_better_counts_and_the_other_names_it() -> None:
    merge = advised("p and q", kind="merge_pools", net=30.0, touches=P_AND_Q)
    first, second = listing([advised("p", net=20.0), merge], {}, 1.0)
    assert (first.recommendation.kind, first.is_in_total) == ("merge_pools", True)
    assert (second.is_in_total, second.conflicts_with) == (False, first)


def test_what_was_dismissed_bars_nothing_and_what_was_applied_bars_the_rest() -> None:
    merge = advised("p and q", kind="merge_pools", net=30.0, touches=P_AND_Q)
    alone = advised("p", net=20.0)
    for choice, is_counted in ((DISMISSED, True), (APPLIED, False)):
        found = listing([alone, merge], {advice_id(merge): decided(choice)}, 1.0)
        assert [one.state for one in found] == [choice, OPEN]
        assert found[1].is_in_total is is_counted
        assert total(found).net_usd_per_month == (20.0 if is_counted else 0.0)


def test_a_gain_judged_on_the_data_that_it_was_chosen_on_counts_and_bars_nothing() -> None:
    quota = advised("quota", net=30.0, basis="same_data", touches=P_AND_Q)
    first, second = listing([advised("p", net=20.0), quota], {}, 1.0)
    assert (first.is_in_total, first.is_hindsight) == (False, True)
    assert (second.is_in_total, second.conflicts_with) == (True, None)
    assert total([first, second]).net_usd_per_month == 20.0


def test_another_value_after_one_was_applied_is_open_again() -> None:
    one = advised("p")
    (found,) = listing([one], {advice_id(one): decided(APPLIED, "300 s")}, 1.0)
    assert found.state == OPEN


def test_a_gain_below_the_minimum_is_left_out_and_an_unknown_one_stays() -> None:
    found = listing([advised("p", net=0.5), advised("q", net=None)], {}, 1.0)
    assert [one.recommendation.subject for one in found] == ["q"]
    assert not found[0].is_in_total


def test_the_cost_of_delay_from_which_on_it_would_not_pay_is_said() -> None:
    """30 USD more for 2 h less: it pays from 15 USD per hour on, and the other way round."""
    assert "Below a cost of delay of 15.00 USD" in would_change(advised(cash=-30.0, wait_h=2.0))
    assert "Above a cost of delay of 15.00 USD" in would_change(advised(cash=30.0, wait_h=-2.0))
    assert would_change(advised(cash=3.0, wait_h=2.0)) == "It pays at every cost of delay."
