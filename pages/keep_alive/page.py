"""Keep-alive: which period to set, what it gains, and what every other one would have done."""

import pandas as pd
import streamlit as st

from analytics.keep_alive.curve import Curve
from analytics.keep_alive.decide import Objective
from analytics.query import Filters
from data.store.reference_tables import aws_limit, aws_limit_date
from data.store.settings import load_settings
from data.store.store import Store
from pages.keep_alive import advice_card, comparison, rows
from pages.keep_alive.charts import MARKS, keep_alive_curves, keep_alive_frontier
from pages.kit import (
    cache,
    charts,
    formats,
    frame,
    links,
    recording,
    tables,
    text,
)
from pages.kit.blocks import Data, Setting
from pages.kit.cache import ALL_POOLS, answer
from pages.kit.labels import SAVED_SOURCES
from pages.kit.notes import note
from pages.kit.pool_picker import POOL, pool_choice

TITLE = "Keep-alive"
LARGEST_WORTH_USD_PER_H = 500.0
WORTHS_USD_PER_H = (0, 10, 50, 100, 250, 500, 1000)
VIEWS = ("Curves", "Frontier")
GROUPS = {"User": "user_name", "Weekday": "weekday", "Hour of day": "hour_of_day"}


@frame.on_jobs(
    TITLE,
    "A keep-alive period keeps a cluster warm after its job. Too short, and the next job starts"
    " cold; too long, and you pay for an idle cluster. This page replays your history for every"
    " period, and says which one to set.",
)
def render(store: Store, chosen: Filters) -> None:
    pools = cache.with_eligible_jobs(answer(store, "pools", chosen), st.query_params.get(POOL))
    if pools.empty:
        text.inform("None of these jobs could use a warm pool.", icon=":material/info:")
        return
    pool_key = pool_choice(pools, all_words="All pools, one period for all of them")
    of_these = chosen.for_pool(pool_key)
    _explore(store, of_these, pool_key)
    _assumptions(store, of_these)


@recording.fragment
def _explore(store: Store, chosen: Filters, pool_key: str) -> None:
    wishes, quota = _wishes(store)
    found = cache.evidence(store, chosen)
    if found is None:
        return
    curve = found.curves.one(0)
    advice = cache.advice(store, found, wishes)
    marks = comparison.marks(advice, curve, wishes)
    replays = cache.replays(store, chosen, found, wishes.limit_s)
    peak = cache.quota_needed(store, chosen, found, advice, wishes.limit_s)
    advice_card.card(advice, peak, is_of_all=pool_key == ALL_POOLS)
    _charts(chosen, pool_key, curve, replays, marks, wishes, quota)
    _worths(curve, wishes.limit_s)
    comparison.two_periods(curve, marks, wishes)
    if marks:
        _groups(store, chosen, marks)
    if pool_key == ALL_POOLS:
        _every_pool(store, chosen, wishes, curve.job_count)


def _wishes(store: Store) -> tuple[Objective, int | None]:
    """Draw what the user can wish for; return the wishes and the warm-pool quota."""
    settings = load_settings(store.home)
    worth, limit, target, quota = st.columns([4, 4, 2, 2], gap="medium")
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
            bind="query-params",
            help="AWS's developer guide says 1 hour, its newest API model 6; read on"
            f" {formats.day(aws_limit_date(store, 'keep_alive_period_api'))}. Your own:"
            " keep_alive_limit_s in settings.toml.",
        )
    ]  # fmt: skip
    target_s = target.number_input(
        "P90 target (s)", min_value=0, step=10, value=None, key="p90_target_s",
        bind="query-params", placeholder="none",
        help="Advise the cheapest period with which nine in ten jobs start within this time.",
    )  # fmt: skip
    instances = quota.number_input(
        "Quota", min_value=0, step=1, value=None, key="quota", bind="query-params",
        placeholder="none",
        help="Warm-pool quota in instances. Service Quotas: '<type> for training warm pool usage'.",
    )  # fmt: skip
    recording.add(Setting("Worth of an hour of waiting", formats.usd(value_usd_per_h)))
    recording.add(Setting("Longest period allowed", formats.duration(limit_s)))
    if target_s is not None:
        recording.add(Setting("P90 startup latency to reach", formats.duration(target_s)))
    return Objective(value_usd_per_h, limit_s, target_s), instances


def _limits_s(store: Store, own_s: int) -> dict[str, int]:
    """Return the limits that can be chosen: AWS's two, and the user's setting if it is another."""
    limits = {
        f"{formats.duration(limit_s)} ({words})": limit_s
        for words, limit_s in (
            ("guide", aws_limit(store, "keep_alive_period_guide")),
            ("API", aws_limit(store, "keep_alive_period_api")),
        )
    }
    if own_s not in limits.values():
        limits[f"{formats.duration(own_s)} (your setting)"] = own_s
    return limits


