"""The search finds what helps, chooses on the earlier part only, and confirms on the later."""

from dataclasses import replace

import numpy as np
import pytest

from analytics.share_replay.candidates import candidates, demand_ratios, whole_quotas
from analytics.share_replay.measures import measures
from analytics.share_replay.replay import replay
from analytics.share_replay.scenario import Scenario, Share
from analytics.share_replay.search import changes, early_part, search, select
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


def test_nothing_is_confirmed_where_the_later_part_turns_round() -> None:
    """Early, only a waits, and weights for it would help; later only b waits behind it."""
    early: list[Job] = []
    late: list[Job] = []
    for day in range(14):
        start = day * DAY
        early += [("a", start + 60 * at, 600.0, 1.0, 0, None) for at in range(5, 35)]
        early += [("b", start + at, 3600.0, 1.0, 0, None) for at in range(40)]
    for day in range(14, 20):
        start = day * DAY
        late += [("b", start + 60 * at, 600.0, 1.0, 0, None) for at in range(5, 35)]
        late += [("a", start + at, 3600.0, 1.0, 0, None) for at in range(40)]
    base = Scenario.of("fair_share", 8, [Share("a", 1.0), Share("b", 1.0)])
    found = search(requests_of(early + late), base)
    assert found is not None
    for trial in found.front:
        assert trial.late is not None
        assert found.base.late is not None
        if any(changes(found.base.late, trial.late, sign=1)):
            rose = zip(
                changes(found.base.early, trial.early, sign=1),
                changes(found.base.late, trial.late, sign=1),
                strict=True,
            )
            assert not trial.is_confirmed or all(early for early, late in rose if late)


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
