"""A search for better settings: chosen on the earlier part of a history, judged on the later.

Settings are better in three ways that conflict: mean wait, the worst share's P90 wait, and lost
work. Of the candidates, those that no other beats in all three are kept, if they improve on the
settings in force; and of these, those that improve on the later part as well are advised.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.share_replay.candidates import Candidate, candidates, refined
from analytics.share_replay.measures import Measures, measures, share_quantiles
from analytics.share_replay.replay import Replay, replay
from analytics.share_replay.requests import Floats, Requests
from analytics.share_replay.scenario import Scenario
from data.errors import WrongUseError

EARLY_RATIO = 0.7
LEAST_JOBS = 30
LEAST_GAIN_RATIO = 0.05
LEAST_GAIN_S = 60.0
LEAST_LOST_H = 1.0
"""What is less than these is no change."""

ROUNDS = 3
MOST_ADVISED = 5

Report = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Trial:
    """Settings with what they come to on the earlier and on the later part of the history."""

    candidate: Candidate
    early: Measures
    late: Measures | None = None
    late_wait_s: Floats | None = None  # of each job of the later part, NaN where it never starts
    is_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found: the settings in force, and the best candidates, by mean wait.

    `regret_ratio` is how much longer the mean wait on the later part is under the one chosen for
    mean wait, than under the best of all that were tried; None where that is nothing.
    """

    base: Trial
    front: tuple[Trial, ...]
    tried_count: int
    late: NDArray[np.bool_]
    regret_ratio: float | None


def search(requests: Requests, base: Scenario, report: Report | None = None) -> Search | None:
    """Return the best settings that were found; None where there are too few jobs to choose on.

    `report` is called with what is being done and how far it is; it may raise to end the search.
    """
    tell = report or (lambda _, __: None)
    is_early = early_part(requests)
    if min(is_early.sum(), (~is_early).sum()) < LEAST_JOBS:
        return None
    early = select(requests, is_early)
    tell("Replaying the settings in force", 0.0)
    base_trial = _early_trial(early, Candidate(base, "The settings in force."))
    if base_trial is None:
        return None
    trials = _try_all(early, base, base_trial, tell)
    front = _front(base_trial.early, trials)
    judged = []
    for number, trial in enumerate([base_trial, *front]):
        tell("Judging on the later part", 0.8 + 0.2 * number / (len(front) + 1))
        judged.append(_judged(requests, ~is_early, trial))
    first, *others = judged
    if first.late is None:
        return None
    return Search(
        base=first,
        front=tuple(confirmed(first, trial) for trial in others if trial.late is not None),
        tried_count=len(trials),
        late=~is_early,
        regret_ratio=_regret(first, others),
    )


def early_part(requests: Requests) -> NDArray[np.bool_]:
    """Return which jobs were requested in the first 70 % of the time."""
    created_us = requests.created_us
    if not len(created_us):
        return np.zeros(0, dtype=bool)
    first, last = int(created_us[0]), int(created_us[-1])
    is_early: NDArray[np.bool_] = created_us < first + EARLY_RATIO * (last - first)
    return is_early


def select(requests: Requests, chosen: NDArray[np.bool_]) -> Requests:
    """Return some of the requests, in the same order."""
    parts: dict[str, Any] = {}
    for field in fields(Requests):
        value = getattr(requests, field.name)
        parts[field.name] = value[chosen] if isinstance(value, np.ndarray) else value
    return Requests(**parts)


def _try_all(early: Requests, base: Scenario, base_trial: Trial, tell: Report) -> list[Trial]:
    trials = []
    to_try = list(candidates(early, base))
    for number, candidate in enumerate(to_try):
        tell(f"Trying {candidate.scenario.name}", 0.6 * number / len(to_try))
        trial = _early_trial(early, candidate, least_jobs=base_trial.early.job_count)
        if trial is not None:
            trials.append(trial)
    for policy in ("fair_share", "quota"):
        best = [trial for trial in trials if trial.candidate.scenario.policy == policy]
        if not best:
            continue
        trial = min(best, key=lambda one: one.early.worst_share_p90_s)
        for number in range(ROUNDS):
            tell("Refining", 0.6 + 0.2 * number / ROUNDS)
            better = _refined(early, trial, base_trial.early.job_count)
            if better is None or better.early.worst_share_p90_s >= trial.early.worst_share_p90_s:
                break
            trials.append(better)
            trial = better
    return trials