def _charts(
    chosen: Filters,
    pool_key: str,
    curve: Curve,
    replays: pd.DataFrame,
    marks: dict[str, int],
    wishes: Objective,
    quota: int | None,
) -> None:
    text.header("What every period costs and saves")
    view = st.segmented_control(
        "View", VIEWS, default=VIEWS[0], required=True, key="view", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    newest = rows.curve_rows(curve, wishes.limit_s, *marks.values())
    peaks, oldest = (replays[replays["reuse"] == reuse] for reuse in ("newest", "oldest"))
    both = {"newest": newest, "oldest": oldest}
    recording.add(
        Data(
            "keep_alive_curve_as_drawn",
            lambda: pd.concat([rows.assign(reuse=reuse) for reuse, rows in both.items()]),
        )
    )
    said = "; ".join(f"{MARKS[name][0]}: {period_s:,} s" for name, period_s in marks.items())
    if view == VIEWS[0]:
        charts.draw(
            keep_alive_curves(newest, oldest, peaks, marks, quota=quota),
            key="keep_alive_curves",
            alt="Over the keep-alive period: net cost, waiting saved, and instances idle at once,"
            f" for newest-first and oldest-first reuse. {said}",
        )
    else:
        marked = rows.marked_rows(curve, marks)
        charts.draw(
            keep_alive_frontier(newest, oldest, marked, wishes.value_of_waiting_usd_per_h),
            key="keep_alive_frontier",
            alt=f"Net cost over waiting saved, a point for each period. {said}",
        )
        note("Right saves more waiting, down costs less. Only points on the lower right edge are"
             " worth choosing.")  # fmt: skip
    _table(replays)
    if quota is not None:
        text.say(rows.within_quota(peaks, quota))
    with links.row():
        links.sql("keep_alive_curve", chosen, pool_key=ALL_POOLS)
        if pool_key != ALL_POOLS:
            links.page_link(
                "pool_timeline", "See it on the timeline", pool=pool_key,
                period_s=str(next(iter(marks.values()), 0)),
            )  # fmt: skip


def _worths(curve: Curve, limit_s: int) -> None:
    text.header("The best period depends on what waiting is worth")
    best = rows.best_rows(curve, WORTHS_USD_PER_H, limit_s)
    if best["best_s"].eq(0).all():
        text.say("At none of these does a warm cluster pay: 0 s, which is no keep-alive.")
    note("Best: the least net cost minus the worth of the waiting saved.")
    tables.show(
        best,
        ["value_usd_per_h", "best_s", "hit_rate_ratio", "wait_saved_s", "retained_cost_usd",
         "net_cost_usd"],
        key="worth_table",
        alt="Best keep-alive period for several worths of an hour of waiting, with what it costs",
        file_name="best_keep_alive_by_worth",
    )  # fmt: skip


def _groups(store: Store, chosen: Filters, marks: dict[str, int]) -> None:
    text.header("What one user or one weekday would see")
    name = st.segmented_control(
        "Group by", list(GROUPS), default="User", required=True, key="by", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    found = rows.group_rows(cache.group_curves(store, chosen, GROUPS[name]), marks)
    note(f"Requests of each {name.lower()}, and the clusters its jobs leave. Times are UTC.")
    tables.show(
        found,
        comparison.group_columns(marks),
        key="group_table",
        alt=f"Hit rate, waiting saved and idle cost of each {name.lower()}",
        what="groups",
        file_name="keep_alive_by_group",
    )


def _every_pool(store: Store, chosen: Filters, wishes: Objective, job_count: int) -> None:
    text.header("One period for each pool instead")
    is_wanted = st.toggle(
        "Advise every pool", value=job_count <= cache.FEW_JOBS, key="fleet", bind="query-params"
    )
    if not is_wanted:
        note("It takes some seconds with so many jobs.")
        return
    given = {
        "value_of_waiting_usd_per_h": str(wishes.value_of_waiting_usd_per_h),
        "limit_s": str(wishes.limit_s),
        "p90_target_s": "" if wishes.p90_target_s is None else str(wishes.p90_target_s),
    }
    found = answer(store, "keep_alive_advice", chosen, **given)
    text.say(rows.fleet_sentence(found))
    tables.show(
        found,
        ["pool_key", "verdict", "current_keep_alive_s", "advised_keep_alive_s", "net_gain_usd_per_month",
         "net_gain_low_usd_per_month", "net_gain_high_usd_per_month", "wait_saved_h_per_month",
         "backtest_regret_ratio", "peak_idle_instances", "job_count", "rationale"],
        key="fleet_table",
        alt="Advice on each pool, most to gain first",
        what="pools",
        file_name="keep_alive_advice",
        placeholder="",
    )  # fmt: skip


def _table(replays: pd.DataFrame) -> None:
    with st.expander("Table: both reuse orders"):
        tables.show(
            replays,
            ["reuse", "keep_alive_period_s", "hit_count", "hit_rate_ratio", "wait_saved_s",
             "retained_cost_usd", "net_cost_usd", "peak_idle_instances", "long_chain_count"],
            key="curve_table",
            alt="Hits, waiting saved and costs of usual keep-alive periods",
            file_name="keep_alive_curve",
            placeholder="not known",
        )  # fmt: skip


def _assumptions(store: Store, chosen: Filters) -> None:
    text.header("What this rests on")
    sources = answer(store, "saved_sources", chosen)
    saved = [
        f"{SAVED_SOURCES[row.saved_source]} for {formats.count(row.job_count, 'job')}"
        f" ({formats.duration(row.wait_saved_mean_s)} a hit)"
        for row in sources.itertuples()
    ]
    text.say(
        "- **Which cluster is taken:** AWS does not document it. The line assumes the newest free"
        " cluster; the band reaches to oldest first, which hits more and idles more.\n"
        "- **Jobs stay where they were:** requests and run times are as recorded; a faster start"
        " moves no later job.\n"
        "- **A cluster that nobody takes** is charged for the full period, after the last job too."
        f"\n- **What a hit saves** comes from {'; '.join(saved)}.\n"
        "- **Prices** are on-demand list prices. Provisioning is not billed, downloads are."
    )
    links.definition("keep_alive_curve", "How is the curve computed?")
