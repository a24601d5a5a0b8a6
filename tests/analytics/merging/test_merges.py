"""Merges of pools: against all pairs and slow replays, and where the truth is known."""

import json
import random
from datetime import UTC, datetime, timedelta
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.derived.matching import NEVER, UNKNOWN, oldest_first
from analytics.keep_alive.replay import Jobs
from analytics.merging.alignment import alignment
from analytics.merging.neighbours import pairs
from analytics.merging.recommendations import recommendations
from analytics.merging.unions import Parts, least_costs, parts_of, unite
from analytics.recommendation import pool_touched
from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.store import Store
from tests.conftest import ask

Int64s = np.ndarray
Spans = list[list[tuple[int, int]]]
PERIODS_S = (1, 5, 20, 60, 600)


def jobs_of(parts: Spans) -> Parts:
    """Return parts of jobs that last from a second to another; ranked by request."""
    rows = sorted(
        (start, part, start + length) for part, jobs in enumerate(parts) for start, length in jobs
    )
    rank = np.arange(len(rows))
    part = np.array([row[1] for row in rows])
    order = np.lexsort((rank, part))
    request_us = np.array([row[0] for row in rows])[order] * 1_000_000
    release_us = np.array([row[2] for row in rows])[order] * 1_000_000
    count = len(rows)
    offsets = np.concatenate([[0], np.cumsum([len(jobs) for jobs in parts])])
    nothing, ones = np.zeros(count, dtype=np.int64), np.ones(count)
    jobs = Jobs(
        pool_id=part[order],
        offsets=offsets.astype(np.int64),
        is_counted=np.ones(count, dtype=np.bool_),
        request_us=request_us,
        release_us=release_us,
        gap_us=nothing,
        idle_us=nothing,
        donor=nothing,
        instance_count=nothing + 1,
        usd_per_s=ones / 3600,
        wait_saved_s=ones * 100,
        billed_saved_s=ones * 0,
        own_s=nothing + 60,
        recorded_s=ones * -1,
        created_day=nothing,
    )
    return parts_of(jobs, order)


def hits(gap_us: Int64s, period_s: int) -> int:
    return int(((gap_us != UNKNOWN) & (gap_us < period_s * 1_000_000)).sum())


def slow_hits(jobs: list[tuple[int, int]]) -> list[int]:
    """Return the gaps of jobs that reuse the newest free cluster, each looking at all of them."""
    jobs, taken, gaps = sorted(jobs), set[int](), []
    for number, (start, _) in enumerate(jobs):
        free = [
            (begun + length, -other)
            for other, (begun, length) in enumerate(jobs)
            if other != number and other not in taken and begun + length <= start
        ]
        if free:
            ended, other = max(free)
            taken.add(-other)
            gaps.append(start - ended)
    return sorted(gaps)


histories = st.lists(
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 60)), min_size=1, max_size=12),
    min_size=2,
    max_size=4,
)


