"""Shares: who owned, used, borrowed and waited for the capacity of a queue, and who starved."""

from typing import Any

import pandas as pd

from data.store.reader import Reader
from pages.kit import formats, links
from pages.kit.blocks import Kpi
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.catalog import Page
from pages.kit.formats import WITHHELD
from pages.kit.labels import label
from pages.kit.rows import first_row, records
from pages.shares import charts, empty, queue_now
from pages.shares.names import UNITS, queue_label, share_label
from pages.shares.selection import Selection, choose

PAGE = Page(
    title="Shares",
    icon=":material/pie_chart:",
    lead="Who uses a queue's capacity, who waits for it, who borrows, and what stands idle"
    " meanwhile.",
    position=80,
)
SHARE = "share_name"
ALL_SHARES = "all"
LEAST_STARVED = 0.05
"""Less than three minutes of one instance is not worth a headline."""


def render(canvas: Canvas, reader: Reader) -> None:
    queues = query_rows(reader, "queue_usage", step="all")
    if queues.empty:
        empty.draw(canvas, reader)
        return
    queues = queues.sort_values(
        ["starved_instance_h", "used_instance_h"], ascending=False, kind="stable"
    )
    chosen = choose(canvas, queues)
    usage = query_rows(reader, "share_usage", chosen.filters, step="all")
    totals = query_rows(reader, "queue_usage", chosen.filters, step="all")
    if totals.empty:
        canvas.notice("Nothing is recorded of this queue in this time range.",
                      icon=":material/filter_alt:")  # fmt: skip
        return
    waits = query_rows(reader, "share_waits", chosen.filters, by="share")
    costs = query_rows(reader, "share_costs", chosen.filters)
    total = first_row(totals)
    _sample_line(canvas, chosen, costs)
    _answer(canvas, usage, total, waits)
    _kpis(canvas, reader, chosen, total, waits, costs)
    empty.draw_missing(canvas, usage, total)
    _alerts(canvas, reader, chosen)
    _bands(canvas, reader, chosen, usage, total)
    _shares(canvas, usage, waits, costs)
    _waits(canvas, reader, chosen)
    _hours(canvas, reader, chosen)
    queue_now.draw(canvas, reader, chosen.queue)


def _sample_line(canvas: Canvas, chosen: Selection, costs: pd.DataFrame) -> None:
    jobs = int(costs["job_count"].sum())
    canvas.note(
        f"**{formats.count(jobs, 'job')}** requested · queue"
        f" **{formats.plain(queue_label(chosen.queue or None))}** ·"
        f" {formats.moment(chosen.first)} to {formats.moment(chosen.last)} ·"
        f" as of {formats.moment(canvas.view.as_of)}"
    )


def _answer(canvas: Canvas, usage: pd.DataFrame, total: Any, waits: pd.DataFrame) -> None:
    """Say who starves while capacity stands idle, if anybody does."""
    starved = usage[usage["starved_instance_h"] > LEAST_STARVED]
    if starved.empty:
        canvas.notice(_calm(usage, total), icon=":material/check_circle:", tone="success")
        return
    top = first_row(starved.sort_values("starved_instance_h", ascending=False, kind="stable"))
    wait = waits[waits["share_name"].eq(top.share_name).fillna(False)]
    p90_s = None if wait.empty else first_row(wait).queue_wait_p90_s
    share = formats.plain(share_label(top.share_name))
    waited = (
        f"one in ten jobs of **{share}** waited longer than **{formats.hours(p90_s)}**"
        if not formats.is_unknown(p90_s)
        else f"jobs of **{share}** waited"
    )
    canvas.notice(
        f"{waited[0].upper()}{waited[1:]}, while **{formats.percent(total.idle_ratio)}** of the"
        f" queue's capacity stood idle. **{_number(top.starved_instance_h)}** of the"
        f" {_number(top.waiting_instance_h)} {_unit(total)} that it waited for were free at that"
        " moment.",
        icon=":material/hourglass_top:",
        tone="warning",
    )


def _calm(usage: pd.DataFrame, total: Any) -> str:
    if formats.is_unknown(total.capacity_instance_h):
        return (
            "How much capacity the queue has is not known, so nobody can say what stood idle while"
            " jobs waited."
        )
    if usage["waiting_instance_h"].sum() > LEAST_STARVED:
        return (
            "Jobs waited only while the queue was full:"
            f" {formats.percent(total.used_ratio)} of its capacity was used on average."
        )
    return f"No job waited. {formats.percent(total.idle_ratio)} of the capacity stood idle."


