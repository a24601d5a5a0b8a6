"""The ledger of hits and misses against the definition, job by job."""

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from analytics.derived import matching
from tests.analytics.derived.slow_reference import (
    OTHER_POOL,
    ObservedJob,
    Verdict,
    in_request_order,
    ledger,
)

Column = NDArray[Any]

EVIDENCE = {code: code.name.lower() if code else None for code in matching.Evidence}
MISS_REASON = {code: code.name.lower() if code else None for code in matching.MissReason}

mostly = st.sampled_from([True, True, True, False])

often = settings(max_examples=100, deadline=None)
sometimes = settings(max_examples=40, deadline=None)


def job(name: str, request: int, release: int | None, **reported: Any) -> ObservedJob:
    """Return a job that started at once, kept its cluster for 10, and took 8 to provision."""
    defaults: dict[str, Any] = {
        "pool": "p",
        "start": request,
        "keep_alive": 10,
        "retained": None,
        "provisioning": 8,
        "link": None,
        "can_donate": True,
        "was_refused": False,
    }
    return ObservedJob(name=name, request=request, release=release, **(defaults | reported))


def sorted_pools(jobs: list[ObservedJob]) -> list[ObservedJob]:
    """Return jobs as the pass wants them: by pool, then request, then name."""
    return sorted(in_request_order(jobs), key=lambda job: job.pool)


def columns(jobs: list[ObservedJob]) -> tuple[Column, ...]:
    """Return the arguments of the pass for sorted jobs."""
    pools = [job.pool for job in jobs]
    position = {job.name: i for i, job in enumerate(jobs)}
    links = {None: matching.NO_JOB, OTHER_POOL: matching.OTHER_POOL} | position

    def ints(values: list[int | None], missing: int | np.int64) -> Column:
        return np.array([missing if value is None else value for value in values], np.int64)

    firsts = [i for i, pool in enumerate(pools) if i == 0 or pool != pools[i - 1]]
    return (
        np.array([*firsts, len(jobs)], np.int64),
        ints([job.request for job in jobs], matching.UNKNOWN),
        ints([job.start for job in jobs], matching.UNKNOWN),
        ints([job.release for job in jobs], matching.NEVER),
        ints([job.keep_alive for job in jobs], matching.UNKNOWN),
        ints([job.retained for job in jobs], matching.UNKNOWN),
        ints([job.provisioning for job in jobs], matching.UNKNOWN),
        np.array([links[job.link] for job in jobs], np.int64),
        np.array([job.can_donate for job in jobs], np.bool_),
        np.array([job.was_refused for job in jobs], np.bool_),
        np.array([job.is_taken for job in jobs], np.bool_),
    )


def outcomes(jobs: list[ObservedJob]) -> dict[str, Verdict]:
    """Return the pass's verdict on each job, by name."""
    jobs = sorted_pools(jobs)
    verdicts = {}
    for job, evidence, donor, gap, reason, missed_by in zip(
        jobs, *matching.outcomes(*columns(jobs)), strict=True
    ):
        # a link may run 1 backwards, which is also the mark for unknown
        is_backwards = job.link is not None and donor >= 0 and jobs[donor].release is not None
        verdicts[job.name] = Verdict(
            evidence=EVIDENCE[evidence],
            donor=jobs[donor].name if donor >= 0 else None,
            gap=None if gap == matching.UNKNOWN and not is_backwards else int(gap),
            miss_reason=MISS_REASON[reason],
            missed_by=None if missed_by == matching.UNKNOWN else int(missed_by),
        )
    return verdicts


