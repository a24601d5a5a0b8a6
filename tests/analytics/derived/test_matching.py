"""Keep-alive matching against a ticking clock and the laws that it must obey."""

import itertools
from dataclasses import replace
from random import Random

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analytics.derived import matching
from tests.analytics.derived.histories import (
    INSTANT_COUNT,
    LIMIT,
    LONGEST_JOB,
    ONE_STILL_RUNNING,
    TAKEN_WHEN_FREED,
    TWO_ZERO_LENGTH,
    by_release,
    columns,
    donors,
    histories,
    keep_alives,
    newest_first,
    oldest_first,
    releases,
    sorted_pools,
)
from tests.analytics.derived.slow_reference import Job, kept_for_ever, long_chains, replay

often = settings(max_examples=100, deadline=None)
sometimes = settings(max_examples=40, deadline=None)


# against a clock that ticks


@often
@example(TWO_ZERO_LENGTH)
@example(TAKEN_WHEN_FREED)
@example(ONE_STILL_RUNNING)
@given(histories())
def test_one_gap_pass_agrees_with_a_newest_first_replay_of_every_period(jobs: list[Job]) -> None:
    matched = newest_first(jobs)
    for keep_alive in [*range(LONGEST_JOB + 3), INSTANT_COUNT, LIMIT]:
        ticked = replay(jobs, keep_alive, newest=True)
        gaps = {name: matched.gap[name] for name in matched.hits(keep_alive)}
        assert gaps == ticked.gap
        retained = matched.retained_each(keep_alive)
        assert by_release(jobs, retained) == by_release(jobs, ticked.idle)


@often
@example(TWO_ZERO_LENGTH, 1)
@example(TAKEN_WHEN_FREED, 1)
@example(ONE_STILL_RUNNING, 100)
@given(histories(), keep_alives)
def test_oldest_first_agrees_with_an_oldest_first_replay(jobs: list[Job], keep_alive: int) -> None:
    matched = oldest_first(jobs, keep_alive)
    ticked = replay(jobs, keep_alive, newest=False)
    assert matched.gap == ticked.gap
    retained = matched.retained_each(keep_alive)
    assert by_release(jobs, retained) == by_release(jobs, ticked.idle)


@sometimes
@given(histories(), st.lists(keep_alives, min_size=1, max_size=3))
def test_sums_of_oldest_first_are_those_of_its_jobs(jobs: list[Job], periods: list[int]) -> None:
    jobs = sorted_pools(jobs)
    offsets, request, release = columns(jobs)
    is_counted = np.arange(len(jobs)) % 3 != 0
    of_hit, per_kept = np.arange(len(jobs)) + 1.0, np.arange(len(jobs)) * 10.0
    found = matching.oldest_first_sums(
        offsets, request, release, is_counted, of_hit[None], per_kept, np.array(periods)
    )
    for period, *sums in zip(periods, *found[:2], found[2][0], found[3], strict=True):
        gap, idle = matching.oldest_first(offsets, request, release, period)
        is_hit = is_counted & (gap != matching.UNKNOWN)
        is_kept = is_counted & (release != matching.NEVER)
        kept = np.where(idle == matching.UNKNOWN, period, idle)
        for pool, (first, last) in enumerate(itertools.pairwise(offsets)):
            here = slice(first, last)
            assert [one[pool] for one in sums] == [
                is_hit[here].sum(),
                kept[here][is_kept[here]].sum(),
                of_hit[here][is_hit[here]].sum(),
                (kept * per_kept)[here][is_kept[here]].sum(),
            ]


@often
@example(ONE_STILL_RUNNING)
@given(histories())
def test_gaps_are_those_of_a_stack_that_is_kept_for_ever(jobs: list[Job]) -> None:
    stack = kept_for_ever(jobs)
    assert newest_first(jobs).gap == {name: gap for name, (gap, _) in stack.items()}
    assert donors(jobs) == {name: donor for name, (_, donor) in stack.items()}


def test_a_job_that_still_runs_does_not_hide_the_clusters_of_its_pool() -> None:
    assert newest_first(ONE_STILL_RUNNING).gap == {"c": 10}
    assert oldest_first(ONE_STILL_RUNNING, keep_alive=11).gap == {"c": 10}


# laws


@sometimes
@given(histories())
def test_each_job_is_a_hit_or_cold_and_each_cluster_serves_at_most_once(jobs: list[Job]) -> None:
    matched, donor_of = newest_first(jobs), donors(jobs)
    assert matched.gap.keys() == donor_of.keys()
    assert len(set(donor_of.values())) == len(donor_of)
    assert matched.idle == {donor: matched.gap[name] for name, donor in donor_of.items()}
    assert all(gap >= 0 for gap in matched.gap.values())
    assert all(name != donor for name, donor in donor_of.items())


@often
@given(histories(), keep_alives, keep_alives)
def test_longer_keep_alive_never_loses_hits(jobs: list[Job], one: int, other: int) -> None:
    shorter, longer = sorted((one, other))
    assert newest_first(jobs).hits(shorter) <= newest_first(jobs).hits(longer)
    assert len(oldest_first(jobs, shorter).gap) <= len(oldest_first(jobs, longer).gap)


@often
@given(histories(), keep_alives)
def test_retained_time_is_at_most_keep_alive_times_releases(
    jobs: list[Job], keep_alive: int
) -> None:
    most = keep_alive * len(releases(jobs))
    assert 0 <= newest_first(jobs).retained(keep_alive) <= most
    assert 0 <= oldest_first(jobs, keep_alive).retained(keep_alive) <= most


