"""Periods as people set them: in whole minutes, where that loses hardly any gain.

Definition: docs/metrics/keep_alive_advice.md.
"""

from collections.abc import Callable

import numpy as np

from analytics.keep_alive.curve import Floats, Int64s

EXACT_UP_TO_S, MINUTE_S = 120, 60
ROUNDING_LOSS = 0.01
"""The part of a gain that a period in whole minutes may lose."""


def in_minutes(
    best_s: Int64s,
    cost_at: Callable[[Int64s], Floats],
    today_usd: Floats,
    *,
    limit_s: int,
    least_s: Int64s,
) -> tuple[Int64s, Floats]:
    """Return best periods in whole minutes, where that loses hardly any gain, and the gains.

    Args:
        best_s: the exact ones, one a group of jobs.
        cost_at: what each group costs with given periods, in hindsight.
        today_usd: what each costs today: the gain is over that.
        limit_s, least_s: the longest and the shortest periods allowed.
    """
    exact_s = np.maximum(best_s, 0)
    least_usd = cost_at(exact_s)
    gain_usd = np.maximum(today_usd - least_usd, 0)
    bearable_usd = ROUNDING_LOSS * gain_usd
    rounded_s, lost_usd = best_s.copy(), np.full(len(best_s), np.inf)
    up_s = -(-exact_s // MINUTE_S) * MINUTE_S
    for minutes_s in (up_s, up_s - MINUTE_S):
        loss_usd = cost_at(np.maximum(minutes_s, 0)) - least_usd
        is_better = (
            (best_s > EXACT_UP_TO_S)
            & (exact_s <= limit_s)
            & (minutes_s <= limit_s)
            & (minutes_s >= np.maximum(least_s, EXACT_UP_TO_S))
            & (loss_usd < np.minimum(lost_usd, bearable_usd))
        )
        rounded_s = np.where(is_better, minutes_s, rounded_s)
        lost_usd = np.where(is_better, loss_usd, lost_usd)
    return rounded_s, gain_usd
