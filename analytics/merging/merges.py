"""Which pools to make one: found, looked at, judged on other days, and ranked.

Definition: docs/metrics/pool_merges.md.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.keep_alive.decide import LEAST_DAYS, LEAST_JOBS, ROUGH_DAYS, Objective
from analytics.keep_alive.history import periods
from analytics.keep_alive.replay import job_columns, jobs_from
from analytics.merging.alignment import alignment
from analytics.merging.decide import MergeImpact, Verdict, decide
from analytics.merging.judge import MergeGains, judge_units
from analytics.merging.latencies import COLD_S
from analytics.merging.neighbours import buckets, is_comparable, key_codes, pairs
from analytics.merging.screen import Screened, Spans, Unit, grow, month_count, screen
from analytics.merging.unions import Parts, costs_today, has_price, parts_of
from analytics.quantities import HOURS_PER_DAY, HOURS_PER_MONTH, SECONDS_PER_HOUR
from analytics.query import Filters, run_sql
from data.store.reader import Reader

Int64s = NDArray[np.int64]
Report = Callable[[str, float], None]

BY_POOL, BY_USER = "pool_key", "user_name"
MOST_IN_BUCKET, MOST_SCREENED, MOST_JUDGED = 200, 200_000, 600
"""Of more, those with most at stake, or most to gain in hindsight; coverage says how many are left
out."""
JOBS_AT_ONCE = 4_000_000
SCREENED_JOBS, JUDGED_JOBS = 40_000_000, 8_000_000
_FIRST_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Merges:
    """The merges that were judged, most to gain first, and what became of all pools and pairs."""

    rows: pd.DataFrame
    coverage: pd.DataFrame


def find_merges(
    reader: Reader,
    filters: Filters,
    objective: Objective,
    *,
    by: str = BY_POOL,
    pool_key: str = "",
    report: Report = lambda _step, _share: None,
) -> Merges:
    """Return merges of pools; by user, what the users of each pool gain by sharing it already."""
    report("Finding pools whose keys nearly agree", 0.0)
    pools = _pools(reader, filters)
    counted = Counter[str]()
    chosen = _by_user(pools, counted) if by == BY_USER else _with_neighbours(pools, counted)
    batches = list(_batches(chosen))
    found = []
    for number, batch in enumerate(batches):

        def part_of(step: str, share: float, number: int = number) -> None:
            report(step, (number + share) / len(batches))

        share = batch["job_count"].sum() / max(chosen["job_count"].sum(), 1)
        found += _of_batch(reader, filters, objective, batch, by, pool_key, share, counted, part_of)
    rows = pd.DataFrame(found)
    if not rows.empty:
        rows["is_merge"] = rows["verdict"] == Verdict.MERGE
        rows = rows.sort_values(
            ["is_merge", "net_gain_usd_per_month", "job_count", "pool_key", "other_pool_key"],
            ascending=[False, False, False, True, True],
            na_position="last",
            ignore_index=True,
        )
        rows["is_chosen"] = _disjoint(rows)
    coverage = pd.DataFrame(
        {"merge_coverage": list(counted), "found_count": list(counted.values())}
    )
    return Merges(rows, coverage)


def _pools(reader: Reader, filters: Filters) -> pd.DataFrame:
    """Return the pools with eligible jobs: their keys, users, days and periods."""
    keys = run_sql(reader, "merging/mergeable_pools", filters)
    facts = run_sql(
        reader,
        "keep_alive/keep_alive_advice",
        filters,
        since=filters.since,
        until=filters.until,
    )
    days = ["pool_id", "first_day", "last_day", "last_job_day", "current_keep_alive_s", "usd_per_h"]
    return keys.merge(facts[days], on="pool_id")


def _with_neighbours(pools: pd.DataFrame, counted: Counter[str]) -> pd.DataFrame:
    """Return the pools that differ from another in one or two fields of their keys."""
    known = is_comparable(pools)
    counted["own_key"] = int((~known).sum())
    comparable = pools[known].reset_index(drop=True)
    if comparable.empty:
        return comparable.assign(place=[])
    codes = key_codes(comparable)
    has_neighbour = np.zeros(len(comparable), np.bool_)
    for members in buckets(codes):
        has_neighbour[members] = True
    counted["no_neighbour"] = int((~has_neighbour).sum())
    counted["compared"] = int(has_neighbour.sum())
    return comparable.assign(place=codes[:, 0])[has_neighbour].reset_index(drop=True)


def _by_user(pools: pd.DataFrame, counted: Counter[str]) -> pd.DataFrame:
    """Return the pools that have several users."""
    users = pools["users"].map(len) + (pools["unknown_user_job_count"] > 0)
    counted["one_user"] = int((users < 2).sum())
    counted["compared"] = int((users >= 2).sum())
    shared = pools[users >= 2].reset_index(drop=True)
    return shared.assign(place=shared.index)


def _batches(pools: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield pools in runs of whole places, as many jobs at a time as memory holds."""
    jobs = pools.groupby("place", sort=True)["job_count"].sum()
    number = (jobs.cumsum() - 1) // JOBS_AT_ONCE
    for _, batch in pools.groupby(pools["place"].map(number), sort=True):
        yield batch.sort_values("pool_id").reset_index(drop=True)


