"""Replays of one history side by side: each share's waits, and who gains and who loses."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.share_replay.replay import Replay
from analytics.share_replay.requests import Floats
from analytics.share_replay.summary import share_summary

ALL_SHARES = "all"
LEAST_CHANGE_S = 60.0
LEAST_CHANGE_RATIO = 0.05
"""A mean wait that changes by less than these is unchanged."""


def comparison(replays: Sequence[Replay]) -> pd.DataFrame:
    """Return one row a scenario and share, and one for `all` shares; changes are to the first.

    Jobs are compared one by one: those that start under both settings. Rows of the first have no
    changes.
    """
    first = replays[0]
    parts = [_rows(first, one, number) for number, one in enumerate(replays)]
    return pd.concat(parts, ignore_index=True)


def _rows(first: Replay, one: Replay, number: int) -> pd.DataFrame:
    summary = share_summary(one)
    names = [*one.requests.share_names, ALL_SHARES]
    waits = [_waits(first, one, position) for position in (*range(len(names) - 1), None)]
    rows = pd.DataFrame(waits).assign(
        scenario_no=number + 1,
        scenario_name=one.scenario.name,
        share_name=pd.Series([name or None for name in names], dtype="str"),
    )
    of_shares = ["allocation_ratio", "preempted_count", "lost_instance_h"]
    known = summary.set_index(summary["share_name"].fillna(""))[of_shares].astype(float)
    figures = known.reindex(names[:-1])
    figures.loc[ALL_SHARES] = known.sum(min_count=1)
    for name in of_shares:
        rows[name] = figures[name].to_numpy()
    if number == 0:
        rows["share_outcome"] = None
        rows[list(_CHANGES)] = np.nan
    return rows


_CHANGES = (
    "wait_mean_change_s",
    "wait_p90_change_s",
    "sooner_job_count",
    "later_job_count",
    "longest_extra_wait_s",
)


def _waits(first: Replay, one: Replay, share: int | None) -> dict[str, float | int | str | None]:
    in_share = np.ones(len(one.requests), bool) if share is None else one.requests.share == share
    wait_s = one.wait_s[in_share & one.is_replayed]
    found: dict[str, float | int | str | None] = {"job_count": len(wait_s)}
    for name, value in _figures(wait_s).items():
        found[f"queue_wait_{name}_s"] = value
    is_both = in_share & one.is_replayed & first.is_replayed
    before_s, after_s = first.wait_s[is_both], one.wait_s[is_both]
    before, after = _figures(before_s), _figures(after_s)
    change_s = after_s - before_s
    found["wait_mean_change_s"] = after["mean"] - before["mean"]
    found["wait_p90_change_s"] = after["p90"] - before["p90"]
    found["sooner_job_count"] = int((change_s < -LEAST_CHANGE_S).sum())
    found["later_job_count"] = int((change_s > LEAST_CHANGE_S).sum())
    found["longest_extra_wait_s"] = float(max(change_s.max(), 0.0)) if len(change_s) else np.nan
    found["share_outcome"] = _outcome(before["mean"], after["mean"])
    return found


def _figures(wait_s: Floats) -> dict[str, float]:
    if not len(wait_s):
        return dict.fromkeys(("mean", "p50", "p90"), np.nan)
    p50_s, p90_s = np.quantile(wait_s, [0.5, 0.9])
    return {"mean": float(wait_s.mean()), "p50": float(p50_s), "p90": float(p90_s)}


def _outcome(before_s: float, after_s: float) -> str | None:
    if np.isnan(before_s) or np.isnan(after_s):
        return None
    least_s = max(LEAST_CHANGE_S, LEAST_CHANGE_RATIO * before_s)
    if abs(after_s - before_s) <= least_s:
        return "unchanged"
    return "gains" if after_s < before_s else "loses"


@dataclass(frozen=True, slots=True)
class Headline:
    """What a comparison says first: the share that gains most, and what others lose at most.

    Shares are told apart by P90 wait; a name is empty where nobody gains or loses.
    """

    winner: str | None
    winner_p90_before_s: float
    winner_p90_after_s: float
    loser: str | None
    loser_p90_rise_s: float
    longest_extra_wait_s: float


def headline(rows: pd.DataFrame, scenario_no: int) -> Headline:
    """Return what is to be said first of one scenario beside the first."""
    shares = rows[rows["share_name"] != ALL_SHARES]
    after = shares[shares["scenario_no"] == scenario_no]
    names = [name or "" for name in after["share_name"].astype(object).where(pd.notna, "")]
    change_s = np.nan_to_num(after["wait_p90_change_s"].to_numpy(float))
    after_s = after["queue_wait_p90_s"].to_numpy(float)
    extra_s = np.nan_to_num(after["longest_extra_wait_s"].to_numpy(float))
    best = int(np.argmin(change_s)) if len(names) else 0
    worst = int(np.argmax(change_s)) if len(names) else 0
    gains = bool(len(names)) and change_s[best] < -LEAST_CHANGE_S
    loses = bool(len(names)) and change_s[worst] > LEAST_CHANGE_S
    return Headline(
        winner=names[best] if gains else None,
        winner_p90_before_s=float(after_s[best] - change_s[best]) if gains else np.nan,
        winner_p90_after_s=float(after_s[best]) if gains else np.nan,
        loser=names[worst] if loses else None,
        loser_p90_rise_s=float(change_s[worst]) if loses else 0.0,
        longest_extra_wait_s=float(extra_s.max()) if len(names) else 0.0,
    )
