"""What is asked of CloudWatch: windows by its published table, calls counted sample by sample."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.aws.metric_requests import (
    Batch,
    Limits,
    Read,
    SampledJob,
    Tier,
    Window,
    batches,
    last_due,
    series_of,
    speed_metrics,
    windows,
)

DAY_S, HOUR_S = 86_400, 3_600
NOW_S = 1_795_600_000 // HOUR_S * HOUR_S
# botocore, cloudwatch GetMetricData: 60 s for 15 days, 300 s for 63, 3600 s for 455
LIMITS = Limits(
    500, 100_800, (Tier(60, 15 * DAY_S), Tier(300, 63 * DAY_S), Tier(3600, 455 * DAY_S))
)


def job(age_days: float, run_s: int | None = 7_000, **more: object) -> SampledJob:
    started_s = NOW_S - int(age_days * DAY_S)
    fields: dict[str, object] = {"instance_count": 1, "has_gpus": False, **more}
    ended_s = None if run_s is None else started_s + run_s
    return SampledJob(f"job-{age_days}", started_s, ended_s, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("age_days", "period_s"),
    [(1, 60), (14.9, 60), (15.1, 300), (62.9, 300), (63.1, 3600), (454, 3600)],
)
def test_the_period_is_the_shortest_that_a_jobs_age_allows(age_days: float, period_s: int) -> None:
    (window,) = windows(job(age_days), NOW_S, LIMITS)
    assert window.period_s == period_s
    assert window.start_s % period_s == 0
    started_s, ended_s = NOW_S - int(age_days * DAY_S), NOW_S - int(age_days * DAY_S) + 7_000
    assert window.start_s <= started_s < window.start_s + period_s
    assert ended_s <= window.end_s


def test_a_job_older_than_every_sample_is_not_asked_for() -> None:
    assert windows(job(456), NOW_S, LIMITS) == []


@settings(max_examples=100, deadline=None)
@given(
    age_s=st.integers(0, 500 * DAY_S),
    run_s=st.none() | st.integers(0, 28 * DAY_S),
    read_s=st.none() | st.integers(0, 28 * DAY_S),
)
def test_windows_cover_what_is_due_once_and_no_start_is_too_old_for_its_period(
    age_s: int, run_s: int | None, read_s: int | None
) -> None:
    started_s = NOW_S - age_s
    read_until_s = None if read_s is None else (started_s + read_s) // 60 * 60
    ended_s = None if run_s is None else started_s + run_s
    one = SampledJob("one", started_s, ended_s, 1, False, (), read_until_s)
    found = sorted(windows(one, NOW_S, LIMITS))
    for window in found:
        kept_s = {60: 15, 300: 63, 3600: 455}[window.period_s] * DAY_S
        assert NOW_S - window.start_s < kept_s
        assert window.start_s < window.end_s
    for before, after in zip(found, found[1:], strict=False):
        # the longer period ends where the shorter one begins: nothing twice, nothing missing
        assert before.end_s == after.start_s
        assert before.period_s > after.period_s
    if found:
        assert found[-1].end_s == last_due(one, NOW_S)[0]
        assert found[-1].end_s <= NOW_S


def test_samples_of_the_last_minutes_are_left_for_the_next_time() -> None:
    # a sample is kept as it came first, so it must not change any more
    running = job(0.1, run_s=None)
    assert last_due(running, NOW_S + 59) == (NOW_S - 600, False)
    just_ended = SampledJob("one", NOW_S - 900, NOW_S - 30, 1, False)
    assert last_due(just_ended, NOW_S) == (NOW_S - 600, False)
    assert last_due(just_ended, NOW_S + 570) == (NOW_S, True)


def test_hosts_are_counted_across_groups_and_algorithms_are_asked_by_job() -> None:
    one = SampledJob("t", 0, 9, 3, True, ("train:loss", "step_time", "tokens/sec"))
    asked = Counter(series.metric_name for series in series_of(one))
    assert asked == {
        "CPUUtilization": 3, "MemoryUtilization": 3, "DiskUtilization": 3, "GPUUtilization": 3,
        "GPUMemoryUtilization": 3, "step_time": 1, "tokens/sec": 1,
    }  # fmt: skip
    assert {series.measured for series in series_of(one) if series.dimension == "Host"} == {
        "t/algo-1", "t/algo-2", "t/algo-3",
    }  # fmt: skip
    assert speed_metrics(["ms_per_step", "Images per sec", "throughput", "accuracy"]) == (
        "ms_per_step", "Images per sec", "throughput",
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    jobs=st.lists(
        st.tuples(
            st.floats(0, 100), st.integers(60, 20 * DAY_S), st.integers(1, 300), st.booleans()
        ),
        max_size=30,
    )
)
def test_every_series_is_asked_once_and_no_call_exceeds_a_limit(
    jobs: list[tuple[float, int, int, bool]],
) -> None:
    reads = [
        Read(one, window)
        for number, (age, run_s, count, has_gpus) in enumerate(jobs)
        for one in [
            SampledJob(
                f"job-{number}", NOW_S - int(age * DAY_S) - run_s, NOW_S - int(age * DAY_S),
                count, has_gpus,
            )
        ]
        for window in windows(one, NOW_S, LIMITS)
    ]  # fmt: skip
    calls = list(batches(reads, LIMITS))
    asked = Counter(
        (series, call.window.period_s)
        for call in calls
        for _, some in call.parts
        for series in some
    )
    due = Counter(
        (series, read.window.period_s) for read in reads for series in series_of(read.job)
    )
    assert asked == due
    for call in calls:
        assert 1 <= call.query_count <= 500
        assert len({query["Id"] for query in call.queries}) == call.query_count
        assert points_of(call) <= 100_800
        for read, _ in call.parts:
            assert call.window.start_s <= read.window.start_s < read.window.end_s
            assert read.window.end_s <= call.window.end_s


def points_of(call: Batch) -> int:
    """Return how many samples can come, counted one by one as CloudWatch has them."""
    period_s = call.window.period_s
    return sum(
        len(series)
        for read, series in call.parts
        for at in range(read.job.started_s // period_s * period_s, read.job.ended_s or 0, period_s)
        if call.window.start_s <= at < call.window.end_s
    )


def test_as_few_calls_as_the_limits_allow() -> None:
    # 1000 jobs of an hour with three series of 60 samples: 3000 queries, 180,000 samples
    reads = [
        Read(one, Window(one.started_s, one.started_s + HOUR_S, 60))
        for number in range(1000)
        for one in [SampledJob(f"j{number}", NOW_S - number * HOUR_S, NOW_S, 1, False)]
    ]
    reads = [
        Read(
            SampledJob(read.job.job_name, read.job.started_s, read.window.end_s, 1, False),
            read.window,
        )
        for read in reads
    ]
    assert len(list(batches(reads, LIMITS))) == 6
