"""Quotas, job by job against a slow replay that reads as the definition does."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from analytics.share_replay.scenario import CapacityStep, Scenario, Share
from tests.analytics.share_replay.histories import Row, replayed, rows_by_chance
from tests.analytics.share_replay.slow_quota import SlowQuota
from tests.analytics.share_replay.test_laws import shares


@pytest.mark.parametrize("capacity", [9, 24])
@settings(deadline=None, max_examples=150)
@given(rows=rows_by_chance(largest=6, retries=(-1, -1, 0, 1)), settings_of=shares)
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
    is_early = answer.note == "ended_by_preemption"
    ends = zip(np.array(numbers)[is_early], answer.end_us[is_early] / 1e6, strict=True)
    assert dict(ends) == slow.ended_early


def test_a_scenario_decides_for_all_jobs_how_often_they_are_queued_again() -> None:
    """The lender takes its 40 back at 10 s and the job of share a is ended, or runs again."""
    rows = [Row(0, 100, 75, "a", 0, 0), Row(10, 100, 40, "b")]
    both = (Share("a", quota=60), Share("b", quota=40))

    def end_of_first(retries: int | None) -> float:
        scenario = Scenario.of("quota", 100, both)
        answer = replayed(rows, replace(scenario, preemption_retries=retries))
        assert answer.preempted_count[0] == 1
        return float(answer.end_us[0] / 1e6)

    assert end_of_first(None) == 10  # its own 0 retries
    assert end_of_first(1) == 110 + 100