@st.composite
def histories(draw: st.DrawFn) -> list[ObservedJob]:
    """Draw up to 12 jobs of two pools; a cluster is linked to at most one job."""
    names = draw(st.permutations([f"job-{i}" for i in range(draw(st.integers(0, 12)))]))
    jobs = [draw(observed_jobs(name)) for name in names]
    unlinked = set(names)
    for i, reuser in enumerate(jobs):
        donors = [
            other.name
            for other in jobs
            if other.name in unlinked
            and other.pool == reuser.pool
            and other.request <= reuser.request
            and other.name != reuser.name
            and other.release is not None
        ]
        link = draw(st.sampled_from([*[None] * 8, OTHER_POOL, *donors]))
        unlinked.discard(link or "")
        jobs[i] = replace(reuser, link=link)
    for i, donor in enumerate(jobs):
        if (
            donor.name in unlinked
            and donor.can_donate
            and draw(st.sampled_from([*"....", "x"])) == "x"
        ):
            jobs[i] = replace(donor, is_taken=True, can_donate=False)
    return [replace(job, can_donate=job.can_donate and job.name in unlinked) for job in jobs]


@st.composite
def observed_jobs(draw: st.DrawFn, name: str) -> ObservedJob:
    """Draw one job without a link, and what was reported about it."""
    request = draw(st.integers(0, 12))
    waited = draw(st.sampled_from([0, 0, 0, 1, 2, 4]))
    ran = draw(st.sampled_from([0, 1, 2, 3, 4, 5, None]))
    start = request + waited
    keep_alive = draw(st.sampled_from([None, 0, 2, 3, 6, 12, 12]))
    retained = draw(st.sampled_from([None, None, None, 0, 0, 1, 2, 4]))
    was_refused = keep_alive != 0 and retained == 0 and draw(st.booleans())
    return ObservedJob(
        name=name,
        pool=draw(st.sampled_from("aaaab")),
        request=request,
        release=None if ran is None else start + ran,
        start=start,
        keep_alive=keep_alive,
        retained=retained,
        provisioning=draw(st.sampled_from([None, 0, 1, 2, 4, 8, 8, 8])),
        link=None,
        can_donate=keep_alive not in (None, 0) and not was_refused and draw(mostly),
        was_refused=was_refused,
    )


@often
@given(histories())
def test_ledger_agrees_with_its_definition(jobs: list[ObservedJob]) -> None:
    assert outcomes(jobs) == ledger(jobs)


# one rule each: `a` leaves a cluster, `z` asks


def verdict_on(name: str, *jobs: ObservedJob) -> Verdict:
    """Return the verdict, on which the pass and the definition must agree."""
    verdict = outcomes(list(jobs))[name]
    assert verdict == ledger(list(jobs))[name]
    return verdict


def test_a_link_confirms_a_hit() -> None:
    a = job("a", 0, 5, keep_alive=0, can_donate=False)
    assert verdict_on("z", a, job("z", 9, 10, link="a")) == Verdict("confirmed", "a", 4)


def test_a_link_from_another_pool_confirms_a_hit_without_a_donor() -> None:
    assert verdict_on("z", job("z", 9, 10, link=OTHER_POOL)) == Verdict("confirmed")


def test_quick_provisioning_after_a_kept_cluster_is_an_inferred_hit() -> None:
    a = job("a", 0, 5, provisioning=8)
    assert verdict_on("z", a, job("z", 9, 10, provisioning=4)) == Verdict("inferred", "a", 4)


def test_provisioning_above_half_the_median_is_a_miss() -> None:
    a = job("a", 0, 5, provisioning=7)
    z = job("z", 9, 10, provisioning=4)
    assert verdict_on("z", a, z) == Verdict(None, "a", 4, "unknown")


def test_no_hit_is_inferred_in_the_second_in_which_the_cluster_ends() -> None:
    a, kept_longer = job("a", 0, 5), job("b", 0, 30, keep_alive=60)
    z = job("z", 14, 20, provisioning=1)
    assert verdict_on("z", a, kept_longer, z) == Verdict("inferred", "a", 9)
    z = job("z", 15, 20, provisioning=1)
    assert verdict_on("z", a, kept_longer, z) == Verdict(None, "a", 10, "expired", 0)


def test_the_newest_kept_cluster_is_the_inferred_donor() -> None:
    a, b, c = job("a", 0, 5), job("b", 0, 6), job("c", 0, 7, keep_alive=1)
    assert verdict_on("z", a, b, c, job("z", 9, 10, provisioning=1)).donor == "b"


