"""Keep-alive: what every period would have cost and saved, and which one suits best."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from analytics.asking import Filters
from analytics.keep_alive.curve import Curve, Point
from data.reference_tables import aws_limit
from data.settings import load_settings
from data.store import Store
from pages.parts import (
    asked,
    charts,
    figures,
    filters,
    formats,
    links,
    notices,
    recording,
    sharing,
    tables,
    texts,
)
from pages.parts.asked import ALL_POOLS, answer
from pages.parts.figures import Figure
from pages.parts.keep_alive_charts import keep_alive_curves
from pages.parts.notes import note
from pages.parts.pool_names import pool_names
from pages.parts.view import Data, Setting
from pages.parts.words import SAVED_SOURCES

TITLE = "Keep-alive"
SETTING, HIT_RATE = "Keep-alive period", "Hit rate"
NAMES = {"best": "Best", "today": "Today", "compared": "Compared"}
USUAL_PERIODS = "0,60,120,300,600,900,1200,1800,2700,3600,7200,10800,21600"
MOST_POOLS = 500
LARGEST_WORTH_USD_PER_H = 500.0
WORTHS_USD_PER_H = (0, 10, 50, 100, 250, 500, 1000)


def render(store: Store) -> None:
    sharing.title(store, TITLE)
    texts.say(
        "A keep-alive period keeps a cluster warm after its job. Too short, and the next job starts"
        " cold; too long, and you pay for an idle cluster. This page replays your history for every"
        " period."
    )
    if not notices.has_jobs(store):
        return
    with notices.shown_errors():
        chosen = filters.chosen(store, TITLE)
        if not notices.sample_line(store, chosen):
            return
        pools = answer(store, "pools", chosen)
        pools = pools[pools["eligible_count"] > 0]
        if pools.empty:
            st.info("None of these jobs could use a warm pool.", icon=":material/info:")
            return
        pool_key = _pool_key(pools)
        st.query_params["pool"] = pool_key  # the first pool may be another one tomorrow
        of_these = chosen if pool_key == ALL_POOLS else asked.of_pool(chosen, pool_key)
        _explore(store, of_these, pool_key, pools)
        _table(store, of_these)
        _assumptions(store, of_these)


def _pool_key(pools: pd.DataFrame) -> str:
    shown = pools.head(MOST_POOLS)
    names = {ALL_POOLS: "All pools, one period for all of them"} | pool_names(shown)
    first = shown.sort_values("retained_cost_usd", ascending=False)["pool_key"].iloc[0]
    wanted = st.query_params.get("pool", first)
    st.session_state["pool_choice"] = wanted if wanted in names else ALL_POOLS
    if wanted not in names:
        st.info("The pool of this link has no eligible job here. All pools are shown.",
                icon=":material/filter_alt_off:")  # fmt: skip
    pool_key = st.selectbox(
        "Pool", list(names), format_func=names.__getitem__, key="pool_choice",
        on_change=_choose_pool,
        help="First the pool whose clusters idled for most money; the list begins with those that"
        " lost most waiting.",
    )  # fmt: skip
    recording.add(Setting("Pool", names[pool_key]))
    return pool_key


def _choose_pool() -> None:
    st.query_params["pool"] = st.session_state["pool_choice"]


@recording.fragment
def _explore(store: Store, chosen: Filters, pool_key: str, pools: pd.DataFrame) -> None:
    settings = load_settings(store.home)
    worth, limit, compared = st.columns([2, 2, 1], gap="medium", vertical_alignment="top")
    value_usd_per_h = worth.slider(
        "Worth of an hour of waiting (USD)", min_value=0.0, step=5.0, format="%d",
        max_value=max(LARGEST_WORTH_USD_PER_H, settings.value_of_waiting_usd_per_h),
        value=settings.value_of_waiting_usd_per_h, key="value_usd_per_h", bind="query-params",
        help="What it is worth to you that a job starts an hour sooner. At 0, only money counts.",
    )  # fmt: skip
    limits = _limits_s(store, settings.keep_alive_limit_s)
    limit_s = limits[
        limit.segmented_control(
            "Longest period allowed", list(limits), required=True, key="limit",
            default=next(name for name in limits if limits[name] == settings.keep_alive_limit_s),
            bind="query-params", help="AWS's developer guide and its newest API differ.",
        )
    ]  # fmt: skip
    period_s = compared.number_input(
        "Compare with (s)", min_value=0, max_value=max(limits.values()), step=60, value=None,
        key="period_s", bind="query-params", placeholder="a period",
        help="Any other keep-alive period, in seconds.",
    )  # fmt: skip
    recording.add(Setting("Worth of an hour of waiting", formats.usd(value_usd_per_h)))
    recording.add(Setting("Longest period allowed", formats.duration(limit_s)))
    curve = asked.curve(store, chosen)
    best_s = curve.best(value_of_waiting_usd_per_h=value_usd_per_h, limit_s=limit_s)
    if best_s is None:
        st.info(
            "The price of these clusters is unknown, so waiting cannot be weighed against it."
            " Upload a price file on the Data page, or set the worth to 0.",
            icon=":material/payments:",
        )
    today_s = None if pool_key == ALL_POOLS else _today_s(pools, pool_key)
    points = {
        name: curve.at(at)
        for name, at in (("best", best_s), ("today", today_s), ("compared", period_s))
        if at is not None
    }
    _verdict(points, value_usd_per_h)
    _headline(points)
    _curves(store, chosen, curve, points, limit_s)
    _worths(curve, limit_s)


def _limits_s(store: Store, own_s: int) -> dict[str, int]:
    """Return the limits that can be chosen: AWS's two, and the user's setting if it is another."""
    limits = {
        f"{formats.duration(limit_s)} ({words})": limit_s
        for words, limit_s in (
            ("developer guide", aws_limit(store, "keep_alive_period_guide")),
            ("newest API", aws_limit(store, "keep_alive_period_api")),
        )
    }
    if own_s not in limits.values():
        limits[f"{formats.duration(own_s)} (your setting)"] = own_s
    return limits


def _today_s(pools: pd.DataFrame, pool_key: str) -> int | None:
    pool = pools[pools["pool_key"] == pool_key].iloc[0]
    if pool.is_mixed:
        note("Jobs of this pool set several periods. Today's is the newest job's.")
    return None if formats.is_unknown(pool.current_s) else int(pool.current_s)


def _headline(points: dict[str, Point]) -> None:
    """Draw the best period's figures; beside each, those of today's and the compared period."""
    if not points:
        return
    top, *others = points
    row = []
    for label, write, help_text in FIGURES:
        beside = [f"{NAMES[name].lower()}: {write(points[name])}" for name in others]
        if label == SETTING and points[top].keep_alive_period_s:
            beside.insert(0, formats.duration(points[top].keep_alive_period_s))
        if label == HIT_RATE:
            hits, jobs = points[top].hit_count, points[top].job_count
            beside.insert(0, f"{formats.count(hits)} of {formats.count(jobs, 'job')}")
        row.append(Figure(label, write(points[top]), ", ".join(beside), help_text))
    figures.row(row)


def _verdict(points: dict[str, Point], value_usd_per_h: float) -> None:
    """Say in words what today's period brought, and what the best would have."""
    said = []
    if today := points.get("today"):
        said.append(f"Today's period, **{_period(today)}**, {_bringing(today)}.")
    if best := points.get("best"):
        measure = (
            f"at {formats.usd(value_usd_per_h)} for an hour of waiting"
            if value_usd_per_h
            else "for money alone"
        )
        said.append(f"The best {measure} is **{_period(best)}**: it {_bringing(best)}.")
    if said and not value_usd_per_h:
        said.append("Move the slider to what an hour of waiting is worth to you.")
    texts.say(" ".join(said))


