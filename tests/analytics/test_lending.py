"""Whose capacity is borrowed: the rule holds in a replay, and in the hours of what it made."""

import pytest

from analytics.share_replay.bands import usage_bands
from analytics.share_replay.scenario import Scenario, Share
from data.store.store import Store
from tests.analytics.share_replay.histories import Row, replayed
from tests.analytics.shares.queues import add, capacity, import_jobs, job

HOUR = 3600.0
BANDS = [
    "used_instance_h", "owned_used_instance_h", "borrowed_instance_h", "lent_instance_h",
    "idle_instance_h",
]  # fmt: skip
SHARES = (Share("first", quota=60), Share("second", quota=40))


def test_capacity_in_no_quota_is_lent_to_nobody_in_a_replay_and_in_its_records(
    store: Store,
) -> None:
    """Of 120 instances 20 are in no quota: the first share gets its 60 and 15 of the other's 40."""
    rows = [Row(0, HOUR, 25, "second"), *[Row(0, HOUR, 5, "first")] * 30]
    answer = replayed(rows, Scenario.of("quota", 120, SHARES))
    bands = usage_bands(answer).groupby("share_name")[BANDS].sum()
    assert bands.loc["unassigned"].tolist() == [0, 0, 0, 0, 20 * 2]  # of two hours
    # 75 in the first hour; in the second, while the lender needs nothing, the other 75
    assert bands.loc["first"].tolist() == pytest.approx([150, 120, 30, 0, 0])
    assert bands.loc["second", "lent_instance_h"] == pytest.approx(30)

    of, requests = answer.attempts, answer.requests
    import_jobs(
        store,
        *(
            job(f"job-{at}", requests.share_names[requests.share[at]], 0, start / 1e6, end / 1e6,
                int(requests.size[at]))
            for at, start, end in zip(of.job, of.start_us, of.end_us, strict=True)
        ),
    )  # fmt: skip
    add(store, "capacity_records", capacity(120), capacity(60, "first"), capacity(40, "second"))
    hours = store.frame("from share_hours").groupby("share_name")[BANDS].sum()
    for share in bands.index:
        assert hours.loc[share].tolist() == pytest.approx(bands.loc[share].tolist()), share
