"""What limits the jobs of the fleet, those whose bottleneck costs most first."""

import pandas as pd

from analytics.query import Filters
from data.store.reader import Reader
from pages.instance_groups.charts import utilization_chart
from pages.kit import formats, links
from pages.kit.blocks import Kpi
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.frame import on_jobs
from pages.kit.labels import label

MOST_SHOWN = 200


def draw_fleet(canvas: Canvas, reader: Reader) -> None:
    """Draw the part of the page on jobs."""
    _fleet(canvas, reader)


@on_jobs
def _fleet(canvas: Canvas, reader: Reader, jobs: Filters) -> None:
    rows = query_rows(reader, "bottlenecks", jobs)
    if rows.empty:
        canvas.notice(
            "No utilization of these jobs is known. Import CPUUtilization and GPUUtilization of"
            " their hosts: `stoker ingest --kind metrics`.",
            icon=":material/info:",
        )
        return
    canvas.kpis(_kpis(rows))
    row = canvas.row()
    links.definition(row, "diagnosis", "How is it diagnosed?")
    links.definition(row, "bottleneck_usd", "What does a bottleneck cost?")
    links.sql(row, "bottlenecks")
    canvas.header("How busy CPUs and accelerators are")
    drawn = rows.dropna(subset=["cpu_utilization_ratio", "accelerator_utilization_ratio"])
    if drawn.empty:
        canvas.notice("No job has both utilizations.", icon=":material/info:")
    else:
        canvas.chart(
            utilization_chart(drawn),
            key="utilization",
            alt="Points: CPU and accelerator utilization of each job, by diagnosis.",
        )
    canvas.header("Jobs, the costliest bottleneck first")
    canvas.table(
        rows.head(MOST_SHOWN),
        ["bottleneck_usd_per_month", "diagnosis", "job_name", "bottleneck_usd", "list_cost_usd",
         "cpu_utilization_ratio", "accelerator_utilization_ratio", "coverage_ratio",
         "instance_type", "instance_count", "user_name", "rationale"],
        key="bottlenecks",
        alt="Jobs by what their bottleneck costs",
        what="jobs",
        file_name="bottlenecks",
        all_rows=lambda: rows,
        placeholder="",
    )  # fmt: skip


def _kpis(rows: pd.DataFrame) -> list[Kpi]:
    waiting = rows[rows["bottleneck_usd"] > 0]
    unclear = rows[rows["diagnosis"] == "unclear"]
    return [
        Kpi(
            "Lost to waiting (USD)",
            formats.usd_amount(rows["bottleneck_usd_per_month"].sum(min_count=1)),
            f"per month, by {formats.count(len(waiting), 'job')}",
            "List cost of the time in which accelerators wait for CPUs or data. Ending that costs"
            " something too.",
        ),
        *(
            Kpi(
                label("diagnosis", code),
                formats.count(int((rows["diagnosis"] == code).sum()), "job"),
                f"of {formats.count(len(rows))} with any utilization",
            )
            for code in ("cpu_bound", "accelerator_bound")
        ),
        Kpi(
            label("diagnosis", "unclear"),
            formats.count(len(unclear), "job"),
            "measured too little, or limited by neither",
        ),
    ]
