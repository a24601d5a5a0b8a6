"""What the hosts of one job did: a metric of each over time, beside the job's phases."""

import pandas as pd

from analytics.query import Filters
from data.store.reader import Reader
from pages.kit import formats, links
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.charts import INK, MOST_POINTS
from pages.kit.job.charts import host_lines

METRICS = {
    "GPUUtilization": "GPU",
    "GPUMemoryUtilization": "GPU memory",
    "CPUUtilization": "CPU",
    "MemoryUtilization": "Memory",
    "DiskUtilization": "Disk",
}


def draw_job_series(canvas: Canvas, reader: Reader, of_job: Filters) -> None:
    """Draw the samples of the one job that the filters choose, or say that there are none."""
    series = query_rows(reader, "job_samples", of_job, most_points=MOST_POINTS)
    if series.empty:
        canvas.notice(
            "There is no sample of this job's hosts while it ran.", icon=":material/info:"
        )
        return
    _draw_series(canvas, series, query_rows(reader, "job_phases", of_job))
    _draw_hosts(canvas, query_rows(reader, "job_hosts", of_job))
    row = canvas.row()
    links.definition(row, "gpu_utilization_ratio")
    links.sql(row, "job_samples", of_job)


def _draw_series(canvas: Canvas, series: pd.DataFrame, phases: pd.DataFrame) -> None:
    there = {name: METRICS[name] for name in METRICS if (series["metric_name"] == name).any()}
    metric = canvas.segments("Metric", there, key="metric")
    shown = series[series["metric_name"] == metric]
    known = shown.dropna(subset=["utilization_ratio"])
    if known.empty:
        canvas.notice(
            "The instance type of these hosts is not known, so their values are no share of"
            " anything. The table has them as CloudWatch gives them.",
            icon=":material/help:",
        )
    else:
        canvas.chart(
            host_lines(
                known, phases, title=f"{METRICS[metric]} utilization", ink=INK[canvas.theme]
            ),
            key="series",
            alt=f"Lines: {METRICS[metric]} utilization of"
            f" {formats.count(known['host_name'].nunique(), 'host')} over time, above the phases of"
            " the job.",
        )
    canvas.expander("Table: samples of every host").table(
        shown,
        ["host_name", "instance_type", "bin_at", "step_s", "utilization_ratio", "metric_value",
         "measured_s"],
        key="series_table",
        alt="Utilization of every host over time",
        what="samples",
        file_name="job_samples",
        all_rows=lambda: series,
    )  # fmt: skip


def _draw_hosts(canvas: Canvas, hosts: pd.DataFrame) -> None:
    canvas.expander("Table: hosts", is_open=True).table(
        hosts,
        ["host_name", "instance_type", "is_unresolved", "gpu_utilization_ratio",
         "gpu_memory_utilization_ratio", "cpu_utilization_ratio", "memory_utilization_ratio",
         "disk_utilization_ratio", "host_h", "sample_count", "out_of_range_sample_count"],
        key="host_table",
        alt="Hosts of the job with their instance type and mean utilization",
        what="hosts",
        file_name="job_hosts",
    )  # fmt: skip
