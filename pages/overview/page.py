"""Overview: what to do first and what it saves, what changed, costs, and what stands out."""

from typing import Any

import pandas as pd

from analytics.query import Filters
from data.store.reader import Reader
from data.tables.columns import COLUMNS
from pages.kit import formats, links, messages
from pages.kit.blocks import Kpi
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.catalog import Page
from pages.kit.frame import on_jobs
from pages.kit.labels import label
from pages.kit.pool_names import pool_names
from pages.kit.rows import first_row, records
from pages.overview.answer import draw_answer
from pages.overview.changes import draw_changes
from pages.overview.costs import draw_costs

PAGE = Page(
    title="Overview",
    icon=":material/dashboard:",
    lead="What to do first, what training costs, and how long people wait for it.",
    position=10,
)
MOST_ALERTS = 3


@on_jobs
def render(canvas: Canvas, reader: Reader, jobs: Filters) -> None:
    costs = first_row(query_rows(reader, "costs", jobs, by="all"))
    rates = first_row(query_rows(reader, "warm_pool_hit_rate", jobs, by="all"))
    slowest = _slowest(query_rows(reader, "startup_latency", jobs))
    draw_answer(canvas, reader, jobs)
    _headline(canvas, costs, rates, slowest)
    draw_changes(canvas, query_rows(reader, "period_changes", jobs))
    draw_costs(canvas, reader, jobs, costs.total_usd)
    _thresholds(canvas, query_rows(reader, "alerts"))
    _top_issues(canvas, reader, jobs, rates.eligible_count, slowest)
    messages.data_quality_notes(canvas, query_rows(reader, "findings", jobs))


def _slowest(latency: pd.DataFrame) -> Any:
    """Return the cold start with the longest P90; None where none has enough jobs."""
    cold = latency[latency["start_kind"] == "cold"].dropna(subset=["startup_latency_p90_s"])
    longest_first = cold.sort_values("startup_latency_p90_s", ascending=False, kind="stable")
    return None if cold.empty else first_row(longest_first)


def _headline(canvas: Canvas, costs: Any, rates: Any, slowest: Any) -> None:
    canvas.kpis(
        [
            Kpi(
                "Training cost (USD)",
                formats.usd_amount(costs.total_usd),
                _cost_parts(costs),
                "Billable time and idle warm pools at on-demand list prices.",
            ),
            Kpi(
                COLUMNS["retained_usd"].heading,
                formats.usd_amount(costs.retained_usd),
                "no idle time with a known price"
                if formats.is_unknown(costs.retained_usd)
                else f"{formats.share_of(costs.retained_usd, costs.total_usd)} of the cost:"
                " clusters kept warm for the next job",
                "Retained billable time at list prices.",
            ),
            Kpi(
                "P90 of cold starts",
                formats.duration(slowest and slowest.startup_latency_p90_s),
                f"{label('input_mode', slowest.input_mode)} mode, the slowest:"
                f" {formats.count(slowest.job_count, 'cold start')}"
                if slowest
                else "no input mode has 10 cold starts",
                "Nine in ten cold starts with this input mode start training sooner."
                " From creation to the first Training status.",
            ),
            Kpi(
                "Warm pool hit rate",
                formats.percent(rates.hit_rate_ratio),
                f"{formats.count(rates.confirmed_hit_count)} confirmed and"
                f" {formats.count(rates.inferred_hit_count)} inferred hits of"
                f" {formats.count(rates.eligible_count, 'eligible job')}",
                "Share of eligible jobs that reused a warm cluster.",
            ),
        ]
    )
    canvas.note(
        messages.price_line(
            costs.estimated_usd, costs.total_usd, int(costs.unknown_price_job_count)
        )
        + " Costs are at list prices, without your discounts: they are not your bill."
    )


