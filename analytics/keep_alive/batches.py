"""Work in parts: runs of pools of so many jobs that memory holds what is made of them."""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from analytics.query import Filters, run_sql
from data.store.reader import Reader

JOBS_AT_ONCE = 2_000_000


def in_parts(reader: Reader, filters: Filters) -> list[Filters]:
    """Return the filters narrowed to runs of pools; all eligible jobs pass one of them."""
    counts = run_sql(reader, "keep_alive/pool_counts", filters)
    return [replace(filters, pools=ids) for ids, _ in runs(counts)]


def runs(
    pools: pd.DataFrame, jobs_at_once: int = JOBS_AT_ONCE
) -> Iterator[tuple[tuple[int, int], pd.DataFrame]]:
    """Yield the first and the last number of each run, and its pools (ascending numbers)."""
    number = (pools["job_count"].cumsum() - 1) // jobs_at_once
    for _, run in pools.groupby(number, sort=True):
        ids = run["pool_id"]
        yield (int(ids.iloc[0]), int(ids.iloc[-1])), run.reset_index(drop=True)
