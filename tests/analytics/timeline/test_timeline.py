"""The pool timeline: its segments against a slow replay, the ledger, the curve and their sums."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.catalog import queries
from analytics.derived.derive import derive
from analytics.query import Filters
from analytics.timeline.bins import MOST_BINS, round_step_s
from analytics.timeline.lanes import cluster_lanes
from data.errors import StokerError
from data.ingest.home_store import open_home
from data.ingest.pipeline import ImportResult, ingest
from data.raw.inputs import uploaded
from data.store.home import Home
from data.store.store import Store
from tests.conftest import T0, ask, describe_job, lines

Take = Callable[..., ImportResult]
KEPT = {"KeepAlivePeriodInSeconds": 600}
END = 690.0  # of conftest's default job: created at 0, instances at 60, training at 90
SUMS = {"startup": "startup_s", "run": "run_s", "idle": "idle_s"}


def asked(store: Store, name: str, filters: Filters | None = None, **given: str) -> pd.DataFrame:
    if "pool_key" not in given:
        given["pool_key"] = only_pool(store)
    return ask(store, name, filters, **given)


def only_pool(store: Store) -> str:
    (key,) = ask(store, "pools")["pool_key"]
    return str(key)


def kept(name: str, **fields: Any) -> dict[str, Any]:
    return describe_job(name, **{"ResourceConfig": KEPT, **fields})


def reused(by: str, retained_s: float | None) -> dict[str, Any]:
    status: dict[str, Any] = {"Status": "Reused", "ReusedByJob": by}
    if retained_s is not None:
        status["ResourceRetainedBillableTimeInSeconds"] = retained_s
    return {"WarmPoolStatus": status}


def after(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def seconds_of(segments: pd.DataFrame) -> list[tuple[str, str, float, float | None]]:
    """Return the segments as (job, kind, start, end), in seconds after T0."""
    return [
        (
            row.job_name,
            row.segment,
            (row.start_at - T0).total_seconds(),
            None if pd.isna(row.end_at) else (row.end_at - T0).total_seconds(),
        )
        for row in segments.itertuples()
    ]


def overlaps(segments: pd.DataFrame) -> list[Any]:
    """Return what overlaps within one lane; a segment without an end lasts forever."""
    found = []
    for lane, rows in segments.groupby("lane"):
        spans = rows.sort_values(["start_at", "end_at"], na_position="last")
        ends = (
            spans["end_at"]
            .where(
                spans["end_at"].notna() | (spans["segment"] == "idle"),
                pd.Timestamp.max.tz_localize("UTC"),
            )
            .fillna(spans["start_at"])
        )
        starts = spans["start_at"]
        found += [
            (lane, number)
            for number, (end, start) in enumerate(zip(ends.iloc[:-1], starts.iloc[1:], strict=True))
            if start < end
        ]
    return found


def test_a_chain_of_reuse_is_one_cluster_with_its_idle_time(store: Store, take: Take) -> None:
    gone = {"Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": 600}
    take(
        kept("a", **reused("b", 110)),
        kept("b", created=END + 110, provisioning=5, WarmPoolStatus=gone),
    )
    found = asked(store, "pool_timeline")
    assert seconds_of(found) == [
        ("a", "startup", 0, 90),
        ("a", "run", 90, 690),
        ("a", "idle", 690, 800),
        ("b", "startup", 800, 835),
        ("b", "run", 835, 1435),
        ("b", "idle", 1435, 2035),
    ]
    assert list(found["cluster_number"].unique()) == [1]
    assert list(found["ended_by"].dropna()) == ["reused", "expired"]
    assert found.groupby("job_name")["start_kind"].first().to_dict() == {"a": "cold", "b": "warm"}


def test_a_cluster_that_went_too_soon_is_told_from_one_that_expired(
    store: Store, take: Take
) -> None:
    gone = {"Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": 200}
    take(kept("a", WarmPoolStatus=gone))
    found = asked(store, "pool_timeline").query("segment == 'idle'").iloc[0]
    assert (found.ended_by, found.duration_s) == ("ended_early", 200)


def test_unknown_idle_time_stays_unknown(store: Store, take: Take) -> None:
    take(kept("a"))
    found = asked(store, "pool_timeline").query("segment == 'idle'").iloc[0]
    assert found.ended_by == "unknown"
    assert pd.isna(found.end_at)
    assert pd.isna(found.duration_s)
    assert asked(store, "pool_timeline_totals").iloc[0].unknown_retained_job_count == 1


def test_the_gap_of_a_link_is_known_without_retained_seconds(store: Store, take: Take) -> None:
    take(kept("a", **reused("b", None)), kept("b", created=END + 110, provisioning=5))
    idle = asked(store, "pool_timeline").query("job_name == 'a' and segment == 'idle'").iloc[0]
    assert (idle.ended_by, idle.duration_s) == ("reused", 110)


def test_a_job_that_runs_has_no_end(store: Store, take: Take) -> None:
    take(kept("a", TrainingEndTime=None, TrainingJobStatus="InProgress", BillableTimeInSeconds=None,
              SecondaryStatusTransitions=None, SecondaryStatus="Training"),
         kept("b", created=5000))  # fmt: skip
    found = asked(store, "pool_timeline")
    run = found.query("job_name == 'a' and segment == 'run'").iloc[0]
    assert pd.isna(run.end_at)
    assert asked(store, "pool_timeline_totals").iloc[0].no_end_job_count == 1
    # nobody else stands in the lane of a cluster that may still run
    assert found.groupby("job_name")["lane"].first().to_dict() == {"a": 1, "b": 2}


def test_without_a_recorded_start_there_is_no_startup(store: Store) -> None:
    rows = "job_name,created_at,training_ended_at,status,pool_key\n" + "".join(
        f"{name},{after(begun).isoformat()},{after(begun + 60).isoformat()},Completed,p\n"
        for name, begun in (("a", 0), ("b", 100))
    )
    ingest(store, uploaded("jobs.csv", rows.encode()), kind="jobs")
    found = asked(store, "pool_timeline", period_s="60")
    assert set(found["segment"]) <= {"run", "idle"}
    if len(found):  # an export without a start may not count as started
        assert not found["is_start_known"].any()


def test_a_cluster_linked_before_it_was_free_begins_when_it_is(store: Store, take: Take) -> None:
    take(kept("a", **reused("b", 0)), kept("b", created=END - 30, provisioning=40))
    found = asked(store, "pool_timeline")
    b = found.query("job_name == 'b'").iloc[0]
    assert (b.start_at - T0).total_seconds() == END
    assert b.is_hit
    assert overlaps(found) == []


@pytest.mark.thorough
@pytest.mark.parametrize("period_s", ["", "0", "60", "600", "3600"])
@pytest.mark.parametrize("since_day", [None, 40])
def test_hits_and_idle_time_are_those_of_the_other_questions(
    demo_store: Store, period_s: str, since_day: int | None
) -> None:
    coverage = ask(demo_store, "coverage")["first_created_at"].min()
    since = None if since_day is None else coverage.to_pydatetime() + timedelta(days=since_day)
    filters = Filters(since=since)
    pools = ask(demo_store, "pools", filters)
    for key in pools[pools["eligible_count"] > 0]["pool_key"].head(6):
        chosen = Filters(since=since, where=(("pool_key", key),))
        found = asked(demo_store, "pool_timeline", filters, pool_key=key, period_s=period_s)
        totals = asked(
            demo_store, "pool_timeline_totals", filters, pool_key=key, period_s=period_s
        ).iloc[0]
        runs = found[found["segment"] == "run"]
        idle_s = found[found["segment"] == "idle"]["duration_s"].sum()
        assert overlaps(found) == []
        if period_s:
            curve = ask(demo_store, "keep_alive_curve", chosen, at=period_s).iloc[0]
            assert len(runs) == curve.job_count
            assert runs["is_hit"].sum() == totals.hit_count == curve.hit_count
            assert idle_s == pytest.approx(curve.retained_s)
            for name in ("retained_s", "retained_cost_usd", "wait_saved_s"):
                assert totals[name] == pytest.approx(curve[name])
        else:
            rates = ask(demo_store, "warm_pool_hit_rate", chosen).iloc[0]
            pool = pools[pools["pool_key"] == key].iloc[0]
            assert len(runs) == rates.eligible_count
            assert runs["is_hit"].sum() == totals.hit_count == rates.hit_count
            assert totals.retained_s == pytest.approx(pool.retained_s)
            # AWS reports whole seconds, and of some hits none
            hits = rates.hit_count
            unknown = totals.unknown_retained_job_count
            assert abs(idle_s - pool.retained_s) <= hits + 3600 * unknown


@pytest.mark.parametrize("period_s", ["", "600"])
@pytest.mark.parametrize("step_s", ["0", "60", "86400"])
def test_bins_sum_to_the_segments(demo_store: Store, period_s: str, step_s: str) -> None:
    key = ask(demo_store, "pools")["pool_key"].iloc[4]
    found = asked(demo_store, "pool_timeline", pool_key=key, period_s=period_s)
    bins = asked(demo_store, "pool_timeline_bins", pool_key=key, period_s=period_s, step_s=step_s)
    for segment, name in SUMS.items():
        expected = found[found["segment"] == segment]["duration_s"].sum()
        assert bins[name].sum() == pytest.approx(expected)
        assert (bins[name] > -1e-6).all()
    runs = found[found["segment"] == "run"]
    assert bins["job_count"].sum() == len(runs)
    assert bins["hit_count"].sum() == runs["is_hit"].sum()
    assert bins["cold_start_count"].sum() == (~runs["is_hit"]).sum()
    assert bins["expiry_count"].sum() == found["ended_by"].isin(["expired", "ended_early"]).sum()
    if step_s == "0":
        assert len(bins) <= MOST_BINS


def test_a_bin_holds_what_lies_in_it(store: Store, take: Take) -> None:
    take(describe_job("a"))
    bins = asked(store, "pool_timeline_bins", period_s="60", step_s="300")
    # startup 0 to 90 s, run 90 to 690 s, idle 690 to 750 s
    assert list(bins["startup_s"]) == pytest.approx([90, 0, 0])
    assert list(bins["run_s"]) == pytest.approx([210, 300, 90])
    assert list(bins["idle_s"]) == pytest.approx([0, 0, 60])
    assert list(bins["expiry_count"]) == [0, 0, 1]
    assert bins["bin_at"].iloc[0] == T0


def test_beside_the_chosen_jobs_stand_those_of_the_same_time(store: Store, take: Take) -> None:
    take(kept("before"), kept("long", run=20_000), kept("chosen", created=10_000))
    chosen = Filters(since=after(9000), until=after(20_000))
    alone = asked(store, "pool_timeline", chosen)
    assert set(alone["job_name"]) == {"chosen"}
    both = asked(store, "pool_timeline", chosen, context="yes")
    assert set(both["job_name"]) == {"chosen", "long"}
    assert set(both[~both["is_counted"]]["job_name"]) == {"long"}
    assert overlaps(both) == []


def test_a_job_has_one_run_and_at_most_one_startup_and_idle_time(demo_store: Store) -> None:
    key = ask(demo_store, "pools")["pool_key"].iloc[0]
    counts = asked(demo_store, "pool_timeline", pool_key=key).value_counts(["job_name", "segment"])
    assert counts.max() == 1


def test_without_a_pool_the_busiest_is_shown(demo_store: Store) -> None:
    jobs = ask(demo_store, "jobs", Filters(where=(("eligibility", "eligible"),)))
    busiest = jobs["pool_key"].value_counts().index[0]
    found = ask(demo_store, "pool_timeline_totals")
    named = ask(demo_store, "pool_timeline_totals", pool_key=str(busiest))
    assert found.equals(named)


@pytest.mark.parametrize("period_s", ["x", "-1", "1.5", "9" * 30])
def test_a_period_is_whole_seconds(store: Store, period_s: str) -> None:
    with pytest.raises(StokerError, match="whole seconds"):
        ask(store, "pool_timeline", pool_key="p", period_s=period_s)


@pytest.mark.parametrize("name", ["pool_timeline", "pool_timeline_bins", "pool_timeline_totals"])
def test_an_unknown_pool_has_no_timeline(store: Store, take: Take, name: str) -> None:
    take(describe_job("a"))
    found = ask(store, name, pool_key="gone")
    assert set(queries()[name].columns) <= set(found.columns)
    assert found.empty or found["job_count"].sum() == 0


# a slow and obvious replay ------------------------------------------------------------------------


def slow_segments(
    spans: list[tuple[int, int]], period_s: int
) -> tuple[set[tuple[str, str, float, float]], list[list[str]]]:
    """Replay one period second by event: run and idle segments, and the jobs of each cluster."""
    moments = []
    for number, (start, run) in enumerate(spans):
        moments.append((start, 1, f"j{number:03}"))
        moments.append((start + run, 0 if run > 0 else 2, f"j{number:03}"))
    length = {f"j{number:03}": run for number, (_, run) in enumerate(spans)}
    free: list[tuple[int, str]] = []
    clusters: dict[str, list[str]] = {}
    segments: set[tuple[str, str, float, float]] = set()
    for moment, kind, job in sorted(moments):
        for since, donor in [item for item in free if moment - item[0] >= period_s]:
            free.remove((since, donor))
            segments.add((donor, "idle", since, since + period_s))
        if kind != 1:
            free.append((moment, job))
            continue
        segments.add((job, "run", moment, moment + length[job]))
        clusters[job] = [job]
        if free:
            since, donor = free.pop()
            segments.add((donor, "idle", since, moment))
            clusters[job] = [*clusters.pop(donor), job]
    segments |= {(donor, "idle", since, since + period_s) for since, donor in free}
    return {s for s in segments if s[1] == "run" or s[3] > s[2]}, sorted(clusters.values())


def most_at_once(segments: pd.DataFrame) -> int:
    """Return the fewest lanes there can be: the most clusters that live at one instant."""
    lives = segments.groupby("cluster_number").agg(begin=("start_at", "min"), end=("end_at", "max"))
    return max(
        (int(((lives["begin"] <= at) & (lives["end"] > at)).sum()) for at in lives["begin"]),
        default=0,
    )


histories = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 15)), min_size=1, max_size=9, unique=True
)


@pytest.mark.thorough
@settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(spans=histories, seed=st.randoms(use_true_random=False))
def test_every_period_is_what_a_slow_replay_gives(
    new_home: Callable[[], Home], spans: list[tuple[int, int]], seed: Any
) -> None:
    jobs = [
        describe_job(f"j{number:03}", created=start, provisioning=0, download=0, run=run,
                     BillableTimeInSeconds=max(run, 1))
        for number, (start, run) in enumerate(spans)
    ]  # fmt: skip
    store = open_home(new_home(), derivation=derive)
    ingest(store, uploaded("jobs.jsonl", lines(*jobs)))
    seed.shuffle(jobs)
    other = open_home(new_home(), derivation=derive)
    ingest(other, uploaded("jobs.jsonl", lines(*jobs)))
    for period_s in (0, 1, 3, 8, 20, 60):
        found = asked(store, "pool_timeline", period_s=str(period_s))
        segments, clusters = slow_segments(spans, period_s)
        # zero-length jobs that free their clusters at one instant can be told apart by name only
        assert sorted(s[1:] for s in seconds_of(found)) == sorted(s[1:] for s in segments)
        chains = sorted(
            list(rows[rows["segment"] == "run"]["job_name"])
            for _, rows in found.groupby("cluster_number")
        )
        if len({start + run for start, run in spans}) == len(spans):
            assert set(seconds_of(found)) == segments
            assert chains == clusters
        assert overlaps(found) == []
        if period_s or min(run for _, run in spans):  # else clusters may live for no time at all
            assert found["lane"].max() == most_at_once(found)
        pd.testing.assert_frame_equal(found, asked(other, "pool_timeline", period_s=str(period_s)))
    store.close()
    other.close()


@given(
    spans=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9)), max_size=12),
    seed=st.randoms(use_true_random=False),
)
def test_no_lane_is_used_twice_at_once(spans: list[tuple[int, int]], seed: Any) -> None:
    begin = np.array([start for start, _ in spans], dtype=np.int64)
    last = np.array([start + length for start, length in spans], dtype=np.int64)
    _, lane = cluster_lanes(np.arange(len(spans)), begin, last)
    for number in set(lane.tolist()):
        inside = sorted(zip(begin[lane == number], last[lane == number], strict=True))
        assert all(one[1] <= other[0] for one, other in pairwise(inside))


@given(length_s=st.floats(0, 4e9))
def test_a_round_step_makes_few_bins(length_s: float) -> None:
    assert length_s / round_step_s(length_s) <= MOST_BINS - 1


def test_phases_are_those_that_aws_reports_with_what_is_billed(store: Store, take: Take) -> None:
    take(describe_job("a"), describe_job("b", created=9))
    found = ask(store, "job_phases", Filters(where=(("job_name", "a"),)))
    assert [(row.phase, row.duration_s, row.billed) for row in found.itertuples()] == [
        ("Starting", 60, False),
        ("Downloading", 30, True),
        ("Training", 600, True),
    ]


def test_phases_come_from_the_times_where_aws_reports_none(store: Store, take: Take) -> None:
    take(describe_job("a", SecondaryStatusTransitions=None))
    found = ask(store, "job_phases")
    assert [(row.phase, row.duration_s, row.billed) for row in found.itertuples()] == [
        ("Starting", 60, False),
        ("Running", 630, True),
    ]
