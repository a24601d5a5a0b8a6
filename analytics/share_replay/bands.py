"""Who holds a queue's capacity over time in a replay: owned, borrowed, lent, idle, preempted."""

import pandas as pd

from analytics.share_replay.replay import Replay


def usage_bands(replay: Replay, step_s: float = 3600) -> pd.DataFrame:
    """Return one row a share and step of time, and a row `unassigned` for what no share owns.

    Columns: bin_at, share_name, own_instance_h, used_instance_h, owned_used_instance_h,
    borrowed_instance_h, lent_instance_h, idle_instance_h, preempted_instance_h (of attempts that
    preemption ended, in the steps that they ran in), capacity_instance_h (on every row: of the
    queue). Over the shares of a step, owned_used + borrowed + idle adds up to capacity.
    """
    raise NotImplementedError


def peak_allocation_ratio(replay: Replay, step_s: float = 3600) -> float:
    """Return the highest allocation of any step: capacity in use / capacity."""
    raise NotImplementedError