def _bringing(point: Point) -> str:
    if not point.keep_alive_period_s:
        return "keeps no cluster, costs nothing idle and saves no waiting"
    return (
        f"costs {formats.usd(point.retained_cost_usd)} of idle time and saves"
        f" {formats.hours(point.wait_saved_s)} of waiting"
    )


def _period(point: Point) -> str:
    period_s = point.keep_alive_period_s
    return f"{period_s:,} s" if period_s else "none"


FIGURES: tuple[tuple[str, Callable[[Point], str], str], ...] = (
    (SETTING, _period, "KeepAlivePeriodInSeconds of every job of the pool."),
    (HIT_RATE, lambda point: formats.percent(point.hit_rate_ratio), "Hits of eligible jobs."),
    ("Waiting saved", lambda point: formats.hours(point.wait_saved_s),
     "Hits times what a warm start saves."),
    ("Idle cost (USD)", lambda point: formats.usd_amount(point.retained_cost_usd),
     "Retained time at list prices."),
    ("Net cost (USD)", lambda point: formats.usd_amount(point.net_cost_usd),
     "Idle cost minus the billed startup that hits save."),
)  # fmt: skip


def _curves(
    store: Store, chosen: Filters, curve: Curve, points: dict[str, Point], limit_s: int
) -> None:
    periods = {name: point.keep_alive_period_s for name, point in points.items()}
    newest = asked.curve_rows(curve, limit_s, *periods.values())
    # each period of oldest-first reuse is a replay of its own: the more jobs, the fewer periods
    replayed = asked.replayed_periods(curve, limit_s)
    oldest = answer(
        store, "keep_alive_curve", chosen, pool_key=ALL_POOLS, reuse="oldest", at=replayed
    )
    both = {"newest": newest, "oldest": oldest}
    recording.add(
        Data(
            "keep_alive_curve_as_drawn",
            lambda: pd.concat([rows.assign(reuse=reuse) for reuse, rows in both.items()]),
        )
    )
    charts.draw(
        keep_alive_curves(newest, oldest, periods),
        key="keep_alive_curves",
        alt="Two curves over the keep-alive period: net cost above, waiting saved below, for"
        " newest-first and oldest-first reuse. "
        + "; ".join(f"{NAMES[name]}: {_period(point)}" for name, point in points.items()),
    )
    links.sql("keep_alive_curve", chosen)


