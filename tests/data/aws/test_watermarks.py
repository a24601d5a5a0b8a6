"""Gaps between what was read: whatever is cut where, in the end everything was read once."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.aws.watermarks import EPOCH, OVERLAP, Interval, Watermarks, gaps, union
from data.store.store import Store

HOUR = timedelta(hours=1)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 60)), min_size=1, max_size=6),
)
def test_runs_that_are_cut_anywhere_cover_all_in_the_end(runs: list[tuple[int, int]]) -> None:
    """Each run comes some hours later, and reads so many hours, the newest first."""
    covered: list[Interval] = []
    now = NOON
    read: list[Interval] = []
    for later, hours in [*runs, (1, 10**9)]:
        now += later * HOUR
        left = timedelta(hours=hours) if hours < 10**9 else now - EPOCH + 99 * HOUR
        for gap in gaps(covered):
            end = gap.end or now
            start = max(gap.start or EPOCH, end - left)
            read.append(Interval(start, end))
            covered = union([*covered, Interval(start, end)])
            left -= end - start
            if left <= timedelta(0):
                break
    assert covered == [Interval(EPOCH, now)]
    twice = sum((one.end - one.start for one in read), timedelta(0)) - (now - EPOCH)
    assert timedelta(0) <= twice <= 2 * len(read) * OVERLAP


@pytest.mark.derived
def test_watermarks_outlive_the_process_and_are_of_one_place(store: Store) -> None:
    version = store.version
    here = Watermarks(store, "1", "us-east-1")
    here.cover("jobs", NOON, NOON + HOUR)
    here.cover("jobs", NOON - 3 * HOUR, NOON - 2 * HOUR)
    here.remember("queues", b"one", NOON)
    here.flush()
    again = Watermarks(store, "1", "us-east-1")
    assert again.covered("jobs") == [
        Interval(NOON - 3 * HOUR, NOON - 2 * HOUR),
        Interval(NOON, NOON + HOUR),
    ]
    assert again.is_known("queues", b"one")
    assert not again.is_known("queues", b"two")
    assert Watermarks(store, "1", "eu-west-1").covered("jobs") == []
    again.cover("jobs", NOON - 2 * HOUR, NOON)
    assert again.covered("jobs") == [Interval(NOON - 3 * HOUR, NOON + HOUR)]
    store.derive()
    assert store.version == version  # nothing that an answer is made of has changed
