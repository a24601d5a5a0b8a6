"""How long the steps of time are that a replay is drawn with."""

from analytics.quantities import SECONDS_PER_HOUR
from analytics.share_replay.replay import Replay

MOST_STEPS = 300
STEPS_H = (1, 2, 3, 6, 12, 24, 48, 168, 336, 720)


def step_s(replayed: Replay) -> float:
    """Return the shortest step of whole hours with which a replay takes few enough."""
    is_known = replayed.is_replayed
    if not is_known.any():
        return SECONDS_PER_HOUR
    first_us = replayed.requests.created_us[is_known].min()
    span_s = float(replayed.end_us[is_known].max() - first_us) / 1e6
    fitting = (hours for hours in STEPS_H if span_s <= hours * SECONDS_PER_HOUR * MOST_STEPS)
    return next(fitting, STEPS_H[-1]) * SECONDS_PER_HOUR
