"""The questions of keep-alive: the curve as rows, and the advice, for every pool, one, or all."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analytics.keep_alive.advice import advised
from analytics.keep_alive.batches import in_parts
from analytics.keep_alive.curve import Curves, Int64s, thinned
from analytics.keep_alive.curve_build import TOGETHER, curves
from analytics.keep_alive.decision import Wishes
from analytics.keep_alive.periods import LONGEST_S, whole_seconds
from analytics.keep_alive.replay import (
    Jobs,
    as_one_pool,
    idle_peaks,
    load_jobs,
    long_chains,
    oldest_first_columns,
)
from analytics.query import Filters, answer_with, number
from data.errors import WrongUseError
from data.store.reference_tables import aws_limit
from data.store.settings import load_settings
from data.store.store import Store

# oldest-first reuse has no breakpoints of its own: usual settings are replayed
OLDEST_PERIODS_S = (0, 30, 60, 120, 180, 300, 450, 600, 900, 1200, 1800, 2700, 3600, 5400, 7200,
                    10800, 14400, 21600)  # fmt: skip

_COLUMNS = [
    "pool_key",
    "keep_alive_period_s",
    "job_count",
    "hit_count",
    "miss_count",
    "hit_rate_ratio",
    "retained_s",
    "retained_cost_usd",
    "wait_saved_s",
    "net_cost_usd",
    "peak_idle_instances",
    "long_chain_count",
    "reuse",
]

ADVICE_COLUMNS = [
    "pool_key",
    "job_count",
    "job_span_days",
    "current_s",
    "is_mixed",
    "advised_s",
    "verdict",
    "net_gain_usd_per_month",
    "net_gain_low_usd_per_month",
    "net_gain_high_usd_per_month",
    "wait_saved_h_per_month",
    "backtest_regret_ratio",
    "worst_case_ratio",
    "peak_idle_instances",
    "pays_from_usd_per_h",
    "implied_value_usd_per_h",
    "startup_latency_p90_today_s",
    "startup_latency_p90_s",
    "is_rough",
    "instance_type",
    "instance_count",
    "because",
    "setting",
    "region",
    "volume_size_gib",
    "newest_job_name",
]


def keep_alive_curve(store: Store, filters: Filters, parameters: Mapping[str, str]) -> pd.DataFrame:
    """Return one row per pool and period."""
    wanted = parameters["pool_key"]
    is_whole = wanted == "all"
    filters = filters.of_pool(wanted)
    at = whole_seconds(parameters["at"]) if parameters["at"] else None
    reuse, is_tail_observed = parameters["reuse"], parameters["tail"] == "observed"
    if is_tail_observed and reuse != "newest":
        raise WrongUseError(
            "'tail=observed' goes with 'reuse=newest' only.", next_action="Leave one out."
        )
    frames = []
    for part in in_parts(store, filters):
        jobs = load_jobs(store, part)
        keys = pool_keys(store, jobs.pool_id[jobs.offsets[:-1]])
        if not is_whole and reuse != "oldest":
            found = curves(store, part, is_tail_observed=is_tail_observed)
            frames.append(_newest(store, found, jobs, keys, at))
        if not is_whole and reuse != "newest":
            frames.append(_oldest(jobs, keys, at))
    if is_whole:
        frames = _together(store, filters, at, reuse=reuse, is_tail_observed=is_tail_observed)
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=_COLUMNS)


def _newest(
    store: Store, found: Curves, jobs: Jobs, keys: list[str], at: Int64s | None
) -> pd.DataFrame:
    longest_s = aws_limit(store, "keep_alive_period_api")
    periods_s = [thinned(curve.breakpoints(longest_s)) if at is None else at for curve in found]
    frame = _newest_frame(found, periods_s, keys)
    chains = long_chains(jobs, periods_s, aws_limit(store, "reuse_chain"))
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
    store: Store, filters: Filters, at: Int64s | None, *, reuse: str, is_tail_observed: bool
) -> list[pd.DataFrame]:
    """Return the sum over pools; the pools come in parts, of which little is kept."""
    found = curves(store, filters, by=TOGETHER, is_tail_observed=is_tail_observed)
    if not len(found):
        return []
    longest_s = aws_limit(store, "keep_alive_period_api")
    newest_s = thinned(found.one(0).breakpoints(longest_s)) if at is None else at
    chains = np.zeros(len(newest_s), dtype=np.int64)
    releases, oldest = [], []
    for part in in_parts(store, filters):
        jobs = load_jobs(store, part)
        if reuse != "oldest":
            of_pools = [newest_s] * (len(jobs.offsets) - 1)
            chains += np.sum(long_chains(jobs, of_pools, aws_limit(store, "reuse_chain")), axis=0)
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
    frame["hit_rate_ratio"] = frame["hit_count"] / frame["job_count"]
    return frame.assign(pool_key="all", reuse="oldest")[_COLUMNS]


def _oldest(jobs: Jobs, keys: list[str], at: Int64s | None) -> pd.DataFrame:
    periods_s = np.array(OLDEST_PERIODS_S, dtype=np.int64) if at is None else at
    frames = []
    for period_s in periods_s:
        columns = oldest_first_columns(jobs, int(period_s))
        frame = pd.DataFrame(columns)
        frame.insert(0, "keep_alive_period_s", int(period_s))
        frame.insert(0, "pool_key", keys)
        frames.append(frame)
    curve = pd.concat(frames, ignore_index=True)
    for name in ("job_count", "hit_count", "miss_count"):
        curve[name] = curve[name].astype("int64")
    # idle peaks and chains are followed under newest-first reuse only
    curve["peak_idle_instances"] = pd.array([pd.NA] * len(curve), dtype="Int64")
    curve["long_chain_count"] = pd.array([pd.NA] * len(curve), dtype="Int64")
    curve["reuse"] = "oldest"
    return curve.sort_values(["pool_key", "keep_alive_period_s"], ignore_index=True)[_COLUMNS]


def pool_keys(store: Store, pool_ids: Int64s) -> list[str]:
    """Return the keys of pools by their numbers, in the same order."""
    pools = store.frame("select pool_id, pool_key from pools").set_index("pool_id")["pool_key"]
    return [str(key) for key in pools.reindex(pool_ids.tolist())]


def pool_savings(store: Store, filters: Filters, parameters: Mapping[str, str]) -> pd.DataFrame:
    """Return where the saved seconds come from, and for how many jobs."""
    return answer_with(store, "keep_alive/saved_sources", filters)


def keep_alive_advice(
    store: Store, filters: Filters, parameters: Mapping[str, str]
) -> pd.DataFrame:
    """Return what each pool's period should be, or that of all pools together."""
    settings = load_settings(store.home)
    wishes = Wishes(
        value_of_waiting_usd_per_h=_wished(
            parameters, "value_of_waiting_usd_per_h", settings.value_of_waiting_usd_per_h
        ),
        limit_s=min(int(_wished(parameters, "limit_s", settings.keep_alive_limit_s)), LONGEST_S),
        p90_target_s=number(parameters, "p90_target_s") if parameters["p90_target_s"] else None,
        minimum_gain_usd_per_month=number(parameters, "minimum_gain_usd_per_month"),
    )
    wanted = parameters["pool_key"]
    found = advised(store, filters.of_pool(wanted), wishes, together=wanted == "all")
    return found.reindex(columns=ADVICE_COLUMNS)


def _wished(parameters: Mapping[str, str], name: str, otherwise: float) -> float:
    return number(parameters, name) if parameters[name] else otherwise
