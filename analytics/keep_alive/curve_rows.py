"""The keep-alive curve as rows: of every pool, of one, or of all together."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analytics.keep_alive.batches import in_parts
from analytics.keep_alive.build_curves import TOGETHER, build_curves
from analytics.keep_alive.curve import Curves, Int64s, thinned
from analytics.keep_alive.queries import QUERIES
from analytics.keep_alive.replay import (
    Jobs,
    as_one_pool,
    idle_peaks,
    load_jobs,
    long_chains,
    oldest_first_columns,
)
from analytics.query import ALL_POOLS, Filters
from analytics.stats.ratios import ratios
from data.errors import WrongUseError
from data.store.reader import Reader
from data.store.reference_tables import aws_limit

# oldest-first reuse has no breakpoints of its own: usual settings are replayed
OLDEST_PERIODS_S = (0, 30, 60, 120, 180, 300, 450, 600, 900, 1200, 1800, 2700, 3600, 5400, 7200,
                    10800, 14400, 21600)  # fmt: skip

_ALL_COLUMNS = next(query for query in QUERIES if query.name == "keep_alive_curve").columns
_COLUMNS = [name for name in _ALL_COLUMNS if name != "pool_label"]


def keep_alive_curve(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row per pool and period."""
    pool_key = values["pool_key"]
    is_whole = pool_key == ALL_POOLS
    filters = filters.for_pool(pool_key)
    at = None if values["at"] is None else np.array(values["at"], dtype=np.int64)
    reuse, is_tail_observed = values["reuse"], values["tail"] == "observed"
    if is_tail_observed and reuse != "newest":
        raise WrongUseError(
            "'tail=observed' goes with 'reuse=newest' only.", next_action="Leave one out."
        )
    curves = _together if is_whole else _of_pools
    frames = curves(reader, filters, at, reuse=reuse, is_tail_observed=is_tail_observed)
    if not frames:
        return pd.DataFrame(columns=list(_ALL_COLUMNS))
    rows = pd.concat(frames, ignore_index=True)
    if is_whole:
        return rows.assign(pool_label="all pools")
    labels = reader.frame("select pool_key, pool_label from pools")
    return rows.assign(pool_label=rows["pool_key"].map(labels.set_index("pool_key")["pool_label"]))


def _of_pools(
    reader: Reader, filters: Filters, at: Int64s | None, *, reuse: str, is_tail_observed: bool
) -> list[pd.DataFrame]:
    """Return the rows of each pool, in parts."""
    frames = []
    for part in in_parts(reader, filters):
        jobs = load_jobs(reader, part)
        keys = _pool_keys(reader, jobs.pool_id[jobs.offsets[:-1]])
        if reuse != "oldest":
            found = build_curves(reader, part, is_tail_observed=is_tail_observed)
            frames.append(_newest(reader, found, jobs, keys, at))
        if reuse != "newest":
            frames.append(_oldest(jobs, keys, at))
    return frames


def _newest(
    reader: Reader, found: Curves, jobs: Jobs, keys: list[str], at: Int64s | None
) -> pd.DataFrame:
    longest_s = aws_limit(reader, "keep_alive_period_api")
    periods_s = [thinned(curve.breakpoints(longest_s)) if at is None else at for curve in found]
    frame = _newest_frame(found, periods_s, keys)
    chains = long_chains(jobs, periods_s, aws_limit(reader, "reuse_chain"))
    frame["peak_idle_instances"] = np.concatenate(idle_peaks(jobs.releases(), periods_s))
    frame["long_chain_count"] = np.concatenate(chains)
    return frame[_COLUMNS]


def _newest_frame(found: Curves, periods_s: list[Int64s], keys: list[str]) -> pd.DataFrame:
    group = np.repeat(np.arange(len(found)), [len(periods) for periods in periods_s])
    frame = pd.DataFrame(found.columns_at(group, np.concatenate(periods_s)))
    frame["pool_key"] = pd.Series(np.array(keys, dtype=object)[group], dtype="str")
    frame["reuse"] = "newest"
    return frame


def _together(
    reader: Reader, filters: Filters, at: Int64s | None, *, reuse: str, is_tail_observed: bool
) -> list[pd.DataFrame]:
    """Return the sum over pools; the pools come in parts, of which little is kept."""
    found = build_curves(reader, filters, by=TOGETHER, is_tail_observed=is_tail_observed)
    if not len(found):
        return []
    longest_s = aws_limit(reader, "keep_alive_period_api")
    newest_s = thinned(found.one(0).breakpoints(longest_s)) if at is None else at
    chains = np.zeros(len(newest_s), dtype=np.int64)
    releases, oldest = [], []
    for part in in_parts(reader, filters):
        jobs = load_jobs(reader, part)
        if reuse != "oldest":
            of_pools = [newest_s] * (len(jobs.offsets) - 1)
            chains += np.sum(long_chains(jobs, of_pools, aws_limit(reader, "reuse_chain")), axis=0)
            releases.append(jobs.releases())
        if reuse != "newest":
            oldest.append(_oldest(jobs, ["all"] * (len(jobs.offsets) - 1), at))
    frames = []
    if releases:
        frame = _newest_frame(found, [newest_s], ["all"])
        frame["peak_idle_instances"] = idle_peaks(as_one_pool(releases), [newest_s])[0]
        frame["long_chain_count"] = chains
        frames.append(frame[_COLUMNS])
    if oldest:
        frames.append(_summed(pd.concat(oldest, ignore_index=True)))
    return frames


def _summed(oldest: pd.DataFrame) -> pd.DataFrame:
    """Return rows of several pools as their sums, a period each."""
    sums = oldest.drop(columns=["pool_key", "reuse", "hit_rate_ratio"])
    frame = sums.groupby("keep_alive_period_s", as_index=False).sum(min_count=1)
    frame["hit_rate_ratio"] = ratios(frame["hit_count"].to_numpy(), frame["job_count"].to_numpy())
    return frame.assign(pool_key="all", reuse="oldest")[_COLUMNS]


def _oldest(jobs: Jobs, keys: list[str], at: Int64s | None) -> pd.DataFrame:
    periods_s = np.array(OLDEST_PERIODS_S, dtype=np.int64) if at is None else at
    columns = oldest_first_columns(jobs, periods_s)
    curve = pd.DataFrame({name: values.ravel() for name, values in columns.items()})
    curve["keep_alive_period_s"] = np.repeat(periods_s, len(keys))
    curve["pool_key"] = keys * len(periods_s)
    # idle peaks and chains are followed under newest-first reuse only
    curve["peak_idle_instances"] = pd.array([pd.NA] * len(curve), dtype="Int64")
    curve["long_chain_count"] = pd.array([pd.NA] * len(curve), dtype="Int64")
    curve["reuse"] = "oldest"
    return curve.sort_values(["pool_key", "keep_alive_period_s"], ignore_index=True)[_COLUMNS]


def _pool_keys(reader: Reader, pool_ids: Int64s) -> list[str]:
    """Return the keys of pools by their numbers, in the same order."""
    pools = reader.frame("select pool_id, pool_key from pools").set_index("pool_id")["pool_key"]
    return [str(key) for key in pools.reindex(pool_ids.tolist())]
