"""Keep-alive: the objective, the advice, the curves, and periods side by side."""

import pandas as pd

from analytics.keep_alive.decide import Objective
from analytics.query import ALL_POOLS, Filters
from data.store.reader import Reader
from pages.keep_alive import advice_card, analysis, comparison
from pages.keep_alive.cost_curves import draw_best_periods, draw_curves
from pages.keep_alive.objective import ask_objective
from pages.keep_alive.rows import fleet_sentence, marked_periods
from pages.kit import links
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.catalog import Page
from pages.kit.formats import count, duration
from pages.kit.frame import on_jobs
from pages.kit.labels import label
from pages.kit.pool_names import pool_names
from pages.kit.pool_picker import pick_pool, pools_to_choose
from pages.kit.rows import records

PAGE = Page(
    title="Keep-alive",
    icon=":material/hourglass_top:",
    lead="A keep-alive period keeps a cluster warm after its job. If it is too short, the next job"
    " starts cold; if it is too long, you pay for an idle cluster. This page replays your history"
    " for every period, and advises which one to set.",
    position=60,
)
FEW_JOBS = 200_000


@on_jobs
def render(canvas: Canvas, reader: Reader, jobs: Filters) -> None:
    pools = pools_to_choose(canvas, query_rows(reader, "pools", jobs))
    if pools.empty:
        canvas.notice("None of these jobs could use a warm pool.", icon=":material/info:")
        return
    pool_key = pick_pool(canvas, pools, all_label="All pools, one period for all of them")
    of_pool = jobs.for_pool(pool_key)
    canvas.fragment(_explore, reader, of_pool, pool_key)
    _assumptions(canvas, query_rows(reader, "saved_sources", of_pool))


def _explore(canvas: Canvas, reader: Reader, jobs: Filters, pool_key: str) -> None:
    objective, quota = ask_objective(canvas, reader)
    history = analysis.history_of(reader, jobs)
    if history is None:
        return
    curve = history.curves.one(0)
    advice = analysis.advice(reader, history, objective)
    marks = marked_periods(advice, curve, objective)
    replays = analysis.replays(reader, jobs, history, objective.limit_s)
    peak = analysis.peak_idle_instances(
        reader, jobs, history, advice.details["advised_keep_alive_s"], objective.limit_s
    )
    advice_card.draw_card(canvas, advice, peak, is_of_all=pool_key == ALL_POOLS)
    draw_curves(canvas, curve, replays, marks, objective, quota)
    row = canvas.row()
    links.sql(row, "keep_alive_curve", jobs, pool_key=ALL_POOLS)
    if pool_key != ALL_POOLS:
        links.page_link(
            row, "pool_timeline", "See it on the timeline", pool=pool_key,
            period_s=str(next(iter(marks.values()), 0)),
        )  # fmt: skip
    draw_best_periods(canvas, curve, objective.limit_s)
    comparison.draw_two_periods(canvas, reader, curve, marks, objective)
    if marks:
        comparison.draw_groups(canvas, reader, jobs, marks)
    if pool_key == ALL_POOLS:
        _every_pool(canvas, reader, jobs, objective, curve.job_count)


def _every_pool(
    canvas: Canvas, reader: Reader, jobs: Filters, objective: Objective, job_count: int
) -> None:
    canvas.header("Advice for each pool")
    if not canvas.toggle("Advise each pool", key="fleet", default=job_count <= FEW_JOBS):
        canvas.note("With this many jobs it takes a few seconds.")
        return
    advice = query_rows(
        reader,
        "keep_alive_advice",
        jobs,
        value_of_waiting_usd_per_h=None
        if objective.is_value_assumed
        else objective.value_of_waiting_usd_per_h,
        limit_s=objective.limit_s,
        p90_target_s=objective.p90_target_s,
    )
    canvas.text(fleet_sentence(advice))
    canvas.table(
        advice.assign(pool_name=list(pool_names(advice).values())),
        ["pool_name", "verdict", "current_keep_alive_s", "advised_keep_alive_s",
         "cash_gain_usd_per_month", "wait_saved_h_per_month", "net_gain_usd_per_month",
         "net_gain_low_usd_per_month", "net_gain_high_usd_per_month",
         "backtest_regret_ratio", "peak_idle_instances", "job_count",
         "rationale", "pool_key"],
        key="fleet_table",
        alt="Advice for each pool, the highest gain first",
        what="pools",
        file_name="keep_alive_advice",
        all_rows=lambda: advice,
        placeholder="",
    )  # fmt: skip


def _assumptions(canvas: Canvas, sources: pd.DataFrame) -> None:
    canvas.header("Assumptions")
    saved = "; ".join(
        f"{duration(row.wait_saved_mean_s)} for {count(row.job_count, 'job')}, from"
        f" {label('saved_source', row.saved_source)}"
        for row in records(sources)
    )
    canvas.text(
        "- **Which cluster is reused:** AWS does not document it. The line assumes the newest free"
        " cluster; the band extends to oldest first, which hits more often and idles longer.\n"
        "- **Job times stay as recorded:** a faster start does not move any later job.\n"
        "- **A cluster that no job reuses** is charged for the full period, also after the last"
        " job.\n"
        f"- **Mean time saved per hit:** {saved}.\n"
        "- **Prices** are on-demand list prices. Provisioning is not billed; downloads are."
    )
    links.definition(canvas, "keep_alive_curve", "How is the curve computed?")
