"""Whether what was applied paid: the pools of a change, before and after it.

Definition: docs/metrics/did_it_pay.md. Changes are those that were marked as applied, and those of
a keep-alive period that the history shows.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from analytics.advice.compare import LEAST_JOBS, Difference, Side, difference
from analytics.advice.queries import QUERIES
from analytics.quantities import HOURS_PER_DAY
from analytics.query import Filters, run_sql
from analytics.recommendation import assumed_value, pools_of, touches_in
from analytics.typed_rows import typed_rows
from data.store.reader import Reader
from data.store.settings import load_settings

_COLUMNS = next(query for query in QUERIES if query.name == "did_it_pay").columns
LEAST_STEADY_DAYS = 5
"""Days with jobs on either side of a change that the history shows."""

SHORTEST, LONGEST = timedelta(days=28), timedelta(days=91)
"""How far back the time before a change reaches, at least and at most."""

NEAR = timedelta(days=7)
SETTING_PERIODS = ("keep_alive", "merge_pools")
"""The kinds of advice that set a keep-alive period."""

MARKED, SEEN = "marked", "seen"
PAID, COST_MORE, UNCLEAR = "paid", "cost_more", "unclear"
TOO_LITTLE, NOT_MEASURED = "not_enough_data", "not_measured"


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was set otherwise from an instant on, and the pools that it concerns."""

    advice_id: str
    seen_in: str
    kind: str | None
    subject: str | None
    subject_label: str | None
    current: str | None
    advised: str | None
    changed_at: datetime
    pools: tuple[tuple[str, str], ...]
    """Region and key of each."""
    expected_usd_per_month: float | None = None
    since_at: datetime | None = None
    until_at: datetime | None = None


