"""The timelines that are shown: the actual one, and beside it what-if."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from data.store.reader import Reader
from data.store.reference_tables import aws_limit
from pages.kit import formats
from pages.kit.canvas import Canvas

PERIOD = "period_s"
ACTUAL, WHAT_IF = "Actual", "What-if"
USUAL_PERIODS_S = (900, 1800)


@dataclass(frozen=True, slots=True)
class Panel:
    """One timeline: its title, and the keep-alive period of all jobs in it."""

    title: str
    period_s: int | None = None
    """None: what it was for each job."""

    @property
    def is_actual(self) -> bool:
        """Whether it shows what happened."""
        return self.period_s is None


def choose_panels(canvas: Canvas, reader: Reader, pool: Any) -> list[Panel]:
    """Draw the choice of another period; return the timelines to show, the actual one first."""
    longest_s = aws_limit(reader, "keep_alive_period_api")
    usual_s = next(usual for usual in USUAL_PERIODS_S if usual != pool.current_keep_alive_s)
    row = canvas.row()
    is_what_if = canvas.param(PERIOD) is not None
    row.segments(
        "Keep-alive", [ACTUAL, WHAT_IF], key="keep_alive", value=WHAT_IF if is_what_if else ACTUAL,
        on_change=lambda new: canvas.write(PERIOD, str(usual_s) if new == WHAT_IF else None),
        help="What-if shows the same jobs as if each had asked for another keep-alive period.",
    )  # fmt: skip
    actual = Panel(ACTUAL)
    if not is_what_if:
        return [actual]
    period_s = row.number(
        "Keep-alive period (s)", key=PERIOD, highest=longest_s, step=60, width=200,
        shown=lambda seconds: f"{seconds:,} s",
    )  # fmt: skip
    current = (
        "unknown"
        if formats.is_unknown(pool.current_keep_alive_s)
        else f"{int(pool.current_keep_alive_s):,} s"
    )
    row.hint(f"Current: {current}")
    if period_s is None:
        return [actual]
    return [actual, Panel(f"{WHAT_IF} {period_s:,} s", period_s)]


def for_each(
    panels: list[Panel], rows_of: Callable[[int | None], pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Return the rows of each timeline by its title; `rows_of` gets the timeline's period."""
    return {panel.title: rows_of(panel.period_s) for panel in panels}
