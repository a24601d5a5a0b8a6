"""What the answer is based on: waits by share, bands over time, why jobs wait, other types."""

from collections.abc import Sequence

import pandas as pd

from analytics.query import Filters
from analytics.share_replay.band_sums import band_sums, levels, mean_ratio, peak_ratio
from analytics.share_replay.calibrate import Calibrated
from analytics.share_replay.replay import Replay
from analytics.share_replay.summary import wait_causes
from data.store.reader import Reader
from data.tables.columns import COLUMNS
from pages.kit import formats, links
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.labels import label
from pages.share_replay import analysis
from pages.share_replay.charts import band_areas, cause_bars, letter, share_text, wait_bars

MEASURES = {"P90": "queue_wait_p90_s", "Mean": "queue_wait_mean_s", "P50": "queue_wait_p50_s"}
EVERY = "__all__"


def draw_waits(canvas: Canvas, rows: pd.DataFrame) -> None:
    """Draw how long the jobs of each share wait under each of the settings, and who gains."""
    canvas.header("Who waits, who gains, who loses")
    name = canvas.segments("Wait", list(MEASURES), key="wait", is_label_hidden=True)
    column = MEASURES[name]
    canvas.chart(
        wait_bars(rows, column, COLUMNS[column].description),
        key="wait_bars",
        alt=f"Bars: {COLUMNS[column].description} of each share, one bar for each of the settings",
    )
    lettered = rows.assign(scenario_letter=[letter(no - 1) for no in rows["scenario_no"]])
    canvas.table(
        lettered,
        ["share_name", "scenario_letter", "scenario_name", "share_outcome", "job_count",
         "queue_wait_mean_s", "queue_wait_p50_s", "queue_wait_p90_s", "wait_mean_change_s",
         "wait_p90_change_s", "sooner_job_count", "later_job_count", "longest_extra_wait_s",
         "allocation_ratio", "preempted_count", "lost_instance_h"],
        key="comparison",
        alt="Waits, allocation, preemptions and lost work of each share under each of the settings",
        file_name="share_replay_comparison",
        placeholder="",
    )  # fmt: skip
    canvas.note(
        "A share gains or loses if its mean wait changes by over a minute and over 5 %; changes"
        f" are to {letter(0)}, over jobs that start under both."
    )


def draw_bands(canvas: Canvas, reader: Reader, jobs: Filters, replays: Sequence[Replay]) -> None:
    """Draw who holds the capacity over time, under today's settings and under the others."""
    canvas.header("Who holds the capacity")
    names = replays[0].requests.share_names
    labels = {EVERY: "All shares", **{name: share_text(name) for name in names}}
    chosen = EVERY
    if len(names) > 1:
        chosen = canvas.select("Share", labels, key="of_share", width=260)
    step_s = analysis.bands_step_s(replays)
    share = None if chosen == EVERY else chosen
    parts, sentences = [], []
    for number, one in enumerate(replays):
        sums = band_sums(analysis.bands(canvas, reader, jobs, one, step_s), share)
        title = f"{letter(number)}: {one.scenario.name}"
        parts.append((title, sums))
        sentences.append(
            f"**{formats.plain(title)}**: peak allocation {formats.percent(peak_ratio(sums))}, mean"
            f" {formats.percent(mean_ratio(sums))}"
        )
    unit = replays[0].scenario.capacity_unit
    canvas.text(
        f"{'; '.join(sentences)}. Each step of the chart is a mean over {formats.duration(step_s)}."
    )
    canvas.chart(
        band_areas([(title, levels(sums, step_s)) for title, sums in parts], unit),
        key="bands",
        alt="Areas over time: capacity in use of the share's own, borrowed and idle, one picture"
        " for each of the settings",
    )
    table = pd.concat([sums.assign(scenario_name=title) for title, sums in parts])
    canvas.expander("Table: bands").table(
        table,
        ["scenario_name", "bin_at", "capacity_instance_h", "used_instance_h",
         "owned_used_instance_h", "borrowed_instance_h", "lent_instance_h", "idle_instance_h",
         "preempted_instance_h"],
        key="bands_table",
        alt="Capacity in use, borrowed, lent, idle and preempted at each step of time",
        what="steps",
        file_name="share_replay_bands",
    )  # fmt: skip
    row = canvas.row()
    links.definition(row, "borrowed_instance_h", "How are the bands defined?")
    links.sql(row, "share_replay", jobs)


def draw_causes(canvas: Canvas, replays: Sequence[Replay]) -> None:
    """Draw why the jobs of each share wait."""
    canvas.header("Why jobs wait")
    position = 0
    if len(replays) > 1:
        options = {str(n): f"{letter(n)}: {one.scenario.name}" for n, one in enumerate(replays)}
        position = int(canvas.select("Settings", options, key="causes_of", width=320))
    causes = wait_causes(replays[position])
    if not causes["waited_s"].any():
        canvas.text("No job waits.")
        return
    canvas.chart(
        cause_bars(causes),
        key="cause_bars",
        alt="Bars: wait of each share's jobs by cause",
    )
    canvas.table(
        causes[causes["waited_s"] > 0],
        ["share_name", "wait_cause", "job_count", "waited_s"],
        key="causes",
        alt="Wait of each share's jobs by cause, with the jobs that it concerns",
        file_name="share_replay_causes",
    )


def draw_other_types(canvas: Canvas, reader: Reader, jobs: Filters) -> None:
    """Draw which waits another instance type would have met."""
    canvas.subheader("Waits that another instance type would have met")
    rows = query_rows(reader, "waits_met_elsewhere", jobs)
    if rows.empty:
        canvas.text(
            "Not known: it takes the capacity of at least two instance types. Import a capacity"
            " file with an instance_type column, or service environments with a limit per type."
        )
        return
    canvas.table(
        rows,
        list(rows.columns),
        key="other_types",
        alt="Waits for an instance type while capacity of another one stood idle",
        file_name="waits_met_elsewhere",
    )
    canvas.note(
        "As it happened, not replayed. Each job is looked at alone, as if no other had taken the"
        " idle capacity: the sums are upper bounds. The alternative has at least as many"
        " accelerators per instance; whether the code runs on it is for you to say."
    )


def draw_left_out(canvas: Canvas, found: Calibrated) -> None:
    """Say which jobs the replay leaves out, and why."""
    notes = pd.Series(found.requests.note[~found.requests.is_replayed]).value_counts()
    if notes.empty:
        return
    parts = ", ".join(
        f"{formats.count(count)} {label('replay_note', note).lower()}"
        for note, count in notes.items()
    )
    canvas.note(f"Not replayed: {parts}.")
