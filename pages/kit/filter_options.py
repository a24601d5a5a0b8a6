"""What the store's jobs can be filtered by: their days, and the values of some columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from data.store.reader import Reader
from pages.kit.cache import query_rows, remember
from pages.kit.formats import UNKNOWN, is_unknown
from pages.kit.pool_names import pool_names

COLUMNS = {
    "account_id": "Account",
    "region": "Region",
    "instance_type": "Instance type",
    "user_name": "User",
    "pool_key": "Pool",
}
MOST_POOLS = 500


@dataclass(frozen=True, slots=True)
class FilterOptions:
    """The days of the store's jobs, and per column the label of each value of the URL."""

    first: date
    last: date
    labels: Mapping[str, Mapping[str, str]]
    are_pools_cut: bool


def filter_options(reader: Reader) -> FilterOptions:
    """Return what the jobs of a store can be filtered by; it has at least one."""
    return remember(reader, "filter_options", lambda: _filter_options(reader))


def _filter_options(reader: Reader) -> FilterOptions:
    coverage = query_rows(reader, "coverage", of_kind="jobs", by="source")
    groups = query_rows(reader, "filter_values")
    pools = query_rows(reader, "pool_names")
    labels = {
        name: _labels(groups["group_value"][groups["column_name"] == name])
        for name in COLUMNS
        if name != "pool_key"
    }
    labels["pool_key"] = pool_names(pools.head(MOST_POOLS))
    return FilterOptions(
        coverage["first_created_at"].min().date(),
        coverage["last_created_at"].max().date(),
        labels,
        len(pools) > MOST_POOLS,
    )


def _labels(values: "pd.Series[str]") -> dict[str, str]:
    """Return the values of a column with their labels; an unknown one is an empty text."""
    texts = ["" if is_unknown(value) else str(value) for value in values]
    return {text: text or UNKNOWN for text in sorted(texts, key=lambda text: (not text, text))}
