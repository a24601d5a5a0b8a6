"""Watched thresholds: what is beyond the limits of settings.toml, in words."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from analytics.quantities import SECONDS_PER_HOUR, span_text
from analytics.query import Filters, run_sql
from analytics.shares.queries import LEAST_JOBS
from analytics.vocabulary import CODES
from data.store.reader import Reader
from data.store.settings import Settings, load_settings

LEAST_HOURS = 3

_COLUMNS = ["alert", "queue_name", "share_name", "is_crossed", "alert_value", "alert_limit",
            "alert_unit", "job_count", "first_at", "last_at", "explanation",
            "next_action"]  # fmt: skip


def alerts(reader: Reader, _filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return what the thresholds watch, with whether each is crossed; a limit of 0 is none."""
    settings = load_settings(reader.home)
    now = values["now"]
    if now is None:
        newest = run_sql(reader, "shares/newest_moment", relation=None)["newest_at"].iloc[0]
        now = datetime.now(UTC) if pd.isna(newest) else newest.to_pydatetime()
    rows = run_sql(
        reader,
        "shares/alerts",
        relation=None,
        now=now,
        watched_days=settings.watched_days,
        least_job_count=LEAST_JOBS,
        least_hour_count=LEAST_HOURS,
    )
    limits = _limits(settings)
    rows["alert_limit"] = rows["alert"].map(limits).astype("float64")
    rows = rows[rows["alert_limit"] > 0].reset_index(drop=True)
    value, limit = rows["alert_value"], rows["alert_limit"]
    is_low = rows["alert"] == "underused_share"
    is_burst = rows["alert"] == "failure_burst"
    rows["is_crossed"] = (
        (is_low & (value < limit)) | (is_burst & (value >= limit))
        | (~is_low & ~is_burst & (value > limit))
    )  # fmt: skip
    rows["explanation"] = [
        _TEXTS[str(row.alert)](row, settings) for row in rows.itertuples(index=False)
    ]  # fmt: skip
    rows["next_action"] = [CODES["alert"][alert].next_action for alert in rows["alert"]]
    rows = rows.sort_values("is_crossed", ascending=False, kind="stable")
    if values["crossed"] == "only":
        rows = rows[rows["is_crossed"]]
    return rows[_COLUMNS].reset_index(drop=True)


def _limits(settings: Settings) -> dict[str, float]:
    return {
        "long_wait": settings.long_wait_p90_h,
        "underused_share": settings.underused_share_ratio,
        "failure_burst": float(settings.failure_burst_job_count),
    }


def _place(row: Any) -> str:
    share = row.share_name if isinstance(row.share_name, str) else None
    queue = row.queue_name if isinstance(row.queue_name, str) else None
    in_queue = f"queue {queue}" if queue else "no queue"
    return f"share {share} in {in_queue}" if share else in_queue


def _hours(hours: float) -> str:
    return span_text(hours * SECONDS_PER_HOUR)


def _wait(row: Any, settings: Settings) -> str:
    return (
        f"One in ten jobs of {_place(row)} waited longer than {_hours(row.alert_value)} in the last"
        f" {settings.watched_days:g} days; the limit is {_hours(row.alert_limit)}."
    )


def _underuse(row: Any, _settings: Settings) -> str:
    return (
        f"While jobs of other shares waited, {row.alert_value:.0%} of what {_place(row)} owns was"
        f" used or lent; the limit is {row.alert_limit:.0%}."
    )


def _burst(row: Any, _settings: Settings) -> str:
    return (
        f"{row.alert_value:.0f} jobs of {_place(row)} failed within one hour of the last day; the"
        f" limit is {row.alert_limit:.0f}."
    )


_TEXTS: Mapping[str, Callable[[Any, Settings], str]] = {
    "long_wait": _wait,
    "underused_share": _underuse,
    "failure_burst": _burst,
}
