"""The bands of a queue, or of one of its shares, from those of every share."""

import pandas as pd

from analytics.quantities import SECONDS_PER_HOUR
from analytics.share_replay.bands import MEASURES

SUMMED = (*MEASURES, "capacity_instance_h")


def band_sums(bands: pd.DataFrame, share_name: str | None = None) -> pd.DataFrame:
    """Return one row a step of time: of one share, else of all and of what no share owns.

    What one share lends is what others borrow: of all shares together, what is lent is in use, so
    it is neither idle nor counted twice.
    """
    if share_name is not None:
        rows = bands[bands["share_name"].fillna("") == share_name]
        return rows[["bin_at", *SUMMED]].reset_index(drop=True)
    sums = bands.groupby("bin_at", sort=True)[list(MEASURES)].sum()
    sums["capacity_instance_h"] = bands.groupby("bin_at", sort=True)["capacity_instance_h"].max()
    return sums.reset_index()


def peak_ratio(sums: pd.DataFrame) -> float | None:
    """Return the highest allocation of a step; None where there is no capacity."""
    known = sums[sums["capacity_instance_h"] > 0]
    if known.empty:
        return None
    return float((known["used_instance_h"] / known["capacity_instance_h"]).max())


def mean_ratio(sums: pd.DataFrame) -> float | None:
    """Return the allocation over all steps; None where there is no capacity."""
    capacity = sums["capacity_instance_h"].sum()
    return float(sums["used_instance_h"].sum() / capacity) if capacity > 0 else None


def levels(sums: pd.DataFrame, step_s: float) -> pd.DataFrame:
    """Return what was held on average during each step: its sums over the step's length."""
    found = sums.copy()
    found[list(SUMMED)] /= step_s / SECONDS_PER_HOUR
    return found
