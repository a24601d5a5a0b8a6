"""The section of the Startup latency page on the cheapest way to a P90: all levers together."""

import pandas as pd

from analytics.query import Filters
from data.store.reader import Reader
from pages.kit import formats, links
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.charts import INK
from pages.kit.labels import label
from pages.kit.rows import first_row
from pages.kit.work import computed
from pages.startup_latency.changes import FEW_JOBS, is_left_out
from pages.startup_latency.charts import frontier_points


def draw_frontier(canvas: Canvas, reader: Reader, jobs: Filters, job_count: int) -> None:
    """Draw what each combination of levers costs and how soon jobs start with it."""
    canvas.header("The cheapest way to a P90 startup latency")
    if is_left_out(canvas, job_count):
        canvas.note("Of this many jobs it is on the screen, and in `stoker ask startup_frontier`.")
        return
    target_s = canvas.columns(1, 3)[0].number(
        "P90 to reach (s)", key="p90_target_s", lowest=1, step=10, placeholder="today's",
        help="Nine in ten starts should take no longer than this. If empty, no longer than today.",
    )  # fmt: skip
    points = computed(
        canvas,
        reader,
        ("startup frontier", jobs, target_s),
        lambda _: query_rows(reader, "startup_frontier", jobs, p90_target_s=target_s),
        name="Combine the levers",
        is_long=job_count > FEW_JOBS,
    )
    if points is None:
        return
    if points.empty:
        canvas.notice(
            "It takes 10 eligible jobs with a known startup latency and price.",
            icon=":material/info:",
        )
        return
    today = first_row(points[points["is_today"]])
    target_s = target_s or today.startup_latency_p90_s
    best = points[points["is_cheapest"]]
    canvas.text(_answer(best, today, points, target_s, is_own=canvas.param("p90_target_s")))
    canvas.chart(
        frontier_points(points, target_s, ink=INK[canvas.theme]),
        key="frontier",
        alt="Points: P90 startup latency against the change of cost per month, one a combination"
        f" of levers. Today: {formats.duration(today.startup_latency_p90_s)}.",
    )
    canvas.note(_basis(today))
    canvas.expander("Table: combinations of levers").table(
        points,
        ["levers", "keep_alive_policy", "startup_latency_p90_s", "startup_latency_p90_low_s",
         "startup_latency_p90_high_s", "cost_change_usd_per_month", "wait_saved_h_per_month",
         "hit_rate_ratio", "changed_pool_count", "is_on_frontier", "is_cheapest"],
        key="frontier_table",
        alt="P90 startup latency and change of cost of each combination of levers",
        what="combinations",
        file_name="startup_frontier",
    )  # fmt: skip
    row = canvas.row()
    links.definition(row, "startup_frontier", "What is assumed?")
    if len(best) and not formats.is_unknown(first_row(best).policy_usd_per_h):
        usd_per_h = first_row(best).policy_usd_per_h
        links.page_link(
            row, "keep_alive", "Its keep-alive periods", pool="all",
            value_usd_per_h=f"{min(usd_per_h, 500):g}",
        )  # fmt: skip
    links.sql(row, "startup_frontier")


def _answer(
    best: pd.DataFrame, today: object, points: pd.DataFrame, target_s: float, *, is_own: str | None
) -> str:
    goal = formats.duration(target_s) if is_own else f"today's {formats.duration(target_s)}"
    if best.empty:
        quickest = first_row(points)
        return (
            f"**No combination reaches {goal}.** The quickest, {_named(quickest)}, has a P90 of"
            f" {formats.duration(quickest.startup_latency_p90_s)} for"
            f" {_change(quickest.cost_change_usd_per_month)}."
        )
    cheapest = first_row(best)
    return (
        f"**Cheapest with a P90 of at most {goal}: {_named(cheapest)}.** P90"
        f" {formats.duration(cheapest.startup_latency_p90_s)}, {_cost(cheapest)},"
        f" {_wait(cheapest.wait_saved_h_per_month)}."
    )


def _named(row: object) -> str:
    levers, policy = str(getattr(row, "levers", "")), str(getattr(row, "keep_alive_policy", ""))
    keep_alive = label("lever", "keep_alive")
    named = levers.replace(keep_alive, f"{keep_alive} ({policy})", 1)
    return named[:1].lower() + named[1:]


def _cost(row: object) -> str:
    return _change(float(getattr(row, "cost_change_usd_per_month", 0.0)))


def _change(usd: float) -> str:
    if abs(usd) < 0.5:
        return "the cost of today"
    return f"{formats.usd(abs(usd))} {'less' if usd < 0 else 'more'} per month"


def _wait(hours: float) -> str:
    written = formats.hours(abs(hours) * formats.SECONDS_PER_HOUR)
    return f"{written} {'less' if hours >= 0 else 'more'} waiting per month"


def _basis(today: object) -> str:
    count = formats.count(getattr(today, "job_count", None), "start")
    left_out = int(getattr(today, "unpriced_job_count", 0))
    day = formats.day(getattr(today, "judged_from_date", None))
    judged = (
        f"Keep-alive periods and merges were chosen on the days before {day} and judged on {count}"
        " since then."
        if getattr(today, "is_judged_later", False)
        else f"Judged on the {count} that periods and merges were chosen on, as there are too few"
        " days: it may be less."
    )
    without = f" {formats.count(left_out, 'start')} without a price left out." if left_out else ""
    return (
        f"{judged} Other levers take off what matched jobs saved, where that is sure.{without} Idle"
        " clusters and billed startup at list prices; the cost of waiting is not in it."
    )
