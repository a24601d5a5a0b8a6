"""The back-test of policies: each sets periods on the early days, and is judged on the later ones.

Definition: docs/metrics/backtest.md. Every policy is replayed job by job over the whole history;
what counts are the requests and the releases of the later days.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.derived.matching import NEVER, UNKNOWN, newest_kept_first
from analytics.keep_alive.advice_rows import load_objective
from analytics.keep_alive.backtest import split_day
from analytics.keep_alive.curve import NO_PERIOD, Floats, Int64s
from analytics.keep_alive.decide import Objective
from analytics.keep_alive.history import History, load_history
from analytics.keep_alive.queries import QUERIES
from analytics.keep_alive.replay import Jobs, load_jobs
from analytics.quantities import SECONDS_PER_HOUR
from analytics.query import Filters
from analytics.stats.ratios import ratios
from analytics.stats.ski_rental import break_even_s
from data.store.reader import Reader

_COLUMNS = next(query for query in QUERIES if query.name == "backtest").columns
LEAST_OF_A_CONDITION = 10
"""Clusters left early under a condition, from which on it has a period of its own."""

LEAST_IDLE_TIMES, USUAL_SHARE = 5, 0.99
HOURS_OF_A_BLOCK = 6
_HOUR_US, _DAY_US = 3_600_000_000, 86_400_000_000


@dataclass(frozen=True, slots=True)
class Trial:
    """What a policy knows: the pools, their jobs, and which of them are early and late."""

    history: History
    jobs: Jobs
    pool: Int64s
    """The place of each job's pool among the rows of the history."""
    is_early: NDArray[np.bool_]
    is_late: NDArray[np.bool_]
    objective: Objective

    def each(self, periods_s: Int64s) -> Int64s:
        """Return one period a pool as one a job."""
        return np.asarray(periods_s[self.pool])


