"""What the page computes, remembered: the calibration, replays, bands, the search."""

from collections.abc import Sequence

import pandas as pd

from analytics.query import Filters
from analytics.share_replay.bands import usage_bands
from analytics.share_replay.calibrate import Calibrated, calibrate
from analytics.share_replay.comparison import comparison
from analytics.share_replay.replay import Replay
from analytics.share_replay.scenario import Scenario
from analytics.share_replay.settings_advice import advice_on
from analytics.share_replay.settings_rows import replayed_as
from analytics.share_replay.steps import step_s
from data.store.reader import Reader
from data.store.settings import load_settings
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.work import Report, computed

LONG_JOBS = 150_000
"""From so many jobs on a replay is computed in the background."""

JOB_BYTES = 250


def job_bytes(found: Calibrated | Replay) -> int:
    """Return about how much memory a replay takes."""
    return max(len(found.requests) * JOB_BYTES, 1024)


def calibrated(canvas: Canvas, reader: Reader, jobs: Filters, job_count: int) -> Calibrated | None:
    """Return the replay of the settings in force; None until it is computed."""

    return computed(
        canvas, reader, ("calibrated", jobs), lambda report: calibrate(reader, jobs, report),
        name="Replay of the settings in force", is_long=job_count > LONG_JOBS, size=job_bytes,
    )  # fmt: skip


def replayed(
    canvas: Canvas, reader: Reader, jobs: Filters, found: Calibrated, scenario: Scenario
) -> Replay | None:
    """Return the replay of a scenario; None until it is computed.

    Raises:
        WrongUseError: the scenario does not say what its policy needs.
    """

    def compute(report: Report) -> Replay:
        report(f"Replaying {scenario.name}", 0.1)
        done = replayed_as(reader, found, scenario)
        report(f"Replaying {scenario.name}", 1.0)
        return done

    return computed(
        canvas, reader, ("replayed", jobs, scenario), compute, name=f"Replay of {scenario.name}",
        is_long=len(found.requests) > LONG_JOBS, size=job_bytes,
    )  # fmt: skip


def compared(
    canvas: Canvas, reader: Reader, jobs: Filters, replays: Sequence[Replay]
) -> pd.DataFrame:
    """Return the replays side by side."""
    key = ("compared", jobs, tuple(one.scenario for one in replays))
    found = computed(canvas, reader, key, lambda _: comparison(replays), name="", is_long=False)
    assert found is not None
    return found


def bands(
    canvas: Canvas, reader: Reader, jobs: Filters, replayed: Replay, steps_s: float
) -> pd.DataFrame:
    """Return who holds the capacity over time in a replay."""
    key = ("bands", jobs, replayed.scenario, steps_s)
    found = computed(
        canvas, reader, key, lambda _: usage_bands(replayed, steps_s), name="", is_long=False
    )
    assert found is not None
    return found


def bands_step_s(replays: Sequence[Replay]) -> float:
    """Return the step of time to draw bands of these replays with."""
    return max(step_s(one) for one in replays)


def advice(canvas: Canvas, reader: Reader, jobs: Filters, found: Calibrated) -> pd.DataFrame | None:
    """Return the settings that a search found; None until it is done."""
    value, is_assumed = load_settings(reader.home).valued(None)

    def compute(report: Report) -> pd.DataFrame:
        return advice_on(
            reader,
            found,
            value_of_waiting_usd_per_h=value,
            is_value_assumed=is_assumed,
            report=report,
        )

    return computed(
        canvas,
        reader,
        ("advice", jobs, value, is_assumed),
        compute,
        name="Search for settings",
        is_long=True,
    )


def job_count(reader: Reader, jobs: Filters) -> int:
    """Return how many jobs of the queue were requested in this time."""
    return int(query_rows(reader, "queue_counts", jobs)["job_count"].sum())
