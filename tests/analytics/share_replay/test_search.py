"""The search finds what helps, chooses on the earlier part only, and confirms on the later."""

from dataclasses import replace

import numpy as np
import pytest

from analytics.share_replay.candidates import Candidate, candidates, demand_ratios, whole_quotas
from analytics.share_replay.measures import Measures, measures
from analytics.share_replay.replay import replay
from analytics.share_replay.scenario import Scenario, Share
from analytics.share_replay.search import Trial, confirmed, early_part, search, select
from tests.analytics.share_replay.recorded import Job, random_jobs, requests_of

DAY = 86_400.0
SILOS = Scenario.of(
    "quota",
    16,
    [Share(name, quota=4, strategy="RESERVE") for name in "abcd"],
)


def in_turns(days: int, *, jobs_a_day: int = 24, seed: int = 0) -> list[Job]:
    """Return days on which one share after the other is busy, for more than its own quota."""
    rng = np.random.default_rng(seed)
    return [
        ("abcd"[day % 4], day * DAY + float(at), 7200.0, 2.0, 0, None)
        for day in range(days)
        for at in np.sort(rng.integers(0, 8 * 3600, jobs_a_day))
    ]


def test_silos_are_advised_to_lend() -> None:
    found = search(requests_of(in_turns(20)), SILOS)
    assert found is not None
    advised = [trial for trial in found.front if trial.is_confirmed]
    assert advised
    late = advised[0].late
    assert late is not None
    assert found.base.late is not None
    # 24 jobs of 2 x 2 h into 4 instances queue up; 16 instances take 8 at once
    assert late.wait_mean_s < 0.2 * found.base.late.wait_mean_s


def test_a_front_has_nobody_whom_another_beats() -> None:
    found = search(requests_of(random_jobs(3, 800, "abcd")), Scenario.of("fifo", 6))
    assert found is not None
    points = [trial.early.objectives for trial in found.front]
    for one in points:
        assert not any(
            other != one and all(a <= b for a, b in zip(other, one, strict=True))
            for other in points
        )
        assert any(a < b for a, b in zip(one, found.base.early.objectives, strict=True))


def crowded(first: int, days: int) -> list[Job]:
    """Return days on which one share has four jobs as large as its silo, the others short ones.

    The long ones wait 0, 7, 14 and 21 h for each other in the silo; in one line they take all 16
    instances for 7 h, and whatever short job comes meanwhile waits for them.
    """
    rng = np.random.default_rng(1)
    jobs: list[Job] = []
    for start in (day * DAY for day in range(first, first + days)):
        jobs += [("a", start + 60.0 * at, 7 * 3600.0, 4.0, 0, None) for at in range(4)]
        jobs += [
            (share, start + float(at), 600.0, 1.0, 0, None)
            for share in "bcd"
            for at in np.sort(rng.integers(600, 20 * 3600, 30))
        ]
    return jobs


def later(days: int) -> list[Job]:
    """Return more days like the earlier ones."""
    return [(share, at + 14 * DAY, *rest) for share, at, *rest in in_turns(days, seed=3)]  # type: ignore[misc]


def test_what_the_later_part_contradicts_is_not_confirmed() -> None:
    """The same choice of the same earlier part: the later one turns round, or goes on."""
    turned = search(requests_of(in_turns(14) + crowded(14, 6)), SILOS)
    goes_on = search(requests_of(in_turns(14) + later(6)), SILOS)
    assert turned is not None
    assert goes_on is not None
    chosen = [trial.candidate for trial in turned.front]
    assert chosen
    assert chosen == [trial.candidate for trial in goes_on.front]
    for trial, other in zip(turned.front, goes_on.front, strict=True):
        assert turned.base.late is not None
        assert trial.late is not None
        # the mean wait fell to a hundredth on the days of the choice, and rises on those after it
        assert trial.early.wait_mean_s < 0.01 * turned.base.early.wait_mean_s
        assert trial.late.wait_mean_s > 1.05 * turned.base.late.wait_mean_s
        assert not trial.is_confirmed
        assert other.is_confirmed


