"""Startup advice: what to change so that jobs begin to train sooner, and what it would save.

Definition: docs/metrics/startup_advice.md.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analytics.parameters import LEAST_GAIN_USD
from analytics.quantities import HOURS_PER_DAY, HOURS_PER_MONTH, span_text
from analytics.query import Filters, run_sql
from analytics.recommendation import assumed_value
from analytics.startup.compare import LEAST_JOBS, Comparison, Group, compared_groups
from analytics.startup.queries import ADVICE_COLUMNS
from analytics.stats.matched import are_discoveries
from analytics.vocabulary import label
from data.store.home import Home
from data.store.reader import Reader
from data.store.settings import load_settings

RECENT_DAYS = 28
ROUGH_DAYS = 14
FALSE_SHARE = 0.1
"""Of the changes that are advised, the part that chance may have made."""

CHANGES = ("change", "compare_cost")
# what jobs could try, and no job did
_UNTRIED = {
    "input_mode": ("File", "FastFile", '{"AlgorithmSpecification": {"TrainingInputMode":'
                   ' "FastFile"}}'),
    "profiler": ("profiled", "not_profiled", '{"ProfilerConfig": {"DisableProfiler": true}}'),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Objective:
    """What the advice is to weigh: what an hour of waiting costs, and the least gain."""

    value_usd_per_h: float
    is_value_assumed: bool
    minimum_usd_per_month: float


@dataclass(frozen=True, slots=True)
class LeverDecision:
    """A lever of a pool with what to do about it."""

    group: Group
    verdict: str
    is_rough: bool


def startup_advice(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return a row for each lever and pool that can be judged, or says what is missing."""
    objective = load_objective(reader.home, values)
    found = judged_groups(reader, filters, objective)
    pools = reader.frame("select pool_id, pool_key, pool_label, region from pools")
    names = {int(row["pool_id"]): row for row in pools.to_dict("records")}
    rows = [_row(one, names[one.group.pool_id], objective) for one in found]
    advice = pd.DataFrame(rows, columns=list(ADVICE_COLUMNS))
    order = advice.assign(
        is_settled=~advice["verdict"].isin(CHANGES),
        is_unknown=~advice["verdict"].isin((*CHANGES, "unclear", "keep")),
    ).sort_values(
        ["is_settled", "is_unknown", "net_gain_usd_per_month", "job_count", "group_value", "lever"],
        ascending=[True, True, False, False, True, True],
        na_position="last",
    )
    return advice.loc[order.index].reset_index(drop=True)


def load_objective(home: Home, values: Mapping[str, Any]) -> Objective:
    """Return what is asked of the advice; what is not given is as the home's settings say."""
    return Objective(
        *load_settings(home).valued(values.get("value_of_waiting_usd_per_h")),
        float(values.get("minimum_gain_usd_per_month", LEAST_GAIN_USD)),
    )


def judged_groups(reader: Reader, filters: Filters, objective: Objective) -> list[LeverDecision]:
    """Return every lever of every pool that is in use, with what to do about it."""
    span = run_sql(reader, "startup/metric_names", filters)
    if span.empty or not span["job_count"].iloc[0]:
        return []
    first_day, last_day = int(span["first_day"].iloc[0]), int(span["last_day"].iloc[0])
    recent_day = max(first_day, last_day - RECENT_DAYS + 1)
    months = (last_day - recent_day + 1) * HOURS_PER_DAY / HOURS_PER_MONTH
    parts = [
        run_sql(
            reader,
            "startup/startup_options",
            filters,
            recent_day=recent_day,
            least_jobs=2 * LEAST_JOBS,
        )
    ]
    metric_names = span["metric_names"].iloc[0]
    if metric_names is not None and len(metric_names):
        parts.append(
            run_sql(
                reader,
                "startup/startup_setups",
                filters,
                recent_day=recent_day,
                metric_names=list(metric_names),
            )
        )
    rows = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    groups = list(compared_groups(rows, months=months, value_usd_per_h=objective.value_usd_per_h))
    p_values = np.array(
        [np.nan if group.comparison is None else group.comparison.p_value for group in groups]
    )
    stands = are_discoveries(p_values, FALSE_SHARE)
    found = [
        judge(group, objective, stands=bool(sure))
        for group, sure in zip(groups, stands, strict=True)
    ]
    return [one for one in found if one is not None]