def _of_batch(
    reader: Reader,
    filters: Filters,
    objective: Objective,
    pools: pd.DataFrame,
    by: str,
    pool_key: str,
    share: float,
    counted: Counter[str],
    report: Report,
) -> list[dict[str, Any]]:
    value, limit_s = objective.value_of_waiting_usd_per_h, objective.limit_s
    report("Reading jobs", 0.05)
    parts, pool_of = _parts(reader, filters, pools, by, objective)
    spans = Spans(
        *(
            pools[name].to_numpy(dtype=np.int64)[pool_of]
            for name in ("first_day", "last_day", "last_job_day")
        )
    )
    report("Comparing pools", 0.2)
    units, larger = _units(parts, spans, pools, pool_of, objective, by, counted)
    if pool_key:
        is_named = (pools["pool_key"] == pool_key) | (pools["pool_label"] == pool_key)
        has_it = set(np.flatnonzero(is_named.to_numpy()[pool_of]).tolist())
        units = [unit for unit in units if not has_it.isdisjoint(unit)]
    seen = screen(parts, spans, units, value, limit_s)
    report("Growing groups", 0.45)
    if larger is not None:
        grown = grow(parts, spans, larger.codes, larger.stakes, units, seen.hindsight, value,
                     limit_s)  # fmt: skip
        counted["groups"] += len(grown)
        seen = _joined(seen, screen(parts, spans, grown, value, limit_s))
        units = [*units, *grown]
    is_enough = (
        (seen.job_count >= LEAST_JOBS)
        & (seen.span_days >= LEAST_DAYS)
        & (seen.active_count > 1)
        & ~seen.is_silent
    )
    # no merge can gain more than what is paid and waited for today; without a price, that is not
    # known in USD, and parts that are to meet a target may pay more than today
    is_bounded = seen.has_price & (objective.p90_target_s is None)
    is_worth = ~is_bounded | (seen.cost_today >= objective.minimum_gain_usd_per_month)
    counted["too_little"] += int((is_enough & ~is_worth).sum())
    counted["too_few_jobs"] += int((~is_enough).sum())
    can_gain = is_enough & is_worth
    chosen = _most(parts, units, seen, np.flatnonzero(can_gain), max(20, MOST_JUDGED * share))
    counted["not_judged"] += int(can_gain.sum()) - len(chosen)
    counted["judged"] += len(chosen)
    report("Judging merges on other days", 0.55)
    current_s = periods(pools["current_keep_alive_s"])[pool_of]
    picked = [units[place] for place in chosen]
    of_picked = _taken(seen, chosen)
    found, at = list[dict[str, Any]](), 0
    for judged in judge_units(parts, picked, of_picked, current_s, objective):
        for row in range(len(judged.advised_s)):
            members = _members(pools, pool_of, picked[at])
            found.append(_row(members, of_picked, at, judged, row, objective, by))
            at += 1
        report("Judging merges on other days", 0.55 + 0.45 * at / len(picked))
    # what cannot be judged is said, as far as a page can hold it
    rest = np.flatnonzero(~is_enough)
    rest = rest[np.argsort(-seen.job_count[rest], kind="stable")][:MOST_JUDGED]
    for place in rest.tolist():
        members = _members(pools, pool_of, units[place])
        found.append(_row(members, seen, place, None, 0, objective, by))
    return found