def test_no_hit_is_inferred_without_another_start_to_compare_with() -> None:
    a = job("a", 0, 5, provisioning=None)
    z = job("z", 9, 10, provisioning=0)
    assert verdict_on("z", a, z) == Verdict(None, "a", 4, "unknown")


def test_a_start_is_not_compared_with_itself() -> None:
    """`y` could have had a's cluster but provisioned anew; so `z` did find it free."""
    a = job("a", 0, 5, provisioning=100)
    y = job("y", 6, 30, provisioning=100)
    z = job("z", 7, 20, provisioning=45)
    assert verdict_on("z", a, y, z) == Verdict("inferred", "a", 2)


def test_the_first_job_of_a_pool_is_first_of_key() -> None:
    other = job("a", 0, 5, pool="q")
    assert verdict_on("z", other, job("z", 9, 10)) == Verdict(miss_reason="first_of_key")


def test_jobs_that_open_a_pool_at_one_instant_are_all_first_of_key() -> None:
    a, z = job("a", 9, 9), job("z", 9, 10)
    assert verdict_on("z", a, z) == Verdict(miss_reason="first_of_key")


def test_no_untaken_release_is_all_busy() -> None:
    a = job("a", 0, 5, can_donate=False)
    y = job("y", 6, None, link="a")
    assert verdict_on("z", a, y, job("z", 9, 20)) == Verdict(miss_reason="all_busy")


def test_a_cluster_taken_by_a_job_that_is_not_in_the_records_is_taken() -> None:
    a = job("a", 0, 5, can_donate=False, is_taken=True)
    assert verdict_on("z", a, job("z", 9, 20)) == Verdict(miss_reason="all_busy")
    assert verdict_on("z", a, job("z", 4, 20, start=6)) == Verdict(miss_reason="all_busy")


def test_a_period_that_reads_0_beside_retained_time_is_ended_early() -> None:
    a = job("a", 0, 5, keep_alive=0, retained=3, can_donate=False)
    assert verdict_on("z", a, job("z", 9, 10)) == Verdict(None, "a", 4, "ended_early", 1)
    assert verdict_on("z", a, job("z", 7, 10)) == Verdict(None, "a", 2, "ended_early")


def test_a_running_job_hides_no_other_cluster() -> None:
    a, b = job("a", 0, 5, keep_alive=0, can_donate=False), job("b", 1, None)
    assert verdict_on("z", a, b, job("z", 9, 10)) == Verdict(None, "a", 4, "not_kept")


def test_a_cluster_that_came_free_before_the_start_makes_too_early() -> None:
    a = job("a", 0, 11)
    z = job("z", 9, 20, start=11)
    expected = Verdict(donor="a", miss_reason="too_early", missed_by=2)
    assert verdict_on("z", a, z) == expected
    assert verdict_on("z", a, replace(z, start=10)) == Verdict(miss_reason="all_busy")


def test_too_early_names_the_first_kept_cluster_to_come_free() -> None:
    a = job("a", 0, 10, keep_alive=0, can_donate=False)
    b, c = job("b", 0, 11), job("c", 0, 12)
    z = job("z", 9, 30, start=13)
    assert verdict_on("z", a, b, c, z) == Verdict(None, "b", None, "too_early", 2)


def test_no_keep_alive_is_not_kept() -> None:
    a = job("a", 0, 5, keep_alive=0, can_donate=False)
    assert verdict_on("z", a, job("z", 9, 10)) == Verdict(None, "a", 4, "not_kept")


def test_a_cluster_never_retained_is_not_provisioned() -> None:
    a = job("a", 0, 5, retained=0, was_refused=True, can_donate=False)
    assert verdict_on("z", a, job("z", 9, 10)) == Verdict(None, "a", 4, "not_provisioned")


def test_a_request_in_the_second_of_the_end_is_expired_by_zero() -> None:
    a = job("a", 0, 5)
    assert verdict_on("z", a, job("z", 15, 16)) == Verdict(None, "a", 10, "expired", 0)
    assert verdict_on("z", a, job("z", 18, 19)) == Verdict(None, "a", 13, "expired", 3)


