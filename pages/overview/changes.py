"""What changed against the period before: each figure with its change, and what it was."""

from typing import Any

import pandas as pd

from analytics.vocabulary import FIGURES
from pages.kit import formats, links
from pages.kit.blocks import Kpi
from pages.kit.canvas import Canvas
from pages.kit.formats import SECONDS_PER_HOUR
from pages.kit.rows import first_row, records


def draw_changes(canvas: Canvas, rows: pd.DataFrame) -> None:
    """Draw the figures of the period, compared with the one before it."""
    known = rows[rows["period_value"].notna()] if not rows.empty else rows
    if known.empty:
        return
    first = first_row(known)
    days = formats.days(first.period_since_at, formats.last_moment(first.period_until_at))
    length = (first.period_until_at - first.period_since_at).days
    canvas.header("What changed")
    canvas.note(
        f"{days} (UTC), against the {formats.count(length, 'day')} before."
        + (
            " The records do not reach back far enough to compare."
            if known["previous_value"].isna().all()
            else ""
        )
    )
    canvas.kpis(
        [
            Kpi(
                FIGURES[row.figure].label,
                _written(row.figure, row.period_value),
                _change(row),
                FIGURES[row.figure].meaning,
            )
            for row in records(known)
        ]
    )
    row = canvas.row()
    links.definition(row, "period_changes")
    links.sql(row, "period_changes")


def _change(row: Any) -> str:
    if formats.is_unknown(row.previous_value):
        return f"from {formats.count(row.period_sample_count, 'job')}; before: unknown"
    before = f"{_written(row.figure, row.previous_value)} before"
    if formats.is_unknown(row.relative_change_ratio):
        return before
    change = row.relative_change_ratio
    words = (
        "no change"
        if abs(change) < 0.0005
        else f"{'+' if change > 0 else '-'}" + (formats.percent(abs(change)))
    )
    return (
        f"{words}: {before}; from {formats.count(row.period_sample_count)} and"
        f" {formats.count(row.previous_sample_count, 'job')}"
    )


def _written(figure: str, value: float) -> str:
    if figure.endswith("_usd"):
        return formats.usd_amount(value)
    if figure.endswith("_h"):
        return formats.hours(value * SECONDS_PER_HOUR)
    if figure.endswith("_s"):
        return formats.hours(value)
    return formats.percent(value)
