"""The keep-alive advice as rows: on every pool, on one, or on all together."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analytics.keep_alive.advice import advise
from analytics.keep_alive.decide import Objective
from analytics.keep_alive.queries import QUERIES
from analytics.parameters import LONGEST_PERIOD_S
from analytics.query import ALL_POOLS, Filters
from data.store.home import Home
from data.store.reader import Reader
from data.store.settings import load_settings

COLUMNS = next(query for query in QUERIES if query.name == "keep_alive_advice").columns


def keep_alive_advice(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return what each pool's period should be, or that of all pools together."""
    pool_key = values["pool_key"]
    advice = advise(
        reader,
        filters.for_pool(pool_key),
        load_objective(reader.home, values),
        together=pool_key == ALL_POOLS,
    )
    return advice.reindex(columns=list(COLUMNS))


def load_objective(home: Home, values: Mapping[str, Any]) -> Objective:
    """Return what is asked of the advice; what is not given is as the home's settings say."""
    settings = load_settings(home)

    value, is_assumed = settings.valued(values["value_of_waiting_usd_per_h"])
    limit_s = values["limit_s"]
    if limit_s is None:
        limit_s = settings.keep_alive_limit_s
    return Objective(
        value_of_waiting_usd_per_h=value,
        is_value_assumed=is_assumed,
        limit_s=min(int(limit_s), LONGEST_PERIOD_S),
        p90_target_s=values["p90_target_s"],
        minimum_gain_usd_per_month=values["minimum_gain_usd_per_month"],
    )
