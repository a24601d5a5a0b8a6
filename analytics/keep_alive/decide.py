"""From figures to a verdict on a pool's keep-alive period, and a sentence that says why."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import ceil

from analytics.parameters import LEAST_GAIN_USD
from analytics.recommendation import assumed_value
from data.store.settings import ASSUMED_VALUE_USD_PER_H

LEAST_JOBS, LEAST_DAYS, ROUGH_DAYS = 30, 7, 14
CENT, HALF = 0.005, 0.5
MOST_MORE_DAYS = 365
CALIBRATED = 0.2
"""By how much of the recorded time a replay of today's periods may be off without a word."""


class Verdict(StrEnum):
    """What to do with a pool's keep-alive period."""

    RAISE = "raise"
    LOWER = "lower"
    KEEP = "keep"
    START = "start"
    STOP = "stop"
    UNCLEAR = "unclear"
    NOT_ENOUGH_DATA = "not_enough_data"
    NO_PRICE = "no_price"


SETTLED = (Verdict.KEEP, Verdict.UNCLEAR, Verdict.NOT_ENOUGH_DATA, Verdict.NO_PRICE)
"""The verdicts that change nothing."""


@dataclass(frozen=True, slots=True)
class Objective:
    """What the user wants from advice."""

    value_of_waiting_usd_per_h: float = ASSUMED_VALUE_USD_PER_H
    limit_s: int = 3600
    p90_target_s: float | None = None
    minimum_gain_usd_per_month: float = LEAST_GAIN_USD
    is_value_assumed: bool = False
    """Whether nobody has said what an hour of waiting costs."""


@dataclass(frozen=True, slots=True)
class PoolImpact:
    """What is known of a pool and of its best period; None is unknown.

    Months are 730 h. Changes are of the best period against what each job's own did, a month.
    """

    job_count: int
    """Those that are judged, as are the days."""
    job_span_days: int
    day_count: int
    """Days of the time that is judged."""
    current_keep_alive_s: int | None
    has_other_today: bool
    """Whether jobs have several periods today."""
    best_s: int | None
    """None: the price is unknown, or no period meets the P90 target."""
    advised_s: int | None
    """The same as people set it, rounded to minutes."""
    has_price: bool
    unpriced_job_count: int
    gain_usd: float
    """Seconds of one cluster where the price is unknown; so are its ends."""
    gain_low_usd: float
    gain_high_usd: float
    hindsight_gain_usd: float
    """The gain on the very days that the period was chosen on."""
    extra_wait_saved_h: float
    extra_hits: float
    extra_idle_usd: float
    extra_billed_saved_usd: float
    pays_from_usd_per_h: float | None
    """Lowest cost of delay at which any keep-alive pays."""
    sure_value_usd_per_h: float | None
    """Cost of delay from which on the best period gains surely."""
    changed_on: date | None = None
    last_job_on: date | None = None
    silent_days: int = 0
    """Days since the last job of a pool that is no longer used; 0: it is used."""
    recorded_h: float = 0.0
    """What AWS recorded as retained, and what a replay of today's periods makes of it."""
    replayed_h: float = 0.0
    p90_s: float | None = None
    p90_today_s: float | None = None
    p90_at_limit_s: float | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, the period it leads to (None: none), and why."""

    verdict: Verdict
    advised_keep_alive_s: int | None
    rationale: str


def decide(of: PoolImpact, objective: Objective) -> Decision:
    """Judge a pool's figures."""
    found = _decide(of, objective)
    said = [found.rationale]
    if of.changed_on is not None and not of.silent_days:
        said.insert(0, f"The pool changed on {of.changed_on:%Y-%m-%d}: judged on what came since.")
    if found.verdict not in (Verdict.NOT_ENOUGH_DATA, Verdict.NO_PRICE):
        if of.job_span_days < ROUGH_DAYS:
            said.append(f"Rough estimate: only {_counted(of.job_span_days, 'day')} of data.")
        if of.recorded_h and abs(of.replayed_h / of.recorded_h - 1) > CALIBRATED:
            said.append(
                f"AWS recorded {of.recorded_h:,.1f} h of retained clusters where a replay of the"
                f" jobs' own periods has {of.replayed_h:,.1f} h."
            )
        if objective.is_value_assumed:
            said.append(assumed_value(objective.value_of_waiting_usd_per_h))
    return Decision(found.verdict, found.advised_keep_alive_s, " ".join(said))


