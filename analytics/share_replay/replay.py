"""The replay of a queue's history under a scenario: when each job starts, ends, and why it waits.

Run times and sizes stay as recorded; only the order and the times of starts change. The engines
are deterministic: the same jobs under the same settings give the same answer.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.share_replay.requests import UNKNOWN, Floats, Int64s, Requests
from analytics.share_replay.scenario import Scenario

WAIT_CAUSES = ("capacity_full", "share_limit", "head_of_line", "not_yet_eligible")
"""The columns of `cause_s`, in order; labels are in analytics/vocabulary.py."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """Every time that a job held capacity, in the order of starts. Times are microseconds."""

    job: Int64s  # position in the requests
    start_us: Int64s
    end_us: Int64s
    is_preempted: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Replay:
    """What became of each job, in the order of the requests. Times are microseconds.

    `start_us` and `end_us` are those of the attempt that ran to its end (of a job that preemption
    ended: of its last attempt); UNKNOWN for a job that is not replayed, whose `note` says why.
    """

    requests: Requests
    scenario: Scenario
    start_us: Int64s
    end_us: Int64s
    preempted_count: Int64s
    lost_s: Floats  # seconds of runs that preemption cut off
    cause_s: Floats  # job x WAIT_CAUSES; sums to wait_s - lost_s
    note: NDArray[np.object_]
    attempts: Attempts

    @property
    def is_replayed(self) -> NDArray[np.bool_]:
        """Whether a job started."""
        return self.start_us != UNKNOWN

    @property
    def wait_s(self) -> Floats:
        """Seconds from request to start; NaN for a job that is not replayed."""
        wait_us = self.start_us - self.requests.created_us
        return np.where(self.is_replayed, wait_us / 1e6, np.nan)


def replay(requests: Requests, scenario: Scenario) -> Replay:
    """Return the history of the requests under the scenario.

    Raises:
        WrongUseError: the scenario does not say what its policy needs.
    """
    raise NotImplementedError
