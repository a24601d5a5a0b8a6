"""Keep-alive periods as they are given: whole seconds."""

import numpy as np

from analytics.keep_alive.curve import Int64s
from data.errors import WrongUseError

LONGEST_S = 10**9


def whole_seconds(given: str) -> Int64s:
    """Return the periods of a comma list, each once, in order.

    Raises:
        WrongUseError: one is no whole number of seconds.
    """
    try:
        periods_s = np.unique(np.array([int(part) for part in given.split(",")], dtype=np.int64))
    except (ValueError, OverflowError):
        periods_s = np.array([-1])
    if ((periods_s < 0) | (periods_s > LONGEST_S)).any():
        raise WrongUseError(
            f"'at' cannot be '{given}'.",
            next_action="Give whole seconds, as in --set at=300,600,3600.",
        )
    return periods_s
