"""Does the advice keep its promises? Simulated pools whose true gain is known, through the product.

Three processes (Poisson, bursts, office hours), 28 and 60 days, today 0 and 3600 s: half of the
pools of each have nothing to gain (under 1 USD a month), half at least a tenth of what they cost
today. The true gain of a period is the mean over many more histories of the same pool. A folder of
exports as argument is tried besides: advice from the first 70 % of the days, judged on the rest.
"""

import sys
import tempfile
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from pathlib import Path

import numpy as np
import pandas as pd
from numba import njit

from analytics.catalog import query_named
from analytics.derived.derive import derive
from analytics.query import ALL_POOLS, Filters, run_query
from data.ingest.home_store import open_home
from data.ingest.pipeline import ingest
from data.raw.inputs import input_files
from data.store.home import Home
from data.store.reader import Reader

DAY_S, HOUR_S, MONTH_H = 86_400, 3_600, 730
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
VALUE_USD_PER_H, SAVED_S = 60.0, 106  # AWS's published table for File: 176 - 70 s
TYPE, USD_PER_H = "ml.m5.xlarge", 0.23
PROCESSES = ("Poisson", "bursts", "office hours")
PERIODS_S = np.arange(0, 3_601, 10)
POOLS, HISTORIES, LEAST_USD, LEAST_PART = 100, 40, 1.0, 0.1


@njit(cache=True)
def _requests(process, rate, size, pause_s, days, seed):  # type: ignore[no-untyped-def]
    """Return requests and run times of one history, s from its first midnight, a Monday."""
    np.random.seed(seed)
    requests, runs = [0.0], [0.0]
    if process == 2:
        for day in range(days):
            now = day * DAY_S + 8.0 * HOUR_S
            while day % 7 < 5:
                now += np.random.exponential(10 * HOUR_S / rate)
                if now >= day * DAY_S + 18 * HOUR_S:
                    break
                requests.append(now)
                runs.append(np.random.exponential(600.0))
    else:
        begins = 0.0
        while True:
            begins += np.random.exponential(DAY_S / rate)
            if begins >= days * DAY_S:
                break
            now = begins
            for _ in range(1 if process == 0 else np.random.geometric(1.0 / size)):
                if now >= days * DAY_S:
                    break
                run_s = np.random.exponential(600.0)
                requests.append(now)
                runs.append(run_s)
                now += run_s + np.random.exponential(pause_s)
    order = np.argsort(np.array(requests[1:]))
    return np.array(requests[1:])[order], np.array(runs[1:])[order]


@njit(cache=True)
def _per_history(process, rate, size, pause_s, days, seed, times, periods_s):  # type: ignore[no-untyped-def]
    """Return mean hits and idle seconds of a history at some periods; newest first, by a replay."""
    hits, idle_s = np.zeros(len(periods_s)), np.zeros(len(periods_s))
    for time in range(times):
        requests, runs = _requests(process, rate, size, pause_s, days, seed + time)
        gaps = np.full(len(requests), np.inf)
        busy = [(0.0, 0)]
        busy.pop()
        free = [0.0]
        free.pop()
        count = 0
        for job in range(len(requests)):
            while len(busy) > 0 and busy[0][0] <= requests[job]:
                free.append(heappop(busy)[0])
            if len(free) > 0:
                gaps[count] = requests[job] - free.pop()
                count += 1
            heappush(busy, (requests[job] + runs[job], job))
        gaps.sort()
        place, idle = 0, 0.0
        for job in range(len(gaps) + 1):
            gap_s = gaps[job] if job < len(gaps) else np.inf
            while place < len(periods_s) and periods_s[place] <= gap_s:
                hits[place] += job
                idle_s[place] += idle + periods_s[place] * (len(gaps) - job)
                place += 1
            idle += gap_s
    return hits / times, idle_s / times


