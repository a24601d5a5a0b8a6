"""Utilization: how devices that jobs held were used, who left GPUs idle, and one job's series."""

from typing import Any

import pandas as pd

from analytics.query import Filters
from data.store.reader import Reader
from data.tables.columns import COLUMNS
from pages.kit import formats, links
from pages.kit.blocks import Kpi
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.catalog import Page
from pages.kit.frame import on_jobs
from pages.kit.rows import first_row
from pages.utilization.charts import distribution_bars, type_dots, utilization_lines
from pages.utilization.hours import utilization_rows
from pages.utilization.job_series import draw_job
from pages.utilization.waste import draw_waste

PAGE = Page(
    title="Utilization",
    icon=":material/monitor_heart:",
    lead="How much of the GPUs, CPUs, memory and disks that jobs held was used, who left GPUs idle,"
    " and what that cost. Only measured time counts; what has no sample stays unknown.",
    position=100,
)
RATIOS = ["gpu_utilization_ratio", "gpu_memory_utilization_ratio", "cpu_utilization_ratio",
          "memory_utilization_ratio", "disk_utilization_ratio"]  # fmt: skip
STEPS = {"day": "Day", "hour": "Hour"}


@on_jobs
def render(canvas: Canvas, reader: Reader, jobs: Filters) -> None:
    rows = utilization_rows(reader, "utilization", jobs)
    if rows.empty:
        canvas.header("Nothing held")
        canvas.text("None of these jobs has both a recorded start and end of its run.")
        return
    used, waste = first_row(rows), first_row(utilization_rows(reader, "gpu_waste", jobs))
    _headline(canvas, used, waste)
    if not used.host_h:
        _say_how_to_measure(canvas, reader)
        return
    if waste.allocated_gpu_h:
        draw_waste(canvas, reader, jobs, waste)
        _distribution(canvas, reader, jobs)
    _over_time(canvas, reader, jobs)
    _by_type(canvas, reader, jobs, used)
    draw_job(canvas, reader)


def _headline(canvas: Canvas, used: Any, waste: Any) -> None:
    canvas.kpis(
        [
            Kpi(
                "GPU-hours held",
                formats.quantity(waste.allocated_gpu_h),
                f"by {formats.count(waste.job_count, 'job')} with GPUs, from training start to end",
                "GPUs of a job times its run time.",
            ),
            Kpi(
                "GPU utilization",
                formats.percent(waste.gpu_utilization_ratio),
                "no GPU time was measured"
                if formats.is_unknown(waste.gpu_utilization_ratio)
                else f"of {formats.quantity(waste.measured_gpu_h)} measured GPU-hours",
                "Weighted by GPUs and time.",
            ),
            Kpi(
                "Coverage",
                formats.percent(waste.coverage_ratio),
                "of the GPU-hours held were measured; the rest is unknown",
                "Nothing is extrapolated to time without samples.",
            ),
            _waste_kpi(waste),
        ]
    )
    canvas.note(" ".join(_qualifications(used, waste)))
    links.definition(canvas, "gpu_utilization_ratio")


def _waste_kpi(waste: Any) -> Kpi:
    """Return what idle GPUs cost; where no price is known, their hours stand in its place."""
    if formats.is_unknown(waste.idle_gpu_h):
        said = "unknown: nothing was measured"
    else:
        part = f"{formats.share_of(waste.idle_gpu_h, waste.measured_gpu_h)} of those measured"
        said = f"{formats.quantity(waste.idle_gpu_h)} GPU-hours below 5 % utilization, {part}"
        if formats.is_unknown(waste.idle_cost_usd):
            return Kpi(
                COLUMNS["idle_gpu_h"].heading,
                formats.quantity(waste.idle_gpu_h),
                f"{part}; the cost is unknown: import prices of these instance types",
                "GPU-hours below 5 % utilization.",
            )
    return Kpi(
        COLUMNS["idle_cost_usd"].heading,
        formats.usd_amount(waste.idle_cost_usd),
        said,
        "Idle GPU-hours at on-demand list prices.",
    )


def _qualifications(used: Any, waste: Any) -> list[str]:
    """Return sentences on what the figures leave out, and what they are based on."""
    sentences = []
    if waste.estimated_usd and not formats.is_unknown(waste.estimated_usd):
        share = formats.share_of(waste.estimated_usd, waste.idle_cost_usd)
        sentences.append(f"{share} of the cost is based on estimated prices.")
    if waste.unknown_price_job_count:
        jobs = formats.count(waste.unknown_price_job_count, "job")
        sentences.append(f"{jobs} with idle GPUs but no known price are not in the cost.")
    if waste.export_job_count:
        jobs = formats.count(waste.export_job_count, "job")
        sentences.append(f"{jobs} measured by the mean that their export gives.")
    if waste.unknown_gpu_job_count:
        jobs = formats.count(waste.unknown_gpu_job_count, "job")
        sentences.append(f"{jobs} with an unknown number of GPUs left out.")
    if used.out_of_range_sample_count:
        samples = formats.count(used.out_of_range_sample_count, "sample")
        sentences.append(f"{samples} above what the host can reach left out, not cut.")
    return sentences or ["Costs are at list prices, without your discounts: not your bill."]


