"""Startup latency: what to change, quantiles by input mode, phases, matched jobs, the frontier."""

import pandas as pd

from analytics.query import Filters
from data.store.reader import Reader
from pages.kit import formats, links
from pages.kit.blocks import Kpi
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.catalog import Page
from pages.kit.charts import INK
from pages.kit.formats import WITHHELD
from pages.kit.frame import on_jobs
from pages.kit.labels import label
from pages.kit.rows import first_row, records
from pages.startup_latency.changes import draw_changes
from pages.startup_latency.charts import latency_dots, phase_bars
from pages.startup_latency.frontier import draw_frontier

PAGE = Page(
    title="Startup latency",
    icon=":material/timer:",
    lead="How long jobs wait from creation until training starts, and what would shorten it. A warm"
    " start reuses a warm cluster; how a job reads its data decides much of the rest.",
    position=50,
)


@on_jobs
def render(canvas: Canvas, reader: Reader, jobs: Filters) -> None:
    latency = query_rows(reader, "startup_latency", jobs)
    if latency.empty:
        canvas.notice(
            "The startup latency of these jobs is unknown. It needs the status history that"
            " `describe-training-job` and `search` return, or a column `startup_latency_s`.",
            icon=":material/info:",
        )
        return
    matched = query_rows(reader, "startup_matched", jobs)
    job_count = int(latency["job_count"].sum())
    draw_changes(canvas, reader, jobs, job_count)
    canvas.fragment(draw_frontier, reader, jobs, job_count)
    canvas.header("How long starts take")
    canvas.kpis([_slowest(latency, "cold"), _slowest(latency, "warm"), _saving(matched)])
    links.definition(canvas, "startup_latency_s")
    _by_input_mode(canvas, latency)
    _phases(canvas, query_rows(reader, "startup_phases", jobs))
    _matched_jobs(canvas, matched)


def _slowest(latency: pd.DataFrame, start_kind: str) -> Kpi:
    name = f"P90 of {start_kind} starts"
    known = latency[latency["start_kind"] == start_kind].dropna(subset=["startup_latency_p90_s"])
    if known.empty:
        return Kpi(name, formats.UNKNOWN, f"no input mode has 10 {start_kind} starts")
    top = first_row(known.sort_values("startup_latency_p90_s", ascending=False, kind="stable"))
    return Kpi(
        f"{name}, {label('input_mode', top.input_mode)}",
        formats.duration(top.startup_latency_p90_s),
        f"the slowest of {formats.count(len(known), 'input mode')};"
        f" {formats.count(top.job_count, 'start')}",
        f"Nine in ten {start_kind} starts with this input mode take less time.",
    )


def _saving(matched: pd.DataFrame) -> Kpi:
    name = "Saved by a warm start"
    if matched.empty:
        return Kpi(name, formats.UNKNOWN, "too few matched jobs of both kinds")
    top = first_row(matched.sort_values("warm_job_count", ascending=False, kind="stable"))
    return Kpi(
        name,
        formats.duration(top.saved_s),
        f"{label('input_mode', top.input_mode)}, matched jobs; 90 % interval"
        f" {formats.duration(top.saved_low_s)} to"
        f" {formats.duration(top.saved_high_s)}",
        "Difference of medians between jobs with the same pool key, image and input mode, with its"
        " 90 % interval. Shown for the input mode with the most warm starts.",
    )


def _by_input_mode(canvas: Canvas, latency: pd.DataFrame) -> None:
    canvas.header("Cold and warm starts by input mode")
    if latency["startup_latency_p90_s"].isna().all():
        canvas.notice("No group has 10 jobs: quantiles are withheld.", icon=":material/info:")
    else:
        canvas.chart(
            latency_dots(latency),
            key="latency",
            alt="Points: P90 startup latency of cold and warm starts by input mode, with 90 %"
            " intervals.",
        )
    is_open = latency["startup_latency_p90_low_s"].notna()
    is_open &= latency["startup_latency_p90_high_s"].isna()
    if is_open.any():
        canvas.note(
            'Below 29 jobs the interval of a P90 is open upwards: it says "at least", and the line'
            " ends at the P90."
        )
    withheld = latency[latency["startup_latency_p90_s"].isna()]
    if len(withheld):
        groups = ", ".join(
            f"{label('input_mode', row.input_mode)} {row.start_kind}"
            f" ({formats.count(row.job_count, 'job')})"
            for row in records(withheld)
        )
        canvas.note(f"Withheld, because they have fewer than 10 jobs: {groups}.")
    if latency["image_pull_hidden_job_count"].any():
        canvas.notice(
            "Some jobs ran before 2024, when pulling the image counted as Training: their startup"
            " latency is understated. The table counts them; a later time range leaves them out.",
            icon=":material/flag:",
            tone="warning",
        )
    canvas.expander("Table: startup latency").table(
        latency,
        ["input_mode", "start_kind", "job_count", "startup_latency_p50_s",
         "startup_latency_p90_s", "startup_latency_p90_low_s", "startup_latency_p90_high_s",
         "startup_latency_p99_s", "image_pull_hidden_job_count"],
        key="latency_table",
        alt="Startup latency by input mode and kind of start",
        file_name="startup_latency",
        placeholder=WITHHELD,
    )  # fmt: skip
    links.sql(canvas, "startup_latency")


def _phases(canvas: Canvas, phases: pd.DataFrame) -> None:
    canvas.header("Startup phases")
    if phases["p50_s"].isna().all():
        canvas.notice("No phase is known for 10 jobs or more.", icon=":material/info:")
        return
    canvas.text(
        "AWS does not bill provisioning. It bills the download of data and image, so a slow"
        " download costs time and money."
    )
    canvas.chart(
        phase_bars(phases, ink=INK[canvas.theme]),
        key="phases",
        alt="Stacked bars: median provisioning and download time by input mode and kind of start.",
    )
    canvas.expander("Table: startup phases").table(
        phases,
        ["input_mode", "start_kind", "phase", "billed", "job_count", "p50_s", "p90_s", "p99_s"],
        key="phase_table",
        alt="Startup phases by input mode and kind of start",
        file_name="startup_phases",
        placeholder=WITHHELD,
    )
    row = canvas.row()
    links.definition(row, "provisioning_s", "How are phases told apart?")
    links.sql(row, "startup_phases")


def _matched_jobs(canvas: Canvas, matched: pd.DataFrame) -> None:
    canvas.header("Matched jobs, cold against warm")
    canvas.text(
        "Compares jobs of one pool with the same image and input mode, some of which started cold"
        " and some warm, so that the difference comes from the warm start and not from the jobs."
    )
    if matched.empty:
        canvas.notice("No group has 10 cold and 10 warm starts.", icon=":material/info:")
        return
    canvas.table(
        matched,
        ["input_mode", "saved_s", "saved_low_s", "saved_high_s", "group_count", "cold_job_count",
         "warm_job_count"],
        key="matched_table",
        alt="Seconds that a warm start saves by input mode, with 90 % intervals",
        file_name="startup_matched",
    )  # fmt: skip
