"""Whether a replay of the settings in force explains the past, and if not, what it assumes wrongly.

A replay is trusted where the mean wait and the P90 wait come out within a quarter of what happened.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from analytics.query import Filters, run_sql_arrays
from analytics.relations import QUEUE_JOBS
from analytics.share_replay.assumptions import Contradiction, contradictions
from analytics.share_replay.history import load_requests, recorded_attempts
from analytics.share_replay.replay import Replay, replay
from analytics.share_replay.requests import Requests
from analytics.share_replay.settings_in_force import SettingsInForce, settings_in_force
from analytics.share_replay.summary import Calibration, calibration
from data.errors import WrongUseError
from data.store.reader import Reader

EXPLAINED_WITHIN_RATIO = 0.25
LEAST_WAIT_S = 60.0
"""Where nobody waited, a replayed mean wait below this is as good as none."""


@dataclass(frozen=True, slots=True)
class Calibrated:
    """The settings in force, their replay beside the history, and what contradicts it.

    `replayed` and `errors` are None where the settings cannot be replayed: `problem` says why.
    """

    settings: SettingsInForce
    requests: Requests
    replayed: Replay | None
    errors: Calibration | None
    contradictions: tuple[Contradiction, ...]
    filters: Filters
    problem: WrongUseError | None = None
    left_out_before: datetime | None = None
    """Jobs that were created before this are not replayed: other settings were in force."""

    @property
    def is_explained(self) -> bool:
        """Whether the replay is close enough to what happened to be trusted."""
        return self.errors is not None and is_close(self.errors)

    @property
    def worst(self) -> Contradiction | None:
        """The assumption that fails most."""
        return self.contradictions[0] if self.contradictions else None


def is_close(errors: Calibration) -> bool:
    """Whether both errors of waits are small; of a history without waits, whether both have none.

    A history of which no wait is known explains nothing.
    """
    if errors.wait_mean_error_ratio is None:
        replayed_s, observed_s = errors.replayed_wait_mean_s, errors.observed_wait_mean_s
        return observed_s == 0 and replayed_s is not None and replayed_s <= LEAST_WAIT_S
    ratios = (errors.wait_mean_error_ratio, errors.wait_p90_error_ratio or 0.0)
    return max(ratios) <= EXPLAINED_WITHIN_RATIO


def _tell_nobody(_step: str, _share: float) -> None:
    """Report no progress."""


def calibrate(
    reader: Reader, filters: Filters, report: Callable[[str, float], None] = _tell_nobody
) -> Calibrated:
    """Return the replay of the settings in force of the one queue that passes the filters.

    Where the settings changed, only jobs that were created since then are replayed, if there are
    any: the others ran under other settings. `report` is told what is done and how far it is, and
    may raise to end it.

    Raises:
        WrongUseError: no job passes them, or those of several queues do.
    """
    report("Reading the jobs", 0.05)
    settings = settings_in_force(reader, filters)
    whole = load_requests(reader, filters, settings.scenario.capacity_unit)
    requests, left_out_before = whole, None
    if settings.held_since and (filters.since is None or filters.since < settings.held_since):
        narrowed = replace(filters, since=settings.held_since)
        since = load_requests(reader, narrowed, settings.scenario.capacity_unit)
        if 0 < len(since) < len(whole):
            filters, requests, left_out_before = narrowed, since, settings.held_since
    report("Comparing the assumptions with the records", 0.4)
    preempted = run_sql_arrays(reader, "share_replay/preempted_jobs", filters, relation=QUEUE_JOBS)[
        "job_name"
    ]
    held = recorded_attempts(reader, filters, requests)
    found = contradictions(requests, settings.scenario, preempted.tolist(), held)
    report("Replaying the settings in force", 0.7)
    try:
        replayed = replay(requests, settings.scenario)
    except WrongUseError as problem:
        return Calibrated(settings, requests, None, None, found, filters, problem, left_out_before)
    report("Comparing the replay with the records", 0.95)
    errors = calibration(replayed)
    return Calibrated(
        settings, requests, replayed, errors, found, filters, left_out_before=left_out_before
    )
