"""What a cluster costs an hour in each price view, and what that is based on.

On demand is the list price. Savings Plans are your own rates, else your discount, else what AWS
offers anybody; training plans your own rates, else the fees that AWS lists. Managed spot is billed
at the list price for fewer seconds than the training took, so that it too is a lower price of each
hour of training. What is not known has no price.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from analytics.vocabulary import PRICE_VIEWS
from data.store.settings import Settings

ON_DEMAND, SAVINGS_PLAN, SPOT, TRAINING_PLAN = PRICE_VIEWS
UNKNOWN = float("nan")
Row = Mapping[Any, Any]


@dataclass(frozen=True, slots=True)
class Terms:
    """What you say of how you pay; None is unknown."""

    savings_plan_discount_ratio: float | None
    spot_saving_ratio: float | None
    training_plan_type: str
    training_plan_fee_usd: float | None
    training_plan_instance_h: float | None

    @classmethod
    def of(cls, values: Mapping[str, Any], settings: Settings) -> Self:
        """Return a query's parameters; without a discount, that of the settings."""
        terms = {name: values[name] for name in cls.__dataclass_fields__}
        if terms["savings_plan_discount_ratio"] is None:
            terms["savings_plan_discount_ratio"] = settings.savings_plan_discount_ratio
        return cls(**terms)

    @property
    def training_plan_usd_per_h(self) -> float | None:
        """The upfront fee, spread over the hours of the plan's instances."""
        if not self.training_plan_fee_usd or not self.training_plan_instance_h:
            return None
        return self.training_plan_fee_usd / self.training_plan_instance_h


def priced(rows: pd.DataFrame, view: str, terms: Terms) -> pd.DataFrame:
    """Return the rows of price_performance.sql with the price of a view, and its note."""
    view_price = _VIEWS[view]
    found = [view_price(row, terms) for row in rows.to_dict("records")]
    return rows.assign(
        price_view=view,
        paid_usd_per_h=np.array([price for price, _ in found], dtype=float),
        price_view_note=pd.Series([note for _, note in found], index=rows.index, dtype=object),
    )


def _on_demand(row: Row, _: Terms) -> tuple[float, str]:
    price = row["list_unit_price_usd_per_h"]
    return price, "an instance type has no list price" if pd.isna(price) else "list prices"


def _savings_plan(row: Row, terms: Terms) -> tuple[float, str]:
    discount = terms.savings_plan_discount_ratio
    without = row["types_without_rate"]
    if not pd.isna(row["savings_plan_usd_per_h"]):
        parts = []
        source = row["savings_rate_source"]
        if isinstance(source, str):
            begin = row["savings_rate_from_date"]
            later = "" if pd.isna(begin) else f", the first from {pd.Timestamp(begin):%Y-%m-%d}"
            parts.append(f"{source}{later}")
        if isinstance(without, str):
            parts.append(f"{_per_cent(discount)} off the list price of {without}, as set")
        return row["savings_plan_usd_per_h"], "; ".join(parts)
    if discount is None:
        return UNKNOWN, f"no Savings Plans rate of {without}, and no discount is set"
    return UNKNOWN, "an instance type has no list price"


def _spot(row: Row, terms: Terms) -> tuple[float, str]:
    if row["group_count"] > 1:
        return UNKNOWN, "heterogeneous clusters cannot use managed spot"
    saving, jobs = row["spot_saving_ratio"], row["spot_job_count"]
    if terms.spot_saving_ratio is not None:
        saving, note = terms.spot_saving_ratio, "saved, as set"
    elif pd.isna(saving):
        return UNKNOWN, f"no spot job on {row['first_type']} shows what it saves"
    else:
        noun = "spot job" if jobs == 1 else "spot jobs"
        of = "of this configuration" if row["is_own_spot"] else f"on {row['first_type']}"
        note = f"saved by {jobs:,.0f} {noun} {of}: seconds that were not billed"
    if saving >= 1:
        return UNKNOWN, f"no second of a spot job on {row['first_type']} was billed"
    return row["list_unit_price_usd_per_h"] * (1 - saving), f"{_per_cent(saving)} {note}"


def _training_plan(row: Row, terms: Terms) -> tuple[float, str]:
    if row["group_count"] > 1:
        return UNKNOWN, "whether instance groups can use a training plan is not known"
    rate, of = row["training_rate_usd_per_h"], row["training_rate_source"]
    if row["first_type"] == terms.training_plan_type and terms.training_plan_usd_per_h is not None:
        rate, of = terms.training_plan_usd_per_h, "the upfront fee over all its hours"
    if pd.isna(rate):
        return UNKNOWN, f"no training plan of {row['first_type']} is known"
    return rate * row["first_count"], f"{rate:,.2f} USD an instance-hour, {of}"


def _per_cent(ratio: float | None) -> str:
    return f"{100 * (ratio or 0):.0f} %"


_VIEWS: Mapping[str, Callable[[Row, Terms], tuple[float, str]]] = {
    ON_DEMAND: _on_demand,
    SAVINGS_PLAN: _savings_plan,
    SPOT: _spot,
    TRAINING_PLAN: _training_plan,
}