def backtest(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row for each pool and policy, in the order of the pools."""
    objective = load_objective(
        reader.home, {**values, "p90_target_s": None, "minimum_gain_usd_per_month": 0.0}
    )
    chosen = filters.for_pool(values["pool_key"])
    parts = [
        _tested(load_jobs(reader, history.filters), history, objective)
        for history in load_history(reader, chosen, together=False)
    ]
    if not parts:
        return pd.DataFrame(columns=list(_COLUMNS))
    return pd.concat(parts, ignore_index=True)[list(_COLUMNS)]


def _tested(jobs: Jobs, history: History, objective: Objective) -> pd.DataFrame:
    rows = history.rows
    from_day = rows["from_day"].to_numpy(dtype=np.int64)
    split = split_day(from_day, rows["last_day"].to_numpy(dtype=np.int64))
    pool = np.repeat(np.arange(len(rows)), np.diff(jobs.offsets))
    # jobs without a price are left out where others have one, as in advice
    is_told = ~(np.isnan(jobs.usd_per_s) & history.curves.has_price[pool])
    is_judged = jobs.is_counted & is_told & (jobs.created_day >= from_day[pool])
    is_late = is_judged & (jobs.created_day >= split[pool])
    trial = Trial(history, jobs, pool, is_judged & ~is_late, is_late, objective)
    frames = {name: _judged(trial, *policy(trial)) for name, policy in POLICIES.items()}
    hindsight = frames["hindsight"]["total_cost_usd"].to_numpy()
    found = []
    for place, (name, frame) in enumerate(frames.items()):
        regret = ratios(frame["total_cost_usd"].to_numpy() - hindsight, hindsight)
        # nothing to pay in hindsight either is no regret
        is_free = (hindsight == 0) & (frame["total_cost_usd"] == 0)
        found.append(
            frame.assign(
                pool_key=rows["pool_key"].to_numpy(),
                pool_label=rows["pool_label"].to_numpy(),
                policy=name,
                train_until=pd.to_datetime(split, unit="D", utc=True),
                regret_ratio=np.where(is_free, 0.0, regret),
                row=np.arange(len(rows)),
                place=place,
            )
        )
    return pd.concat(found).sort_values(["row", "place"], ignore_index=True)


def _judged(trial: Trial, keep_s: Int64s, is_known: NDArray[np.bool_]) -> pd.DataFrame:
    """Return what each pool's later days cost where each cluster is kept so long.

    `is_known` says which pools the policy has periods for.
    """
    jobs, count = trial.jobs, len(trial.history.rows)
    keep_us = np.maximum(keep_s, 0) * 1_000_000
    gap_us, _, idle_us = newest_kept_first(jobs.offsets, jobs.request_us, jobs.release_us, keep_us)
    late = trial.is_late
    is_hit = late & (gap_us != UNKNOWN)
    is_release = late & (jobs.release_us != NEVER)
    kept_s = np.where(idle_us == UNKNOWN, keep_us, idle_us) / 1e6
    # without a price, money is counted in seconds of one cluster
    usd_per_s = np.where(np.isnan(jobs.usd_per_s), 1.0, jobs.usd_per_s)

    def total(amounts: Floats, of: NDArray[np.bool_]) -> Floats:
        return np.bincount(trial.pool[of], amounts[of], minlength=count).astype(float)

    is_miss = late & ~is_hit
    job_count = np.bincount(trial.pool[late], minlength=count)
    wait_s = total(jobs.wait_saved_s, is_miss)
    cost = total(kept_s * usd_per_s, is_release) + total(jobs.billed_saved_s * usd_per_s, is_miss)
    value = trial.objective.value_of_waiting_usd_per_h
    cost += value * wait_s / SECONDS_PER_HOUR
    is_told = is_known & (job_count > 0)
    is_paid = is_told & trial.history.curves.has_price
    return pd.DataFrame(
        {
            "job_count": job_count,
            "hit_rate_ratio": np.where(
                is_told, ratios(np.bincount(trial.pool[is_hit], minlength=count), job_count), np.nan
            ),
            "retained_s": np.where(is_told, total(kept_s, is_release), np.nan),
            "wait_s": np.where(is_told, wait_s, np.nan),
            "total_cost_usd": np.where(is_paid, cost, np.nan),
        }
    )


Periods = tuple[Int64s, NDArray[np.bool_]]
"""One period a job, and which pools have one."""


def _of_pools(trial: Trial, periods_s: Int64s, is_known: NDArray[np.bool_]) -> Periods:
    return trial.each(np.where(is_known, periods_s, 0)), is_known


def _best(trial: Trial, *, is_hindsight: bool) -> Periods:
    """Return the best period of the early days, or of the later ones."""
    split, count = trial.history.split, len(trial.history.rows)
    found = split.curves
    is_there = split.has_both
    places = (split.late if is_hindsight else split.early)[is_there]
    also = np.full(len(found), NO_PERIOD, dtype=np.int64)
    also[places] = trial.history.today_s[is_there]
    best_s = found.best(
        value_of_waiting_usd_per_h=trial.objective.value_of_waiting_usd_per_h,
        limit_s=trial.objective.limit_s,
        also_s=also,
    )
    periods_s = np.full(count, NO_PERIOD, dtype=np.int64)
    periods_s[is_there] = best_s[places]
    return _of_pools(trial, periods_s, periods_s != NO_PERIOD)


def _advised(trial: Trial) -> Periods:
    return _best(trial, is_hindsight=False)


def _hindsight(trial: Trial) -> Periods:
    return _best(trial, is_hindsight=True)


def _today(trial: Trial) -> Periods:
    """Return each job's own period; unknown is none, as in advice."""
    return trial.jobs.own_s, np.ones(len(trial.history.rows), dtype=np.bool_)


def _none(trial: Trial) -> Periods:
    count = len(trial.history.rows)
    return _of_pools(trial, np.zeros(count, dtype=np.int64), np.ones(count, dtype=np.bool_))


def _break_even(trial: Trial) -> Periods:
    """Return the idle time that costs as much as a hit saves (Karlin et al. 1988)."""
    rows = trial.history.rows
    even_s = break_even_s(
        rows["billed_saved_s"],
        rows["wait_saved_s"],
        rows["usd_per_h"],
        trial.objective.value_of_waiting_usd_per_h,
    )
    is_known = np.isfinite(even_s)
    periods_s = np.minimum(np.where(is_known, even_s, 0.0), trial.objective.limit_s)
    return _of_pools(trial, np.floor(periods_s).astype(np.int64), is_known)


def _hybrid_histogram(trial: Trial) -> Periods:
    """Return the 99th percentile of idle times, in whole minutes (Shahrad et al. 2020).

    Where few idle times are within the limit, the histogram says nothing: the limit stands in.
    """
    limit_s, jobs = trial.objective.limit_s, trial.jobs
    periods_s = np.full(len(trial.history.rows), limit_s, dtype=np.int64)
    for place, (first, last) in enumerate(zip(jobs.offsets[:-1], jobs.offsets[1:], strict=True)):
        gaps_us = jobs.gap_us[first:last][trial.is_early[first:last]]
        gaps_us = gaps_us[gaps_us != UNKNOWN]  # a request that found no cluster ends no idle time
        within = gaps_us[gaps_us <= limit_s * 1_000_000] / 1e6
        if len(within) >= max(LEAST_IDLE_TIMES, len(gaps_us) / 2):
            minutes = np.ceil(np.quantile(within, USUAL_SHARE) / 60)
            periods_s[place] = min(limit_s, int(minutes * 60))
    return _of_pools(trial, periods_s, np.ones(len(periods_s), dtype=np.bool_))


def _conditional(trial: Trial) -> Periods:
    """Return a period by what is known at submission: six hours of the day, weekend or not.

    Where a condition left few clusters early, the pool's one period holds.
    """
    jobs, (keep_s, is_known) = trial.jobs, _advised(trial)
    keep_s = keep_s.copy()
    block = jobs.request_us % _DAY_US // (HOURS_OF_A_BLOCK * _HOUR_US)
    is_weekend = (jobs.request_us // _DAY_US + 3) % 7 >= 5  # 1970-01-01 was a Thursday
    condition = 2 * block + is_weekend
    is_release = trial.is_early & (jobs.release_us != NEVER)
    key = trial.pool * 8 + condition
    order = np.argsort(key, kind="stable")
    bounds = np.append(np.flatnonzero(np.diff(key[order], prepend=-1)), len(order))
    for first, last in zip(bounds[:-1], bounds[1:], strict=True):
        members = order[first:last]
        left = members[is_release[members]]
        if len(left) >= LEAST_OF_A_CONDITION and is_known[trial.pool[members[0]]]:
            keep_s[members] = _best_of(trial, left)
    return keep_s, is_known


def _best_of(trial: Trial, left: Int64s) -> int:
    """Return the period that would have been best for these clusters, as they were asked for."""
    jobs, objective = trial.jobs, trial.objective
    usd = np.where(np.isnan(jobs.usd_per_s[left]), 1.0, jobs.usd_per_s[left])
    saved = jobs.billed_saved_s[left] * usd
    saved += objective.value_of_waiting_usd_per_h * jobs.wait_saved_s[left] / SECONDS_PER_HOUR
    idle_s = np.where(jobs.idle_us[left] == UNKNOWN, np.inf, jobs.idle_us[left] / 1e6)
    whole = np.floor(idle_s[np.isfinite(idle_s)]).astype(np.int64) + 1
    tried = np.union1d([0], whole[whole <= objective.limit_s])
    is_hit = idle_s < tried[:, None]
    cost = (np.minimum(idle_s, tried[:, None]) * usd - is_hit * saved).sum(1)
    return int(tried[np.argmin(cost)])


POLICIES: Mapping[str, Callable[[Trial], Periods]] = {
    "advised": _advised,
    "hindsight": _hindsight,
    "today": _today,
    "break_even": _break_even,
    "none": _none,
    "hybrid_histogram": _hybrid_histogram,
    "conditional": _conditional,
}
