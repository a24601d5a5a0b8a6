"""The section of the Keep-alive page on cost and savings of every period."""

import pandas as pd

from analytics.keep_alive.curve import Curve
from analytics.keep_alive.decide import Objective
from pages.keep_alive import rows
from pages.keep_alive.charts import MARKS, keep_alive_curves, keep_alive_frontier
from pages.kit.blocks import Download
from pages.kit.canvas import Canvas
from pages.kit.charts import INK

COSTS_OF_DELAY_USD_PER_H = (0, 10, 50, 100, 250, 500, 1000)
VIEWS = ("Curves", "Frontier")


def draw_curves(
    canvas: Canvas,
    curve: Curve,
    replays: pd.DataFrame,
    marks: dict[str, int],
    objective: Objective,
    quota: int | None,
) -> None:
    """Draw what every period costs and saves, as curves or as a frontier."""
    canvas.header("What every period costs and saves")
    view = canvas.segments("View", VIEWS, key="view", is_label_hidden=True)
    newest = rows.curve_rows(curve, objective.limit_s, *marks.values())
    peaks, oldest = (replays[replays["reuse"] == reuse] for reuse in ("newest", "oldest"))
    by_reuse = {"newest": newest, "oldest": oldest}
    canvas.record(
        Download(
            "keep_alive_curve_as_drawn",
            lambda: pd.concat([part.assign(reuse=reuse) for reuse, part in by_reuse.items()]),
        )
    )
    marked = "; ".join(f"{MARKS[name].label}: {period_s:,} s" for name, period_s in marks.items())
    if view == "Curves":
        canvas.chart(
            keep_alive_curves(newest, oldest, peaks, marks, quota=quota),
            key="keep_alive_curves",
            alt="Lines over the keep-alive period: net cost, wait time saved, and peak idle"
            f" instances, for newest-first and oldest-first reuse. {marked}",
        )
    else:
        canvas.chart(
            keep_alive_frontier(
                newest,
                oldest,
                rows.marked_rows(curve, marks),
                objective.value_of_waiting_usd_per_h,
                ink=INK[canvas.theme],
            ),
            key="keep_alive_frontier",
            alt=f"Line: net cost against wait time saved, one point per period. {marked}",
        )
        canvas.note(
            "Further right saves more wait time, further down costs less. Only periods on the"
            " lower right edge are worth choosing."
        )
    canvas.expander("Table: both reuse orders").table(
        replays,
        ["reuse", "keep_alive_period_s", "hit_count", "hit_rate_ratio", "wait_saved_s",
         "retained_cost_usd", "net_cost_usd", "peak_idle_instances", "long_chain_count"],
        key="curve_table",
        alt="Hits, wait time saved and costs of some keep-alive periods",
        file_name="keep_alive_curve",
        placeholder="not known",
    )  # fmt: skip
    if quota is not None:
        canvas.text(rows.within_quota(peaks, quota))


def draw_best_periods(canvas: Canvas, curve: Curve, limit_s: int) -> None:
    """Draw the best period for several costs of delay."""
    canvas.header("Best period by cost of delay")
    best = rows.best_rows(curve, COSTS_OF_DELAY_USD_PER_H, limit_s)
    if best["best_keep_alive_s"].eq(0).all():
        canvas.text("At none of these does a warm cluster pay off: 0 s means no keep-alive.")
    canvas.note("Best means the lowest net cost minus the value of the wait time saved.")
    canvas.table(
        best,
        ["cost_of_delay_usd_per_h", "best_keep_alive_s", "hit_rate_ratio", "wait_saved_s",
         "retained_cost_usd", "net_cost_usd"],
        key="delay_table",
        alt="Best keep-alive period for several costs of delay, with what it costs and saves",
        file_name="best_keep_alive_by_cost_of_delay",
    )  # fmt: skip
