"""Warm pools: how often jobs took over a warm cluster, and why the others did not."""

import pandas as pd
import streamlit as st

from analytics.catalog import query_named
from analytics.query import Filters, run_query
from data.store.reader import Reader
from data.store.store import Store
from pages.kit import charts, formats, frame, kpis, links, messages, tables, text
from pages.kit.cache import answer
from pages.kit.kpis import Figure
from pages.kit.labels import word
from pages.kit.notes import note, small
from pages.kit.pool_names import pool_names
from pages.warm_pools.charts import LEAST_JOBS, hit_rate_line, miss_reason_bars

TITLE = "Warm pools"
MOST_JOBS = 20_000
REASONS_IN_WORDS = 3


@frame.on_jobs(
    TITLE,
    "Which jobs took over a warm cluster, and why the others started cold. A hit skips most of"
    " the startup; a kept cluster that nobody takes over is billed while it idles.",
)
def render(store: Store, chosen: Filters) -> None:
    rates = answer(store, "warm_pool_hit_rate", chosen, by="all").iloc[0]
    _headline(rates)
    if rates.eligible_count:
        _misses(answer(store, "warm_pool_misses", chosen))
        _over_days(answer(store, "warm_pool_hit_rate", chosen, by="day"))
        _pools(store, chosen)
    else:
        text.inform(
            "None of these jobs could use a warm pool. The table says why.",
            icon=":material/info:",
        )
    _not_eligible(answer(store, "eligibility", chosen))
    messages.findings(answer(store, "findings", chosen))


def _headline(rates: pd.Series) -> None:
    kpis.row(
        [
            Figure(
                "Hit rate",
                formats.percent(rates.hit_rate_ratio),
                f"{formats.count(rates.hit_count, 'hit')} of"
                f" {formats.count(rates.eligible_count, 'eligible job')}",
                "Jobs that took over a warm cluster, of all jobs that could use warm pools.",
            ),
            Figure(
                "Hit rate after the first job",
                formats.percent(rates.hit_rate_given_predecessor_ratio),
                f"of {formats.count(rates.with_predecessor_count, 'eligible job')} with an earlier"
                " job of their pool",
                "Leaves out the first job of each pool, which cannot hit.",
            ),
            Figure(
                "Confirmed hits",
                formats.count(rates.confirmed_hit_count),
                "AWS names the job in ReusedByJob",
            ),
            Figure(
                "Inferred hits",
                formats.count(rates.inferred_hit_count),
                "no link, but a cluster was free and the start was quick",
                "A cluster of the same key was within its keep-alive, and provisioning took at"
                " most half the median of the pool's other starts.",
            ),
        ]
    )
    links.definition("hit_rate_ratio")


def _misses(misses: pd.DataFrame) -> None:
    text.header("Where the waiting went")
    if misses.empty:
        text.inform("No eligible job missed a warm pool.", icon=":material/check:")
        return
    drawn, told = st.columns([3, 2], gap="large")
    with drawn:
        charts.draw(
            miss_reason_bars(misses),
            key="misses",
            alt="Bars: hours of waiting lost by miss reason. Most:"
            f" {word('miss_reason', misses.iloc[0].miss_reason)},"
            f" {formats.hours(misses.iloc[0].wait_lost_s)}.",
        )
    with told:
        for place, miss in enumerate(misses.head(REASONS_IN_WORDS).itertuples(), start=1):
            text.say(
                f"**{place}. {word('miss_reason', miss.miss_reason)}:"
                f" {formats.hours(miss.wait_lost_s)}**  \n{miss.explanation} {miss.next_action}"
            )
    with st.expander("Table: miss reasons, with what to do and an example job"):
        tables.show(
            misses,
            ["miss_reason", "job_count", "wait_lost_s", "missed_by_p50_s", "explanation",
             "next_action", "example_job_name"],
            key="miss_table",
            alt="Miss reasons with jobs, waiting lost, meaning, what to do and an example",
            file_name="warm_pool_misses",
            placeholder="does not apply",
        )  # fmt: skip
    with links.row():
        links.definition("miss_reason", "How are misses explained?")
        links.sql("warm_pool_misses")


def _over_days(rates: pd.DataFrame) -> None:
    text.header("Hit rate per day")
    known = rates.dropna(subset=["hit_rate_ratio"])
    charts.draw(
        hit_rate_line(known),
        key="hit_rate_days",
        alt=f"Line: hit rate of each day over {formats.count(len(known), 'day')}.",
    )
    note(f"Hollow points are days with fewer than {LEAST_JOBS} eligible jobs.")
    with st.expander("Table: hit rate per day"):
        tables.show(
            known.rename(columns={"group_value": "day"}),
            ["day", "eligible_count", "hit_count", "confirmed_hit_count", "inferred_hit_count",
             "hit_rate_ratio", "hit_rate_given_predecessor_ratio"],
            key="day_table",
            alt="Hit rate of each day",
            what="days",
            file_name="warm_pool_hit_rate_per_day",
        )  # fmt: skip
    links.sql("warm_pool_hit_rate", by="day")


def _pools(store: Store, chosen: Filters) -> None:
    text.header("Pools")
    pools = answer(store, "pools", chosen)
    text.say("Jobs with the same pool key can take over each other's clusters.")
    small("Choose a row to see its jobs.")
    named = pools.assign(pool_name=list(pool_names(pools).values()))
    position = tables.choice(
        named,
        ["pool_name", "job_count", "hit_rate_ratio", "wait_lost_s", "retained_cost_usd",
         "current_keep_alive_s", "is_mixed", "region", "account_id", "role_name", "volume_size_gib",
         "pool_key"],
        key="pool",
        keys=list(pools["pool_key"]),
        alt="Pools with jobs, hit rate, waiting lost, idle cost and keep-alive",
        what="pools",
    )  # fmt: skip
    tables.downloads(lambda: pools, "pools", key="pools")
    if position is not None:
        _jobs(store, chosen, named.iloc[position])


def _jobs(store: Store, chosen: Filters, pool: pd.Series) -> None:
    text.subheader(f"Jobs of {formats.plain(pool.pool_name)}")
    with st.container(horizontal=True, gap="medium"):
        links.page_link("keep_alive", "Compare keep-alive periods of this pool", pool=pool.pool_key)
        links.page_link("pool_timeline", "See its timeline", pool=pool.pool_key)
    of_this = chosen.for_pool(pool.pool_key)

    def all_jobs() -> pd.DataFrame:
        return run_query(Reader(store), query_named("jobs"), of_this)

    if pool.job_count > MOST_JOBS:
        text.inform(
            f"{formats.count(pool.job_count, 'job')} are too many to show. Choose a shorter time"
            " range, or download them.",
            icon=":material/download:",
        )
        tables.downloads(all_jobs, "jobs_of_pool", key="pool_jobs")
        return
    tables.show(
        answer(store, "jobs", of_this).iloc[::-1],
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


def _not_eligible(eligibility: pd.DataFrame) -> None:
    others = eligibility[eligibility["eligibility"] != "eligible"]
    text.header("Jobs that could not use a pool")
    if others.empty:
        text.say("Every job here could use a warm pool.")
        return
    text.say("They count in no hit rate.")
    tables.show(
        others,
        ["eligibility", "job_count", "list_cost_usd", "explanation", "example_job_name"],
        key="eligibility_table",
        alt="Jobs that could not use a warm pool, by reason",
        file_name="eligibility",
    )