def judge(group: Group, objective: Objective, *, stands: bool) -> LeverDecision | None:
    """Return what to do about a lever of a pool; None where there is nothing to say.

    `stands`: whether the gain is still one when all levers of all pools are looked at together.
    """
    of = group.comparison
    if of is None:
        is_untried = group.lever in _UNTRIED and group.current == _UNTRIED[group.lever][0]
        if group.recent_job_count < LEAST_JOBS:
            return None
        # images come and go: that few of them can be compared is no news
        if group.has_alternative and group.lever not in ("image", "runtime_install"):
            return LeverDecision(group, "not_enough_data", is_rough=True)
        return LeverDecision(group, "not_tried", is_rough=True) if is_untried else None
    is_rough = of.day_count < ROUGH_DAYS or of.is_one_after_the_other
    if of.net is None:
        is_longer = not group.is_worth_it or of.saved.high <= 0
        missing = "not_enough_data" if of.billed_saved_s is None else "no_price"
        return LeverDecision(group, "keep" if is_longer else missing, is_rough)
    is_small = of.net.value < objective.minimum_usd_per_month
    if not group.is_worth_it or of.net.high <= 0 or (is_small and of.net.low > 0):
        return LeverDecision(group, "keep", is_rough)
    if of.net.low > 0 and stands:
        verdict = "compare_cost" if group.lever == "file_system" else "change"
        return LeverDecision(group, verdict, is_rough)
    return LeverDecision(group, "unclear", is_rough)


def _row(one: LeverDecision, pool: Mapping[Any, Any], objective: Objective) -> dict[str, Any]:
    group, of = one.group, one.group.comparison
    row = {
        "lever": group.lever,
        "group_value": pool["pool_key"],
        "pool_label": pool["pool_label"],
        "region": pool["region"],
        "verdict": one.verdict,
        "current_choice": of.current if of else group.current,
        "matched_job_count": of.matched_job_count if of else 0,
        "job_count": group.job_count,
        "billed_startup_usd_per_month": group.billed_usd_per_month,
        "value_of_waiting_usd_per_h": objective.value_usd_per_h,
        "is_value_assumed": objective.is_value_assumed,
        "is_rough": one.is_rough,
        "rationale": rationale(one, objective),
        "setting": setting(one),
    }
    if of is None:
        return row
    row |= {
        "advised_choice": of.target,
        "saved_s": of.saved.value,
        "saved_low_s": of.saved.low,
        "saved_high_s": of.saved.high,
        "touched_job_count_per_month": of.touched_per_month,
        "wait_saved_h_per_month": of.wait_saved_h,
        "cash_gain_usd_per_month": of.cash_usd,
    }
    if of.net is not None:
        row |= {
            "net_gain_usd_per_month": of.net.value,
            "net_gain_low_usd_per_month": of.net.low,
            "net_gain_high_usd_per_month": of.net.high,
        }
    return row


