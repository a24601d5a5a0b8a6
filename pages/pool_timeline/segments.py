"""What a timeline shows of its segments: which, how far, how marked, and what the pointer tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from analytics.query import Filters
from pages.kit import charts, formats
from pages.kit.labels import label
from pages.kit.rows import records

EDGE = 0.36  # of a lane, from its middle


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of segment is drawn."""

    label: str
    colour: str
    pattern: str = ""


KINDS = {
    ("startup", "cold"): Kind("Starting, cold", charts.COLD),
    ("startup", "warm"): Kind("Starting, warm", charts.WARM),
    ("run", None): Kind("Running", charts.RUN),
    ("idle", None): Kind("Idle", charts.IDLE, charts.IDLE_PATTERN),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """How one kind of moment is drawn."""

    label: str
    colour: str
    symbol: str
    size: int = 9


COLD = Mark("Cold start", charts.COLD, "diamond", 11)
WARM = Mark("Warm start", charts.WARM, "circle")
ENDS = {
    "expired": Mark("Expired", charts.IDLE, "x"),
    "ended_early": Mark("Ended early", charts.IDLE, "triangle-left"),
    "open": Mark("Still idle", charts.IDLE, "circle-open"),
    "unknown": Mark("Idle time not recorded", charts.IDLE, "square-open"),
}
NO_END = Mark("End not recorded", charts.RUN, "triangle-right-open", 11)


def lane_count(segments: pd.DataFrame) -> int:
    """Return how many lanes the segments need."""
    return int(segments["lane"].max()) if len(segments) else 0


def extent_of(panels: Mapping[str, pd.DataFrame], within: Filters) -> tuple[datetime, datetime]:
    """Return the time to show: where the span has anything, with a little room."""
    rows = pd.concat(list(panels.values()))
    rows = rows[rows["is_counted"]]
    first, last = rows["start_at"].min(), rows[["start_at", "end_at"]].max().max()
    if within.since is not None:
        first = max(first, pd.Timestamp(within.since))
    if within.until is not None:
        last = min(last, pd.Timestamp(within.until))
    room = max((last - first) * 0.015, pd.Timedelta(minutes=1))
    return (first - room).to_pydatetime(), (last + room).to_pydatetime()


def in_view(segments: pd.DataFrame, extent: tuple[datetime, datetime]) -> pd.DataFrame:
    """Leave out what is not in view; what has no end lasts to the edge, but for idle times."""
    last = pd.Timestamp(extent[1])
    is_open = segments["end_at"].isna()
    drawn_until = segments["end_at"].where(
        ~is_open, segments["start_at"].where(segments["segment"] == "idle", last)
    )
    shown = segments.assign(drawn_until=drawn_until, is_open=is_open)
    inside = (shown["start_at"] <= last) & (shown["drawn_until"] >= pd.Timestamp(extent[0]))
    return shown[inside]


def marked_moments(
    shown: pd.DataFrame, extent: tuple[datetime, datetime]
) -> list[tuple[Mark, pd.DataFrame, pd.Series, float]]:
    """Return the moments to mark: the rows, when, and how far from the middle of the lane.

    Starts stand on the upper edge and ends on the lower, so that close ones do not hide each other.
    """
    starts = shown[shown["segment"] != "idle"].drop_duplicates("job_name")
    starts = starts[starts["start_at"] >= pd.Timestamp(extent[0])]
    moments = [
        (mark, rows, rows["start_at"], -EDGE)
        for mark, rows in ((COLD, starts[~starts["is_hit"]]), (WARM, starts[starts["is_hit"]]))
    ]
    idle = shown[shown["segment"] == "idle"]
    for name, mark in ENDS.items():
        rows = idle[idle["ended_by"] == name]
        rows = rows[rows["drawn_until"] <= pd.Timestamp(extent[1])]
        moments.append((mark, rows, rows["drawn_until"], EDGE))
    endless = shown[(shown["segment"] == "run") & shown["is_open"]]
    moments.append((NO_END, endless, endless["drawn_until"], 0.0))
    return moments


def hover_text(row: Any, title: str) -> str:
    """Return what the pointer shows: what, when, for how long, and how the job started."""
    start, end = row.start_at, row.end_at
    until = "not recorded" if pd.isna(end) else f"{end:%H:%M:%S}"
    if not pd.isna(end) and end.date() != start.date():
        until = f"{formats.day(end)}, {until}"
    lines = [
        f"<b>{_escaped(row.job_name)}</b>",
        title,
        f"{formats.day(start)}, {start:%H:%M:%S} to {until} ({formats.duration(row.duration_s)})",
    ]
    if row.segment == "idle":
        lines.append(f"Idle after this job: {label('ended_by', row.ended_by).lower()}")
    elif row.is_hit:
        lines.append("Hit: reused a warm cluster")
    else:
        lines.append(f"Miss: {label('miss_reason', row.miss_reason).lower()}")
    if not row.is_start_known:
        lines.append("When it got its instances is not recorded")
    return "<br>".join(lines)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def bin_texts(bins: pd.DataFrame) -> list[str]:
    """Return the time of each bin in words."""
    texts = []
    for row in records(bins):
        end = row.bin_at + pd.Timedelta(seconds=row.step_s)
        texts.append(
            formats.days(row.bin_at, formats.last_moment(end))
            if row.step_s >= 86_400
            else f"{formats.day(row.bin_at)}, {row.bin_at:%H:%M} to {end:%H:%M}"
        )
    return texts
