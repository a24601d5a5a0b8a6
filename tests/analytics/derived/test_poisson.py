"""Poisson arrivals of zero-length jobs must meet the closed form, within what chance allows.

With x = rate x period, the gaps are exponential: a share exp(-x) of the starts is cold, and a
cluster is idle for a fraction f = 1 - exp(-x) of the time. Bounds are five standard errors:

- cold share: independent starts, so sqrt(p (1 - p) / n) with p = exp(-x);
- idle fraction: a ratio of sums of m = min(gap, period) and gap, so by the delta method
  sqrt(var(m - f gap) / n) / mean(gap). In units of the mean gap, E m^2 = 2 - exp(-x)(2x + 2),
  E m gap = 2 - exp(-x)(x + 2), E gap^2 = 2, and the mean of m - f gap is 0.

Rounding instants to microseconds moves both by less than 1e-8.
"""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from analytics.derived import matching

MEAN_GAP_US = 300_000_000
ARRIVAL_COUNT = 200_000
SIGMAS = 5

PERIODS = pytest.mark.parametrize("periods_per_gap", [0.05, 0.5, 1.0, 2.0, 5.0])


@pytest.fixture(scope="module")
def arrival_us() -> NDArray[np.int64]:
    gaps_us = np.random.default_rng(19930401).exponential(MEAN_GAP_US, ARRIVAL_COUNT)
    return np.cumsum(gaps_us).astype(np.int64)


def one_pool(arrival_us: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.array([0, len(arrival_us)])


def cold_share_tolerance(x: float) -> float:
    p = math.exp(-x)
    return SIGMAS * math.sqrt(p * (1 - p) / ARRIVAL_COUNT)


def idle_fraction_tolerance(x: float) -> float:
    f = 1 - math.exp(-x)
    m_squared = 2 - math.exp(-x) * (2 * x + 2)
    m_times_gap = 2 - math.exp(-x) * (x + 2)
    variance = m_squared - 2 * f * m_times_gap + f * f * 2
    return SIGMAS * math.sqrt(variance / ARRIVAL_COUNT)


def idle_fraction(
    idle_us: NDArray[np.int64], arrival_us: NDArray[np.int64], period_us: int
) -> float:
    """Return idle time by arrivals' time; the last release is left out: its gap is not over."""
    kept_us = np.where(idle_us == matching.UNKNOWN, period_us, np.minimum(idle_us, period_us))
    return float(kept_us[:-1].sum() / (arrival_us[-1] - arrival_us[0]))


@PERIODS
def test_newest_first_meets_the_closed_form(
    periods_per_gap: float, arrival_us: NDArray[np.int64]
) -> None:
    x = periods_per_gap
    period_us = round(x * MEAN_GAP_US)
    gap_us, _, idle_us = matching.newest_first(one_pool(arrival_us), arrival_us, arrival_us)
    is_cold = (gap_us == matching.UNKNOWN) | (gap_us >= period_us)

    assert is_cold.mean() == pytest.approx(math.exp(-x), rel=0, abs=cold_share_tolerance(x))
    assert idle_fraction(idle_us, arrival_us, period_us) == pytest.approx(
        1 - math.exp(-x), rel=0, abs=idle_fraction_tolerance(x)
    )


@PERIODS
def test_oldest_first_meets_the_closed_form(
    periods_per_gap: float, arrival_us: NDArray[np.int64]
) -> None:
    x = periods_per_gap
    period_us = round(x * MEAN_GAP_US)
    gap_us, idle_us = matching.oldest_first(one_pool(arrival_us), arrival_us, arrival_us, period_us)

    assert (gap_us == matching.UNKNOWN).mean() == pytest.approx(
        math.exp(-x), rel=0, abs=cold_share_tolerance(x)
    )
    assert idle_fraction(idle_us, arrival_us, period_us) == pytest.approx(
        1 - math.exp(-x), rel=0, abs=idle_fraction_tolerance(x)
    )