def _early_trial(early: Requests, candidate: Candidate, least_jobs: int = 1) -> Trial | None:
    """Return a trial; None for settings under which jobs never start that otherwise do."""
    replayed = _replayed(early, candidate.scenario)
    found = None if replayed is None else measures(replayed)
    return None if found is None or found.job_count < least_jobs else Trial(candidate, found)


def _replayed(requests: Requests, scenario: Scenario) -> Replay | None:
    try:
        return replay(requests, scenario)
    except WrongUseError:  # of a share of the earlier part alone
        return None


def _refined(early: Requests, trial: Trial, least_jobs: int) -> Trial | None:
    replayed = replay(early, trial.candidate.scenario)
    is_known = replayed.is_replayed
    p90_s = share_quantiles(
        replayed.wait_s[is_known], early.share[is_known], len(early.share_names), 0.9
    )
    best_share = early.share_names[int(np.nanargmin(p90_s))]
    candidate = refined(trial.candidate, trial.early.worst_share, best_share)
    return None if candidate is None else _early_trial(early, candidate, least_jobs)


def _judged(requests: Requests, is_late: NDArray[np.bool_], trial: Trial) -> Trial:
    """Return a trial with its measures on the later part, of a replay of the whole history."""
    replayed = _replayed(requests, trial.candidate.scenario)
    if replayed is None:
        return trial
    return Trial(
        trial.candidate, trial.early, measures(replayed, is_late), replayed.wait_s[is_late]
    )


def _front(base: Measures, trials: Iterable[Trial]) -> list[Trial]:
    """Return the trials that improve on the base and that no other beats, by mean wait."""
    better = [trial for trial in trials if any(changes(base, trial.early, sign=-1))]
    better.sort(key=lambda trial: trial.early.objectives)
    front: list[Trial] = []
    for trial in better:
        objectives = trial.early.objectives
        if any(_dominates(other.early.objectives, objectives) for other in better):
            continue
        if all(other.early.objectives != objectives for other in front):
            front.append(trial)
    return _spread(front)


def _spread(front: list[Trial]) -> list[Trial]:
    """Return at most a few of a front, evenly along it, its ends included."""
    if len(front) <= MOST_ADVISED:
        return front
    places = np.linspace(0, len(front) - 1, MOST_ADVISED).round().astype(int)
    return [front[place] for place in places]


def _dominates(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))


def changes(base: Measures, found: Measures, *, sign: int) -> tuple[bool, bool, bool]:
    """Return which objectives fell (sign -1) or rose (sign 1) by more than is no change."""
    pairs = zip(
        base.objectives,
        found.objectives,
        (LEAST_GAIN_S, LEAST_GAIN_S, LEAST_LOST_H),
        strict=True,
    )
    mean, worst, lost = (
        sign * (after - before) > max(least, LEAST_GAIN_RATIO * before)
        for before, after, least in pairs
    )
    return mean, worst, lost


def confirmed(base: Trial, trial: Trial) -> Trial:
    """Return a trial with whether the later part confirms it.

    What fell on the earlier part falls on the later too, and nothing rises that had not risen.
    """
    assert base.late is not None
    assert trial.late is not None
    falls = zip(
        changes(base.early, trial.early, sign=-1), changes(base.late, trial.late, sign=-1),
        strict=True,
    )  # fmt: skip
    rises = zip(
        changes(base.early, trial.early, sign=1), changes(base.late, trial.late, sign=1),
        strict=True,
    )  # fmt: skip
    is_confirmed = (
        trial.late.job_count >= base.late.job_count
        and all(late for early, late in falls if early)
        and not any(late for early, late in rises if not early)
    )
    return Trial(trial.candidate, trial.early, trial.late, trial.late_wait_s, is_confirmed)


def _regret(base: Trial, trials: list[Trial]) -> float | None:
    means = [trial.late.wait_mean_s for trial in (*trials, base) if trial.late is not None]
    best_s = min(means)
    chosen = min(trials, key=lambda trial: trial.early.wait_mean_s, default=base)
    if chosen.late is None or not best_s:
        return None
    return chosen.late.wait_mean_s / best_s - 1
