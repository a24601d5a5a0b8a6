"""The clusters of a pool: KPIs, and one by one while they are few, else summed over time."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from analytics.query import Filters
from data.store.reader import Reader
from pages.kit import formats, links
from pages.kit.blocks import Kpi
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.charts import INK
from pages.kit.rows import first_row
from pages.pool_timeline.charts import timeline_bins, timeline_gantt
from pages.pool_timeline.job_detail import JOB, choose_job
from pages.pool_timeline.panels import ACTUAL, Panel, for_each
from pages.pool_timeline.segments import lane_count

MOST_JOBS, MOST_LANES = 150, 30
Totals = Mapping[str, Any]


def draw_clusters(
    canvas: Canvas, reader: Reader, in_span: Filters, pool_key: str, panels: list[Panel]
) -> None:
    """Draw what became of the clusters whose jobs were created in the span."""
    totals = {
        title: first_row(rows)
        for title, rows in for_each(
            panels,
            lambda period_s: query_rows(
                reader, "pool_timeline_totals", in_span, pool_key=pool_key, period_s=period_s
            ),
        ).items()
    }
    actual = totals[ACTUAL]
    if not actual.job_count:
        canvas.notice(
            "No job of this pool was created in this time range."
            " Go earlier or later, or choose All.",
            icon=":material/event_busy:",
        )
        return
    canvas.kpis(_kpis(totals))
    segments = _segments(reader, in_span, pool_key, panels, int(actual.job_count))
    if segments is None:
        _draw_sums(canvas, reader, in_span, pool_key, panels, actual)
        links.sql(canvas, "pool_timeline_bins", in_span, pool_key=pool_key)
    else:
        _draw_each(canvas, segments, in_span, actual)
        links.sql(canvas, "pool_timeline", in_span, pool_key=pool_key)


def _kpis(totals: Totals) -> list[Kpi]:
    actual = totals[ACTUAL]

    def what_if(write: Callable[[Any], str]) -> str:
        return ", ".join(
            f"{title[0].lower()}{title[1:]}: **{write(other)}**"
            for title, other in totals.items()
            if title != ACTUAL
        )

    def hits(row: Any) -> str:
        return f"{formats.count(row.hit_count)} of {formats.count(row.job_count, 'job')}"

    def idle(row: Any) -> str:
        return f"{formats.hours(row.retained_s)}, {formats.usd(row.retained_cost_usd)}"

    unknown_count = int(actual.unknown_retained_job_count)
    is_known = not formats.is_unknown(actual.retained_s)
    return [
        Kpi(
            "Hit rate",
            formats.percent(actual.hit_rate_ratio),
            _joined(hits(actual), what_if(hits)),
            "Share of the jobs created in this time range that reused a warm cluster.",
        ),
        Kpi(
            "Idle time",
            formats.hours(actual.retained_s),
            _joined(
                formats.usd(actual.retained_cost_usd) if is_known else "",
                f"not recorded for {formats.count(unknown_count, 'job')}" if unknown_count else "",
                what_if(idle),
            ),
            "How long clusters were kept after their jobs, as AWS reports it; cost at list price.",
        ),
        Kpi(
            "Wait time saved",
            formats.hours(actual.wait_saved_s),
            _joined("by hits", what_if(lambda row: formats.hours(row.wait_saved_s))),
            "Hits times the mean time saved per hit in this pool.",
        ),
    ]


def _segments(
    reader: Reader, in_span: Filters, pool_key: str, panels: list[Panel], job_count: int
) -> dict[str, pd.DataFrame] | None:
    """Return the segments of each timeline; None where they are too many to draw."""
    if job_count > MOST_JOBS:
        return None
    for context in ("yes", "no"):
        segments = {
            panel.title: query_rows(
                reader, "pool_timeline", in_span, pool_key=pool_key, period_s=panel.period_s,
                context=context,
            )
            for panel in panels
        }  # fmt: skip
        job_count = max(rows["job_name"].nunique() for rows in segments.values())
        if job_count <= MOST_JOBS and max(map(lane_count, segments.values())) <= MOST_LANES:
            return segments
    return None


def _draw_each(
    canvas: Canvas, segments: Mapping[str, pd.DataFrame], in_span: Filters, totals: Any
) -> None:
    canvas.header("Clusters one by one")
    actual = segments[ACTUAL]
    cold_starts = actual[(actual["segment"] == "run") & ~actual["is_hit"]]

    def choose(values: Sequence[Any]) -> None:
        canvas.write(JOB, values[0] if values else None)

    canvas.chart(
        timeline_gantt(segments, within=in_span, job=canvas.param(JOB), ink=INK[canvas.theme]),
        key="timeline",
        alt="Bars over time, one row per cluster: starting, running and idle. Actual:"
        f" {formats.count(actual['job_name'].nunique(), 'job')} on"
        f" {formats.count(actual['cluster_number'].nunique(), 'cluster')},"
        f" {formats.count(len(cold_starts), 'cold start')}.",
        on_select=choose,
    )
    sentences = [f"{_sample(totals)}."]
    if not actual["is_counted"].all():
        sentences.append("Pale: jobs outside the time range or the filters.")
    if len(segments) > 1:
        sentences.append(
            "Job times stay as recorded: a job that would have hit keeps its cold start."
        )
    canvas.note(" ".join(sentences))
    canvas.hint("Click a bar to see its job. Drag to zoom in, double-click to zoom out.")
    canvas.expander("Table: the bars").table(
        _stacked(segments),
        ["timeline", "cluster_number", "job_name", "segment", "start_at", "end_at", "duration_s",
         "ended_by", "start_kind", "miss_reason"],
        key="segment_table",
        alt="Segments of each cluster: job, kind, start, end, duration and how it ended",
        what="bars",
        file_name="pool_timeline",
        placeholder="",
    )  # fmt: skip
    choose_job(canvas, actual)


def _draw_sums(
    canvas: Canvas,
    reader: Reader,
    in_span: Filters,
    pool_key: str,
    panels: list[Panel],
    totals: Any,
) -> None:
    canvas.header("Clusters over time")
    job_count = int(totals.job_count)
    subject = (
        f"{formats.count(job_count, 'job')} are too many to draw one by one"
        if job_count > MOST_JOBS
        else "Too many clusters ran at once to draw them one by one"
    )
    canvas.notice(
        f"{subject}, so they are summed over time. Choose a shorter time range to see each job.",
        icon=":material/stacked_bar_chart:",
    )
    bins = for_each(
        panels,
        lambda period_s: query_rows(
            reader, "pool_timeline_bins", in_span, pool_key=pool_key, period_s=period_s
        ),
    )
    step = formats.duration(bins[ACTUAL]["step_s"].iloc[0])
    canvas.chart(
        timeline_bins(bins),
        key="timeline_bins",
        alt="Stacked bars over time: clusters running, starting and idle; below, warm starts, cold"
        f" starts and expired clusters. One bar is {step}. {formats.count(job_count, 'job')}.",
    )
    canvas.note(
        f"{_sample(totals)}. One bar is {step}. Jobs count when they get a cluster, expired"
        " clusters when they expire. Jobs created before the time range are left out."
    )
    canvas.expander("Table: the bars").table(
        _stacked(bins),
        ["timeline", "bin_at", "run_s", "startup_s", "idle_s", "job_count", "hit_count",
         "cold_start_count", "expiry_count"],
        key="bin_table",
        alt="Cluster-hours running, starting and idle, starts and expired clusters, by time step",
        what="steps",
        file_name="pool_timeline_bins",
    )  # fmt: skip


def _sample(totals: Any) -> str:
    jobs = formats.count(totals.job_count, "job")
    parts = [f"**{jobs}** of this pool created in this time range"]
    if totals.no_end_job_count:
        parts.append(f"{formats.count(totals.no_end_job_count)} without a recorded end")
    if totals.no_start_job_count:
        parts.append(f"{formats.count(totals.no_start_job_count)} without a recorded start")
    return " · ".join(parts)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _stacked(panels: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(
        [rows.assign(timeline=title) for title, rows in panels.items()], ignore_index=True
    )
