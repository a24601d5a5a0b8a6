"""The question `keep_alive_groups`: what one user, weekday or hour would see of some periods."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analytics.keep_alive.curve import Curves, Int64s
from analytics.keep_alive.curve_build import curves
from analytics.keep_alive.periods import whole_seconds
from analytics.query import Filters, answer_with
from data.store.store import Store

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = tuple(f"{hour:02}" for hour in range(24))
# what groups by, the number of its group, and the names of those where they are known before
GROUPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "weekday": ("isodow(created_at)", WEEKDAYS),
    "hour_of_day": ("hour(created_at) + 1", HOURS),
    "user_name": ("list_position($names::varchar[], coalesce(user_name, ''))", ()),
    "instance_type": ("list_position($names::varchar[], coalesce(instance_type, ''))", ()),
}
COLUMNS = ("job_count", "hit_count", "hit_rate_ratio", "wait_saved_s", "retained_s",
           "retained_cost_usd", "net_cost_usd")  # fmt: skip


@dataclass(frozen=True, slots=True)
class GroupCurves:
    """The curve of each group, and the groups' names (None: unknown), in the same order."""

    names: list[str | None]
    curves: Curves

    def rows_at(self, periods_s: Int64s) -> pd.DataFrame:
        """Return one row per group and period."""
        group = np.repeat(np.arange(len(self.curves)), len(periods_s))
        at = self.curves.columns_at(group, np.tile(periods_s, len(self.curves)))
        rows = {
            "group_value": pd.Series([self.names[place] for place in group], dtype="str"),
            "keep_alive_period_s": at["keep_alive_period_s"],
        }
        return pd.DataFrame(rows | {name: at[name] for name in COLUMNS})


def group_curves(store: Store, filters: Filters, by: str) -> GroupCurves:
    """Return the curve of every group that has eligible jobs among the filtered ones."""
    expression, names = GROUPS[by]
    further = dict[str, Any]()
    if not names:
        listed = answer_with(store, "keep_alive/group_names", filters, words={"column": by})
        names = tuple(listed["group_value"])
        further["names"] = list(names)
    found = curves(store, filters, by=expression, **further)
    return GroupCurves([names[number - 1] or None for number in found.group_value], found)


def keep_alive_groups(
    store: Store, filters: Filters, parameters: Mapping[str, str]
) -> pd.DataFrame:
    """Return one row per group and period: a group's requests, and the clusters its jobs leave."""
    of_these = filters.of_pool(parameters["pool_key"])
    found = group_curves(store, of_these, parameters["by"])
    return found.rows_at(whole_seconds(parameters["at"]))
