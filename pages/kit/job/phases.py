"""The phases of one job: a chart and its table, or why there is none."""

import pandas as pd

from pages.kit import formats
from pages.kit.canvas import Canvas
from pages.kit.job.charts import phase_steps
from pages.kit.rows import records


def draw_phases(canvas: Canvas, phases: pd.DataFrame) -> None:
    """Draw rows of `job_phases` of one job."""
    known = phases.dropna(subset=["end_at"])
    if known.empty:
        canvas.notice(
            "The start and end of this job's phases are not recorded. Full"
            " `describe-training-job` responses contain them.",
            icon=":material/info:",
        )
        return
    canvas.chart(
        phase_steps(phases),
        key="phases",
        alt="Bars: phases of the job over time. "
        + "; ".join(
            f"{phase.phase}: {formats.duration(phase.duration_s)},"
            f" {'billed' if phase.billed else 'not billed'}"
            for phase in records(known)
        ),
    )
    canvas.expander("Table: phases").table(
        phases,
        ["phase", "start_at", "end_at", "duration_s", "billed"],
        key="phase_table",
        alt="The job's phases with start, end, duration and whether they are billed",
        file_name="job_phases",
    )