def rationale(one: LeverDecision, objective: Objective) -> str:
    """Return why: what was compared, what differs, and what keeps it from being surer."""
    group, of = one.group, one.group.comparison
    if of is None:
        return _missing(one)
    target, current = choice_label(group.lever, of.target), choice_label(group.lever, of.current)
    sentences = [
        f"On the days that the choice was not made on, {of.other_job_count:,} starts with {current}"
        f" are matched with {of.matched_job_count - of.other_job_count:,} with {target}:"
        f" {_matched_by(group.lever)}.",
        f"With {target} {_what(group.lever)} is {_less(of.saved.value)}"
        f" (90 % interval {span_text(of.saved.low)} to {span_text(of.saved.high)}).",
    ]
    if of.billed_saved_s is not None and group.lever != "runtime_install":
        sentences.append(f"Of it, {span_text(of.billed_saved_s)} is billed.")
    match one.verdict:
        case "compare_cost":
            sentences.append(
                "The file system's own cost is in no record: it pays only while that is less than"
                f" {_usd(of)} a month."
            )
        case "unclear":
            sentences.append("Days differ too much to tell, among all that was compared.")
        case "no_price":
            sentences.append(
                "Not every job that would change has a known price, so the gain is unknown."
            )
        case "not_enough_data":
            sentences.append(
                "How much of a start is billed is not known of these jobs, so the gain is unknown."
            )
        case "keep" if group.is_worth_it is False:
            sentences.append("The days that the choice was made on see no gain: keep it as it is.")
        case "keep":
            sentences.append("That gains too little to change it.")
    if of.is_one_after_the_other:
        sentences.append(
            "One came after the other: whatever else changed in between is in the difference."
        )
    if group.lever == "image" and one.verdict == "change":
        sentences.append(f"Use it, or make {current} as small.")
    if objective.is_value_assumed and one.verdict in (*CHANGES, "unclear"):
        sentences.append(assumed_value(objective.value_usd_per_h))
    return " ".join(sentences)


def _missing(one: LeverDecision) -> str:
    group = one.group
    if one.verdict == "not_enough_data":
        return (
            f"Too few matched jobs to judge ({_matched_by(group.lever)}): it takes"
            f" {LEAST_JOBS} with and {LEAST_JOBS} without the change on either half of the days."
        )
    current, target, _ = _UNTRIED[group.lever]
    said = [
        f"No job of this pool ran with {choice_label(group.lever, target)}, so nothing is known of"
        " what it would save."
    ]
    hours, usd = group.billed_h_per_month, group.billed_usd_per_month
    if not np.isnan(hours):
        paid = "" if np.isnan(usd) else f" and cost {usd:,.2f} USD"
        said.append(
            f"With {choice_label(group.lever, current)} its downloads take {hours:,.1f} h a"
            f" month{paid}."
        )
    return " ".join([*said, "Run some jobs the other way, and compare."])


def _matched_by(lever: str) -> str:
    return {
        "input_mode": "same pool, image, data and kind of start",
        "file_system": "same cluster, image and kind of start, in any pool (the data is not known"
        " to be the same)",
        "image": "same pool, input mode, data and kind of start",
        "image_changes": "warm starts of the same pool, input mode and data",
        "profiler": "same pool, image, input mode, data and kind of start",
        "runtime_install": "same pool, input mode, data and kind of start",
    }[lever]


def _what(lever: str) -> str:
    if lever == "runtime_install":
        return "the time from the start of Training to the first metric sample"
    return "a job's startup"


def _less(saved_s: float) -> str:
    return f"{span_text(abs(saved_s))} {'shorter' if saved_s >= 0 else 'longer'}"


def _usd(of: Comparison) -> str:
    return "its gain" if of.net is None else f"{of.net.value:,.2f} USD"


def choice_label(lever: str, choice: str) -> str:
    """Return how people read an option of a lever."""
    if lever in ("input_mode", "file_system"):
        return label("input_mode", choice)
    return label("current_choice", choice)


def setting(one: LeverDecision) -> str | None:
    """Return the part of CreateTrainingJob's request to set, as JSON; None without one."""
    group, of = one.group, one.group.comparison
    if one.verdict == "not_tried":
        return _UNTRIED[group.lever][2]
    if of is None or one.verdict not in CHANGES:
        return None
    return _request(group.lever, of)


def _request(lever: str, of: Comparison) -> str | None:
    if lever == "input_mode":
        return json.dumps({"AlgorithmSpecification": {"TrainingInputMode": of.target}})
    if lever == "file_system":
        source = {
            "FileSystemId": "<file system>",
            "FileSystemType": of.target,
            "FileSystemAccessMode": "ro",
            "DirectoryPath": "<path>",
        }
        return json.dumps({"InputDataConfig": [{"DataSource": {"FileSystemDataSource": source}}]})
    if lever in ("image", "runtime_install"):
        return json.dumps({"AlgorithmSpecification": {"TrainingImage": of.target}})
    return _UNTRIED["profiler"][2] if lever == "profiler" else None
