"""The list: what was decided on each recommendation, and which gains add up to the total.

Definition: docs/metrics/advice.md. Two recommendations that change the same thing are not added up:
the one with more to gain counts, and the other says so. Nor does a gain count that was judged on
the data that it was chosen on.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from analytics.recommendation import Gain, Recommendation, ranked
from data.datasets.advice_decisions.dataset import APPLIED, DISMISSED

OPEN = "open"


@dataclass(frozen=True, slots=True)
class Decided:
    """The newest decision on a recommendation, and the newest note; None: there is none."""

    decision: str | None
    advised: str | None
    applied_at: datetime | None
    note: str | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A recommendation at its place in the list.

    `is_in_total`: its gain is part of the total. `conflicts_with` is the recommendation above that
    changes the same thing.
    """

    rank: int
    advice_id: str
    recommendation: Recommendation
    state: str
    is_in_total: bool
    conflicts_with: "Listed | None"
    decided: Decided | None

    @property
    def is_hindsight(self) -> bool:
        """Whether it would count, had its gain been judged on other data than it was chosen on."""
        one = self.recommendation
        is_alone = self.state == OPEN and self.conflicts_with is None
        return is_alone and one.is_on_same_data and one.gain.net_usd_per_month is not None


@dataclass(frozen=True, slots=True)
class Total:
    """What the counted recommendations bring together in a month of 730 h."""

    count: int
    cash_usd_per_month: float
    wait_saved_h_per_month: float
    net_usd_per_month: float


def advice_id(one: Recommendation) -> str:
    """Return what names the advice on a subject, from one list to the next."""
    touched = sorted(one.touches) or [one.subject]
    text = "\0".join([one.kind, *touched])
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def listing(
    recommendations: Iterable[Recommendation],
    decisions: Mapping[str, Decided],
    minimum_usd_per_month: float,
) -> list[Listed]:
    """Return the changes that gain enough, most first, those of an unknown gain last.

    A gain that is not known is not known to be too little: it stays, and counts for nothing.
    """
    found: list[Listed] = []
    names = set[str]()
    taken: dict[str, Listed] = {}
    for one in ranked(recommendations):
        gain = one.gain.net_usd_per_month
        if not one.is_change or (gain is not None and gain < minimum_usd_per_month):
            continue
        name = advice_id(one)
        if name in names:
            continue  # another way to the same: the evidence page has them all
        names.add(name)
        decided = decisions.get(name)
        state = _state(one, decided)
        above = [taken[thing] for thing in one.touches if thing in taken]
        conflict = min(above, key=lambda other: other.rank, default=None)
        is_known = gain is not None and not one.is_on_same_data
        listed = Listed(
            rank=len(found) + 1,
            advice_id=name,
            recommendation=one,
            state=state,
            is_in_total=state == OPEN and conflict is None and is_known,
            conflicts_with=conflict,
            decided=decided,
        )
        found.append(listed)
        # what does not count bars nothing; what was applied is done, and bars the rest
        if listed.is_in_total or (conflict is None and state == APPLIED):
            taken |= dict.fromkeys(one.touches, listed)
    return found


def total(found: Iterable[Listed]) -> Total:
    """Return what those that count bring together."""
    gains = [one.recommendation.gain for one in found if one.is_in_total]
    return Total(
        count=len(gains),
        cash_usd_per_month=sum(gain.cash_usd_per_month or 0.0 for gain in gains),
        wait_saved_h_per_month=sum(gain.wait_saved_h_per_month or 0.0 for gain in gains),
        net_usd_per_month=sum(gain.net_usd_per_month or 0.0 for gain in gains),
    )


def would_change(one: Recommendation) -> str:
    """Return what would change a recommendation: its own reason, and the value of waiting."""
    return " ".join(filter(None, [one.would_change, _by_value(one.gain)]))


def _by_value(gain: Gain) -> str | None:
    cash, wait_h = gain.cash_usd_per_month, gain.wait_saved_h_per_month
    if cash is None or wait_h is None:
        return None
    if cash >= 0 and wait_h >= 0:
        return "It pays at every cost of delay."
    if cash < 0 and wait_h <= 0:
        return None
    even = f"{abs(cash / wait_h):,.2f} USD per hour" if wait_h else ""
    if cash < 0:
        return f"Below a cost of delay of {even} it would not pay."
    return f"Above a cost of delay of {even} it would not pay."


def _state(one: Recommendation, decided: Decided | None) -> str:
    """Return what became of it: what is advised anew, after another value was applied, is open."""
    if decided is None:
        return OPEN
    if decided.decision == DISMISSED:
        return DISMISSED
    if decided.decision == APPLIED and decided.advised == one.advised:
        return APPLIED
    return OPEN
