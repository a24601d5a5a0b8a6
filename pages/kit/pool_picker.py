"""Which pool a page looks at: the URL parameter `pool`."""

import pandas as pd
import streamlit as st

from pages.kit import recording, text
from pages.kit.blocks import Setting
from pages.kit.cache import ALL_POOLS, first_pool
from pages.kit.pool_names import pool_names

POOL = "pool"

_KEY = "pool_choice"


def pool_choice(pools: pd.DataFrame, *, all_words: str | None = None) -> str:
    """Draw the choice of a pool and return its key.

    Args:
        pools: rows of the question `pools`, at least one and not too many to choose from.
        all_words: what to call all pools together (`all`); None where a page shows one at a time.
    """
    names = ({ALL_POOLS: all_words} if all_words else {}) | pool_names(pools)
    first = first_pool(pools)
    wanted = st.query_params.get(POOL, first)
    instead = ALL_POOLS if all_words else first
    if wanted not in names:
        said = "All pools are shown." if all_words else "Another pool is shown."
        text.inform(f"The pool of this link has no eligible job here. {said}",
                     icon=":material/filter_alt_off:")  # fmt: skip
    st.session_state[_KEY] = wanted if wanted in names else instead
    pool_key = st.selectbox(
        "Pool", list(names), format_func=names.__getitem__, key=_KEY, on_change=_choose,
        help="First the pool whose clusters idled for most money; the list begins with those that"
        " lost most waiting.",
    )  # fmt: skip
    recording.add(Setting("Pool", names[pool_key]))
    # the first pool may be another one tomorrow
    st.query_params[POOL] = pool_key
    return pool_key


def _choose() -> None:
    st.query_params[POOL] = st.session_state[_KEY]
