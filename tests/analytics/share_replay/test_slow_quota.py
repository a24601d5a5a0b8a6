"""Quotas, job by job against a slow replay that reads as the definition does."""

import pytest
from hypothesis import given, settings

from analytics.share_replay.scenario import CapacityStep, Scenario, Share
from tests.analytics.share_replay.histories import Row, replayed, rows_by_chance
from tests.analytics.share_replay.slow_quota import SlowQuota
from tests.analytics.share_replay.test_laws import shares


@pytest.mark.parametrize("capacity", [9, 24])
@settings(deadline=None, max_examples=200)
@given(rows=rows_by_chance(largest=6), settings_of=shares)
def test_every_job_starts_and_is_preempted_as_in_a_slow_replay(
    rows: list[Row], settings_of: tuple[Share, ...], capacity: int
) -> None:
    rows = [row._replace(run_s=row.run_s + 1) for row in rows]
    answer = replayed(rows, Scenario("quota", (CapacityStep(None, capacity),), shares=settings_of))
    slow = SlowQuota(rows, {one.name: one for one in settings_of}, capacity)
    slow.run()
    numbers = [int(name.removeprefix("job-")) for name in answer.requests.job_name]
    found = {
        number: start_us / 1e6
        for number, start_us in zip(numbers, answer.start_us, strict=True)
        if start_us >= 0
    }
    assert found == slow.found
    counts = dict(zip(numbers, answer.preempted_count.tolist(), strict=True))
    assert {job: count for job, count in counts.items() if count} == slow.counts
