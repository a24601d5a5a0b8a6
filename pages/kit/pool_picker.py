"""Which pool a page looks at: the URL parameter `pool`."""

import numpy as np
import pandas as pd

from analytics.query import ALL_POOLS
from pages.kit.canvas import Canvas
from pages.kit.pool_names import pool_names

POOL = "pool"
MOST_POOLS = 500


def pools_to_choose(canvas: Canvas, pools: pd.DataFrame) -> pd.DataFrame:
    """Return the pools whose jobs could use a warm cluster: the first, and that of the URL."""
    usable = pools[pools["eligible_count"] > 0]
    is_near = np.arange(len(usable)) < MOST_POOLS
    return usable[is_near | (usable["pool_key"] == canvas.param(POOL))]


def pick_pool(
    canvas: Canvas,
    pools: pd.DataFrame,
    *,
    all_label: str | None = None,
    first: str | None = None,
) -> str:
    """Draw the choice of a pool and return its key.

    Args:
        canvas: where to draw it.
        pools: rows of the query `pools`, at least one and not too many to choose from.
        all_label: what to call all pools together (`all`); None where a page shows one at a time.
        first: the pool to open with; None: the one whose clusters idled for most money.
    """
    labels = ({ALL_POOLS: all_label} if all_label else {}) | pool_names(pools)
    opens_with = "comes first in the table" if first in labels else "has the highest idle cost"
    first = first if first in labels else _first_pool(pools)
    pool_key = canvas.param(POOL) or first
    if pool_key not in labels:
        instead = "All pools are shown." if all_label else "Another pool is shown."
        canvas.notice(f"The pool of this link has no eligible jobs here. {instead}",
                      icon=":material/filter_alt_off:")  # fmt: skip
        pool_key = ALL_POOLS if all_label else first
    canvas.select(
        "Pool", labels, key=POOL, value=pool_key, on_change=lambda new: canvas.write(POOL, new),
        help=f"Opens with the pool that {opens_with}; the list starts with those that have the most"
        " avoidable wait time.",
    )  # fmt: skip
    # the first pool may be another one tomorrow
    canvas.write(POOL, pool_key)
    return pool_key


def _first_pool(pools: pd.DataFrame) -> str:
    """Return the pool whose clusters idled for most money."""
    return str(pools.sort_values("retained_cost_usd", ascending=False)["pool_key"].iloc[0])
