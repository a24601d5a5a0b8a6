"""What changed: each figure of a period beside that of the period before it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from analytics.query import Filters
from data.ingest.pipeline import ImportResult
from data.store.store import Store
from tests.conftest import ask, describe_job

DAY_S = 86_400


def test_figures_are_compared_with_the_period_before(
    store: Store, take: Callable[..., ImportResult]
) -> None:
    """Two weeks with one job a day, then two with two: twice the cost, and twice the wait."""
    take(
        *(
            describe_job(f"job-{day}-{turn}", created=day * DAY_S + turn * 7200)
            for day in range(28)
            for turn in range(1 if day < 14 else 2)
        )
    )
    rows = ask(store, "period_changes").set_index("figure")
    cost, wait = rows.loc["total_usd"], rows.loc["startup_wait_h"]
    # 630 billed seconds of a job, at AWS's list price of ml.g5.2xlarge in us-east-1
    assert cost["previous_value"] == pytest.approx(14 * 630 * 1.515 / 3600)
    assert cost["relative_change_ratio"] == pytest.approx(1.0)
    assert (wait["period_value"], wait["previous_value"]) == pytest.approx((0.7, 0.35))
    assert (cost["period_sample_count"], cost["previous_sample_count"]) == (28, 14)
    assert rows.loc["gpu_utilization_ratio", "period_value"] != 0  # unknown, and not 0
    assert rows["period_since_at"].iloc[0].isoformat() == "2026-03-16T00:00:00+00:00"
    earlier = Filters(
        since=datetime(2026, 3, 3, tzinfo=UTC), until=datetime(2026, 3, 10, tzinfo=UTC)
    )
    uncovered = ask(store, "period_changes", earlier)
    assert uncovered["period_value"].notna().any()
    assert uncovered["previous_value"].isna().all()
    # a period that begins after the newest job has nothing to compare
    assert ask(store, "period_changes", Filters(since=datetime(2026, 5, 1, tzinfo=UTC))).empty
