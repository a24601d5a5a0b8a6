"""Verdicts on merges: what is said of a gain, in which unit, and whether it is enough."""

from dataclasses import replace

from analytics.keep_alive.decide import Objective
from analytics.merging.decide import MergeImpact, decide

WISHES = Objective(value_of_waiting_usd_per_h=0.0, minimum_gain_usd_per_month=50.0)
UNPRICED = MergeImpact(
    job_count=100,
    span_days=30,
    is_silent=False,
    is_used_together=True,
    has_price=False,
    is_already_one=False,
    gain_usd=20.0,
    low_usd=-5.0,
    cash_usd=20.0,
    wait_saved_h=0.0,
    hits=3.0,
    advised_s=600,
)


def test_a_gain_without_a_price_is_in_seconds_of_a_cluster() -> None:
    verdict, said = decide(UNPRICED, WISHES, None)
    assert verdict == "unclear"
    assert "gains 20.00 s of a cluster per month" in said
    assert "down to -5.00 s of a cluster" in said
    users = replace(UNPRICED, is_already_one=True, gain_usd=5400.0, low_usd=1.0)
    verdict, said = decide(users, WISHES, None)
    assert verdict == "shared"
    assert "would use 5,400.00 s of a cluster per month more" in said
    assert "USD" not in said


def test_seconds_of_a_cluster_are_not_compared_with_the_least_gain_in_usd() -> None:
    surely = replace(UNPRICED, low_usd=1.0)
    assert decide(surely, WISHES, None)[0] == "merge"
    assert decide(replace(surely, has_price=True), WISHES, None)[0] == "keep"