def _parts(
    reader: Reader, filters: Filters, pools: pd.DataFrame, by: str, objective: Objective
) -> tuple[Parts, Int64s]:
    """Return the parts, and the row of `pools` that each belongs to."""
    also = ", dense_rank() over (order by coalesce(user_name, '')) as user_code"
    also = also if by == BY_USER else ""
    if objective.p90_target_s is not None:
        also += COLD_S
    columns = job_columns(
        reader,
        filters,
        order_by="request_us, job_name",
        also=also,
        pool_ids=pools["pool_id"].tolist(),
    )
    codes = columns.pop("user_code", np.zeros(len(columns["pool_id"]), dtype=np.int64))
    order = np.lexsort((codes, columns["pool_id"]))  # stable: requests stay in order
    columns = {name: values[order] for name, values in columns.items()}
    cold_s = columns.pop("cold_s", None)
    codes = codes[order]
    jobs = jobs_from(columns)
    is_new = (np.diff(jobs.pool_id, prepend=-1) != 0) | (np.diff(codes, prepend=-1) != 0)
    starts = np.flatnonzero(is_new).astype(np.int64)
    split = replace(jobs, offsets=np.append(starts, len(codes)).astype(np.int64))
    return parts_of(split, order.astype(np.int64), cold_s), np.asarray(
        np.searchsorted(pools["pool_id"].to_numpy(), jobs.pool_id[starts])
    )


@dataclass(frozen=True, slots=True)
class _Keys:
    """What is needed to make pairs into larger groups."""

    codes: Int64s
    stakes: NDArray[np.float64]


def _units(
    parts: Parts,
    spans: Spans,
    pools: pd.DataFrame,
    pool_of: Int64s,
    objective: Objective,
    by: str,
    counted: Counter[str],
) -> tuple[list[Unit], _Keys | None]:
    """Return the units to look at: pairs of pools, or all users of each pool."""
    if by == BY_USER:
        of_pool = dict[int, list[int]]()
        for part, pool in enumerate(pool_of.tolist()):
            of_pool.setdefault(pool, []).append(part)
        return [tuple(of_one) for of_one in of_pool.values() if len(of_one) > 1], None
    codes = key_codes(pools)
    every_day = np.full(len(parts), np.iinfo(np.int64).min)
    stakes = costs_today(parts.jobs, parts.own, objective.value_of_waiting_usd_per_h, every_day)
    # in fewer days nothing is judged: the least months that a gain is spread over
    least_usd = objective.minimum_gain_usd_per_month * LEAST_DAYS * HOURS_PER_DAY / HOURS_PER_MONTH
    is_bounded = has_price(parts.jobs, every_day) & (objective.p90_target_s is None)
    least = np.where(is_bounded, least_usd, 0.0)
    found, left_out = pairs(codes, stakes, least=least, most_in_bucket=MOST_IN_BUCKET)
    by_stake = np.argsort(-stakes[found].sum(axis=1), kind="stable")
    jobs = np.cumsum(parts.sizes[found[by_stake]].sum(axis=1))
    most = min(MOST_SCREENED, int(np.searchsorted(jobs, SCREENED_JOBS, side="right")))
    left_out += max(len(found) - most, 0)
    found = found[np.sort(by_stake[:most])]
    counted["pairs"] += len(found)
    counted["not_looked_at"] += left_out
    return [tuple(pair) for pair in found.tolist()], _Keys(codes, stakes)


