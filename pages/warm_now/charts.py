"""How long each idle warm cluster has been idle, and how long it will be kept."""

from datetime import datetime

import pandas as pd

from pages.kit import charts, formats
from pages.kit.drawing import Drawing

MOST_BARS = 20


def idle_bars(clusters: pd.DataFrame, now: datetime) -> Drawing:
    """Draw each cluster from the end of its job to its expiry; the next to expire is on top."""
    rows = clusters.dropna(subset=["idle_since_at", "expires_at"]).head(MOST_BARS).iloc[::-1]
    names = [
        f"{name} · {number}" if is_shared else name
        for name, number, is_shared in zip(
            rows["pool_name"], range(len(rows), 0, -1), rows["pool_name"].duplicated(keep=False),
            strict=True,
        )
    ]  # fmt: skip
    drawn = charts.figure(x_title="Time (UTC)", height=110 + 34 * len(rows))
    for label, starts, ends, color, pattern in (
        ("Idle so far", rows["idle_since_at"], [now] * len(rows), charts.IDLE, charts.IDLE_PATTERN),
        ("Still kept warm", [now] * len(rows), rows["expires_at"], charts.WARM, ""),
    ):
        spans = [
            (end - start).total_seconds() * 1000 for start, end in zip(starts, ends, strict=True)
        ]
        drawn.add_bar(
            name=label,
            y=names,
            x=spans,
            base=list(starts),
            orientation="h",
            marker={"color": color, "pattern": {"shape": pattern}},
            customdata=[formats.duration(span / 1000) for span in spans],
            hovertemplate=f"%{{y}}<br>{label}: %{{customdata}}<extra></extra>",
        )
    drawn.update_layout(barmode="overlay")
    drawn.update_xaxes(type="date", tickformat="%H:%M")
    drawn.update_yaxes(showgrid=False, ticksuffix=" ")
    return drawn