def did_it_pay(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row a change, the newest first."""
    marked = _marked(reader)
    # what was set in the end may be another period than was advised: it is one change
    seen = [
        change
        for change in _seen(reader, filters)
        if not any(
            set(other.pools) & set(change.pools)
            and abs(other.changed_at - change.changed_at) <= NEAR
            for other in marked
            if other.kind in SETTING_PERIODS
        )
    ]
    changes = sorted([*marked, *seen], key=lambda one: (one.changed_at, one.advice_id))[::-1]
    value, is_assumed = load_settings(reader.home).valued(values["value_of_waiting_usd_per_h"])
    changes, last_at = _bounded(reader, filters, changes)
    found = _differences(reader, filters, changes, last_at, value)
    broken = _broken(reader, filters, changes)
    assumed = assumed_value(value) if is_assumed else None
    rows = [
        _row(change, found.get(number), broken.get(number, (None, None)), assumed)
        for number, change in enumerate(changes)
    ]
    return typed_rows(pd.DataFrame(rows, columns=list(_COLUMNS)), _COLUMNS)


def _marked(reader: Reader) -> list[Change]:
    rows = run_sql(reader, "advice/applied", relation=None)
    return [
        Change(
            advice_id=row["advice_id"],
            seen_in=MARKED,
            kind=row["advice_kind"],
            subject=row["subject"],
            subject_label=row["subject_label"],
            current=row["current"],
            advised=row["advised"],
            changed_at=row["applied_at"],
            pools=pools_of(touches_in(row["touches"] or "")),
            expected_usd_per_month=row["expected_gain_usd_per_month"],
        )
        for row in rows.replace({np.nan: None}).to_dict("records")
    ]


def _seen(reader: Reader, filters: Filters) -> list[Change]:
    rows = run_sql(reader, "advice/changed_periods", filters, least_day_count=LEAST_STEADY_DAYS)
    found = []
    for row in rows.to_dict("records"):
        pool = (row["region"] or "unknown", row["pool_key"])
        name = f"{SEEN} {pool} {row['changed_at'].isoformat()}"
        found.append(
            Change(
                advice_id=hashlib.sha256(name.encode()).hexdigest()[:10],
                seen_in=SEEN,
                kind="keep_alive",
                subject=row["pool_key"],
                subject_label=row["pool_label"],
                current=f"{row['previous_s']} s",
                advised=f"{row['period_s']} s",
                changed_at=row["changed_at"],
                pools=(pool,),
                since_at=row["since_at"],
                until_at=None if pd.isna(row["until_at"]) else row["until_at"],
            )
        )
    return found


def _bounded(
    reader: Reader, filters: Filters, changes: list[Change]
) -> tuple[list[Change], datetime | None]:
    """Return changes with the times to compare, and how far the jobs reach."""
    bounds = run_sql(reader, "advice/newest_days", filters).iloc[0]
    if pd.isna(bounds["last_at"]):
        return changes, None
    last_at = bounds["last_at"].to_pydatetime()
    bounded = []
    for change in changes:
        after = (change.until_at or last_at) - change.changed_at
        since = change.changed_at - min(max(after, SHORTEST), LONGEST)
        if change.since_at is not None:
            since = max(since, change.since_at)
        # a change of the same pools before this one is no part of what was before it
        earlier = [
            other.changed_at
            for other in changes
            if other.changed_at < change.changed_at and set(other.pools) & set(change.pools)
        ]
        later = [
            other.changed_at
            for other in changes
            if other.changed_at > change.changed_at and set(other.pools) & set(change.pools)
        ]
        until = min([*later, *filter(None, [change.until_at])], default=None)
        bounded.append(replace(change, since_at=max([since, *earlier]), until_at=until))
    return bounded, last_at


def _arrays(changes: list[Change]) -> dict[str, Any]:
    """Return changes and their pools as parallel lists."""
    pairs = [
        (number, change, pool) for number, change in enumerate(changes) for pool in change.pools
    ]
    return {
        "change_nos": [number for number, _, _ in pairs],
        "regions": [pool[0] for _, _, pool in pairs],
        "pool_keys": [pool[1] for _, _, pool in pairs],
        "changed_ats": [change.changed_at for _, change, _ in pairs],
        "since_ats": [change.since_at for _, change, _ in pairs],
        "until_ats": [change.until_at for _, change, _ in pairs],
    }


def _differences(
    reader: Reader,
    filters: Filters,
    changes: list[Change],
    last_at: datetime | None,
    value_usd_per_h: float,
) -> dict[int, Difference]:
    if last_at is None or not any(change.pools for change in changes):
        return {}
    days = run_sql(reader, "advice/changed_days", filters, **_arrays(changes))
    found = {}
    for number, rows in days.groupby("change_no"):
        change = changes[int(str(number))]
        sides = [_side(rows[rows["is_after"] == is_after]) for is_after in (False, True)]
        found[int(str(number))] = difference(
            *sides,
            after_h=HOURS_PER_DAY * _days_after(change, last_at),
            value_usd_per_h=value_usd_per_h,
        )
    return found


def _days_after(change: Change, last_at: datetime) -> int:
    """Return the days after a change, the first and the last whole: jobs are summed by day."""
    last = last_at
    if change.until_at is not None:
        last = min(last_at, change.until_at - timedelta(microseconds=1))
    first, end = (instant.astimezone(UTC).date() for instant in (change.changed_at, last))
    return (end - first).days + 1


def _side(rows: pd.DataFrame) -> Side:
    # 1970-01-01 was a Thursday
    day = rows["day"].to_numpy(dtype=np.int64)
    return Side(
        weekday=(day + 3) % 7,
        job_count=rows["job_count"].to_numpy(dtype=np.int64),
        sums=rows[["idle_usd", "startup_usd", "wait_s"]].to_numpy(dtype=np.float64),
        counts=rows[["idle_count", "startup_count", "waited_count"]].to_numpy(dtype=np.int64),
    )


def _broken(
    reader: Reader, filters: Filters, changes: list[Change]
) -> dict[int, tuple[str, datetime]]:
    given = _arrays(changes)
    if not given["change_nos"]:
        return {}
    rows = run_sql(reader, "advice/broken_keys", filters, **given)
    return {
        row["change_no"]: (row["job_name"], row["created_at"]) for row in rows.to_dict("records")
    }


def _row(
    change: Change,
    found: Difference | None,
    broken: tuple[str | None, datetime | None],
    assumed: str | None,
) -> dict[str, Any]:
    verdict, why = _verdict(change, found)
    if assumed and found is not None and found.gain_usd is not None:
        why = f"{why} {assumed}"
    return {
        "advice_id": change.advice_id,
        "seen_in": change.seen_in,
        "advice_kind": change.kind,
        "subject": change.subject,
        "subject_label": change.subject_label,
        "current": change.current,
        "advised": change.advised,
        "applied_at": change.changed_at,
        "before_job_count": found.before_job_count if found else 0,
        "after_job_count": found.after_job_count if found else 0,
        "expected_gain_usd_per_month": change.expected_usd_per_month,
        "realised_gain_usd_per_month": found and found.gain_usd,
        "realised_low_usd_per_month": found and found.low_usd,
        "realised_high_usd_per_month": found and found.high_usd,
        "realised_cash_usd_per_month": found and found.cash_usd,
        "realised_wait_saved_h_per_month": found and found.wait_h,
        "verdict": verdict,
        "rationale": why,
        "key_broken_by_job_name": broken[0],
        "key_broken_at": broken[1],
    }


def _verdict(change: Change, found: Difference | None) -> tuple[str, str]:
    """Return whether a change paid, and why that is said."""
    if not change.pools:
        return NOT_MEASURED, (
            "Before and after are compared for pools of jobs only: look at the evidence page."
        )
    if found is None or found.gain_usd is None or found.low_usd is None or found.high_usd is None:
        return TOO_LITTLE, _too_little(found)
    said = (
        f"The jobs after the change cost and waited {abs(found.gain_usd):,.2f} USD a month"
        f" {'less' if found.gain_usd >= 0 else 'more'} than jobs before it on the same weekdays;"
        f" the interval is {found.low_usd:,.2f} to {found.high_usd:,.2f} USD."
    )
    if found.low_usd > 0:
        return PAID, said
    if found.high_usd < 0:
        return COST_MORE, said
    return UNCLEAR, f"{said} It may be chance."


def _too_little(found: Difference | None) -> str:
    """Say what is missing: jobs, or what is known of them."""
    jobs = (found.before_job_count, found.after_job_count) if found else (0, 0)
    if found is None or min(jobs) < LEAST_JOBS:
        return (
            f"{jobs[0]:,} jobs before and {jobs[1]:,} after fall on weekdays with two days or more"
            f" on both sides: {LEAST_JOBS} on each side are needed."
        )
    amounts = {"cost": found.cash_usd, "wait time": found.wait_h}
    missing = " and ".join(name for name, amount in amounts.items() if amount is None)
    return (
        f"{jobs[0]:,} jobs before and {jobs[1]:,} after are enough, but on some weekday the"
        f" {missing} of every job on one side is unknown."
    )
