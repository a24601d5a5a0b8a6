"""Share replay: what other settings of a queue would have done, and how far to trust that."""

from analytics.query import Filters
from analytics.share_replay.calibrate import Calibrated
from analytics.share_replay.replay import Replay
from analytics.share_replay.scenario import Scenario
from analytics.share_replay.suggestion import first_alternative
from data.errors import StokerError
from data.store.reader import Reader
from pages.kit import formats, links
from pages.kit.canvas import Canvas
from pages.kit.catalog import Page
from pages.kit.messages import show_error
from pages.share_replay import analysis, answer, details, scenarios
from pages.share_replay import links as scenario_links
from pages.share_replay.queue_picker import pick_jobs
from pages.share_replay.requests_panel import draw_requests
from pages.share_replay.search_panel import draw_search

PAGE = Page(
    title="Share replay",
    icon=":material/replay:",
    lead="Replays a queue's history under other settings: capacity, policy, weights, quotas. First"
    " it replays today's settings and shows how far that is from what happened; then it compares.",
    position=90,
)


def render(canvas: Canvas, reader: Reader) -> None:
    jobs = pick_jobs(canvas, reader)
    if jobs is None:
        return
    job_count = analysis.job_count(reader, jobs)
    if not job_count:
        canvas.notice("No job of this queue was requested in this time.",
                      icon=":material/filter_alt:")  # fmt: skip
        return
    with canvas.busy("Replaying"):
        found = analysis.calibrated(canvas, reader, jobs, job_count)
    if found is None:
        return
    what_ifs, is_own = _what_ifs(canvas, found)
    replays = _replays(canvas, reader, jobs, found, what_ifs)
    if replays is not None:
        _draw(canvas, reader, jobs, found, replays)
    answer.draw_doubts(canvas, found)
    details.draw_left_out(canvas, found)
    scenarios.draw_scenarios(canvas, found, what_ifs, is_own=is_own)
    if replays is not None:
        _draw_details(canvas, reader, jobs, replays)
    details.draw_other_types(canvas, reader, jobs)
    draw_search(canvas, reader, jobs, found, what_ifs)
    draw_requests(canvas, [found.settings.scenario, *what_ifs])
    _draw_assumptions(canvas)


def _what_ifs(canvas: Canvas, found: Calibrated) -> tuple[list[Scenario], bool]:
    """Return the scenarios of the URL, else one to start from; and whether they are the URL's."""
    own, unread_count = scenario_links.what_ifs(canvas)
    if unread_count:
        canvas.notice("Part of this link says no settings, and is ignored.",
                      icon=":material/link_off:")  # fmt: skip
    if own or not found.settings.scenario.capacity:
        return own, True
    return [first_alternative(found.requests, found.settings.scenario)], False


def _replays(
    canvas: Canvas, reader: Reader, jobs: Filters, found: Calibrated, what_ifs: list[Scenario]
) -> list[Replay] | None:
    """Return the replays of all settings that can be replayed; None until they are computed."""
    replays = [] if found.replayed is None else [found.replayed]
    for scenario in what_ifs:
        try:
            with canvas.busy(f"Replaying {scenario.name}"):
                one = analysis.replayed(canvas, reader, jobs, found, scenario)
        except StokerError as error:
            canvas.notice(f"{formats.plain(scenario.name)} cannot be replayed.",
                          icon=":material/error:", tone="error")  # fmt: skip
            show_error(canvas, error)
            continue
        if one is None:
            return None
        replays.append(one)
    return replays or None


def _draw(
    canvas: Canvas, reader: Reader, jobs: Filters, found: Calibrated, replays: list[Replay]
) -> None:
    rows = analysis.compared(canvas, reader, jobs, replays)
    answer.draw_answer(canvas, found, rows, replays)


def _draw_details(canvas: Canvas, reader: Reader, jobs: Filters, replays: list[Replay]) -> None:
    details.draw_waits(canvas, analysis.compared(canvas, reader, jobs, replays))
    details.draw_bands(canvas, reader, jobs, replays)
    details.draw_causes(canvas, replays)


def _draw_assumptions(canvas: Canvas) -> None:
    canvas.header("Assumptions")
    canvas.text(
        "- **Sizes and run times stay as recorded**, and nobody asks for other jobs because they"
        " wait less. A preempted job starts again from its beginning: no checkpoints.\n"
        "- **A job starts in the very second that room appears**, in strict order: whoever is"
        " first in line is waited for.\n"
        "- **Fair share** counts usage x weight, decayed; AWS documents it in words only."
        " **Quota shares** give back what they borrowed by preemption; which job goes is"
        " AWS's heuristic, and assumed.\n"
        "- **Quotas are whole instances** of one kind: instance types are not told apart."
    )
    links.definition(canvas, "share_replay", "How does the replay work?")
