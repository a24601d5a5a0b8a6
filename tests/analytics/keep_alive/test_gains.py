"""What advice promises: against slow replays, on pools whose truth is known, and on hard cases."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics.query import Filters
from analytics.stats.change_points import last_change
from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.store import Store
from tests.conftest import ask

DAY_S, MONTH_H = 86_400, 730
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
P4D_USD_PER_H, G5_USD_PER_H = 37.688, 1.515
SAVED_S = 106  # published for File: 176 - 70 s
COLUMNS = (
    "job_name,created_at,training_started_at,training_ended_at,status,instance_type,region,"
    "instance_count,input_mode,pool_key,keep_alive_period_s,retained_s"
)
Job = tuple[float, float, int]  # created, run, own period: s after the first midnight


def take_pools(
    store: Store, pools: dict[str, list[Job]], instance_type: str, **recorded: Any
) -> None:
    """Import pools as one export; `recorded`: retained seconds of every job of a pool."""
    rows = [COLUMNS]
    for key, jobs in pools.items():
        for number, (created, run, own_s) in enumerate(sorted(jobs)):
            at, ended = (
                (MONDAY + timedelta(seconds=seconds)).isoformat()
                for seconds in (created, created + run)
            )
            rows.append(
                f"{key}-{number:04},{at},{at},{ended},Completed,{instance_type},us-east-1,1,File,"
                f"{key},{own_s},{recorded.get(key, '')}"
            )
    ingest(store, uploaded("jobs.csv", "\n".join(rows).encode()))


def advice(store: Store, filters: Filters | None = None, **given: str) -> pd.DataFrame:
    return ask(store, "keep_alive_advice", filters, **given).set_index("pool_key")


def slow_own(jobs: list[Job]) -> list[tuple[bool, float]]:
    """Return whether each job hits, and how long its cluster idles, each kept for its own period.

    Every request looks at every cluster that there is.
    """
    jobs = sorted(jobs)
    taken: dict[int, float] = {}
    hits = []
    for number, (created, _, _) in enumerate(jobs):
        free = [
            (began + run, other)
            for other, (began, run, own_s) in enumerate(jobs)
            if other != number
            and other not in taken
            and began + run <= created < began + run + own_s
        ]
        if free:
            released, other = max(free)
            taken[other] = created - released
        hits.append(bool(free))
    return [(hit, taken.get(n, float(jobs[n][2]))) for n, hit in enumerate(hits)]


def some_pools() -> dict[str, list[Job]]:
    """Return pools of whole seconds, whose jobs overlap, with mixed and equal periods of today."""
    chance = random.Random(12)
    pools = {}
    for key, periods in (("mixed", (0, 300, 900, 3600)), ("even", (600,)), ("none", (0,)),
                         ("two", (0, 3600))):  # fmt: skip
        pools[key] = [
            (
                chance.randrange(14 * DAY_S),
                float(chance.randrange(60, 1800)),
                chance.choice(periods),
            )
            for _ in range(150)
        ]
        pools[key][0] = (5.0, 60.0, periods[0])  # all begin on the first day
        pools[key][1] = (13.5 * DAY_S, 60.0, periods[0])  # and end on the last
    return pools


def test_today_is_what_each_jobs_own_period_does(store: Store) -> None:
    pools = some_pools()
    take_pools(store, pools, "ml.g5.2xlarge", mixed=30)
    months = 14 * 24 / MONTH_H
    for value in ("0", "60", "400"):
        found = advice(store, value_of_waiting_usd_per_h=value, minimum_gain_usd_per_month="0")
        for key, jobs in pools.items():
            own = slow_own(jobs)
            retained_usd = sum(idle for _, idle in own) * G5_USD_PER_H / 3600 / months
            row = found.loc[key]
            assert row.current_retained_usd_per_month == pytest.approx(retained_usd)
            # no more can be gained than is paid, and waited for at its value
            misses = sum(not hit for hit, _ in own)
            most = retained_usd + misses * SAVED_S / 3600 * float(value) / months
            gains = (row.net_gain_low_usd_per_month, row.net_gain_usd_per_month,
                     row.net_gain_high_usd_per_month)  # fmt: skip
            assert max(gains) <= most + 1e-6
            assert gains[0] <= gains[1] <= gains[2]
            assert row.net_gain_usd_per_month == pytest.approx(
                row.cash_gain_usd_per_month + float(value) * row.wait_saved_h_per_month
            )
        # one period for all is compared with the same: all pools have the same days
        whole = advice(store, value_of_waiting_usd_per_h=value, pool_key="all").loc["all"]
        assert whole.current_retained_usd_per_month == pytest.approx(
            found["current_retained_usd_per_month"].sum()
        )
    recorded = found.loc["mixed"]
    kept = [idle for (_, idle), job in zip(slow_own(pools["mixed"]), sorted(pools["mixed"]),
                                           strict=True) if job[2] > 0]  # fmt: skip
    assert recorded.retained_recorded_h == pytest.approx(30 * len(kept) / 3600)
    assert recorded.retained_replayed_h == pytest.approx(sum(kept) / 3600)
    assert "AWS recorded" in recorded.rationale


def every_6_h(own_s: list[int]) -> list[Job]:
    return [(number * DAY_S / 4, 600.0, period) for number, period in enumerate(own_s)]


def poisson(rate: float, days: int, own_s: int, seed: int) -> list[Job]:
    chance = np.random.default_rng(seed)
    at = np.cumsum(chance.exponential(DAY_S / rate, int(2 * rate * days)))
    return [(float(now), 1.0, own_s) for now in at[at < days * DAY_S]]


def test_idle_time_of_one_job_or_of_every_other_is_that(store: Store) -> None:
    """H_small_one, H_small_newest0: 37.69 and 753.76 USD of idle time in 10 days."""
    pools = {
        "one": every_6_h([0] * 39 + [3600]),
        "every-other": every_6_h([3600, 0] * 20),
        "all": every_6_h([3600] * 40),
    }
    take_pools(store, pools, "ml.p4d.24xlarge")
    found = advice(store)
    a_month = P4D_USD_PER_H * MONTH_H / 240
    assert found["current_retained_usd_per_month"].to_dict() == pytest.approx(
        {"one": a_month, "every-other": 20 * a_month, "all": 40 * a_month}
    )
    assert found["verdict"].to_dict() == {"one": "unclear", "every-other": "stop", "all": "stop"}
    assert found.loc["one", "net_gain_high_usd_per_month"] <= a_month + 1e-6
    for key in ("every-other", "all"):
        row = found.loc[key]
        assert row.cash_gain_usd_per_month == pytest.approx(row.current_retained_usd_per_month)
        assert row.net_gain_low_usd_per_month == pytest.approx(row.net_gain_usd_per_month)
    assert found["is_value_assumed"].all()
    assert found["rationale"].str.contains("assumed to cost 60 USD").all()
    (store.home.settings).write_text("value_of_waiting_usd_per_h = 0.0")
    chosen = advice(store)
    assert not chosen["is_value_assumed"].any()
    assert not chosen["rationale"].str.contains("assumed").any()


def test_a_month_is_730_h_of_the_time_that_is_looked_at(store: Store) -> None:
    """K_since: five hits and one cluster kept for 61 s on each of 8 of 30 days."""
    jobs: list[Job] = [(day * DAY_S, 60.0, 0) for day in range(30)]
    jobs += [(day * DAY_S + 120 * n, 60.0, 0) for day in range(52, 60) for n in range(6)]
    take_pools(store, {"q": jobs}, "ml.p4d.24xlarge")
    since = Filters(since=MONDAY + timedelta(days=30))
    row = advice(store, since, value_of_waiting_usd_per_h="200").loc["q"]
    a_day = 5 * SAVED_S / 3600 * 200 - (5 * 60 + 61) / 3600 * P4D_USD_PER_H
    assert (row.verdict, row.advised_keep_alive_s) == ("start", 61)
    assert row.net_gain_usd_per_month == pytest.approx(8 * a_day * MONTH_H / 720)
    assert row.net_gain_usd_per_month == pytest.approx(208, abs=0.5)
    # as a whole it changed: its last 8 days are judged, as what they are
    row = advice(store, value_of_waiting_usd_per_h="200").loc["q"]
    assert "The pool changed on 2026-02-26" in row.rationale
    assert row.net_gain_usd_per_month == pytest.approx(8 * a_day * MONTH_H / 192)


def test_pools_that_changed_or_fell_silent_say_so(store: Store) -> None:
    """regime: tight, then every two hours; the last job 28 of 42 days ago; and one like always."""
    chance = random.Random(3)
    tight = [
        (day * DAY_S + hour * 3600 + n * 180 + chance.randrange(60), 60.0, 0)
        for day in range(28) for hour in (9, 15) for n in range(chance.randrange(4, 16))
    ]  # fmt: skip
    sparse = [(day * DAY_S + hour * 3600 + 1800, 60.0, 0) for day in range(28, 42)
              for hour in range(0, 24, 2)]  # fmt: skip
    steady = [(created + late * DAY_S, *rest) for late in (0, 14) for created, *rest in tight
              if late or created < 14 * DAY_S]  # fmt: skip
    pools = {"changed": tight + sparse, "silent": tight[: len(tight) // 2], "steady": steady}
    take_pools(store, pools, "ml.p4d.24xlarge")
    found = advice(store, value_of_waiting_usd_per_h="213.3")
    row = found.loc["changed"]
    assert row.verdict == "keep"
    # to the day, or the one before
    assert f"{row.judged_from_date:%Y-%m-%d}" in ("2026-02-01", "2026-02-02")
    assert f"The pool changed on {row.judged_from_date:%Y-%m-%d}" in row.rationale
    assert found.loc["silent"].verdict == "not_enough_data"
    assert "no longer used" in found.loc["silent"].rationale
    assert found.loc["steady"].verdict == "start"
    assert found.loc["steady"].judged_from_date.date() == MONDAY.date()


def test_poisson_pools_are_told_to_change_where_the_closed_form_says_so(store: Store) -> None:
    """A pool of rate r gains (value of a hit - price / r) x (1 - exp(-r T)) per job, at any T.

    Zero service in the closed form; jobs of a second here. At 60 USD an hour a hit is worth 1.77
    USD, and a cluster 1.515 USD an hour: below 0.86 jobs an hour nothing pays.
    """
    pools = {f"rare-{n:02}": poisson(15.0, 28, 0, n) for n in range(20)}  # 0.73 of break-even
    pools |= {f"often-{n:02}": poisson(62.0, 28, 0, 100 + n) for n in range(20)}  # 3 times
    pools |= {f"kept-{n:02}": poisson(6.0, 28, 3600, 200 + n) for n in range(20)}
    take_pools(store, pools, "ml.g5.2xlarge")
    found = advice(store, value_of_waiting_usd_per_h="60")
    told = found["verdict"].isin(["start", "stop", "raise", "lower"])
    kind = found.index.str.partition("-").get_level_values(0)
    assert told[kind == "rare"].sum() <= 2
    assert set(found["verdict"][kind == "often"]) == {"start"}
    assert told[kind == "kept"].sum() >= 15
    unclear = found[found["verdict"] == "unclear"]
    assert len(unclear)
    assert unclear["rationale"].str.contains("more day|cost of delay of about|No reasonable").all()
    assert (unclear["net_gain_low_usd_per_month"] <= 0).all()
    # the truth at the advised period, against what is promised
    hit_usd, price = 60 * SAVED_S / 3600, G5_USD_PER_H
    row = found[kind == "often"]
    r = 62 / 24
    hours = row["advised_keep_alive_s"].astype(float) / 3600
    true = (hit_usd - price / r) * (1 - np.exp(-r * hours)) * 62 * MONTH_H / 24
    inside = true.between(row["net_gain_low_usd_per_month"], row["net_gain_high_usd_per_month"])
    assert inside.sum() >= 15
    assert true.sum() / row["net_gain_usd_per_month"].sum() == pytest.approx(1.0, abs=0.12)


def test_a_level_that_shifts_is_found_and_chance_is_not() -> None:
    chance = np.random.default_rng(8)
    series = np.concatenate([chance.poisson(20, 30), chance.poisson(5, 15)]).astype(float)
    assert last_change(series, 2.0, False) in range(28, 33)
    assert last_change(series, 10.0, False) == 0
    assert last_change(series[:10], 2.0, False) == 0
    assert last_change(np.full(60, 3.0), 2.0, False) == 0
    false = sum(last_change(np.log(chance.gamma(0.5, 30, 60)), 2.0, True) > 0 for _ in range(400))
    assert false <= 4  # 0.1 % of them