def test_retained_below_gap_below_keep_alive_is_ended_early() -> None:
    a = job("a", 0, 5, retained=3, can_donate=False)
    assert verdict_on("z", a, job("z", 9, 10)) == Verdict(None, "a", 4, "ended_early", 1)
    assert verdict_on("z", a, job("z", 8, 10)) == Verdict(None, "a", 3, "unknown")


def test_the_newest_untaken_cluster_gives_the_reason() -> None:
    a = job("a", 0, 5, keep_alive=0, can_donate=False)
    b = job("b", 0, 6, keep_alive=1)
    assert verdict_on("z", a, b, job("z", 9, 10)) == Verdict(None, "b", 3, "expired", 2)


def test_a_link_to_a_job_without_a_known_end_has_no_gap() -> None:
    a = job("a", 0, None, can_donate=False)
    assert verdict_on("z", a, job("z", 9, 10, link="a")) == Verdict("confirmed", "a", None)


# laws


@sometimes
@given(histories())
def test_hits_and_misses_add_up_to_jobs(jobs: list[ObservedJob]) -> None:
    verdicts = outcomes(jobs)
    assert verdicts.keys() == {job.name for job in jobs}
    for verdict in verdicts.values():
        assert (verdict.evidence is None) != (verdict.miss_reason is None)


@sometimes
@given(histories())
def test_a_link_is_always_a_hit_and_only_a_link_is_confirmed(jobs: list[ObservedJob]) -> None:
    verdicts = outcomes(jobs)
    for job in jobs:
        assert (verdicts[job.name].evidence == "confirmed") == (job.link is not None)
        if job.link not in (None, OTHER_POOL):
            assert verdicts[job.name].donor == job.link


@sometimes
@given(histories())
def test_one_donor_gives_at_most_one_hit(jobs: list[ObservedJob]) -> None:
    hits = [verdict for verdict in outcomes(jobs).values() if verdict.evidence]
    served = Counter(verdict.donor for verdict in hits if verdict.donor)
    assert all(count == 1 for count in served.values())


@sometimes
@given(histories())
def test_nothing_kept_gives_no_hit_without_a_link(jobs: list[ObservedJob]) -> None:
    jobs = [replace(job, keep_alive=0, was_refused=False) for job in jobs]
    verdicts = outcomes(jobs)
    for job in jobs:
        assert (verdicts[job.name].evidence is not None) == (job.link is not None)


@sometimes
@given(histories(), st.randoms(use_true_random=False))
def test_input_order_does_not_matter(jobs: list[ObservedJob], random: Any) -> None:
    shuffled = list(jobs)
    random.shuffle(shuffled)
    assert outcomes(shuffled) == outcomes(jobs)


@sometimes
@given(histories(), st.sampled_from([-1_000, 1_800_000_000_000_000]))
def test_shifting_all_times_changes_nothing(jobs: list[ObservedJob], by: int) -> None:
    later = [
        replace(
            job,
            request=job.request + by,
            start=job.start + by,
            release=None if job.release is None else job.release + by,
        )
        for job in jobs
    ]
    assert outcomes(later) == outcomes(jobs)


@sometimes
@example([job("a", 0, 5), job("z", 9, 10, provisioning=4)])
@given(histories())
def test_another_pool_changes_nothing(jobs: list[ObservedJob]) -> None:
    apart: dict[str, Verdict] = {}
    for pool in "abp":
        apart |= outcomes([job for job in jobs if job.pool == pool])
    assert outcomes(jobs) == apart


@settings(max_examples=25, deadline=None)
@given(histories())
def test_interpreter_and_compiler_agree(jobs: list[ObservedJob]) -> None:
    arguments = columns(sorted_pools(jobs))
    interpreted = matching.outcomes.py_func(*arguments)
    for ours, compiled in zip(interpreted, matching.outcomes(*arguments), strict=True):
        np.testing.assert_array_equal(ours, compiled)
