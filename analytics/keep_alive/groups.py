"""The question `keep_alive_groups`: what one user, weekday or hour would see of some periods."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analytics.asking import Filters, answer_with
from analytics.keep_alive.adding_up import curves
from analytics.keep_alive.periods import of_pool, whole_seconds
from data.store import Store

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


def keep_alive_groups(
    store: Store, filters: Filters, parameters: Mapping[str, str]
) -> pd.DataFrame:
    """Return one row per group and period: a group's requests, and the clusters its jobs leave."""
    filters = of_pool(filters, parameters["pool_key"])
    periods_s = whole_seconds(parameters["at"])
    expression, names = GROUPS[parameters["by"]]
    further = dict[str, Any]()
    if not names:
        found = answer_with(
            store,
            "keep_alive/group_names",
            filters,
            words={"column": parameters["by"]},
        )
        names = tuple(found["group_value"])
        further = {"names": list(names)}
    by_group = curves(store, filters, by=expression, **further)
    group = np.repeat(np.arange(len(by_group)), len(periods_s))
    at = by_group.columns_at(group, np.tile(periods_s, len(by_group)))
    number = by_group.group_value[group] - 1
    rows = {
        "group_value": [names[place] or None for place in number],
        "keep_alive_period_s": at["keep_alive_period_s"],
    }
    return pd.DataFrame(rows | {name: at[name] for name in COLUMNS})