def _decide(of: PoolImpact, objective: Objective) -> Decision:
    if of.silent_days:
        return Decision(
            Verdict.NOT_ENOUGH_DATA,
            None,
            f"The pool is no longer used: its last job came on {of.last_job_on:%Y-%m-%d},"
            f" {_counted(of.silent_days, 'day')} before the end of the history.",
        )
    if of.job_count < LEAST_JOBS or of.job_span_days < LEAST_DAYS:
        return Decision(
            Verdict.NOT_ENOUGH_DATA,
            None,
            f"{_counted(of.job_count, 'eligible job')} over {_counted(of.job_span_days, 'day')}:"
            f" advice needs {LEAST_JOBS} jobs and {LEAST_DAYS} days.",
        )
    if objective.p90_target_s is not None and of.p90_today_s is None:
        return Decision(
            Verdict.NOT_ENOUGH_DATA,
            None,
            "Fewer than 10 jobs have a known startup latency: there is no P90 to compare.",
        )
    if not of.has_price and objective.value_of_waiting_usd_per_h:
        return Decision(
            Verdict.NO_PRICE,
            None,
            "The price of these clusters is unknown, so it cannot be compared with the cost of"
            " delay. Import a price file, or set the cost of delay to 0.",
        )
    today_s = of.current_keep_alive_s or 0
    if of.best_s is None or of.advised_s is None:
        return Decision(
            Verdict.KEEP,
            of.current_keep_alive_s,
            f"No period up to {objective.limit_s:,} s reaches a P90 startup latency of"
            f" {objective.p90_target_s:,.0f} s: the longest reaches {of.p90_at_limit_s:,.0f} s.",
        )
    if of.advised_s == today_s and not of.has_other_today:
        return Decision(Verdict.KEEP, today_s, _stays(of, objective))
    least_usd = objective.minimum_gain_usd_per_month
    misses_target = (
        objective.p90_target_s is not None and (of.p90_today_s or 0) > objective.p90_target_s
    )
    if misses_target:
        return Decision(_direction(of), of.advised_s, _changes(of, objective))
    if of.hindsight_gain_usd <= 0:
        return Decision(Verdict.KEEP, of.current_keep_alive_s, "No other period would do better.")
    is_little = max(of.gain_high_usd, of.hindsight_gain_usd) < least_usd
    is_unclear = of.gain_low_usd <= 0 and not (of.has_price and is_little)
    if is_unclear:
        return Decision(Verdict.UNCLEAR, of.current_keep_alive_s, _missing(of, objective))
    if of.has_price and of.gain_usd < least_usd:
        return Decision(
            Verdict.KEEP,
            of.current_keep_alive_s,
            f"The best period, {of.best_s:,} s, would gain {of.gain_usd:,.2f} USD per month: less"
            f" than the {least_usd:,.2f} USD that justify a change.",
        )
    return Decision(_direction(of), of.advised_s, _changes(of, objective))