def _thresholds(canvas: Canvas, watched: pd.DataFrame) -> None:
    """Say which thresholds of queues are crossed; nothing where there are no queues."""
    if watched.empty:
        return
    crossed = watched[watched["is_crossed"]]
    canvas.header("Queues")
    if crossed.empty:
        canvas.notice(
            f"No threshold is crossed: {formats.count(len(watched), 'value')} watched, up to the"
            " newest record.",
            icon=":material/check_circle:",
            tone="success",
        )
    for alert in records(crossed.head(MOST_ALERTS)):
        canvas.notice(
            f"**{label('alert', alert.alert)}.** {formats.plain(alert.explanation)}"
            f" {alert.next_action}",
            icon=":material/notifications_active:",
            tone="warning",
        )
    left_out = crossed.iloc[MOST_ALERTS:]
    if len(left_out):
        canvas.note(f"{formats.count(len(left_out), 'more threshold')} crossed.")
    row = canvas.row()
    links.page_link(row, "shares", "See who waits, and what stands idle")
    links.definition(row, "alerts", "What is watched?")


def _cost_parts(costs: Any) -> str:
    if formats.is_unknown(costs.total_usd):
        return "no price is known for these jobs"
    failed = ""
    if not formats.is_unknown(costs.failed_usd):
        failed = f"; of which failed or stopped jobs {formats.usd_amount(costs.failed_usd)}"
    return (
        f"run {formats.usd_amount(costs.run_usd)}, billed startup"
        f" {formats.usd_amount(costs.billed_startup_usd)}, idle"
        f" {formats.usd_amount(costs.retained_usd)}{failed}"
    )


def _top_issues(
    canvas: Canvas, reader: Reader, jobs: Filters, eligible_count: int, slowest: Any
) -> None:
    canvas.header("Top issues")
    misses, pools, startup = (card.box() for card in canvas.cards(3))
    _biggest_miss(misses, query_rows(reader, "warm_pool_misses", jobs), eligible_count)
    _idlest_pool(pools, query_rows(reader, "pools", jobs))
    _slowest_start(startup, slowest)


def _biggest_miss(box: Canvas, misses: pd.DataFrame, eligible_count: int) -> None:
    box.subheader("Why jobs start cold")
    if not eligible_count:
        box.text("None of these jobs could use a warm pool.")
    elif misses.empty:
        box.text("Every eligible job reused a warm cluster.")
    else:
        top = first_row(misses)
        box.text(
            f"**{label('miss_reason', top.miss_reason)}** caused the most avoidable wait time:"
            f" **{formats.hours(top.wait_lost_s)}** over {formats.count(top.job_count, 'job')}."
        )
        box.text(f"{top.explanation} {top.next_action}")
    box.space()
    links.page_link(box, "warm_pools", "See all miss reasons")


def _idlest_pool(box: Canvas, pools: pd.DataFrame) -> None:
    box.subheader("Where clusters idle")
    idle = pools[pools["retained_cost_usd"] > 0]
    if idle.empty:
        box.text("No idle cost is recorded for warm clusters.")
        box.space()
        links.page_link(box, "keep_alive", "See what a keep-alive period would do")
        return
    top = first_row(idle.sort_values("retained_cost_usd", ascending=False, kind="stable"))
    name = formats.plain(pool_names(pools)[top.pool_key])
    box.text(f"Idle clusters of **{name}** cost **{formats.usd(top.retained_cost_usd)}**.")
    box.text(
        f"{formats.percent(top.hit_rate_ratio)} of the pool's eligible jobs reused one. The current"
        f" keep-alive period is {formats.duration(top.current_keep_alive_s)}."
    )
    box.space()
    links.page_link(box, "keep_alive", "Compare keep-alive periods", pool=str(top.pool_key))


def _slowest_start(box: Canvas, slowest: Any) -> None:
    box.subheader("How long starts take")
    if slowest is None:
        box.text(
            "No input mode has 10 cold starts with a known startup latency. It needs the status"
            " history that `describe-training-job` and `search` return."
        )
    else:
        box.text(
            f"**{label('input_mode', slowest.input_mode)}** starts slowest: one cold start in ten"
            f" takes longer than **{formats.duration(slowest.startup_latency_p90_s)}**."
        )
        box.text("Warm starts are faster, and so is input that streams instead of downloading.")
    box.space()
    links.page_link(box, "startup_latency", "Compare input modes")
