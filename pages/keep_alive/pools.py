"""The table of the Keep-alive page: every pool by what a change gains; a click opens one."""

from collections.abc import Collection

import pandas as pd

from analytics.keep_alive.decide import Objective
from analytics.query import Filters
from data.store.reader import Reader
from pages.keep_alive.analysis import advice_by_pool
from pages.keep_alive.rows import fleet_sentence
from pages.kit.canvas import Canvas
from pages.kit.formats import plain
from pages.kit.pool_names import pool_names
from pages.kit.pool_picker import POOL

FEW_POOLS, MOST_JOBS = 10, 200_000
COLUMNS = (
    "pool_name",
    "verdict",
    "current_keep_alive_s",
    "advised_keep_alive_s",
    "net_gain_usd_per_month",
    "net_gain_low_usd_per_month",
    "net_gain_high_usd_per_month",
    "cash_gain_usd_per_month",
    "wait_saved_h_per_month",
    "job_count",
    "backtest_regret_ratio",
    "peak_idle_instances",
    "rationale",
    "pool_key",
)


def draw_pools(
    canvas: Canvas,
    reader: Reader,
    jobs: Filters,
    pool_keys: Collection[str],
    objective: Objective,
    job_count: int,
) -> str | None:
    """Draw the advice on each pool; return the pool with most to gain, None while unknown.

    `pool_keys` are those that the page can open: with the first of them, where the URL has none.
    """
    canvas.header("Advice for each pool")
    if job_count > MOST_JOBS and not canvas.is_live:
        # nobody waits for a report, or for the warm-up of a start, to advise so many pools
        canvas.note("Of this many jobs it is on the screen, and in `stoker ask keep_alive_advice`.")
        return None
    advice = advice_by_pool(canvas, reader, jobs, objective, job_count)
    if advice is None or advice.empty:
        return None
    canvas.text(fleet_sentence(advice))
    top = str(advice["pool_key"].iloc[0])
    if canvas.param(POOL) is None and top in pool_keys:
        canvas.write(POOL, top)
    named = advice.assign(pool_name=list(pool_names(advice).values()))
    shown = _found(canvas, named) if len(named) > FEW_POOLS else named
    if shown.empty:
        canvas.notice("No pool is called so.", icon=":material/search_off:")
    else:
        canvas.choice_table(
            shown,
            COLUMNS,
            key=POOL,
            keys=list(shown["pool_key"]),
            alt="Advice for each pool, the highest gain first",
            what="pools",
            placeholder="",
            on_change=lambda pool_key: canvas.write(POOL, pool_key),
        )
    canvas.downloads(lambda: advice, "keep_alive_advice", key="fleet_table")
    canvas.hint("Choose a row to see its advice and curves below.")
    return top


def _found(canvas: Canvas, pools: pd.DataFrame) -> pd.DataFrame:
    """Ask for a part of a name, and return the pools that have it in their name or key."""
    text = canvas.columns(2, 3)[0].search(
        "Find a pool", key="find", placeholder="name, instance type or key"
    )
    if not text:
        return pools
    is_found = pools["pool_name"].str.contains(text, case=False, regex=False)
    is_found |= pools["pool_key"].str.contains(text, case=False, regex=False)
    canvas.note(f"{int(is_found.sum()):,} of {len(pools):,} pools match {plain(text)}.")
    return pools[is_found].reset_index(drop=True)