class Pool:
    """One pool: how its jobs come, what its cluster costs, and what each period truly gains."""

    def __init__(self, process: int, days: int, today_s: int, seed: int) -> None:
        chance = np.random.default_rng(seed)
        self.process, self.days, self.today_s, self.seed = process, days, today_s, seed
        low, high = ((3, 60), (1, 8), (6, 80))[process]
        self.rate = float(np.exp(chance.uniform(np.log(low), np.log(high))))
        self.size = float(chance.uniform(3, 8))
        self.pause_s = float(np.exp(chance.uniform(np.log(60), np.log(1200))))
        self.instances = int(np.exp(chance.uniform(np.log(2), np.log(120))))
        hits, idle_s = _per_history(*self.how, days, 10**6 + 97 * seed, HISTORIES, PERIODS_S)
        months = days * 24 / MONTH_H
        cost = idle_s * self.instances * USD_PER_H / HOUR_S
        value = VALUE_USD_PER_H * SAVED_S / HOUR_S
        now = today_s // 10
        self.gain_usd = ((cost - value * hits)[now] - (cost - value * hits)) / months
        every, _ = _per_history(*self.how, days, 10**6 + 97 * seed, 5, np.array([10**9]))
        self.today_usd = (cost[now] + value * (every[0] - hits[now])) / months

    @property
    def how(self) -> tuple[int, float, float, float]:
        """How its jobs come."""
        return self.process, self.rate, self.size, self.pause_s

    @property
    def has_something(self) -> bool | None:
        """Whether something can be gained; None: too little to say either."""
        most = self.gain_usd.max()
        if most < LEAST_USD:
            return False
        return True if most >= LEAST_PART * self.today_usd else None

    def jobs(self) -> pd.DataFrame:
        """Return the export of its one history."""
        requests, runs = _requests(*self.how, self.days, self.seed)
        at = pd.Timestamp(MONDAY) + pd.to_timedelta(requests, unit="s")
        key = f"pool-{self.seed:07}"
        return pd.DataFrame(
            {
                "job_name": [f"{key}-{number:05}" for number in range(len(at))],
                "created_at": at,
                "training_started_at": at,
                "training_ended_at": at + pd.to_timedelta(runs, unit="s"),
                "status": "Completed",
                "instance_type": TYPE,
                "instance_count": self.instances,
                "region": "us-east-1",
                "pool_key": key,
                "keep_alive_period_s": self.today_s,
                "input_mode": "File",
            }
        )


def pools_of(process: int, days: int, today_s: int, count: int) -> list[Pool]:
    """Draw pools until half of them have nothing to gain, and half something."""
    found: dict[bool, list[Pool]] = {True: [], False: []}
    seed = 1_000_000 * process + 200_000 * (days > 28) + 100_000 * (today_s > 0)
    while min(len(found[True]), len(found[False])) < count // 2:
        seed += 1
        pool = Pool(process, days, today_s, seed)
        kind = pool.has_something
        if kind is not None and len(found[kind]) < count // 2 and len(pool.jobs()) >= 30:
            found[kind].append(pool)
    return found[True] + found[False]


def advised(jobs: pd.DataFrame, **given: str) -> pd.DataFrame:
    """Return the advice on an export."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "jobs.parquet"
        jobs.to_parquet(path)
        store = open_home(Home(Path(folder) / "home").create(), derivation=derive)
        ingest(store, next(iter(input_files(path))))
        rows = run_query(Reader(store), query_named("keep_alive_advice"), **given)
        store.close()
    return rows


def study(count: int) -> pd.DataFrame:
    """Return a row for each pool: what was promised, and what is true."""
    rows = []
    for days in (28, 60):
        pools = [
            pool
            for process in range(len(PROCESSES))
            for today_s in (0, 3600)
            for pool in pools_of(process, days, today_s, count)
        ]
        jobs = pd.concat([pool.jobs() for pool in pools], ignore_index=True)
        print(f"{days} days: {len(pools)} pools, {len(jobs):,} jobs", file=sys.stderr)
        found = advised(jobs, value_of_waiting_usd_per_h=str(VALUE_USD_PER_H))
        found = found.set_index("pool_key")
        for pool in pools:
            row = found.loc[f"pool-{pool.seed:07}"]
            period_s = row.advised_keep_alive_s
            rows.append(
                {
                    "process": PROCESSES[pool.process],
                    "days": days,
                    "today_s": pool.today_s,
                    "has_something": pool.has_something,
                    "verdict": row.verdict,
                    "is_changed": row.judged_from_date.date() > MONDAY.date() + timedelta(days=6),
                    "advised_s": period_s,
                    "promised_usd": row.net_gain_usd_per_month,
                    "low_usd": row.net_gain_low_usd_per_month,
                    "high_usd": row.net_gain_high_usd_per_month,
                    "true_usd": np.nan
                    if pd.isna(period_s)
                    else np.interp(period_s, PERIODS_S, pool.gain_usd),
                }
            )
    return pd.DataFrame(rows)


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a kind of pool, and one for all, in the words of the aims."""

    def one(part: pd.DataFrame) -> pd.Series:
        told = part[part["verdict"].isin(("raise", "lower", "start", "stop"))]
        is_told = part.index.isin(told.index)
        inside = told["true_usd"].between(told["low_usd"], told["high_usd"])
        return pd.Series(
            {
                "told to change, nothing to gain": is_told[~part["has_something"]].mean(),
                "found, something to gain": is_told[part["has_something"]].mean(),
                "true / promised": told["true_usd"].sum() / told["promised_usd"].sum(),
                "median of true / promised": (told["true_usd"] / told["promised_usd"]).median(),
                "interval covers": inside.mean(),
                "change seen where none is": part["is_changed"].mean(),
            }
        )

    rows = rows.assign(has_something=rows["has_something"].astype(bool))
    by = rows.groupby(["process", "days", "today_s"], sort=False)
    parts = by[list(rows.columns)].apply(one)
    parts.loc[("all", "", ""), :] = one(rows)
    return parts


