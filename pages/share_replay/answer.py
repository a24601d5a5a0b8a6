"""The answer first: what the compared settings would have done, and how far to trust that."""

from collections.abc import Sequence

import pandas as pd

from analytics.share_replay.calibrate import EXPLAINED_WITHIN_RATIO, Calibrated
from analytics.share_replay.comparison import ALL_SHARES, headline
from analytics.share_replay.replay import Replay
from analytics.share_replay.settings_rows import contradiction_frame
from analytics.vocabulary import CODES
from pages.kit import formats, links
from pages.kit.blocks import Kpi
from pages.kit.canvas import Canvas
from pages.kit.rows import records
from pages.share_replay.charts import letter, share_text


def sentence(rows: pd.DataFrame, scenario_no: int, name: str) -> str:
    """Return what a scenario would have changed, in a sentence."""
    found = headline(rows, scenario_no)
    name = formats.plain(name)
    loss = (
        "no share's P90 wait would have risen"
        if found.loser is None
        else f"that of **{formats.plain(share_text(found.loser))}** would have risen by"
        f" {formats.hours(found.loser_p90_rise_s)}"
    )
    longest = (
        f"no job would have waited over {formats.hours(found.longest_extra_wait_s)} longer"
        if found.longest_extra_wait_s
        else "no job would have waited longer"
    )
    if found.winner is None:
        return f"With **{name}**, no share's P90 wait would have fallen; {loss}; {longest}."
    return (
        f"With **{name}**, the P90 wait of **{formats.plain(share_text(found.winner))}** would"
        f" have fallen from {formats.hours(found.winner_p90_before_s)} to"
        f" {formats.hours(found.winner_p90_after_s)}; {loss}; {longest}."
    )


def trust_sentence(found: Calibrated) -> str:
    """Return how far the replay of the settings in force is from what happened."""
    errors = found.errors
    if errors is None or errors.observed_wait_mean_s is None:
        return "How far the replay is from what happened is not known."
    if errors.wait_mean_error_ratio is None:
        return (
            "Nobody waited; the replay of today's settings has a mean wait of"
            f" {formats.hours(errors.replayed_wait_mean_s)}."
        )
    return (
        f"Replay error of today's settings: **{formats.percent(errors.wait_mean_error_ratio)}**"
        f" (mean wait {formats.hours(errors.replayed_wait_mean_s)} instead of"
        f" {formats.hours(errors.observed_wait_mean_s)})."
    )


def draw_answer(
    canvas: Canvas, found: Calibrated, rows: pd.DataFrame, replays: Sequence[Replay]
) -> None:
    """Draw what each scenario would have changed, and the headline figures of the first."""
    box = canvas.box()
    for number, one in enumerate(replays[1:], start=2):
        box.text(sentence(rows, number, one.scenario.name))
    box.text(trust_sentence(found))
    if found.left_out_before is not None:
        box.text(
            f"The settings changed on {formats.day(found.left_out_before)}: jobs created before"
            " then are not replayed. End the time range before that day to replay them under the"
            " settings of their time."
        )
    links.definition(box, "calibration_error_ratio", "How is the error measured?")
    if len(replays) < 2:
        return
    before, after = list(records(rows[rows["share_name"] == ALL_SHARES]))[:2]
    canvas.kpis(
        [
            Kpi(
                f"Mean wait with {letter(1)}",
                formats.hours(after.queue_wait_mean_s),
                f"{formats.hours(before.queue_wait_mean_s)} with {letter(0)}",
            ),
            Kpi(
                f"P90 wait with {letter(1)}",
                formats.hours(after.queue_wait_p90_s),
                f"{formats.hours(before.queue_wait_p90_s)} with {letter(0)}",
            ),
            Kpi(
                f"Preemptions with {letter(1)}",
                formats.count(after.preempted_count),
                f"{formats.count(before.preempted_count)} with {letter(0)}",
            ),
            Kpi(
                f"Sooner with {letter(1)}",
                formats.count(after.sooner_job_count, "job"),
                f"{formats.count(after.later_job_count)} later",
                help="Sooner or later by over a minute, of"
                f" {formats.count(after.job_count, 'job')} that start under both.",
            ),
        ]
    )


def draw_doubts(canvas: Canvas, found: Calibrated) -> None:
    """Say where the replay cannot explain the past, and which assumption fails most."""
    if not found.is_explained:
        canvas.notice(_doubt(found), icon=":material/warning:", tone="warning")
    table = contradiction_frame(found)
    errors = pd.DataFrame(
        [
            {
                "calibration_error_ratio": found.errors.wait_mean_error_ratio,
                "wait_p90_error_ratio": found.errors.wait_p90_error_ratio,
                "makespan_error_ratio": found.errors.makespan_error_ratio,
                "allocation_error_ratio": found.errors.allocation_error_ratio,
                "job_count": found.errors.job_count,
            }
        ]
        if found.errors
        else []
    )
    expander = canvas.expander(
        "How well today's settings explain the past", is_open=not found.is_explained
    )
    if len(errors):
        expander.table(
            errors.astype(float),
            list(errors.columns),
            key="calibration",
            alt="Errors of the replay of the settings in force: waits, makespan, allocation",
            placeholder="nothing to compare",
        )
    if table.empty:
        expander.text("The recorded starts contradict none of the replay's assumptions.")
        return
    expander.text("The recorded starts contradict these assumptions, that of most jobs first:")
    expander.text(
        "\n".join(
            f"- **{CODES['assumption'][row.assumption].label}**"
            f" ({formats.count(row.job_count, 'job')}, {formats.percent(row.job_ratio)}"
            f"{_example(row.example_job_name)}). {row.explanation} {row.next_action}"
            for row in records(table)
        )
    )
    links.named_jobs(expander, table["example_job_name"])


def _example(name: object) -> str:
    return "" if formats.is_unknown(name) else f", such as {formats.plain(name)}"


def _doubt(found: Calibrated) -> str:
    worst = found.worst
    cause = (
        "None of the assumptions that can be tested fails."
        if worst is None
        else f"What fails most: \u201c{CODES['assumption'][worst.assumption].label}\u201d."
        f" {CODES['assumption'][worst.assumption].next_action}"
    )
    if found.replayed is None:
        why = formats.plain(found.problem.what) if found.problem else "It cannot be replayed."
        return f"**Today's settings cannot be replayed.** {why} {cause}"
    return (
        "**The replay of today's settings does not explain the past**: its waits are off by more"
        f" than {formats.percent(EXPLAINED_WITHIN_RATIO)}. What other settings would have done is"
        f" uncertain too. {cause}"
    )
