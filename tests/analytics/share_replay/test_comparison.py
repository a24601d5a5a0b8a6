"""Replays side by side: who gains and who loses, and why jobs wait."""

import pytest

from analytics.share_replay.comparison import comparison, headline
from analytics.share_replay.replay import replay
from analytics.share_replay.scenario import Scenario, Share
from tests.analytics.share_replay.recorded import Job, random_jobs, requests_of

H = 3600.0
# a's long jobs fill the queue before b's short ones
JOBS: list[Job] = [("a", 0, 10 * H, 1, 0, None) for _ in range(10)]
JOBS += [("b", 60, 600, 1, 0, None) for _ in range(10)]
FIFO = Scenario.of("fifo", 2)
QUOTA = Scenario.of(
    "quota", 2, [Share("a", quota=1, strategy="RESERVE"), Share("b", quota=1, strategy="RESERVE")]
)


def test_the_first_scenario_is_what_others_are_compared_with() -> None:
    requests = requests_of(JOBS)
    rows = comparison([replay(requests, FIFO), replay(requests, QUOTA)])
    assert rows["scenario_no"].tolist() == [1, 1, 1, 2, 2, 2]
    assert rows["share_name"].tolist() == ["a", "b", "all"] * 2
    first, second = rows[:3], rows[3:].set_index("share_name")
    assert first["wait_mean_change_s"].isna().all()
    # b no longer waits for the ten long jobs (50 h); a has one instance instead of two
    assert second["share_outcome"].tolist()[:2] == ["loses", "gains"]
    assert second["wait_mean_change_s"]["b"] == pytest.approx(-(50 * H - 60) + 300 * (9 - 4))
    assert second["wait_mean_change_s"]["a"] == pytest.approx((45 - 20) * H)
    assert second["later_job_count"]["a"] == 9
    assert second["sooner_job_count"]["b"] == 10
    assert second["longest_extra_wait_s"]["a"] == pytest.approx(50 * H)


def test_the_same_settings_change_nothing() -> None:
    requests = requests_of(random_jobs(1, 200))
    once = replay(requests, Scenario.of("fifo", 6))
    second = comparison([once, once])[3:]
    assert (second["share_outcome"] == "unchanged").all()
    assert (second["wait_mean_change_s"] == 0).all()
    assert (second["later_job_count"] == 0).all()
    found = headline(comparison([once, once]), 2)
    assert found.winner is None
    assert found.loser is None


def test_all_shares_count_all_jobs() -> None:
    requests = requests_of(random_jobs(2, 200))
    rows = comparison([replay(requests, Scenario.of("fifo", 6))]).set_index("share_name")
    assert rows["job_count"]["all"] == rows["job_count"][["a", "b"]].sum() == 200
    assert rows["allocation_ratio"]["all"] == pytest.approx(
        rows["allocation_ratio"][["a", "b"]].sum()
    )


def test_headline_names_who_gains_and_who_loses_most() -> None:
    requests = requests_of(JOBS)
    found = headline(comparison([replay(requests, FIFO), replay(requests, QUOTA)]), 2)
    assert (found.winner, found.loser) == ("b", "a")
    assert found.winner_p90_before_s > found.winner_p90_after_s
    assert found.longest_extra_wait_s == pytest.approx(50 * H)
