"""Quota advice: where clusters were not kept, what that cost, and what to ask for.

Definition: docs/metrics/quota_advice.md.
"""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analytics.keep_alive.advice import advise
from analytics.keep_alive.advice_rows import load_objective
from analytics.keep_alive.decide import ROUGH_DAYS, Objective
from analytics.quantities import HOURS_PER_DAY, HOURS_PER_MONTH, SECONDS_PER_HOUR
from analytics.query import Filters, run_sql
from analytics.quotas.queries import QUERIES
from analytics.recommendation import assumed_value
from analytics.stats.bootstrap import interval
from analytics.typed_rows import typed_rows
from data.store.reader import Reader

_COLUMNS = list(next(query for query in QUERIES if query.name == "quota_advice").columns)
_PLACE = ["account_id", "region", "instance_type"]
_DAYS_PER_MONTH = HOURS_PER_MONTH / HOURS_PER_DAY
WARM_POOL, TRAINING_JOB = "training_warm_pool", "training_job"


def quota_advice(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return a row for each quota that is needed or was met, those that cost most first."""
    objective = load_objective(reader.home, values)
    places = run_sql(reader, "quotas/quota_places", filters, until=filters.until)
    if places.empty:
        return typed_rows(places, _COLUMNS)
    lost = _lost(run_sql(reader, "quotas/refusals", filters), places, objective)
    rows = places.merge(lost, on=_PLACE, how="left")
    rows = rows.merge(_peaks(reader, filters, objective), on=_PLACE, how="left")
    found = pd.DataFrame([_row(row, objective) for row in rows.to_dict("records")])
    is_needed = (found["needed_count"] > 0) | (found["refused_job_count"] > 0)
    is_said = is_needed & ((found["quota_kind"] == WARM_POOL) | found["quota_value"].notna())
    found["is_asked"] = found["verdict"] == "ask_for_more"
    ranked = found[is_said].sort_values(
        ["is_asked", "net_gain_usd_per_month", "needed_count", *_PLACE],
        ascending=[False, False, False, True, True, True],
        na_position="last",
        ignore_index=True,
    )
    return typed_rows(ranked, _COLUMNS)


def _peaks(reader: Reader, filters: Filters, objective: Objective) -> pd.DataFrame:
    """Return how much runs and idles at once, today and under keep-alive advice."""
    advice = advise(reader, filters, objective, together=False)
    if not advice.empty:
        advice = advice[advice["advised_keep_alive_s"].notna()]
    pool_ids = advice.get("pool_id", pd.Series(dtype="int64")).astype("int64").tolist()
    periods = advice.get("advised_keep_alive_s", pd.Series(dtype="int64")).astype("int64")
    return run_sql(
        reader,
        "quotas/quota_peaks",
        filters,
        pool_ids=pool_ids,
        periods_s=periods.tolist(),
        since=filters.since,
        until=filters.until,
    )


def _lost(days: pd.DataFrame, places: pd.DataFrame, objective: Objective) -> pd.DataFrame:
    """Return what refusals cost each place a month, with the interval over its days."""
    names = ["refused_job_count", "refused_by_message_count", "miss_count"]
    if days.empty:
        empty = {name: pd.Series(dtype="float64") for name in _LOST}
        return pd.DataFrame({name: pd.Series(dtype="str") for name in _PLACE} | empty)
    spans = places.drop_duplicates(_PLACE)[[*_PLACE, "first_day", "last_day"]]
    days = days.merge(spans, on=_PLACE).sort_values([*_PLACE, "created_day"])
    value = objective.value_of_waiting_usd_per_h
    days["wait_h"] = days["wait_lost_s"] / SECONDS_PER_HOUR
    days["cash_usd"] = days["billed_lost_usd"] - days["idle_usd"]
    days["net_usd"] = days["cash_usd"] + value * days["wait_h"]
    groups = days.groupby(_PLACE, dropna=False, sort=False)
    found = groups[[*names, "wait_h"]].sum().reset_index()
    for name in ("cash_usd", "net_usd"):
        found[name] = groups[name].agg(lambda usd: usd.sum(skipna=False)).to_numpy()
    first_day = groups["first_day"].first().to_numpy(dtype=np.int64)
    day_count = groups["last_day"].first().to_numpy(dtype=np.int64) - first_day + 1
    bounds = np.concatenate([[0], groups.size().cumsum()]).astype(np.int64)
    low, high = interval(
        bounds,
        days["created_day"].to_numpy(dtype=np.int64) - np.repeat(first_day, np.diff(bounds)),
        days["net_usd"].to_numpy(dtype=np.float64),
        day_count,
    )
    months = day_count / _DAYS_PER_MONTH
    found["wait_saved_h_per_month"] = found["wait_h"] / months
    found["cash_gain_usd_per_month"] = found["cash_usd"] / months
    found["net_gain_usd_per_month"] = found["net_usd"] / months
    found["net_gain_low_usd_per_month"] = low * _DAYS_PER_MONTH
    found["net_gain_high_usd_per_month"] = high * _DAYS_PER_MONTH
    return found[[*_PLACE, *_LOST]]


_LOST = (
    "refused_job_count",
    "refused_by_message_count",
    "miss_count",
    "wait_saved_h_per_month",
    "cash_gain_usd_per_month",
    "net_gain_usd_per_month",
    "net_gain_low_usd_per_month",
    "net_gain_high_usd_per_month",
)


def _row(row: dict[Any, Any], objective: Objective) -> dict[Any, Any]:
    """Return one quota with its verdict, and why."""
    is_warm = row["quota_kind"] == WARM_POOL
    for name in _LOST:
        # only the warm pool quota is what refuses to keep a cluster
        is_known = is_warm and not pd.isna(row[name])
        row[name] = row[name] if is_known else (0 if name.endswith("_count") else None)
    for name in ("peak_idle_today", "peak_idle_advised", "peak_running_count", "peak_count"):
        row[name] = 0 if pd.isna(row[name]) else int(row[name])
    row["needed_count"] = row["peak_idle_advised"] if is_warm else row["peak_count"]
    quota = None if pd.isna(row["quota_value"]) else float(row["quota_value"])
    row["verdict"] = _verdict(row["needed_count"], quota, int(row["refused_job_count"]))
    is_asked = row["verdict"] == "ask_for_more"
    row["advised_quota_value"] = row["needed_count"] if is_asked else None
    if not is_asked:
        for name in _LOST[3:]:
            row[name] = None
    row["is_rough"] = row["last_day"] - row["first_day"] + 1 < ROUGH_DAYS
    row["value_of_waiting_usd_per_h"] = objective.value_of_waiting_usd_per_h
    row["is_value_assumed"] = objective.is_value_assumed
    row["rationale"] = _rationale(row, quota, objective)
    row["setting"] = _setting(row) if is_asked else None
    return row


def _verdict(needed: int, quota: float | None, refused: int) -> str:
    if quota is not None:
        return "ask_for_more" if needed > quota else "enough"
    if needed and refused:
        return "ask_for_more"
    return "not_read" if needed else "enough"


def _rationale(row: Mapping[Any, Any], quota: float | None, objective: Objective) -> str:
    said = []
    refused, missed = int(row["refused_job_count"]), int(row["miss_count"])
    if refused:
        worded = int(row["refused_by_message_count"])
        named = f", {worded:,} of them with a message that names the quota" if worded else ""
        said.append(f"{refused:,} clusters were asked for and not kept{named}.")
        said.append(f"{missed:,} jobs started cold that would have reused one in time.")
    if row["quota_kind"] == WARM_POOL:
        said.append(
            f"At its peak keep-alive advice has {row['peak_idle_advised']:,} instances idle, the"
            f" jobs' own periods {row['peak_idle_today']:,}."
        )
    else:
        said.append(
            f"At its peak {row['peak_running_count']:,} instances run; with those that idle under"
            f" keep-alive advice, which count as well, {row['needed_count']:,}."
        )
    if quota is None:
        said.append("The quota was not read: stoker sync reads it.")
    elif row["verdict"] == "ask_for_more":
        said.append(f"The quota is {quota:g}.")
    if refused and row["verdict"] == "enough" and not row["needed_count"]:
        said.append("Keep-alive advice keeps no cluster of this type warm: no quota is needed.")
    elif refused and quota is not None and row["verdict"] == "enough":
        said.append(f"The quota of {quota:g} as read last covers it.")
    if row["net_gain_usd_per_month"] is not None:
        said.append(
            f"Kept, they would have gained {row['net_gain_usd_per_month']:,.2f} USD per month with"
            f" the periods they had (90 %: {row['net_gain_low_usd_per_month']:,.2f} to"
            f" {row['net_gain_high_usd_per_month']:,.2f} USD)."
        )
        if objective.is_value_assumed:
            said.append(assumed_value(objective.value_of_waiting_usd_per_h))
    elif row["verdict"] == "ask_for_more":
        said.append("What a higher quota gains is in the gains of keep-alive advice, not here.")
    return " ".join(said)


def _setting(row: Mapping[Any, Any]) -> str:
    """Return the request to Service Quotas; where the code is not known, its name."""
    use = "warm pool" if row["quota_kind"] == WARM_POOL else "job"
    by_name = f"{row['instance_type']} for training {use} usage"
    is_known = isinstance(row["quota_code"], str)
    quota = {"QuotaCode": row["quota_code"]} if is_known else {"QuotaName": by_name}
    return json.dumps(
        {"ServiceCode": "sagemaker", **quota, "DesiredValue": int(row["advised_quota_value"])}
    )
