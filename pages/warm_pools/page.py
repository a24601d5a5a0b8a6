"""Warm pools: what misses and idle clusters cost, the pools, and what to change about them."""

from typing import Any

import pandas as pd

from analytics.query import Filters
from analytics.vocabulary import EVIDENCE
from data.store.reader import Reader
from data.tables.columns import COLUMNS
from pages.kit import links, messages
from pages.kit.blocks import Kpi
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.catalog import Page
from pages.kit.formats import count, hours, percent, usd_amount
from pages.kit.frame import on_jobs
from pages.kit.labels import label
from pages.kit.rows import first_row, records
from pages.warm_pools.advice import draw_merges, draw_quotas
from pages.warm_pools.charts import LEAST_JOBS, hit_rate_line, miss_reason_bars
from pages.warm_pools.pools import draw_pools

PAGE = Page(
    title="Warm pools",
    icon=":material/local_fire_department:",
    lead="Which jobs reused a warm cluster, and why the others started cold. A hit skips most of"
    " the startup; a warm cluster that no job reuses is billed while it idles.",
    position=40,
)
EXPLAINED_REASONS = 3


@on_jobs
def render(canvas: Canvas, reader: Reader, jobs: Filters) -> None:
    rates = first_row(query_rows(reader, "warm_pool_hit_rate", jobs, by="all"))
    misses = query_rows(reader, "warm_pool_misses", jobs)
    costs = first_row(query_rows(reader, "costs", jobs, by="all"))
    _headline(canvas, rates, misses, costs)
    if rates.eligible_count:
        _misses(canvas, misses)
        draw_pools(canvas, reader, jobs)
        draw_merges(canvas, reader, jobs, rates.eligible_count)
        draw_quotas(canvas, reader, jobs, rates.eligible_count)
        _over_days(canvas, query_rows(reader, "warm_pool_hit_rate", jobs, by="day"))
    else:
        canvas.notice(
            "None of these jobs could use a warm pool. The table below says why.",
            icon=":material/info:",
        )
    _not_eligible(canvas, query_rows(reader, "eligibility", jobs))
    messages.data_quality_notes(canvas, query_rows(reader, "findings", jobs))


def _headline(canvas: Canvas, rates: Any, misses: pd.DataFrame, costs: Any) -> None:
    unknown = (
        f"; {count(costs.unknown_retained_job_count, 'job')} with unknown idle time left out"
        if costs.unknown_retained_job_count
        else ""
    )
    canvas.kpis(
        [
            Kpi(
                "Avoidable wait",
                hours(misses["wait_lost_s"].sum()),
                f"lost by {count(rates.eligible_count - rates.hit_count, 'miss', 'misses')}",
                "What the misses would have saved, had each been a hit.",
            ),
            Kpi(
                COLUMNS["retained_cost_usd"].heading,
                usd_amount(costs.retained_usd),
                f"of clusters kept warm, at list price{unknown}",
                "What warm clusters cost while no job ran on them.",
            ),
            Kpi(
                "Hit rate",
                percent(rates.hit_rate_ratio),
                f"{count(rates.hit_count, 'hit')} of {count(rates.eligible_count, 'eligible job')}",
                "Share of eligible jobs that reused a warm cluster.",
            ),
            Kpi(
                "Hit rate, later jobs",
                percent(rates.hit_rate_given_predecessor_ratio),
                f"of {count(rates.with_predecessor_count, 'eligible job')} with an earlier job in"
                " their pool",
                "Leaves out the first job of each pool, which cannot reuse anything.",
            ),
        ]
    )
    canvas.note(
        f"{count(rates.confirmed_hit_count, 'hit')} confirmed: {EVIDENCE['confirmed'].meaning}"
        f" {count(rates.inferred_hit_count, 'hit')} inferred from timestamps: the cluster was still"
        " warm, and provisioning took at most half the median of the pool's other starts."
    )
    row = canvas.row()
    links.definition(row, "wait_lost_s", "How is the wait measured?")
    links.definition(row, "hit_rate_ratio", "How is the hit rate measured?")


def _misses(canvas: Canvas, misses: pd.DataFrame) -> None:
    canvas.header("Wait time by miss reason")
    if misses.empty:
        canvas.notice("Every eligible job reused a warm cluster.", icon=":material/check:")
        return
    chart, reasons = canvas.columns(3, 2)
    top = first_row(misses)
    chart.chart(
        miss_reason_bars(misses),
        key="misses",
        alt="Bars: avoidable wait time by miss reason, in hours. Longest:"
        f" {label('miss_reason', top.miss_reason)}, {hours(top.wait_lost_s)}.",
    )
    for number, miss in enumerate(records(misses.head(EXPLAINED_REASONS)), start=1):
        reasons.text(
            f"**{number}. {label('miss_reason', miss.miss_reason)}: {hours(miss.wait_lost_s)}**"
            f"  \n{miss.explanation} {miss.next_action}"
        )
    canvas.expander("Table: miss reasons, with what to do and an example job").table(
        misses,
        ["miss_reason", "job_count", "wait_lost_s", "missed_by_p50_s", "explanation",
         "next_action", "example_job_name"],
        key="miss_table",
        alt="Miss reasons with jobs, avoidable wait time, meaning, what to do and an example job",
        file_name="warm_pool_misses",
        placeholder="does not apply",
    )  # fmt: skip
    row = canvas.row()
    links.definition(row, "miss_reason", "How are misses explained?")
    links.sql(row, "warm_pool_misses")


def _over_days(canvas: Canvas, rates: pd.DataFrame) -> None:
    canvas.header("Hit rate per day")
    known = rates.dropna(subset=["hit_rate_ratio"])
    canvas.chart(
        hit_rate_line(known),
        key="hit_rate_days",
        alt=f"Line: hit rate per day, for {count(len(known), 'day')}.",
    )
    canvas.note(f"Hollow points are days with fewer than {LEAST_JOBS} eligible jobs.")
    canvas.expander("Table: hit rate per day").table(
        known.rename(columns={"group_value": "day"}),
        ["day", "eligible_count", "hit_count", "confirmed_hit_count", "inferred_hit_count",
         "hit_rate_ratio", "hit_rate_given_predecessor_ratio"],
        key="day_table",
        alt="Hit rate per day",
        what="days",
        file_name="warm_pool_hit_rate_per_day",
        all_rows=lambda: rates,
    )  # fmt: skip
    links.sql(canvas, "warm_pool_hit_rate", by="day")


def _not_eligible(canvas: Canvas, eligibility: pd.DataFrame) -> None:
    others = eligibility[eligibility["eligibility"] != "eligible"]
    canvas.header("Jobs that could not use a warm pool")
    if others.empty:
        canvas.text("Every job here could use a warm pool.")
        return
    canvas.text("They do not count in any hit rate.")
    canvas.table(
        others,
        ["eligibility", "job_count", "list_cost_usd", "explanation", "example_job_name"],
        key="eligibility_table",
        alt="Jobs that could not use a warm pool, by reason",
        file_name="eligibility",
        all_rows=lambda: eligibility,
    )