def _worths(curve: Curve, limit_s: int) -> None:
    texts.header("The best period depends on what waiting is worth")
    best = asked.best_rows(curve, WORTHS_USD_PER_H, limit_s)
    if best["best_s"].eq(0).all():
        texts.say("At none of these does a warm cluster pay: 0 s, which is no keep-alive.")
    note("Best: the least net cost minus the worth of the waiting saved.")
    tables.show(
        best,
        ["value_usd_per_h", "best_s", "hit_rate_ratio", "wait_saved_s", "retained_cost_usd",
         "net_cost_usd"],
        key="worth_table",
        alt="Best keep-alive period for several worths of an hour of waiting, with what it costs",
        file_name="best_keep_alive_by_worth",
    )  # fmt: skip


def _table(store: Store, chosen: Filters) -> None:
    with st.expander("Table: usual periods under both reuse orders"):
        both = [
            answer(store, "keep_alive_curve", chosen, pool_key=ALL_POOLS, at=USUAL_PERIODS,
                   reuse=reuse).assign(reuse=words)
            for reuse, words in (("newest", "Newest first"), ("oldest", "Oldest first"))
        ]  # fmt: skip
        tables.show(
            pd.concat(both, ignore_index=True),
            ["keep_alive_period_s", "reuse", "hit_count", "hit_rate_ratio", "wait_saved_s",
             "retained_cost_usd", "net_cost_usd", "peak_idle_instances", "long_chain_count"],
            key="curve_table",
            alt="Hits, waiting saved and costs of usual keep-alive periods",
            file_name="keep_alive_curve",
            placeholder="not known",
        )  # fmt: skip


def _assumptions(store: Store, chosen: Filters) -> None:
    texts.header("What this rests on")
    sources = answer(store, "saved_sources", chosen)
    saved = [
        f"{SAVED_SOURCES[row.saved_source]} for {formats.count(row.job_count, 'job')}"
        f" ({formats.duration(row.wait_saved_mean_s)} a hit)"
        for row in sources.itertuples()
    ]
    texts.say(
        "- **Which cluster is taken:** AWS does not document it. The line assumes the newest free"
        " cluster; the band reaches to oldest first, which hits more and idles more.\n"
        "- **Jobs stay where they were:** requests and run times are as recorded; a faster start"
        " moves no later job.\n"
        "- **A cluster that nobody takes** is charged for the full period, after the last job too."
        f"\n- **What a hit saves** comes from {'; '.join(saved)}.\n"
        "- **Prices** are on-demand list prices. Provisioning is not billed, downloads are."
    )
    links.definition("keep_alive_curve", "How is the curve computed?")