@settings(max_examples=25)
@given(histories, st.randoms(use_true_random=False))
def test_a_union_is_one_pool_whatever_the_order_of_its_parts(
    parts: Spans, chance: random.Random
) -> None:
    # no two requests in one second: which of them comes first would be another question
    used = set[int]()
    for jobs in parts:
        jobs[:] = [job for job in jobs if not (job[0] in used or used.add(job[0]))]
    parts = [jobs for jobs in parts if jobs]
    made = jobs_of(parts)
    every = list(range(len(parts)))
    united, own = unite(made, [every])
    gaps_s = sorted((united.gap_us[united.gap_us != UNKNOWN] // 1_000_000).tolist())
    assert gaps_s == slow_hits([job for jobs in parts for job in jobs])
    chance.shuffle(every)
    again, own_again = unite(made, [every])
    assert (united.gap_us == again.gap_us).all()
    assert (own.idle_us == own_again.idle_us).all()
    # what today's periods did does not know of the union
    assert hits(own.gap_us, 60) == hits(made.own.gap_us, 60)


@settings(max_examples=25)
@given(histories)
def test_a_union_never_hits_less_without_a_limit_or_with_the_oldest_first(parts: Spans) -> None:
    made = jobs_of(parts)
    united, _ = unite(made, [range(len(parts))])
    assert hits(united.gap_us, 10**6) >= hits(made.jobs.gap_us, 10**6)
    for period_s in PERIODS_S:
        whole, alone = (
            oldest_first(jobs.offsets, jobs.request_us, jobs.release_us, period_s * 1_000_000)[0]
            for jobs in (united, made.jobs)
        )
        assert hits(whole, period_s) >= hits(alone, period_s)


def test_a_union_may_hit_less_at_one_period_with_the_newest_first() -> None:
    # one pool's cluster is free from 10, the other's from 15; kept for 10 s, each would be in time
    made = jobs_of([[(0, 10), (16, 100)], [(5, 10), (22, 100)]])
    united, _ = unite(made, [[0, 1]])
    assert hits(made.jobs.gap_us, 10) == 2
    assert hits(united.gap_us, 10) == 1


def test_the_quick_look_finds_the_least_cost_of_a_slow_replay() -> None:
    made = jobs_of([[(0, 10), (30, 10), (90, 10)], [(5, 3), (50, 5)]])
    united, _ = unite(made, [[0, 1]])
    costs = []
    for period_s in PERIODS_S:
        kept_s = [
            min(idle / 1e6 if idle != UNKNOWN else period_s, period_s) for idle in united.idle_us
        ]
        misses = 5 - hits(united.gap_us, period_s)
        costs.append(sum(kept_s) / 3600 + misses * 100 / 3600 * 60)
    assert (united.release_us != NEVER).all()
    found = least_costs(united, np.array(PERIODS_S), 60.0)
    assert found[0] == pytest.approx(min(costs))


def test_neighbours_are_all_pairs_that_differ_in_one_or_two_fields() -> None:
    chance = np.random.default_rng(3)
    codes = np.unique(chance.integers(0, 3, (60, 8)), axis=0)
    stakes = chance.random(len(codes))
    expected = {
        (one, other)
        for one, other in combinations(range(len(codes)), 2)
        if codes[one, 0] == codes[other, 0] and (codes[one] != codes[other]).sum() <= 2
    }
    ones = np.ones(len(codes))
    found, left_out = pairs(codes, stakes, least=0 * ones, most_in_bucket=100)
    assert {tuple(pair) for pair in found.tolist()} == expected
    assert (len(found), left_out) == (len(expected), 0)
    enough, _ = pairs(codes, stakes, least=1.2 * ones, most_in_bucket=100)
    assert {tuple(pair) for pair in enough.tolist()} == {
        pair for pair in expected if stakes[list(pair)].sum() >= 1.2
    }


def test_pruning_loses_no_merge_that_gains_enough(demo_store: Store) -> None:
    given = {"value_of_waiting_usd_per_h": 60.0}
    every = ask(demo_store, "pool_merges", minimum_gain_usd_per_month=0.0, **given)
    some = ask(demo_store, "pool_merges", minimum_gain_usd_per_month=20.0, **given)
    gains = ["pool_key", "other_pool_key", "net_gain_usd_per_month", "net_gain_low_usd_per_month"]
    enough = [rows[rows["net_gain_usd_per_month"] >= 20][gains] for rows in (every, some)]
    assert len(enough[0]) >= 3
    pd.testing.assert_frame_equal(*(rows.reset_index(drop=True) for rows in enough))
    # the demo's speech jobs with two roles, and its tables with two volumes, are each one process
    chosen = some[some["is_chosen"]]
    assert chosen["differing_fields"].str.contains("volume 50 GB / 30 GB").any()
    assert chosen["differing_fields"].str.contains("role demo-speech").any()
    made = recommendations(some)
    touched = [pool for one in made for pool in one.touches]
    assert len(touched) == len(set(touched)) > len(made)
    assert pool_touched(chosen["region"].iloc[0], chosen["pool_key"].iloc[0]) in touched


def test_the_setting_has_what_most_jobs_have_and_the_larger_volume() -> None:
    same = {
        "role_arn": "arn:aws:iam::1:role/a",
        "volume_kms_key_id": None,
        "security_group_ids": "[sg-1, sg-2]",
        "has_inter_container_encryption": False,
        "has_network_isolation": None,
    }
    pools = pd.DataFrame(
        [
            {**same, "job_count": 5, "volume_size_gib": 30, "subnets": "[subnet-1]"},
            {**same, "job_count": 9, "volume_size_gib": 30, "subnets": "[subnet-2]"},
            {**same, "job_count": 2, "volume_size_gib": 80, "subnets": None},
        ]
    )
    found = alignment(pools, 600)
    assert found.differing_fields == (
        "volume 30 GB / 80 GB; subnets [subnet-1] / [subnet-2] / none"
    )
    assert json.loads(found.setting) == {
        "VpcConfig": {"Subnets": ["subnet-2"], "SecurityGroupIds": ["sg-1", "sg-2"]},
        "ResourceConfig": {"VolumeSizeInGB": 80, "KeepAlivePeriodInSeconds": 600},
    }
    assert found.changed_job_count == 16  # none has both
    assert found.security_note == "Needs a security decision: subnets."


MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
COLUMNS = (
    "job_name,created_at,training_started_at,training_ended_at,status,instance_type,region,"
    "instance_count,input_mode,role_arn,volume_size_gib,keep_alive_period_s,user_name"
)


def process_twice(latency_s: int | None = None) -> bytes:
    """Return the jobs of one process: behind two volumes in one region, behind one in another."""
    chance = random.Random(5)
    rows = [f"{COLUMNS},startup_latency_s"]
    latency = "" if latency_s is None else f"{latency_s}"
    at_s = 0.0
    for number in range(400):
        at_s += chance.choice((300, 400, 9000, 12_000))
        run_s = chance.randrange(100, 250)
        start, ended = (MONDAY + timedelta(seconds=s) for s in (at_s, at_s + run_s))
        volume = chance.choice((30, 50, 50))
        for region, size in (("us-east-1", volume), ("eu-west-1", 50)):
            rows.append(
                f"job-{region}-{number:04},{start.isoformat()},{start.isoformat()},"
                f"{ended.isoformat()},Completed,ml.g5.2xlarge,{region},1,File,role,{size},0,"
                f"user-{volume},{latency}"
            )
    return "\n".join(rows).encode()


def test_a_merge_gains_over_today_what_the_pool_would_that_it_makes(store: Store) -> None:
    ingest(store, uploaded("jobs.csv", process_twice()))
    advice = ask(store, "keep_alive_advice", minimum_gain_usd_per_month=0.0)
    whole = advice.set_index("region").loc["eu-west-1"]
    merges = ask(store, "pool_merges")
    assert len(merges) == 1
    merge = merges.iloc[0]
    assert (merge.verdict, merge.region, merge.pool_count) == ("merge", "us-east-1", 2)
    assert merge.gain_over_today_usd_per_month == pytest.approx(whole.net_gain_usd_per_month)
    assert merge.wait_saved_over_today_h_per_month == pytest.approx(whole.wait_saved_h_per_month)
    assert merge.gain_over_today_low_usd_per_month == pytest.approx(
        whole.net_gain_low_usd_per_month
    )
    assert merge.advised_keep_alive_s == whole.advised_keep_alive_s
    # over its parts' own advice it gains less than over today, and surely something
    assert 0 < merge.net_gain_low_usd_per_month < merge.net_gain_usd_per_month
    assert merge.net_gain_usd_per_month < merge.gain_over_today_usd_per_month
    parts = advice[advice["region"] == "us-east-1"]["net_gain_usd_per_month"].sum()
    assert merge.net_gain_usd_per_month == pytest.approx(
        merge.gain_over_today_usd_per_month - parts, rel=0.15
    )
    # the larger volume, for those jobs that had the smaller
    assert json.loads(merge.setting) == {
        "ResourceConfig": {
            "VolumeSizeInGB": 50,
            "KeepAlivePeriodInSeconds": merge.advised_keep_alive_s,
        }
    }
    assert merge.differing_fields == "volume 50 GB / 30 GB"
    assert merge.changed_job_count < merge.job_count / 2
    assert merge.security_note is None
    # by user, the same is what the users of the one pool have by sharing it
    shared = ask(store, "pool_merges", by="user_name").set_index("region").loc["eu-west-1"]
    assert shared.verdict == "shared"
    assert shared.net_gain_usd_per_month == pytest.approx(merge.net_gain_usd_per_month)


def test_a_p90_target_is_met_by_the_period_of_the_pool_that_a_merge_makes(store: Store) -> None:
    """A hit takes 106 s off 170 s: nine of ten must hit, and half of the gaps are over an hour."""
    ingest(store, uploaded("jobs.csv", process_twice(170)))
    given = {"p90_target_s": "100", "limit_s": "21600"}
    whole = ask(store, "keep_alive_advice", **given).set_index("region").loc["eu-west-1"]
    [merge] = ask(store, "pool_merges", **given).itertuples()
    assert whole.advised_keep_alive_s > 3600
    assert merge.advised_keep_alive_s == whole.advised_keep_alive_s
    assert merge.gain_over_today_usd_per_month == pytest.approx(whole.net_gain_usd_per_month)
    free = ask(store, "pool_merges", limit_s="21600")["advised_keep_alive_s"].iloc[0]
    assert merge.advised_keep_alive_s > free

    [short] = ask(store, "pool_merges", p90_target_s="100").itertuples()
    assert (short.verdict, short.is_chosen) == ("keep", False)
    assert "no period up to 3,600 s reaches a P90 startup latency of 100 s" in short.rationale
    assert pd.isna(short.net_gain_usd_per_month)


def test_a_p90_target_without_known_latencies_cannot_be_judged(store: Store) -> None:
    ingest(store, uploaded("jobs.csv", process_twice()))
    [merge] = ask(store, "pool_merges", p90_target_s="100").itertuples()
    assert merge.verdict == "not_enough_data"
    assert "Fewer than 10 jobs have a known startup latency" in merge.rationale


def test_all_is_every_pool_as_in_other_queries(store: Store) -> None:
    ingest(store, uploaded("jobs.csv", process_twice()))
    assert len(ask(store, "pool_merges", pool_key="all")) == 1
    assert ask(store, "pool_merges", pool_key="another").empty


def test_an_exports_own_keys_are_counted_and_not_compared(store: Store) -> None:
    rows = ["job_name,created_at,training_started_at,training_ended_at,status,pool_key"]
    at = MONDAY.isoformat()
    rows += [f"job-{key},{at},{at},{at},Completed,{key}" for key in ("a", "b")]
    ingest(store, uploaded("jobs.csv", "\n".join(rows).encode()))
    assert ask(store, "pool_merges").empty
    found = ask(store, "pool_merge_coverage").set_index("merge_coverage")["found_count"]
    assert found["own_key"] == 2