def hybrid_histogram_s(gaps_s: np.ndarray, limit_s: int) -> int:
    """Return Shahrad et al.'s (2020) period: the 99th percentile of idle times, in minutes."""
    within = gaps_s[gaps_s <= limit_s]
    if len(within) < 5 or len(within) < len(gaps_s) / 2:
        return limit_s
    return int(min(limit_s, np.ceil(np.quantile(within, 0.99) / 60) * 60))


def on_history(path: Path, value: float) -> None:
    """Print what each rule costs on the last 30 % of the days, chosen on those before."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_home(Home(Path(folder) / "home").create(), derivation=derive)
        for source in input_files(path):
            ingest(store, source)
        reader = Reader(store)
        jobs = run_query(reader, query_named("jobs"), Filters(where=(("eligibility", "eligible"),)))
        jobs["created_at"] = pd.to_datetime(jobs["created_at"], utc=True)
        first, last = jobs["created_at"].min(), jobs["created_at"].max()
        split = (first + 0.7 * (last - first)).floor("D").to_pydatetime()
        early, late = Filters(until=split), Filters(since=split)
        advice = run_query(
            reader, query_named("keep_alive_advice"), early, value_of_waiting_usd_per_h=str(value)
        ).set_index("pool_key")
        saved = reader.frame(
            "select pool_key, wait_saved_per_hit_s, billed_saved_per_hit_s, avg(usd_per_h) as usd"
            " from job_facts join pool_savings using (pool_id) group by all"
        ).set_index("pool_key")
        even_s = saved["billed_saved_per_hit_s"] + saved["wait_saved_per_hit_s"] * (
            value / saved["usd"]
        )
        gaps = reader.frame(
            "select pool_key, unlimited_gap_s from job_facts"
            " where unlimited_gap_s is not null and created_at < $split",
            {"split": split},
        )
        hybrid = gaps.groupby("pool_key")["unlimited_gap_s"].apply(
            lambda each: hybrid_histogram_s(each.to_numpy(), 3600)
        )
        keys = pd.Index(jobs.loc[jobs["created_at"] >= split, "pool_key"].unique())
        # a pool without sure advice of its own has what is advised for all pools as one
        (whole,) = run_query(
            reader,
            query_named("keep_alive_advice"),
            early,
            value_of_waiting_usd_per_h=str(value),
            pool_key=ALL_POOLS,
        )["advised_keep_alive_s"]
        is_sure = ~advice["verdict"].isin(("unclear", "not_enough_data", "no_price"))
        own = advice["advised_keep_alive_s"][is_sure].reindex(keys)
        rules = {
            "advice": own.fillna(0 if pd.isna(whole) else whole),
            "none": pd.Series(0, keys),
            "break-even": even_s.reindex(keys).clip(upper=3600).round().fillna(0),
            "600 s": pd.Series(600, keys),
            "hybrid histogram": hybrid.reindex(keys).fillna(3600),
        }
        at = sorted({int(period) for rule in rules.values() for period in rule})
        points = []
        for chunk in range(0, len(at), 100):
            text = ",".join(map(str, at[chunk : chunk + 100]))
            points.append(run_query(reader, query_named("keep_alive_curve"), late, at=text))
        curve = pd.concat(points).set_index(["pool_key", "keep_alive_period_s"])
        waits = (curve["job_count"] * 0.0) + curve["miss_count"] * saved[
            "wait_saved_per_hit_s"
        ].reindex(curve.index.get_level_values(0)).to_numpy()
        cost = curve["retained_cost_usd"] + waits * value / HOUR_S
        print(f"\n{path.name}, {len(jobs):,} jobs, {value:g} USD/h, split at {split:%Y-%m-%d}")
        advised_keys = set(advice.index[advice["advised_keep_alive_s"].notna()]) & set(keys)
        print(f"  {'':<18} {'all pools':>16} {f'{len(advised_keys):,} advised pools':>24}")
        for name, rule in rules.items():
            costs = {key: cost.get((key, int(period)), 0.0) for key, period in rule.items()}
            of_advised = sum(usd for key, usd in costs.items() if key in advised_keys)
            print(f"  {name:<18} {sum(costs.values()):12,.2f} USD {of_advised:20,.2f} USD")
        store.close()


if __name__ == "__main__":
    given = [argument for argument in sys.argv[1:] if not argument.isdecimal()]
    counts = [int(argument) for argument in sys.argv[1:] if argument.isdecimal()]
    for name in given:
        for usd_per_h in (10.0, 60.0, 200.0):
            on_history(Path(name), usd_per_h)
    if not given:
        found = study(counts[0] if counts else POOLS)
        print(summary(found).to_string(float_format=lambda number: f"{number:.2f}"))