@sometimes
@example(TWO_ZERO_LENGTH)
@example(TAKEN_WHEN_FREED)
@given(histories())
def test_keep_alive_zero_gives_no_hit_and_costs_nothing(jobs: list[Job]) -> None:
    assert not newest_first(jobs).hits(0)
    assert not oldest_first(jobs, 0).gap
    assert newest_first(jobs).retained(0) == oldest_first(jobs, 0).retained(0) == 0


@sometimes
@given(histories("a"), histories("b"), keep_alives)
def test_two_pools_give_the_sum_of_their_parts(
    ones: list[Job], others: list[Job], keep_alive: int
) -> None:
    others = [replace(job, name=f"other {job.name}") for job in others]
    both, one, other = newest_first(ones + others), newest_first(ones), newest_first(others)
    assert both.gap == one.gap | other.gap
    assert both.idle == one.idle | other.idle
    assert donors(ones + others) == donors(ones) | donors(others)

    both = oldest_first(ones + others, keep_alive)
    one, other = oldest_first(ones, keep_alive), oldest_first(others, keep_alive)
    assert both.gap == one.gap | other.gap
    assert both.idle == one.idle | other.idle


@sometimes
@given(histories(), keep_alives, st.randoms(use_true_random=False))
def test_neither_input_order_nor_names_change_the_totals(
    jobs: list[Job], keep_alive: int, random: Random
) -> None:
    shuffled = list(jobs)
    random.shuffle(shuffled)
    assert newest_first(shuffled) == newest_first(jobs)
    assert oldest_first(shuffled, keep_alive) == oldest_first(jobs, keep_alive)

    names = [job.name for job in shuffled]
    renamed = [replace(job, name=name) for job, name in zip(jobs, names, strict=True)]
    for one, other in (
        (newest_first(renamed), newest_first(jobs)),
        (oldest_first(renamed, keep_alive), oldest_first(jobs, keep_alive)),
    ):
        assert sorted(one.gap.values()) == sorted(other.gap.values())
        assert one.retained(keep_alive) == other.retained(keep_alive)


@sometimes
@given(histories(), keep_alives, st.sampled_from([-1_000, 1, 1_800_000_000_000_000]))
def test_shifting_all_times_changes_nothing(jobs: list[Job], keep_alive: int, by: int) -> None:
    later = [
        replace(
            job,
            request=job.request + by,
            release=None if job.release is None else job.release + by,
        )
        for job in jobs
    ]
    assert newest_first(later).gap == newest_first(jobs).gap
    assert newest_first(later).idle == newest_first(jobs).idle
    assert oldest_first(later, keep_alive).gap == oldest_first(jobs, keep_alive).gap
    assert oldest_first(later, keep_alive).idle == oldest_first(jobs, keep_alive).idle


@often
@given(histories(), keep_alives)
def test_oldest_first_never_gets_fewer_hits_nor_less_idle_time(
    jobs: list[Job], keep_alive: int
) -> None:
    """Earliest deadline first serves the most requests; newest first saves the most of each period.

    Both are exchange arguments, for fixed job times, one period for all clusters, and a release
    never reused charged in full.
    """
    newest, oldest = newest_first(jobs), oldest_first(jobs, keep_alive)
    assert len(oldest.gap) >= len(newest.hits(keep_alive))
    assert oldest.retained(keep_alive) >= newest.retained(keep_alive)


def test_a_period_that_ends_in_the_second_of_the_request_is_over() -> None:
    jobs = [Job("a", "p", 0, 5), Job("b", "p", 12, 13)]
    assert newest_first(jobs).hits(7) == oldest_first(jobs, 7).gap.keys() == set()
    assert newest_first(jobs).hits(8) == oldest_first(jobs, 8).gap.keys() == {"b"}


def test_an_empty_history_has_no_hits() -> None:
    assert newest_first([]).gap == oldest_first([], 60).gap == {}


# chains


def long_chain_count(jobs: list[Job], keep_alive: int, limit: int) -> int:
    jobs = sorted_pools(jobs)
    offsets, request, release = columns(jobs)
    gap, donor, _ = matching.newest_first(offsets, request, release)
    return int(matching.long_chain_count(gap, donor, request, release, keep_alive, limit))


@often
@example(ONE_STILL_RUNNING, 11, 20)
@example([Job("a", "p", 0, 5), Job("b", "p", 5, 10), Job("c", "p", 10, 16)], 1, 8)
@given(histories(), keep_alives, st.integers(LONGEST_JOB, INSTANT_COUNT))
def test_long_chains_are_those_found_by_following_each_cluster(
    jobs: list[Job], keep_alive: int, limit: int
) -> None:
    assert long_chain_count(jobs, keep_alive, limit) == len(long_chains(jobs, keep_alive, limit))


@sometimes
@example([Job("a", "p", 0, 6)], 3)
@given(histories(), st.integers(0, LIMIT))
def test_long_chains_need_reuse(jobs: list[Job], limit: int) -> None:
    assert long_chain_count(jobs, keep_alive=0, limit=limit) == 0


# the same source without the compiler


@settings(max_examples=25, deadline=None)
@given(histories(), keep_alives)
def test_interpreter_and_compiler_agree(jobs: list[Job], keep_alive: int) -> None:
    offsets, request, release = columns(sorted_pools(jobs))
    compiled = matching.newest_first(offsets, request, release)
    for_ever = np.full(len(request), matching.NEVER)
    interpreted = matching.newest_kept_first.py_func(offsets, request, release, for_ever)
    np.testing.assert_array_equal(interpreted, compiled)

    np.testing.assert_array_equal(
        matching.oldest_first.py_func(offsets, request, release, keep_alive),
        matching.oldest_first(offsets, request, release, keep_alive),
    )
    chains = (*compiled[:2], request, release, keep_alive, LONGEST_JOB)
    assert matching.long_chain_count.py_func(*chains) == matching.long_chain_count(*chains)