def _joined(one: Screened, other: Screened) -> Screened:
    names = Screened.__dataclass_fields__
    return Screened(*(np.concatenate([getattr(one, n), getattr(other, n)]) for n in names))


def _taken(seen: Screened, chosen: Int64s) -> Screened:
    return Screened(*(getattr(seen, name)[chosen] for name in Screened.__dataclass_fields__))


def _most(parts: Parts, units: list[Unit], seen: Screened, places: Int64s, most: float) -> Int64s:
    """Return those of the units that gain most in hindsight, as many as can be judged."""
    best = places[np.argsort(-seen.hindsight[places], kind="stable")][: int(most)]
    jobs = np.cumsum([int(parts.sizes[list(units[place])].sum()) for place in best])
    return best[: max(20, int(np.searchsorted(jobs, JUDGED_JOBS, side="right")))]


def _members(pools: pd.DataFrame, pool_of: Int64s, unit: Unit) -> pd.DataFrame:
    """Return the pools of a unit, those of most jobs first."""
    rows = pools.iloc[np.unique(pool_of[list(unit)])]
    return rows.sort_values(["job_count", "pool_key"], ascending=[False, True])


def _row(
    members: pd.DataFrame,
    seen: Screened,
    place: int,
    judged: MergeGains | None,
    row: int,
    objective: Objective,
    by: str,
) -> dict[str, Any]:
    """Return one merge as a row of the query, and what is needed of it besides."""
    first = members.iloc[0]
    months = float(month_count(seen.from_day[place], seen.last_day[place]))
    users = sorted({user for users in members["users"] for user in users})
    unknown_users = int(members["unknown_user_job_count"].sum())
    gains = dict[str, float | None]()
    advised_s, hits = None, None
    is_priced = judged is None or bool(judged.has_price[row])
    if judged is not None:
        advised_s = int(judged.advised_s[row])
        hits = float(judged.over_parts.hit_count[row])
        gains = _gains(judged, row, months, objective.value_of_waiting_usd_per_h)
    else:
        is_priced = bool(members["usd_per_h"].notna().any())
    fields = alignment(members, advised_s) if by == BY_POOL else None
    is_known = judged is not None and (is_priced or not objective.value_of_waiting_usd_per_h)
    verdict, rationale = decide(
        MergeImpact(
            job_count=int(seen.job_count[place]),
            span_days=int(seen.span_days[place]),
            is_silent=bool(seen.is_silent[place]),
            is_used_together=bool(seen.active_count[place] > 1),
            has_price=is_priced,
            is_already_one=by == BY_USER,
            gain_usd=gains["net_gain"] if is_known else None,
            low_usd=gains["net_gain_low"] if is_known else None,
            cash_usd=gains.get("cash_gain"),
            wait_saved_h=gains.get("wait_saved"),
            hits=None if hits is None else hits / months,
            advised_s=advised_s,
            p90_s=None if judged is None or np.isnan(judged.p90_s[row]) else judged.p90_s[row],
        ),
        objective,
        fields,
    )
    # where no period meets the target there is none to judge
    target_s = np.inf if objective.p90_target_s is None else objective.p90_target_s
    is_met = judged is None or not judged.p90_s[row] > target_s
    is_said = is_met and verdict not in (Verdict.NOT_ENOUGH_DATA, Verdict.NO_PRICE)
    found = {
        "pool_key": first["pool_key"],
        "other_pool_key": ", ".join(members["pool_key"].iloc[1:]) or None,
        "pool_label": first["pool_label"],
        "other_pool_label": ", ".join(dict.fromkeys(members["pool_label"].iloc[1:])) or None,
        "pool_keys": tuple(members["pool_key"]),
        "pool_count": len(members),
        "account_id": first["account_id"],
        "region": first["region"],
        "instance_type": first["instance_type"],
        "instance_count": first["instance_count"],
        "differing_fields": fields.differing_fields if fields else None,
        "verdict": str(verdict),
        "job_count": int(seen.job_count[place]),
        "changed_job_count": fields.changed_job_count if fields else None,
        "user_count": len(users),
        "unknown_user_job_count": unknown_users,
        "extra_hit_count": round(hits) if hits is not None and is_said else None,
        "advised_keep_alive_s": advised_s if is_said else None,
        "peak_idle_instances": int(judged.peak_idle_instances[row]) if judged and is_said else None,
        "is_rough": is_said and int(seen.span_days[place]) < ROUGH_DAYS,
        "judged_from_date": pd.Timestamp(date.fromordinal(_FIRST_DAY + int(seen.from_day[place]))),
        "value_of_waiting_usd_per_h": objective.value_of_waiting_usd_per_h,
        "is_value_assumed": objective.is_value_assumed,
        "security_note": fields.security_note if fields else None,
        "setting": fields.setting if fields and verdict == Verdict.MERGE else None,
        "rationale": rationale,
    }
    if by == BY_USER:
        gains = {name: gain for name, gain in gains.items() if "over_today" not in name}
    for name, column in _COLUMNS.items():
        is_money = name not in ("wait_saved", "wait_saved_over_today")
        found[column] = gains.get(name) if is_said and (is_priced or not is_money) else None
    return found


