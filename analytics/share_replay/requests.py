"""The jobs of a queue as a replay needs them: sorted arrays, in the order of requests."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]
Whole = int | np.int64
"""A whole number, of Python or of an array: compiled code makes no difference."""

UNKNOWN = np.int64(-1)
"""A time that is not known, or that never came."""


@dataclass(frozen=True, slots=True)
class Requests:
    """Jobs in the order of (created, position in their file, name). Times are microseconds.

    `note` is what keeps a job from being replayed, else empty (codes in REPLAY_NOTES; a job that
    was still running is replayed all the same). `size` is in instances or accelerators.
    """

    job_name: NDArray[np.object_]
    share: Int64s  # position in share_names
    share_names: tuple[str, ...]  # sorted; "" is no share
    created_us: Int64s
    eligible_us: Int64s  # from when it may start: no earlier than created
    run_us: Int64s  # as recorded; UNKNOWN: cannot be replayed
    size: Floats
    priority: Int64s  # higher goes first within its share
    note: NDArray[np.object_]
    observed_wait_s: Floats  # to the start of what ran to its end; NaN: unknown
    observed_start_us: Int64s  # UNKNOWN: never started
    observed_end_us: Int64s
    retries: Int64s  # after so many preemptions it is ended; -1: without limit
    service_job_no: Int64s  # UNKNOWN: no service job

    def __len__(self) -> int:
        return len(self.created_us)

    @property
    def is_replayed(self) -> NDArray[np.bool_]:
        """Whether a job has all that a replay needs."""
        return np.asarray(self.run_us != UNKNOWN)


@dataclass(frozen=True, slots=True)
class Held:
    """The times that jobs held capacity by the records; a job of several attempts has several."""

    job: Int64s  # position in the requests
    start_us: Int64s
    end_us: Int64s  # UNKNOWN: not ended


def held_once(requests: Requests) -> Held:
    """Return the times of jobs that held capacity once, from their start to their end."""
    job = np.flatnonzero(requests.observed_start_us != UNKNOWN)
    return Held(job, requests.observed_start_us[job], requests.observed_end_us[job])
