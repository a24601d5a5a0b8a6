"""The one type of advice: every advisor returns it, and everything that shows advice takes it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote, unquote


@dataclass(frozen=True, slots=True)
class Gain:
    """What a change brings in a month of 730 h: its value with a 90 % interval, and wait saved.

    USD are None where no price is known.
    """

    net_usd_per_month: float | None
    low_usd_per_month: float | None
    high_usd_per_month: float | None
    wait_saved_h_per_month: float | None
    cash_usd_per_month: float | None = None
    """The money in it: the rest is the wait saved, at the cost of delay."""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Return the gain of a row of advice, by its declared columns."""
        return cls(
            row["net_gain_usd_per_month"],
            row["net_gain_low_usd_per_month"],
            row["net_gain_high_usd_per_month"],
            row["wait_saved_h_per_month"],
            row["cash_gain_usd_per_month"],
        )


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to set instead, on one subject, and why; it may be to change nothing.

    Args:
        kind: which advisor it comes from, such as `keep_alive`.
        subject: what it is about, as filters name it (a pool key), and as people read it.
        verdict: what to do, a code of the advisor's.
        is_change: whether there is something to set.
        current, advised: today's setting and the advised one; None is unknown, or no advice.
        job_count: the jobs that it is based on.
        backtest_regret_ratio: how a choice made earlier did later; None: not tested.
        rationale: why, in sentences.
        setting: the part of AWS's request to set; None where nothing is to be set.
        snippets: the setting in the forms that people set it in, by form.
        evidence_page: the page that shows what it is based on, and its URL parameters.
        basis: how the gain was judged, a code of `BASES` in analytics/vocabulary.py.
        is_rough: whether the history is short for it.
        would_change: what would change this advice, in a sentence; None: nothing known.
        touches: what it changes, such as `pool us-east-1 KEY`: the gains of two recommendations
            that change the same thing are not added up.
        details: the advisor's own figures, by declared column.
    """

    kind: str
    subject: str
    subject_label: str
    verdict: str
    is_change: bool
    current: str | None
    advised: str | None
    gain: Gain
    job_count: int
    backtest_regret_ratio: float | None
    rationale: str
    setting: str | None
    evidence_page: str
    basis: str
    is_rough: bool = False
    would_change: str | None = None
    touches: frozenset[str] = frozenset()
    evidence_params: Mapping[str, str] = field(default_factory=dict)
    snippets: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_on_same_data(self) -> bool:
        """Whether the gain was judged on the data that the advice was chosen on."""
        return self.basis == "same_data"

    @property
    def certainty(self) -> str:
        """How sure the gain is, a code of `CERTAINTIES` in analytics/vocabulary.py."""
        if self.gain.net_usd_per_month is None or self.gain.low_usd_per_month is None:
            return "unknown"
        if self.is_on_same_data:
            return "not_judged"
        if self.gain.low_usd_per_month <= 0:
            return "possible"
        return "rough" if self.is_rough else "sure"


def pool_touched(region: str | None, pool_key: str) -> str:
    """Return how recommendations name a pool that they change."""
    return f"pool {region or 'unknown'} {pool_key}"


def pools_of(touches: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return region and key of the pools among what recommendations change.

    >>> pools_of(["queue main", pool_touched("us-east-1", "my key")])
    (('us-east-1', 'my key'),)
    """
    found = []
    for thing in sorted(touches):
        what, _, rest = thing.partition(" ")
        if what == "pool":
            region, _, pool_key = rest.partition(" ")
            found.append((region, pool_key))
    return tuple(found)


def touches_text(touches: Iterable[str]) -> str:
    """Return what a recommendation changes as one text, whatever is in the names.

    >>> touches_text(["queue b", "pool us-east-1 a, b"])
    'pool us-east-1 a%2C b, queue b'
    >>> touches_in('pool us-east-1 a%2C b, queue b')
    ['pool us-east-1 a, b', 'queue b']
    """
    return ", ".join(quote(thing, safe=" /:.") for thing in sorted(touches))


def touches_in(text: str) -> list[str]:
    """Return what such a text lists."""
    return [unquote(part) for part in text.split(", ") if part]


def assumed_value(usd_per_h: float) -> str:
    """Say that nobody has given a cost of delay, and how to."""
    return (
        f"An hour of waiting is assumed to cost {usd_per_h:,.0f} USD: set"
        " value_of_waiting_usd_per_h to yours."
    )


def ranked(recommendations: Iterable[Recommendation]) -> list[Recommendation]:
    """Return recommendations: changes first, those with most to gain, unknown gains after them."""

    def order(one: Recommendation) -> tuple[bool, bool, float, int, str]:
        gain = one.gain.net_usd_per_month
        return not one.is_change, gain is None, -(gain or 0.0), -one.job_count, one.subject

    return sorted(recommendations, key=order)
