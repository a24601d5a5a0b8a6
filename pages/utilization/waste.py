"""Idle GPUs: by user, share, queue and instance type, and the jobs that held them, named."""

from typing import Any

import pandas as pd

from analytics.query import Filters
from data.store.reader import Reader
from pages.kit import formats, links
from pages.kit.canvas import Canvas
from pages.kit.labels import label
from pages.kit.rows import first_row
from pages.utilization.charts import gpu_hour_bars
from pages.utilization.hours import utilization_rows
from pages.utilization.job_series import IDLE_JOB

BY = {
    "user_name": "User",
    "share_name": "Share",
    "queue_name": "Queue",
    "instance_type": "Instance type",
}
MOST_BARS = 15
MOST_CHOICES = 500


def draw_waste(canvas: Canvas, reader: Reader, jobs: Filters, waste: Any) -> None:
    """Draw who held GPUs, and how many of their hours idled; then the jobs to look at."""
    canvas.header("Who leaves GPUs idle")
    by = canvas.segments("Group by", BY, key="by")
    groups = utilization_rows(reader, "gpu_waste", jobs, by=by)
    groups = groups.sort_values(
        ["idle_gpu_h", "allocated_gpu_h"], ascending=False, kind="stable", na_position="last"
    )
    if waste.idle_gpu_h and not formats.is_unknown(waste.idle_gpu_h):
        top = first_row(groups)
        canvas.text(
            f"**{formats.plain(label(by, top.group_value))}** left most GPUs idle:"
            f" **{formats.quantity(top.idle_gpu_h)} GPU-hours**,"
            f" {formats.share_of(top.idle_gpu_h, waste.idle_gpu_h)} of all idle ones"
            f"{_cost_of(top)}."
        )
    canvas.chart(
        gpu_hour_bars(groups.head(MOST_BARS), name=by),
        key="waste",
        alt=f"Stacked bars: GPU-hours held by {BY[by].lower()}: used, idle and not measured. The"
        " longest idle on top.",
    )
    if len(groups) > MOST_BARS:
        canvas.hint(f"The first {MOST_BARS} by idle GPU-hours; the table has all.")
    canvas.expander(f"Table: GPU waste by {BY[by].lower()}").table(
        groups,
        ["group_value", "job_count", "allocated_gpu_h", "measured_gpu_h", "coverage_ratio",
         "gpu_utilization_ratio", "idle_gpu_h", "idle_cost_usd", "estimated_usd",
         "unknown_price_job_count"],
        key="waste_table",
        alt=f"GPU-hours held, measured and idle by {BY[by].lower()}, with their cost",
        what="groups",
        file_name="gpu_waste",
    )  # fmt: skip
    row = canvas.row()
    links.definition(row, "idle_gpu_h", "What counts as idle?")
    links.sql(row, "gpu_waste", by=by)
    _idle_jobs(canvas, utilization_rows(reader, "idle_gpu_jobs", jobs))


def _cost_of(group: Any) -> str:
    if formats.is_unknown(group.idle_cost_usd):
        return ""
    return f", worth {formats.usd(group.idle_cost_usd)} at list prices"


def _idle_jobs(canvas: Canvas, idle_jobs: pd.DataFrame) -> None:
    canvas.subheader("Jobs that held idle GPUs for over an hour")
    if idle_jobs.empty:
        canvas.notice(
            "No job held GPUs below 5 % utilization for over an hour, as far as measured.",
            icon=":material/check:",
        )
        return
    canvas.hint("Choose a row to see the job's own series below.")
    shown = idle_jobs.head(MOST_CHOICES)
    canvas.choice_table(
        shown,
        ["job_name", "user_name", "share_name", "instance_type", "training_started_at", "idle_h",
         "idle_gpu_h", "idle_cost_usd", "gpu_utilization_ratio", "measured_gpu_h",
         "allocated_gpu_h", "measured_by", "status"],
        key=IDLE_JOB,
        keys=list(shown["job_name"]),
        alt="Jobs that held GPUs below 5 % for over an hour, with user, idle GPU-hours and cost",
        what="jobs",
    )  # fmt: skip
    canvas.downloads(lambda: idle_jobs, "idle_gpu_jobs", key="idle_jobs")
    links.sql(canvas, "idle_gpu_jobs")
