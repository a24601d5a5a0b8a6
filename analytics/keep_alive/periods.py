"""Parameters that the keep-alive questions share: whole seconds, and one pool."""

from dataclasses import replace

import numpy as np

from analytics.asking import Filters
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


def of_pool(filters: Filters, pool_key: str) -> Filters:
    """Return the filters narrowed to one pool; no key or `all` narrows nothing."""
    if not pool_key or pool_key == "all":
        return filters
    others = tuple(term for term in filters.where if term[0] != "pool_key")
    return replace(filters, where=(*others, ("pool_key", pool_key)))
