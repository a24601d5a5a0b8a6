"""Bills: what AWS billed for training each day, beside what is computed, and why they differ."""

from typing import Any

import pandas as pd

from analytics.query import Filters
from data.store.reader import Reader
from pages.bills import charts, empty
from pages.bills.selection import Selection, choose
from pages.kit import formats, links
from pages.kit.blocks import Kpi
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.catalog import Page
from pages.kit.labels import label
from pages.kit.rows import first_row, records

PAGE = Page(
    title="Bills",
    icon=":material/receipt_long:",
    lead="What AWS billed for training each day, beside what Stoker computes from jobs and list"
    " prices, and what explains the difference.",
    position=35,
)
MOST_NAMED = 3
SAME_USD = 0.01
"""Less than a cent is rounding."""


def render(canvas: Canvas, reader: Reader) -> None:
    billed = query_rows(reader, "bill_usage_types")
    if billed.empty:
        empty.draw(canvas, reader)
        return
    chosen = choose(canvas, reader)
    days = query_rows(reader, "bill_reconciliation", chosen.filters, amount=chosen.amount)
    summary = query_rows(reader, "bill_summary", chosen.filters, amount=chosen.amount)
    if days.empty or summary.empty:
        canvas.notice("No bill of this account covers this period.", icon=":material/filter_alt:")
        return
    total = first_row(summary)
    _sample_line(canvas, total)
    _answer(canvas, days, total)
    _kpis(canvas, total)
    _days(canvas, days, chosen, total)
    _usage_types(canvas, reader, chosen)


def _sample_line(canvas: Canvas, total: Any) -> None:
    canvas.note(
        f"**{formats.count(total.billed_day_count, 'day')}** billed ·"
        f" **{formats.count(total.compared_day_count, 'day')}** with a computed cost too: the"
        f" figures are of these · days are UTC · as of {formats.moment(canvas.view.as_of)}"
    )


def _answer(canvas: Canvas, days: pd.DataFrame, total: Any) -> None:
    """Say which days leave something unexplained, the largest first."""
    if not total.compared_day_count:
        canvas.notice(
            "**No day has both a bill and a computed cost.** Import the jobs of the billed days.",
            icon=":material/help:",
        )
        links.page_link(canvas, "data", "Import jobs")
        return
    if formats.is_unknown(total.unexplained_usd):
        canvas.notice(
            "The bill has no on-demand prices, so discounts cannot be told apart from what is"
            " unexplained. Export the pricing columns too.",
            icon=":material/help:",
        )
        return
    odd = days[days["unexplained_usd"].abs() >= SAME_USD].dropna(subset=["difference_usd"])
    if odd.empty:
        canvas.notice(
            "Discounts, volumes and accounts without a bill explain the difference of every day.",
            icon=":material/check_circle:",
            tone="success",
        )
        return
    largest = odd.sort_values("unexplained_usd", key=abs, ascending=False, kind="stable")
    named = ", ".join(
        f"{formats.day(row.day)} (**{formats.usd(row.unexplained_usd)}**)"
        for row in records(largest.head(MOST_NAMED))
    )
    others = len(odd) - MOST_NAMED
    more = f" and {formats.count(others, 'other day')}" if others > 0 else ""
    canvas.notice(
        f"**{formats.usd(total.unexplained_usd)} of the bill is not explained:** {named}{more}."
        " Billed but not computed are jobs that were not imported, or have no known price or"
        " billable time.",
        icon=":material/search:",
        tone="warning",
    )
    said = canvas.expander("What is known of these days")
    for row in records(largest.head(MOST_NAMED)):
        said.text(f"**{formats.day(row.day)}.** {formats.plain(row.explanation)}")


def _kpis(canvas: Canvas, total: Any) -> None:
    canvas.kpis(
        [
            Kpi(
                "Billed (USD)",
                formats.usd_amount(total.billed_usd),
                "for training usage, less discounts; credits and taxes are left aside",
                "The amount chosen above, over the days compared.",
            ),
            Kpi(
                "Computed (USD)",
                formats.usd_amount(total.computed_usd),
                f"run {formats.usd_amount(total.computed_run_usd)}, idle"
                f" {formats.usd_amount(total.computed_retained_usd)}",
                "Billable and retained time at list prices, on the day that it fell on.",
            ),
            Kpi(
                "Difference (USD)",
                formats.usd_amount(total.difference_usd),
                f"discounts and commitments {formats.usd_amount(total.discount_usd)}, volumes"
                f" {formats.usd_amount(total.billed_storage_usd)}",
                "Billed less computed.",
            ),
            Kpi(
                "Unexplained (USD)",
                formats.usd_amount(total.unexplained_usd),
                f"{formats.share_of(total.unexplained_usd, total.billed_usd)} of what was billed",
                "The difference less discounts and volumes, plus what is computed for accounts"
                " without a bill.",
            ),
        ]
    )
    if formats.is_unknown(total.billed_warm_pool_usd) and total.computed_retained_usd:
        canvas.note(
            "AWS does not document the usage type of idle warm pools, and none on this bill is"
            " known as one: their idle time may be billed as training."
        )
    row = canvas.row()
    links.definition(row, "bill_reconciliation")


def _days(canvas: Canvas, days: pd.DataFrame, chosen: Selection, total: Any) -> None:
    canvas.header("Billed and computed by day")
    canvas.chart(
        charts.billed_against_computed(days),
        key="bill_days",
        alt=f"Stacked bars: computed run and idle cost of each of"
        f" {formats.count(len(days), 'day')}. A line with points: what was billed. In total"
        f" {formats.usd(total.billed_usd)} billed, {formats.usd(total.computed_usd)} computed.",
    )
    canvas.table(
        days.iloc[::-1],
        ["day", "billed_usd", "computed_usd", "difference_usd", "unexplained_usd", "explanation",
         "discount_usd", "billed_storage_usd", "billed_warm_pool_usd", "uncovered_usd",
         "left_aside_usd"],
        key="bill_table",
        alt="Each day, newest first: billed, computed, their difference and what explains it",
        what="days",
        file_name="bill_reconciliation",
        all_rows=lambda: days,
        height=420,
    )  # fmt: skip
    links.sql(canvas, "bill_reconciliation", chosen.filters, amount=chosen.amount)


def _usage_types(canvas: Canvas, reader: Reader, chosen: Selection) -> None:
    canvas.header("What the bill charges")
    rows = query_rows(reader, "bill_usage_types", chosen.filters)
    canvas.text(
        "Lines about training, by usage type. Only usage is compared; amounts are not mixed: what"
        " was billed, the same with commitments spread over their use, and at on-demand prices."
    )
    shown = rows.assign(
        line_kind=[label("line_kind", value) for value in rows["line_kind"]],
        charge_category=[label("charge_category", value) for value in rows["charge_category"]],
    )
    canvas.table(
        shown,
        ["usage_type", "line_kind", "charge_category", "usage_amount", "usage_unit",
         "billed_cost_usd", "effective_cost_usd", "on_demand_cost_usd", "line_count",
         "first_usage_at", "last_usage_at"],
        key="usage_type_table",
        alt="Usage types of the bill with their amounts",
        what="usage types",
        file_name="bill_usage_types",
        all_rows=lambda: rows,
    )  # fmt: skip
    links.sql(canvas, "bill_usage_types", Filters(where=chosen.filters.where))
