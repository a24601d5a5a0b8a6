"""What training cost: by bins of time or by who and what it was for, and who bears idle time."""

from datetime import date, timedelta
from typing import Any

import pandas as pd

from analytics.costs.queries import BINS
from analytics.query import Filters
from data.store.reader import Reader
from pages.kit import filters, formats, links
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.labels import label
from pages.kit.pool_names import pool_names
from pages.overview.charts import MOST_GROUPS, cost_bars, group_bars

BY = {
    "day": "Day",
    "week": "Week",
    "month": "Month",
    "user_name": "User",
    "share_name": "Share",
    "instance_type": "Instance type",
    "region": "Region",
    "account_id": "Account",
    "pool_key": "Pool",
}
BEARERS = {
    "donor": "The job before it",
    "reuser": "The job that reuses it",
    "half": "Half each",
    "key_users": "All jobs of the pool",
}
COLUMNS = ("job_count", "run_usd", "billed_startup_usd", "retained_usd", "total_usd", "failed_usd",
           "estimated_usd", "unknown_price_job_count")  # fmt: skip
UNKNOWN_GROUP = "unknown"
DAY = timedelta(days=1)


def draw_costs(canvas: Canvas, reader: Reader, jobs: Filters, total: Any) -> None:
    """Draw the cost as the controls ask for it; a brushed stretch of days becomes the range."""
    canvas.header("Cost")
    row = canvas.row()
    by = row.select("By", BY, key="by", width=180)
    bearer = row.select(
        "Who bears idle time", BEARERS, key="attribute_to", width=220,
        help="A warm cluster idles between two jobs: which of them its cost counts towards. The"
        " total is the same.",
    )  # fmt: skip
    rows = query_rows(reader, "costs", jobs, by=by, attribute_to=bearer)
    if rows["total_usd"].isna().all():
        canvas.notice(
            "No price is known for these jobs. Upload a price file on the Data page.",
            icon=":material/payments:",
        )
        return
    named = _named(reader, jobs, rows, by)
    said = f"split into run, billed startup and idle warm pools. Total: {formats.usd(total)}."
    if by in BINS:
        canvas.chart(
            cost_bars(rows, by),
            key=f"cost_per_{by}",
            alt=f"Stacked bars: list cost of each {by} for {formats.count(len(rows), by)}, {said}",
            on_brush=lambda first, last: _brush(canvas, first, last),
        )
        canvas.hint("Drag over the bars to look at those days only.")
    else:
        canvas.chart(
            group_bars(rows, named),
            key=f"cost_by_{by}",
            alt=f"Stacked bars: list cost by {BY[by].lower()}, the most first, {said}",
        )
        if len(rows) > MOST_GROUPS:
            canvas.note(f"The {MOST_GROUPS} that cost most, of {len(rows):,}; the table has all.")
    column = "pool_name" if by == "pool_key" else by
    canvas.expander(f"Table: cost by {BY[by].lower()}").table(
        rows.assign(**{column: named if by not in BINS else rows["group_value"]}),
        [column, *COLUMNS],
        key="cost_table",
        alt=f"List cost by {BY[by].lower()} and part",
        what="groups",
        file_name=f"cost_by_{by}",
        all_rows=lambda: rows,
        placeholder=UNKNOWN_GROUP,
    )
    row = canvas.row()
    links.definition(row, "list_cost_usd")
    links.sql(row, "costs", by=by, attribute_to=bearer)


def _named(reader: Reader, jobs: Filters, rows: pd.DataFrame, by: str) -> list[str]:
    """Return what people call the groups."""
    names: dict[str, str] = {}
    if by == "pool_key":
        names = pool_names(query_rows(reader, "pools", jobs))
    return [
        UNKNOWN_GROUP
        if formats.is_unknown(value)
        else names.get(value, "" if by == "pool_key" else label(by, value)) or str(value)
        for value in rows["group_value"]
    ]


def _brush(canvas: Canvas, first: str, last: str) -> None:
    """Make the brushed days the time range: the bars whose middle lies in it."""
    days = [date.fromisoformat(end[:10]) for end in (first, last)]
    hour = float(first[11:13] or 0) if len(first) > 10 else 0.0
    # a bar of a day is drawn around its midnight
    since = days[0] + DAY if hour >= 12 else days[0]
    until = days[1] + DAY
    if since >= until:
        return
    params = {name: values for name, values in canvas.params.items() if name in filters.NAMES}
    bounds = {"since": [since.isoformat()], "until": [until.isoformat()]}
    filters.write(canvas, {**params, **bounds})
