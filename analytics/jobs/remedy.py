"""What would have given a job a warm start: a keep-alive period, another order, the same key.

The period is that of the newest-first replay (docs/metrics/helpful_keep_alive_s.md): every job of
the pool has it, and all times stay as recorded.
"""

from dataclasses import dataclass
from typing import Any

from analytics.quantities import SECONDS_PER_MINUTE, span_text
from analytics.vocabulary import ELIGIBILITIES, MISS_REASONS

REFUSED = "not_provisioned"
NOT_FOR_WANT_OF_A_PERIOD = ("ended_early", "unknown")
"""What a period does not mend: it was long enough, or nothing is known of it."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What would have helped, in sentences, and the keep-alive period in it; None: none would."""

    text: str
    keep_alive_s: int | None = None


def helpful_keep_alive_s(gap_s: float) -> int:
    """Return the shortest period in whole minutes that outlasts a gap.

    >>> helpful_keep_alive_s(59.0), helpful_keep_alive_s(60.0), helpful_keep_alive_s(800.5)
    (60, 120, 840)
    """
    return (int(max(gap_s, 0.0)) // SECONDS_PER_MINUTE + 1) * SECONDS_PER_MINUTE


def remedy(
    *,
    eligibility: str,
    outcome: str | None,
    miss_reason: str | None,
    unlimited_gap_s: float | None,
    missed_by_s: float | None,
    differing_fields: str | None,
    longest_s: int,
) -> Remedy:
    """Return what would have helped a job; `longest_s` is the longest period that AWS allows.

    >>> told = {"eligibility": "eligible", "outcome": "miss", "missed_by_s": None,
    ...         "differing_fields": None, "longest_s": 21600}
    >>> one = remedy(miss_reason="expired", unlimited_gap_s=800.0, **told)
    >>> one.keep_alive_s, one.text.partition(" on ")[0]
    (840, 'A keep-alive period of 14 min (840 s)')
    >>> remedy(miss_reason="expired", unlimited_gap_s=99_999.0, **told).keep_alive_s
    >>> remedy(miss_reason="ended_early", unlimited_gap_s=400.0, **told).keep_alive_s
    >>> remedy(miss_reason="all_busy", unlimited_gap_s=None, **told).text
    'Start fewer jobs of the pool at once, or accept a cold start for the rest.'
    """
    if outcome == "hit":
        return Remedy("Nothing: it reused a warm cluster.")
    if miss_reason is None:
        code = ELIGIBILITIES.get(eligibility)
        return Remedy(code.next_action if code else "")
    usual = MISS_REASONS[miss_reason].next_action
    if miss_reason == "key_changed" and differing_fields:
        return Remedy(f"{usual} They are: {differing_fields}.")
    first = ""
    if miss_reason == "too_early" and missed_by_s is not None:
        first = f"A request {span_text(missed_by_s)} later would have found a free cluster. "
    if unlimited_gap_s is None or miss_reason in NOT_FOR_WANT_OF_A_PERIOD:
        return Remedy(first + usual)
    period_s = helpful_keep_alive_s(unlimited_gap_s)
    if period_s > longest_s:
        return Remedy(
            f"{first}No keep-alive period: a cluster would have had to stay warm for"
            f" {span_text(unlimited_gap_s)}, and AWS keeps one for {span_text(longest_s)} at most."
        )
    text = (
        f"{first}A keep-alive period of {span_text(period_s)} ({period_s:,} s) on every job of the"
        " pool would have kept a cluster."
    )
    return Remedy(f"{text} {usual}" if miss_reason == REFUSED else text, period_s)


def remedy_of(job: Any, longest_s: int) -> Remedy:
    """Return what would have helped a row of job_story."""
    return remedy(
        eligibility=job.eligibility,
        outcome=_known(job.outcome),
        miss_reason=_known(job.miss_reason),
        unlimited_gap_s=_known(job.unlimited_gap_s),
        missed_by_s=_known(job.missed_by_s),
        differing_fields=_known(job.differing_fields),
        longest_s=longest_s,
    )


def _known(value: Any) -> Any:
    """Return a value; None where the frame has none."""
    return None if value is None or value != value else value  # NaN is not itself
