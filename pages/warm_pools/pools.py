"""The pools of the Warm pools page, and the jobs of the one that is chosen."""

from typing import Any

import pandas as pd

from analytics.catalog import query_named
from analytics.query import Filters, run_query
from data.store.reader import Reader
from pages.kit import links
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.formats import count, plain
from pages.kit.pool_names import pool_names
from pages.kit.pool_picker import POOL
from pages.kit.rows import first_row

MOST_JOBS = 20_000


def draw_pools(canvas: Canvas, reader: Reader, jobs: Filters) -> None:
    """Draw the table of pools, and below it the jobs of the chosen one."""
    canvas.header("Pools")
    pools = query_rows(reader, "pools", jobs)
    canvas.text(
        "Jobs with the same pool key can reuse each other's clusters. The pool with the most"
        " avoidable wait comes first."
    )
    wanted = canvas.search("Find a pool by name, role or key", key="find_pool",
                           placeholder="part of a name")  # fmt: skip
    canvas.hint("Choose a row to see its jobs.")
    named = _found(pools.assign(pool_name=list(pool_names(pools).values())), wanted)
    if named.empty:
        canvas.notice(f"No pool has '{plain(wanted)}' in its name, role or key.",
                      icon=":material/search_off:")  # fmt: skip
        return
    position = canvas.choice_table(
        named,
        ["pool_name", "job_count", "hit_rate_ratio", "wait_lost_s", "retained_cost_usd",
         "current_keep_alive_s", "is_mixed", "region", "account_id", "role_name", "volume_size_gib",
         "pool_key"],
        key=POOL,
        keys=list(named["pool_key"]),
        alt="Pools with jobs, hit rate, avoidable wait time, idle cost and keep-alive period",
        what="pools",
    )  # fmt: skip
    canvas.downloads(lambda: pools, "pools", key="pools")
    if position is not None:
        _draw_jobs(canvas, reader, jobs, first_row(named.iloc[[position]]))


def _found(pools: pd.DataFrame, wanted: str) -> pd.DataFrame:
    """Return the pools that have a text in their name, role or key, whatever its case."""
    text = pools["pool_name"] + " " + pools["role_name"].fillna("") + " " + pools["pool_key"]
    has_it = text.str.casefold().str.contains(wanted.strip().casefold(), regex=False)
    return pools[has_it].reset_index(drop=True)


def _draw_jobs(canvas: Canvas, reader: Reader, jobs: Filters, pool: Any) -> None:
    canvas.subheader(f"Jobs of {plain(pool.pool_name)}")
    row = canvas.row()
    links.page_link(
        row, "keep_alive", "Compare keep-alive periods of this pool", pool=pool.pool_key
    )
    links.page_link(row, "pool_timeline", "See its timeline", pool=pool.pool_key)
    of_pool = jobs.for_pool(pool.pool_key)

    def all_jobs() -> pd.DataFrame:
        return run_query(reader, query_named("jobs"), of_pool)

    if pool.job_count > MOST_JOBS:
        canvas.notice(
            f"{count(pool.job_count, 'job')} are too many to show. Choose a shorter time range, or"
            " download them.",
            icon=":material/download:",
        )
        canvas.downloads(all_jobs, "jobs_of_pool", key="pool_jobs")
        return
    canvas.table(
        query_rows(reader, "jobs", of_pool).iloc[::-1],
        ["created_at", "job_name", "outcome", "evidence", "miss_reason", "missed_by_s",
         "differing_fields", "donor_job_name", "startup_latency_s", "keep_alive_period_s",
         "retained_s", "retained_cost_usd", "status", "user_name"],
        key="pool_jobs",
        alt=f"Jobs of the pool {pool.pool_name}, newest first",
        what="jobs",
        file_name="jobs_of_pool",
        all_rows=all_jobs,
        placeholder="",
    )  # fmt: skip