_COLUMNS = {
    "net_gain": "net_gain_usd_per_month",
    "net_gain_low": "net_gain_low_usd_per_month",
    "net_gain_high": "net_gain_high_usd_per_month",
    "cash_gain": "cash_gain_usd_per_month",
    "wait_saved": "wait_saved_h_per_month",
    "over_today": "gain_over_today_usd_per_month",
    "over_today_low": "gain_over_today_low_usd_per_month",
    "over_today_high": "gain_over_today_high_usd_per_month",
    "cash_over_today": "cash_gain_over_today_usd_per_month",
    "wait_saved_over_today": "wait_saved_over_today_h_per_month",
}


def _gains(judged: MergeGains, row: int, months: float, value: float) -> dict[str, float | None]:
    """Return what a merge gains a month, over its parts and over today."""
    found = dict[str, float | None]()
    # no more can be gained than is paid today, and waited for
    most = float(judged.cost_today[row])
    for of, names in (
        (judged.over_parts, ("net_gain", "cash_gain", "wait_saved")),
        (judged.over_today, ("over_today", "cash_over_today", "wait_saved_over_today")),
    ):
        wait_h = of.wait_saved_s[row] / SECONDS_PER_HOUR / months
        cash = (of.billed_saved_usd[row] - of.idle_usd[row]) / months
        net = float(cash + value * wait_h)
        found |= dict(zip(names, (net, float(cash), float(wait_h)), strict=True))
        found[f"{names[0]}_low"] = float(of.gain_low_usd[row] / months)
        found[f"{names[0]}_high"] = max(net, min(float(of.gain_high_usd[row] / months), most))
    return found


def _disjoint(rows: pd.DataFrame) -> list[bool]:
    """Return which merges to make, from the best on: those that share no pool with a better one."""
    used, found = set[tuple[str, str]](), []
    for verdict, region, keys in zip(
        rows["verdict"], rows["region"], rows["pool_keys"], strict=True
    ):
        own = {(region, key) for key in keys}
        is_chosen = verdict == Verdict.MERGE and used.isdisjoint(own)
        if is_chosen:
            used |= own
        found.append(is_chosen)
    return found