def _missing(of: PoolImpact, objective: Objective) -> str:
    """Say what keeps a period from being advised, and what would make it clear."""
    unit = "USD" if of.has_price else "s of a cluster"
    said = [
        f"{of.advised_s:,} s did best on the days that it was chosen on; on other days it gains"
        f" {of.gain_usd:,.2f} {unit} per month, and the interval reaches down to"
        f" {of.gain_low_usd:,.2f} {unit}."
    ]
    half = of.gain_usd - of.gain_low_usd
    if of.gain_usd > 0:
        # an interval narrows with the root of the days
        more_days = ceil(of.day_count * ((half / of.gain_usd) ** 2 - 1)) + 1
        if more_days <= MOST_MORE_DAYS:
            said.append(f"About {_counted(more_days, 'more day')} like these would show it.")
    value = of.sure_value_usd_per_h
    if of.has_price and value is not None and value > objective.value_of_waiting_usd_per_h:
        said.append(f"It would surely pay from a cost of delay of about {value:,.0f} USD per hour.")
    if len(said) == 1:
        said.append("No reasonable number of days would show a gain that small.")
    return " ".join(said)


def _direction(of: PoolImpact) -> Verdict:
    """Return the verdict of a period that is another than today's, or than some jobs' of today."""
    if of.advised_s == 0:
        return Verdict.STOP
    if of.has_other_today and of.current_keep_alive_s in (None, of.advised_s):
        # several periods: what one does to their idle time
        return Verdict.LOWER if of.extra_idle_usd < 0 else Verdict.RAISE
    if not of.current_keep_alive_s and not of.has_other_today:
        return Verdict.START
    return Verdict.RAISE if (of.advised_s or 0) > (of.current_keep_alive_s or 0) else Verdict.LOWER


def _stays(of: PoolImpact, objective: Objective) -> str:
    if of.advised_s:
        return f"The current period, {of.advised_s:,} s, is the best for these jobs."
    said = "Keeping no cluster warm is best: idle time would cost more than it saves in billed"
    said += " startup and delay" if objective.value_of_waiting_usd_per_h else " startup"
    said += f", at every period up to {objective.limit_s:,} s."
    if of.pays_from_usd_per_h is not None and of.pays_from_usd_per_h >= CENT:
        said += f" It pays from a cost of delay of {of.pays_from_usd_per_h:,.2f} USD per hour."
    return said


def _changes(of: PoolImpact, objective: Objective) -> str:
    said = [_hits_and_idle(of)]
    if objective.p90_target_s is not None and of.p90_s is not None:
        said.append(f"P90 startup latency goes from {of.p90_today_s:,.0f} s to {of.p90_s:,.0f} s.")
    elif not objective.value_of_waiting_usd_per_h and of.best_s:
        said.append("The pool pays for itself in billed startup.")
    if of.current_keep_alive_s is None and not of.has_other_today:
        said.append("The current period is unknown: compared with no keep-alive.")
    elif of.has_other_today:
        said.append("The jobs currently have several periods.")
    if of.has_price and of.unpriced_job_count:
        said.append(f"Left out: {_counted(of.unpriced_job_count, 'job')} without a price.")
    if of.advised_s != of.best_s:
        said.append(f"Exactly {of.best_s:,} s would be best.")
    return " ".join(said)


def _hits_and_idle(of: PoolImpact) -> str:
    more = "more" if of.extra_hits >= 0 else "fewer"
    said = [f"{abs(of.extra_hits):,.1f} {more} hits per month"]
    minutes = of.extra_wait_saved_h * 60
    if abs(minutes) >= HALF:
        said.append(f"{_time(abs(of.extra_wait_saved_h))} {_less(minutes)} wait time")
    if not of.has_price:
        return f"{', '.join(said)}. The price is unknown; without a cost of delay it cancels out."
    for change, what in (
        (-of.extra_billed_saved_usd, "billed startup"),
        (of.extra_idle_usd, "idle time"),
    ):
        if abs(change) >= CENT:
            said.append(f"{abs(change):,.2f} USD {_less(-change)} {what}")
    return ", ".join(said) + "."


def _less(saved: float) -> str:
    return "less" if saved > 0 else "more"


def _time(hours: float) -> str:
    return f"{hours:,.1f} h" if hours >= 1 else f"{hours * 60:,.0f} min"


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