def _kpis(
    canvas: Canvas, reader: Reader, chosen: Selection, total: Any, waits: pd.DataFrame,
    costs: pd.DataFrame,
) -> None:  # fmt: skip
    peak = first_row(query_rows(reader, "share_peaks", chosen.filters))
    known = waits.dropna(subset=["queue_wait_p90_s"])
    longest = None
    if len(known):
        longest = first_row(known.sort_values("queue_wait_p90_s", ascending=False, kind="stable"))
    canvas.kpis(
        [
            Kpi(
                "Capacity used",
                formats.percent(total.used_ratio),
                f"median hour {formats.percent(peak.median_allocation_ratio)}, busiest hour"
                f" {formats.percent(peak.peak_allocation_ratio)}"
                f" ({formats.moment(peak.peak_hour_at)})",
                "Held by jobs, from when they were scheduled until they ended.",
            ),
            Kpi(
                "Stood idle",
                formats.percent(total.idle_ratio),
                f"{_number(total.idle_instance_h)} of {_number(total.capacity_instance_h)}"
                f" {_unit(total)}",
                "Capacity that no job held.",
            ),
            Kpi(
                "Longest wait, P90",
                formats.hours(longest and longest.queue_wait_p90_s),
                f"share {share_label(longest.share_name)},"
                f" {formats.count(longest.job_count, 'job')}"
                if longest
                else "no share has 10 jobs that left the queue",
                "Nine in ten jobs of this share left the queue sooner.",
            ),
            Kpi(
                "Lost to preemption",
                formats.usd(costs["lost_to_preemption_usd"].sum(min_count=1)),
                f"{_number(total.preempted_instance_h)} {_unit(total)} of"
                f" {formats.count(int(costs['preempted_attempt_count'].sum()), 'attempt')}",
                "Attempts that preemption ended, at list prices; lost unless they were"
                " checkpointed.",
            ),
        ]
    )
    row = canvas.row()
    links.definition(row, "starved_instance_h", "How is this measured?")
    links.sql(row, "queue_usage", chosen.filters, step="all")


def _alerts(canvas: Canvas, reader: Reader, chosen: Selection) -> None:
    rows = query_rows(reader, "alerts", crossed="only")
    for row in records(rows[rows["queue_name"].fillna("") == chosen.queue]):
        canvas.notice(
            f"**{label('alert', row.alert)}.** {formats.plain(row.explanation)}",
            icon=":material/notifications_active:",
            tone="warning",
        )


def _bands(
    canvas: Canvas, reader: Reader, chosen: Selection, usage: pd.DataFrame, total: Any
) -> None:
    canvas.header("Capacity over time")
    is_owned = usage["own_instance_h"][~usage["is_unassigned"]].notna().any()
    shares = {ALL_SHARES: "All shares"}
    if is_owned:
        named = usage[~usage["is_unassigned"]].dropna(subset=["share_name"])["share_name"]
        shares |= {name: name for name in named}
    share = canvas.segments("Show", shares, key=SHARE) if 1 < len(shares) <= 6 else (
        canvas.select("Show", shares, key=SHARE, width=260) if len(shares) > 6 else ALL_SHARES
    )  # fmt: skip
    unit = UNITS[chosen.capacity_unit]
    if share == ALL_SHARES:
        rows = query_rows(reader, "queue_usage", chosen.filters, step=chosen.step)
        names = charts.QUEUE_BANDS if is_owned else charts.UNOWNED_BANDS
        alt = (
            f"Stacked bars, one a {chosen.step}: capacity used, borrowed and idle in"
            f" {unit.lower()}; on average {formats.percent(total.used_ratio)} was used and"
            f" {formats.percent(total.idle_ratio)} idle. Lines: what queued jobs waited for, and"
            " what preempted attempts used."
        )
    else:
        rows = query_rows(reader, "share_usage", chosen.filters, step=chosen.step)
        rows = rows[rows["share_name"] == share]
        names = charts.SHARE_BANDS
        alt = (
            f"Stacked bars, one a {chosen.step}: what share {share} owned and used, lent or left"
            " idle, and what it borrowed on top."
        )
    canvas.chart(
        charts.bands(rows, names, step=chosen.step, unit=unit), key="bands", alt=alt
    )  # fmt: skip
    canvas.note(
        "Own and borrowed use, and what stood idle, add up to the capacity of the queue."
        if share == ALL_SHARES
        else "Own use, what was lent and what stood idle add up to what the share owns."
    )
    canvas.expander(f"Table: capacity by {chosen.step}").table(
        rows,
        ["hour_at", *(name for name, *_ in names), "waiting_instance_h", "preempted_instance_h",
         "capacity_instance_h"],
        key="band_table",
        alt="The bands of the chart in numbers",
        what=f"{chosen.step}s",
        file_name="capacity_over_time",
    )  # fmt: skip
    row = canvas.row()
    links.definition(row, "borrowed_instance_h", "What is owned, borrowed, lent?")
    links.sql(row, "share_usage", chosen.filters, step=chosen.step)