def trial_of(early: tuple[float, float, float], late: tuple[float, float, float]) -> Trial:
    """Return a trial with a mean wait, a longest P90 wait and lost hours of each part."""
    nothing = Candidate(SILOS, "")
    parts = [
        Measures(100, mean_s, 0, "a", worst_s, lost_h) for mean_s, worst_s, lost_h in (early, late)
    ]
    return Trial(nothing, *parts)


@pytest.mark.parametrize(
    ("early", "late", "is_confirmed"),
    [
        ((500, 4000, 0), (500, 4000, 0), True),
        ((500, 4000, 0), (990, 4000, 0), False),  # the mean falls by 1 % only
        ((500, 4000, 0), (500, 4400, 0), False),  # the longest P90 rises, which it had not
        ((500, 4000, 0), (500, 4000, 9), False),  # work is lost, and none was
        ((500, 4000, 9), (500, 4000, 9), True),  # as much as when it was chosen
        ((500, 2000, 0), (500, 4000, 0), False),  # one of two that fell does not fall again
    ],
)
def test_what_fell_must_fall_again_and_nothing_else_rise(
    early: tuple[float, float, float], late: tuple[float, float, float], is_confirmed: bool
) -> None:
    base = trial_of((1000, 4000, 0), (1000, 4000, 0))
    assert confirmed(base, trial_of(early, late)).is_confirmed is is_confirmed


def test_the_choice_does_not_see_the_later_part() -> None:
    requests = requests_of(in_turns(20))
    is_early = early_part(requests)
    others = np.where(is_early, requests.run_us, requests.run_us // 7 + 1)
    first = search(requests, SILOS)
    second = search(replace(requests, run_us=others), SILOS)
    assert first is not None
    assert second is not None
    assert [trial.candidate for trial in first.front] == [trial.candidate for trial in second.front]
    assert [trial.early for trial in first.front] == [trial.early for trial in second.front]


def test_early_part_is_the_first_70_per_cent_of_the_time() -> None:
    jobs: list[Job] = [("a", float(at), 1.0, 1.0, 0, None) for at in range(101)]
    is_early = early_part(requests_of(jobs))
    assert is_early.sum() == 70
    assert len(select(requests_of(jobs), is_early)) == 70


def test_few_jobs_are_not_searched() -> None:
    assert search(requests_of(in_turns(1)), SILOS) is None


def test_settings_under_which_jobs_never_start_are_not_tried() -> None:
    jobs = in_turns(20)
    jobs += [("a", day * DAY + 9 * 3600, 60.0, 16.0, 0, None) for day in range(20)]
    found = search(requests_of(jobs), Scenario.of("fifo", 16))
    assert found is not None
    for trial in found.front:
        assert trial.early.job_count == found.base.early.job_count


def test_report_goes_from_nothing_to_all_and_can_end_the_search() -> None:
    told: list[float] = []
    search(requests_of(in_turns(20)), SILOS, lambda _, share: told.append(share))
    assert told == sorted(told)
    assert 0 <= told[0] < told[-1] <= 1

    class EndError(Exception):
        pass

    def end(step: str, share: float) -> None:
        raise EndError

    with pytest.raises(EndError):
        search(requests_of(in_turns(20)), SILOS, end)


def test_quotas_are_whole_and_add_up() -> None:
    assert whole_quotas(np.array([0.652, 0.217, 0.131]), 100).tolist() == [65, 22, 13]
    for candidate in candidates(requests_of(in_turns(8)), SILOS):
        if candidate.scenario.policy == "quota":
            assert sum(share.quota or 0 for share in candidate.scenario.shares) == 16


def test_demand_is_size_times_run_time() -> None:
    jobs: list[Job] = [("a", 0, 100, 3, 0, None), ("b", 0, 100, 1, 0, None)]
    assert demand_ratios(requests_of(jobs)).tolist() == [0.75, 0.25]


def test_measures_of_a_queue_by_hand() -> None:
    # capacity 1: waits 0, 90, 180; b's only job waits 180
    jobs: list[Job] = [("a", 0, 100, 1, 0, None), ("a", 10, 100, 1, 0, None),
                       ("b", 20, 100, 1, 0, None)]  # fmt: skip
    found = measures(replay(requests_of(jobs), Scenario.of("fifo", 1)))
    assert found is not None
    assert (found.job_count, found.wait_mean_s, found.lost_h) == (3, 90.0, 0.0)
    assert found.wait_p90_s == pytest.approx(162.0)
