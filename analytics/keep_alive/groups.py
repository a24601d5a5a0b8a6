"""What one user, weekday or hour of the day would see of some periods."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analytics.keep_alive.build_curves import build_curves
from analytics.keep_alive.curve import Curves, Int64s
from analytics.keep_alive.queries import COLUMNS_AT
from analytics.query import Filters, run_sql
from data.store.reader import Reader

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = tuple(f"{hour:02}" for hour in range(24))
# what groups by, the number of its group, and the names of those where they are known before
GROUPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "weekday": ("isodow(created_at)", WEEKDAYS),
    "hour_of_day": ("hour(created_at) + 1", HOURS),
    "user_name": ("list_position($names::varchar[], coalesce(user_name, ''))", ()),
    "instance_type": ("list_position($names::varchar[], coalesce(instance_type, ''))", ()),
}


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
        return pd.DataFrame(rows | {name: at[name] for name in COLUMNS_AT})


def group_curves(reader: Reader, filters: Filters, by: str) -> GroupCurves:
    """Return the curve of every group that has eligible jobs among the filtered ones."""
    expression, names = GROUPS[by]
    further = dict[str, Any]()
    if not names:
        listed = run_sql(reader, "keep_alive/keep_alive_groups", filters, words={"column": by})
        names = tuple(listed["group_value"])
        further["names"] = list(names)
    found = build_curves(reader, filters, by=expression, **further)
    return GroupCurves([names[number - 1] or None for number in found.group_value], found)


def keep_alive_groups(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row per group and period: a group's requests, and the clusters its jobs leave."""
    of_these = filters.for_pool(values["pool_key"])
    found = group_curves(reader, of_these, values["by"])
    return found.rows_at(np.array(values["at"], dtype=np.int64))
