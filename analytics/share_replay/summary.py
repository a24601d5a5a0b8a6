"""What a replay says of each share, and how far it is from what happened."""

from dataclasses import dataclass

import pandas as pd

from analytics.share_replay.replay import Replay


@dataclass(frozen=True, slots=True)
class Calibration:
    """A replay beside the recorded history, over jobs of which both are known.

    An error is |replayed - observed| / observed; None where the observed value is 0 or unknown.
    """

    job_count: int
    wait_mean_error_ratio: float | None
    wait_p90_error_ratio: float | None
    makespan_error_ratio: float | None
    allocation_error_ratio: float | None
    replayed_wait_mean_s: float | None
    observed_wait_mean_s: float | None


def share_summary(replay: Replay) -> pd.DataFrame:
    """Return one row a share, in the columns of `share_replay_summary`."""
    raise NotImplementedError


def calibration(replay: Replay) -> Calibration:
    """Return how far a replay of the settings in force is from what happened."""
    raise NotImplementedError