def _shares(canvas: Canvas, usage: pd.DataFrame, waits: pd.DataFrame, costs: pd.DataFrame) -> None:
    canvas.header("Entitled to, and received")
    shares = usage[~usage["is_unassigned"]]
    if shares["entitlement_ratio"].notna().any():
        canvas.chart(
            charts.entitlements(shares),
            key="entitlements",
            alt="Bars, one a share: the part of the queue's capacity that it is entitled to, and"
            " the part that it used.",
        )
    keys = ["queue_name", "share_name"]
    rows = usage.merge(waits.drop(columns="scheduling_priority"), on=keys, how="left").merge(
        costs.drop(columns="job_count"), on=keys, how="left"
    )
    rows["share_name"] = [share_label(name) for name in rows["share_name"]]
    canvas.table(
        rows,
        ["share_name", "entitlement_ratio", "received_ratio", "starved_instance_h",
         "waiting_instance_h", "queue_wait_p50_s", "queue_wait_p90_s", "job_count",
         "list_cost_usd", "failed_job_count", "failed_usd", "lost_to_preemption_usd",
         "own_instance_h", "used_instance_h", "borrowed_instance_h", "lent_instance_h",
         "idle_instance_h", "preempted_instance_h", "gpu_allocation_ratio",
         "gpu_utilization_ratio", "coverage_ratio"],
        key="shares_table",
        alt="Each share: what it was entitled to and got, its waits, costs, failures and losses",
        what="shares",
        file_name="shares",
    )  # fmt: skip
    row = canvas.row()
    links.definition(row, "entitlement_ratio", "What is a share entitled to?")
    links.sql(row, "share_costs")


def _waits(canvas: Canvas, reader: Reader, chosen: Selection) -> None:
    canvas.header("Waits by share and priority")
    waits = query_rows(reader, "share_waits", chosen.filters)
    if waits["queue_wait_p90_s"].isna().all():
        canvas.notice("No share and priority has 10 jobs that left the queue.",
                      icon=":material/info:")  # fmt: skip
    else:
        canvas.chart(
            charts.wait_dots(waits),
            key="waits",
            alt="Points: P50, P90 and P99 of the queue wait by share and priority.",
        )
    rows = waits.assign(share_name=[share_label(name) for name in waits["share_name"]])
    canvas.expander("Table: waits").table(
        rows,
        ["share_name", "scheduling_priority", "job_count", "queue_wait_p50_s", "queue_wait_p90_s",
         "queue_wait_p99_s", "queue_wait_mean_s", "waiting_job_count"],
        key="wait_table",
        alt="Queue waits by share and priority",
        what="groups",
        file_name="share_waits",
        placeholder=WITHHELD,
    )  # fmt: skip
    row = canvas.row()
    links.definition(row, "queue_wait_s")
    links.sql(row, "share_waits", chosen.filters)


def _hours(canvas: Canvas, reader: Reader, chosen: Selection) -> None:
    canvas.header("Busiest and typical hours")
    peaks = query_rows(reader, "share_peaks", chosen.filters, by="hour_of_day")
    canvas.chart(
        charts.hour_profile(peaks),
        key="hours",
        alt="Bars: median use of each hour of the day; points: its highest use.",
    )
    canvas.expander("Table: hours of the day").table(
        peaks,
        ["hour_of_day", "median_used_instance_h", "median_allocation_ratio",
         "peak_used_instance_h", "peak_allocation_ratio", "peak_hour_at",
         "median_waiting_instance_h", "hour_count"],
        key="hour_table",
        alt="Use by hour of the day",
        what="hours",
        file_name="share_peaks",
    )  # fmt: skip
    row = canvas.row()
    links.definition(row, "peak_allocation_ratio")
    links.sql(row, "share_peaks", chosen.filters, by="hour_of_day")


def _unit(total: Any) -> str:
    return UNITS[total.capacity_unit].lower()


def _number(value: Any) -> str:
    """Return an amount of capacity with as many digits as tell something."""
    if formats.is_unknown(value):
        return formats.UNKNOWN
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:,.1f}"
