"""Overview: what training costs, how long people wait for it, and what to look at first."""

import pandas as pd
import streamlit as st

from analytics.query import Filters
from data.store.store import Store
from pages.kit import charts, formats, frame, kpis, links, messages, tables, text
from pages.kit.cache import answer
from pages.kit.kpis import Figure
from pages.kit.labels import word
from pages.kit.notes import note
from pages.kit.pool_names import pool_names
from pages.overview.charts import cost_per_day_bars

TITLE = "Overview"


@frame.on_jobs(
    TITLE,
    "What training costs, how long people wait for it, and what to look at first.",
)
def render(store: Store, chosen: Filters) -> None:
    costs = answer(store, "costs", chosen, by="all").iloc[0]
    latency = answer(store, "startup_latency", chosen)
    _headline(store, chosen, costs, _slowest(latency))
    _first_things(store, chosen, _slowest(latency))
    _cost_per_day(store, chosen, costs)
    messages.findings(answer(store, "findings", chosen))


def _slowest(latency: pd.DataFrame) -> pd.Series | None:
    """Return the cold start with the longest P90, if any has enough jobs."""
    cold = latency[latency["start_kind"] == "cold"].dropna(subset=["startup_latency_p90_s"])
    return None if cold.empty else cold.loc[cold["startup_latency_p90_s"].idxmax()]


def _headline(store: Store, chosen: Filters, costs: pd.Series, slowest: pd.Series | None) -> None:
    rates = answer(store, "warm_pool_hit_rate", chosen, by="all").iloc[0]
    total = costs.total_usd
    kpis.row(
        [
            Figure(
                "Training cost (USD)",
                formats.usd_amount(total),
                _cost_parts(costs),
                "Billable time and idle warm pools at on-demand list prices.",
            ),
            Figure(
                "Idle warm pools (USD)",
                formats.usd_amount(costs.retained_usd),
                "no idle time with a known price"
                if formats.is_unknown(costs.retained_usd)
                else f"{formats.share_of(costs.retained_usd, total)} of the cost: clusters kept"
                " waiting for the next job",
                "Retained billable time at list prices.",
            ),
            Figure(
                "Slowest cold start, P90",
                formats.duration(None if slowest is None else slowest.startup_latency_p90_s),
                "no input mode has 10 cold starts"
                if slowest is None
                else f"input mode {word('input_mode', slowest.input_mode)},"
                f" {formats.count(slowest.job_count, 'job')}",
                "Nine in ten cold starts of this input mode begin to train sooner."
                " From creation to the first Training status.",
            ),
            Figure(
                "Warm pool hit rate",
                formats.percent(rates.hit_rate_ratio),
                f"{formats.count(rates.confirmed_hit_count)} confirmed and"
                f" {formats.count(rates.inferred_hit_count)} inferred hits of"
                f" {formats.count(rates.eligible_count, 'eligible job')}",
                "Jobs that took over a warm cluster, of those that could have.",
            ),
        ]
    )
    note(
        messages.price_line(costs.estimated_usd, total, int(costs.unknown_price_job_count))
        + " List prices know no discounts; they are not your bill."
    )


def _cost_parts(costs: pd.Series) -> str:
    if formats.is_unknown(costs.total_usd):
        return "no price is known for these jobs"
    failed = ""
    if not formats.is_unknown(costs.failed_usd):
        failed = f"; failed or stopped jobs {formats.usd_amount(costs.failed_usd)} of it"
    return (
        f"run {formats.usd_amount(costs.run_usd)}, billed startup"
        f" {formats.usd_amount(costs.billed_startup_usd)}, idle"
        f" {formats.usd_amount(costs.retained_usd)}{failed}"
    )


def _first_things(store: Store, chosen: Filters, slowest: pd.Series | None) -> None:
    text.header("Look at these first")
    misses, pools, startup = st.columns(3)
    with misses.container(border=True, height="stretch"):
        _biggest_miss(
            answer(store, "warm_pool_misses", chosen),
            answer(store, "warm_pool_hit_rate", chosen, by="all")["eligible_count"].iloc[0],
        )
    with pools.container(border=True, height="stretch"):
        _idlest_pool(answer(store, "pools", chosen))
    with startup.container(border=True, height="stretch"):
        _slowest_start(slowest)


def _biggest_miss(misses: pd.DataFrame, eligible_count: int) -> None:
    text.subheader("Why jobs start cold")
    if not eligible_count:
        text.say("None of these jobs could use a warm pool.")
    elif misses.empty:
        text.say("No eligible job missed a warm pool.")
    else:
        top = misses.iloc[0]
        text.say(
            f"**{word('miss_reason', top.miss_reason)}** cost the most waiting:"
            f" **{formats.hours(top.wait_lost_s)}** over {formats.count(top.job_count, 'job')}."
        )
        text.say(f"{top.explanation} {top.next_action}")
    st.space("stretch")
    links.page_link("warm_pools", "See all miss reasons")


def _idlest_pool(pools: pd.DataFrame) -> None:
    text.subheader("Where clusters idle")
    idle = pools[pools["retained_cost_usd"] > 0]
    if idle.empty:
        text.say("No warm cluster is known to have cost anything while idle.")
        st.space("stretch")
        links.page_link("keep_alive", "See what a keep-alive would do")
        return
    top = idle.loc[idle["retained_cost_usd"].idxmax()]
    name = formats.plain(pool_names(pools)[top.pool_key])
    text.say(f"**{name}** idled for **{formats.usd(top.retained_cost_usd)}**.")
    text.say(
        f"{formats.percent(top.hit_rate_ratio)} of its jobs hit. Its clusters are kept for"
        f" {formats.duration(top.current_keep_alive_s)} today."
    )
    st.space("stretch")
    links.page_link("keep_alive", "Compare keep-alive periods", pool=str(top.pool_key))


def _slowest_start(slowest: pd.Series | None) -> None:
    text.subheader("How long starts take")
    if slowest is None:
        text.say(
            "No input mode has 10 cold starts with a known startup latency. It needs the status"
            " history of describe-training-job or search."
        )
    else:
        text.say(
            f"**{word('input_mode', slowest.input_mode)}** starts slowest: one cold start in ten"
            f" takes longer than **{formats.duration(slowest.startup_latency_p90_s)}**."
        )
        text.say("Warm starts, and input that streams instead of downloading, start sooner.")
    st.space("stretch")
    links.page_link("startup_latency", "Compare input modes")


def _cost_per_day(store: Store, chosen: Filters, costs: pd.Series) -> None:
    text.header("Cost per day")
    daily = answer(store, "costs", chosen, by="day")
    if daily["total_usd"].isna().all():
        text.inform(
            "No price is known for these jobs. Upload a price file on the Data page.",
            icon=":material/payments:",
        )
        return
    charts.draw(
        cost_per_day_bars(daily),
        key="cost_per_day",
        alt=f"Stacked bars: list cost of each day, {formats.count(len(daily), 'day')}, in all"
        f" {formats.usd(costs.total_usd)}; run, billed startup and idle warm pools.",
    )
    with st.expander("Table: cost per day"):
        tables.show(
            daily.rename(columns={"group_value": "day"}),
            ["day", "job_count", "run_usd", "billed_startup_usd", "retained_usd", "total_usd",
             "failed_usd", "estimated_usd"],
            key="cost_table",
            alt="List cost of each day by part",
            what="days",
            file_name="cost_per_day",
        )  # fmt: skip
    with links.row():
        links.definition("list_cost_usd")
        links.sql("costs", by="day")
