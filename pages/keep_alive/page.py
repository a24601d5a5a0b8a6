"""Keep-alive: the pools by what a change gains, one pool's advice, curves, periods side by side."""

import pandas as pd

from analytics.keep_alive.decide import Objective
from analytics.keep_alive.history import History
from analytics.query import ALL_POOLS, Filters
from data.store.reader import Reader
from pages.keep_alive import advice_card, analysis, comparison
from pages.keep_alive.cost_curves import draw_best_periods, draw_curves
from pages.keep_alive.objective import ask_objective
from pages.keep_alive.pools import draw_pools
from pages.keep_alive.rows import marked_periods
from pages.kit import links
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.catalog import Page
from pages.kit.formats import count, duration
from pages.kit.frame import on_jobs
from pages.kit.labels import label
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


@on_jobs
def render(canvas: Canvas, reader: Reader, jobs: Filters) -> None:
    pools = query_rows(reader, "pools", jobs)
    usable = pools_to_choose(canvas, pools)
    if usable.empty:
        canvas.notice("None of these jobs could use a warm pool.", icon=":material/info:")
        return
    canvas.fragment(_explore, reader, jobs, usable, int(pools["eligible_count"].sum()))


def _explore(
    canvas: Canvas, reader: Reader, jobs: Filters, pools: pd.DataFrame, job_count: int
) -> None:
    # answers stand above the controls that they depend on
    ranked, picker, card, controls = (canvas.columns(1)[0] for _ in range(4))
    objective, quota = ask_objective(controls, reader)
    keys = list(pools["pool_key"])
    first = draw_pools(ranked, reader, jobs, keys, objective, job_count)
    pool_key = pick_pool(
        picker, pools, all_label="All pools, one period for all of them", first=first
    )
    of_pool = jobs.for_pool(pool_key)
    history = analysis.history_of(reader, of_pool)
    if history is not None:
        _one(canvas, card, reader, of_pool, history, objective, quota, pool_key)
    _assumptions(canvas, query_rows(reader, "saved_sources", of_pool))


def _one(
    canvas: Canvas,
    card: Canvas,
    reader: Reader,
    jobs: Filters,
    history: History,
    objective: Objective,
    quota: int | None,
    pool_key: str,
) -> None:
    """Draw the advice on one pool, or on all as one, and what it is based on."""
    curve = history.curves.one(0)
    advice = analysis.advice(reader, jobs, history, objective)
    marks = marked_periods(advice, curve, objective)
    replays = analysis.replays(reader, jobs, history, objective.limit_s)
    peak = analysis.peak_idle_instances(
        reader, jobs, history, advice.details["advised_keep_alive_s"], objective.limit_s
    )
    advice_card.draw_card(card, advice, peak, is_of_all=pool_key == ALL_POOLS)
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