def _say_how_to_measure(canvas: Canvas, reader: Reader) -> None:
    canvas.header("Nothing is measured yet")
    metrics = query_rows(reader, "sampled_metrics")
    box = canvas.box()
    if metrics.empty:
        box.text(
            "There are no metric samples, so the use of these hours is unknown. SageMaker sends"
            " the utilization of every training host to CloudWatch, which keeps it by the minute"
            " for 15 days."
        )
    else:
        box.text(
            f"There are {formats.count(metrics['sample_count'].sum(), 'sample')}, but none is of"
            " these jobs and of the time that they ran. A sample belongs to the job in its"
            " `job_name`, or in its host `JOB/algo-1`; its metric is named as CloudWatch names it."
        )
    box.text(
        "**Export the samples** with `aws cloudwatch get-metric-data`, namespace"
        " `/aws/sagemaker/TrainingJobs`, metrics `GPUUtilization`, `CPUUtilization`,"
        " `GPUMemoryUtilization`, `MemoryUtilization` and `DiskUtilization`, dimension `Host` ="
        " `JOB/algo-1`. docs/exporting.md has the whole command. **Then import them:**"
    )
    box.code("stoker ingest october.json --kind metrics")
    box.link("data", "Upload samples")
    links.definition(canvas, "coverage_ratio", "What counts as measured?")


def _distribution(canvas: Canvas, reader: Reader, jobs: Filters) -> None:
    steps = utilization_rows(reader, "gpu_utilization_distribution", jobs)
    if steps.empty:
        return
    canvas.header("How well jobs use their GPUs")
    canvas.text(
        "Each job counts with its measured GPU-hours: a tall bar on the left is much GPU time spent"
        " in jobs that hardly use it."
    )
    canvas.chart(
        distribution_bars(steps),
        key="distribution",
        alt="Bars: measured GPU-hours by the GPU utilization of the job, in steps of 5 %.",
    )
    canvas.expander("Table: GPU-hours by utilization of the job").table(
        steps,
        ["utilization_from_ratio", "utilization_to_ratio", "job_count", "measured_gpu_h"],
        key="distribution_table",
        alt="Jobs and measured GPU-hours by GPU utilization of the job",
        what="steps",
        file_name="gpu_utilization_distribution",
    )
    links.sql(canvas, "gpu_utilization_distribution")


def _over_time(canvas: Canvas, reader: Reader, jobs: Filters) -> None:
    canvas.header("Utilization over time")
    step = canvas.segments("Step", STEPS, key="step")
    steps = utilization_rows(reader, "utilization", jobs, by=step)
    known = steps.dropna(subset=RATIOS, how="all")
    canvas.chart(
        utilization_lines(known),
        key="over_time",
        alt=f"Lines: utilization per {step} of GPU, GPU memory, CPU, memory and disk, as far as"
        " measured.",
    )
    canvas.note("Hollow points: less than half of the time that was held is measured.")
    canvas.expander("Table: utilization over time").table(
        known,
        ["group_value", "job_count", *RATIOS, "coverage_ratio", "host_h", "allocated_host_h",
         "sample_count"],
        key="time_table",
        alt="Utilization and coverage over time",
        what="steps",
        file_name="utilization_over_time",
        all_rows=lambda: steps,
    )  # fmt: skip
    links.sql(canvas, "utilization", by=step)


def _by_type(canvas: Canvas, reader: Reader, jobs: Filters, used: Any) -> None:
    canvas.header("Utilization by instance type")
    types = utilization_rows(reader, "utilization", jobs, by="instance_type")
    types = types.sort_values("host_h", ascending=False, kind="stable")
    known = types.dropna(subset=RATIOS, how="all")
    canvas.chart(
        type_dots(known),
        key="types",
        alt="Points: utilization of GPU, GPU memory, CPU, memory and disk by instance type.",
    )
    if used.unresolved_host_h:
        _unresolved_hosts(canvas, utilization_rows(reader, "job_hosts", jobs, hosts="unresolved"))
    canvas.expander("Table: utilization by instance type").table(
        types,
        ["group_value", "job_count", *RATIOS, "coverage_ratio", "host_h", "allocated_host_h",
         "unresolved_host_h", "unknown_host_h", "out_of_range_sample_count"],
        key="type_table",
        alt="Utilization and coverage by instance type",
        what="types",
        file_name="utilization_by_instance_type",
    )  # fmt: skip
    row = canvas.row()
    links.definition(row, "cpu_utilization_ratio", "How is it normalised?")
    links.sql(row, "utilization", by="instance_type")


def _unresolved_hosts(canvas: Canvas, hosts: pd.DataFrame) -> None:
    canvas.notice(
        f"{formats.count(len(hosts), 'host')} of heterogeneous clusters could belong to more than"
        " one instance group. CloudWatch does not say which; their CPU and GPU use is in no"
        " average.",
        icon=":material/help:",
    )
    canvas.expander("Table: unresolved hosts").table(
        hosts,
        ["job_name", "host_name", "host_h", "memory_utilization_ratio", "disk_utilization_ratio",
         "sample_count"],
        key="unresolved_table",
        alt="Hosts that could belong to more than one instance group",
        what="hosts",
        file_name="unresolved_hosts",
    )  # fmt: skip
