"""From what a merge gains to a verdict, and a sentence that says why."""

from dataclasses import dataclass
from enum import StrEnum

from analytics.keep_alive.decide import LEAST_DAYS, LEAST_JOBS, ROUGH_DAYS, Objective
from analytics.merging.alignment import Alignment
from analytics.recommendation import assumed_value

CENT = 0.005


class Verdict(StrEnum):
    """What to do with pools whose keys nearly agree; `SHARED`: they are one already."""

    MERGE = "merge"
    SHARED = "shared"
    KEEP = "keep"
    UNCLEAR = "unclear"
    NOT_ENOUGH_DATA = "not_enough_data"
    NO_PRICE = "no_price"


@dataclass(frozen=True, slots=True)
class MergeImpact:
    """What is known of a merge, a month of 730 h; None is unknown.

    Gains are over each pool with its own best period, in USD; without a price in seconds of one
    cluster.
    """

    job_count: int
    span_days: int
    is_silent: bool
    is_used_together: bool
    """Whether at least two of the pools have jobs in the days that are judged."""
    has_price: bool
    is_already_one: bool
    """Whether these are the users of one pool."""
    gain_usd: float | None
    low_usd: float | None
    cash_usd: float | None
    wait_saved_h: float | None
    hits: float | None
    advised_s: int | None
    p90_s: float | None = None
    """P90 startup latency with that period, where there is a target; at best, where it is missed.
    """

    @property
    def unit(self) -> str:
        """What gains are counted in."""
        return "USD" if self.has_price else "s of a cluster"


def decide(of: MergeImpact, objective: Objective, fields: Alignment | None) -> tuple[Verdict, str]:
    """Return the verdict on a merge, and why."""
    verdict, said = _decide(of, objective, fields)
    judged = verdict in (Verdict.MERGE, Verdict.SHARED, Verdict.UNCLEAR, Verdict.KEEP)
    if judged and of.gain_usd is not None:
        if of.span_days < ROUGH_DAYS:
            said.append(f"Rough estimate: only {of.span_days} days of data.")
        if objective.is_value_assumed:
            said.append(assumed_value(objective.value_of_waiting_usd_per_h))
    return verdict, " ".join(said)


def _decide(
    of: MergeImpact, objective: Objective, fields: Alignment | None
) -> tuple[Verdict, list[str]]:
    who = "users" if of.is_already_one else "pools"
    if of.is_silent:
        return Verdict.NOT_ENOUGH_DATA, [f"The {who} have no jobs any more."]
    if not of.is_used_together:
        return Verdict.NOT_ENOUGH_DATA, [
            f"Only one of the {who} has jobs since the history last changed."
        ]
    if of.job_count < LEAST_JOBS or of.span_days < LEAST_DAYS:
        return Verdict.NOT_ENOUGH_DATA, [
            f"{of.job_count:,} eligible jobs over {of.span_days} days: advice needs {LEAST_JOBS}"
            f" jobs and {LEAST_DAYS} days."
        ]
    if not of.has_price and objective.value_of_waiting_usd_per_h:
        return Verdict.NO_PRICE, ["The price of these clusters is unknown: import a price file."]
    if of.gain_usd is None or of.low_usd is None:
        return Verdict.NOT_ENOUGH_DATA, [f"Not judged: other {who} have more to gain."]
    if objective.p90_target_s is not None and of.p90_s is None:
        return Verdict.NOT_ENOUGH_DATA, [
            "Fewer than 10 jobs have a known startup latency: there is no P90 to compare."
        ]
    if objective.p90_target_s is not None and (of.p90_s or 0.0) > objective.p90_target_s:
        return Verdict.KEEP, [
            f"Together, no period up to {objective.limit_s:,} s reaches a P90 startup latency of"
            f" {objective.p90_target_s:,.0f} s: the longest reaches {of.p90_s:,.0f} s."
        ]
    if of.is_already_one:
        return Verdict.SHARED, [_shared(of)]
    least = objective.minimum_gain_usd_per_month if of.has_price else 0.0
    if of.low_usd <= 0 < of.gain_usd and of.gain_usd >= least:
        return Verdict.UNCLEAR, [
            "On other days than its period was chosen on, the merge gains"
            f" {of.gain_usd:,.2f} {of.unit} per month over the best period of each pool, and the"
            f" interval reaches down to {of.low_usd:,.2f} {of.unit}. More days would show it."
        ]
    if of.gain_usd < max(least, CENT):
        gain = "nothing" if of.gain_usd < CENT else f"{of.gain_usd:,.2f} {of.unit} per month"
        return Verdict.KEEP, [f"Merging gains {gain} over the best period of each pool."]
    said = [_brought(of)]
    if of.p90_s is not None:
        said.append(f"P90 startup latency is then {of.p90_s:,.0f} s.")
    if fields is not None:
        said.append(
            f"Set {fields.to_set} for all, and keep-alive {of.advised_s or 0:,} s:"
            f" {fields.changed_job_count:,} of {of.job_count:,} jobs had other values."
        )
        if fields.security_note:
            said.append(fields.security_note)
    return Verdict.MERGE, said


def _brought(of: MergeImpact) -> str:
    """Say what a merge brings in hits, wait time and money."""
    hits, wait_h, cash = of.hits or 0.0, of.wait_saved_h or 0.0, of.cash_usd or 0.0
    said = [f"{abs(hits):,.1f} {'more' if hits >= 0 else 'fewer'} hits per month"]
    if abs(wait_h) * 60 >= 1:
        amount = f"{abs(wait_h):,.1f} h" if abs(wait_h) >= 1 else f"{abs(wait_h) * 60:,.0f} min"
        said.append(f"{amount} {'less' if wait_h > 0 else 'more'} wait time")
    if abs(cash) >= CENT and of.has_price:
        less = "less" if cash > 0 else "more"
        said.append(f"{abs(cash):,.2f} USD {less} idle time and billed startup")
    return f"{', '.join(said)} than with the best period of each pool alone."


def _shared(of: MergeImpact) -> str:
    if (of.gain_usd or 0.0) < CENT:
        return "Sharing gains these users nothing over a pool each, at the best period of each."
    return (
        f"Each user alone, at the best period of each, would {'pay' if of.has_price else 'use'}"
        f" {of.gain_usd:,.2f} {of.unit} per month more in idle time, billed startup and wait"
        " time"
        f"{', surely' if (of.low_usd or 0.0) > 0 else '; the interval reaches down to 0'}."
    )
