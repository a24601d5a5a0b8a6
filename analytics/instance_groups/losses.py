"""What a heterogeneous cluster cannot use, priced by what it was worth to the same jobs.

Warm pools: the billed startup that warm starts saved, less the idle time that was paid for it, and
the wait time at your cost of delay. Keep-alive that costs more than that can be turned off on any
cluster: then nothing is lost. Managed spot: the seconds that AWS did not bill.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from analytics.quantities import HOURS_PER_DAY, HOURS_PER_MONTH

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Losses:
    """What the jobs of the configuration in use had over their time span; NaN is unknown."""

    job_count: float
    list_cost_usd: float
    span_h: float
    hit_count: float
    wait_saved_h: float
    billed_saved_usd: float
    retained_usd: float
    spot_job_count: float
    spot_saved_usd: float
    value_of_waiting_usd_per_h: float
    is_lost_already: bool
    """Whether the cluster in use is heterogeneous: it has nothing to lose."""
    is_value_assumed: bool = False
    """Whether nobody has said what an hour of waiting costs."""

    @classmethod
    def of(
        cls,
        used: Mapping[str, Any],
        value_of_waiting_usd_per_h: float,
        *,
        is_value_assumed: bool = False,
    ) -> Self:
        """Return what a row of instance_group_advice.sql says."""
        known = {
            name: float(used[name])
            for name in cls.__dataclass_fields__
            if name not in ("value_of_waiting_usd_per_h", "is_lost_already", "is_value_assumed")
        }
        return cls(
            **known,
            value_of_waiting_usd_per_h=value_of_waiting_usd_per_h,
            is_lost_already=len(used["group_types"]) > 1,
            is_value_assumed=is_value_assumed,
        )

    @property
    def months(self) -> float:
        """What makes a month of 730 h of the jobs' time span, which is at least a day."""
        return HOURS_PER_MONTH / max(self.span_h, HOURS_PER_DAY)

    @property
    def wait_h_per_month(self) -> float:
        """The wait time that warm starts saved in a month."""
        return 0.0 if self.is_lost_already else self.wait_saved_h * self.months

    def usd(self, price_ratio: Floats, cost_ratio: Floats) -> Floats:
        """Return what candidates lose over the time span; NaN is unknown.

        Args:
            price_ratio: their price over that of the cluster in use: startup is billed at it.
            cost_ratio: their cost of a step over that of the cluster in use.
        """
        if self.is_lost_already:
            return np.zeros(len(price_ratio))
        pools = (
            self.billed_saved_usd * price_ratio
            - self.retained_usd
            + self.value_of_waiting_usd_per_h * self.wait_saved_h
        )
        return np.maximum(pools, 0.0) + self.spot_saved_usd * cost_ratio

    def part_of_cost(self, price_ratio: Floats, cost_ratio: Floats) -> Floats:
        """Return what candidates lose, as a part of what the jobs cost."""
        if not self.list_cost_usd > 0:
            return np.full(len(price_ratio), np.nan)
        return self.usd(price_ratio, cost_ratio) / self.list_cost_usd

    @property
    def text(self) -> str:
        """What cannot be used, with what it was worth."""
        pools, spot = "warm pools", "managed spot"
        if self.hit_count > 0:
            pools += (
                f" ({self.hit_count:,.0f} of {self.job_count:,.0f} jobs started warm, which saved"
                f" {_amount(self.wait_saved_h)} h of wait time and {_amount(self.billed_saved_usd)}"
                f" USD of billed startup, for {_amount(self.retained_usd)} USD of idle time"
            )
            if self.is_value_assumed:
                usd_per_h = self.value_of_waiting_usd_per_h
                pools += f"; an hour of waiting is assumed to cost {usd_per_h:,.0f} USD"
            pools += ")"
        if self.spot_job_count > 0:
            spot += (
                f" ({self.spot_job_count:,.0f} of {self.job_count:,.0f} jobs used it, which saved"
                f" {_amount(self.spot_saved_usd)} USD)"
            )
        return f"{pools}; {spot}"


def _amount(value: float) -> str:
    return "an unknown number of" if np.isnan(value) else f"{value:,.2f}"
