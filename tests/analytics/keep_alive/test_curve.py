"""The keep-alive curve: exact against a slow replay, for every period, pool and filter."""

import csv
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.derived.derive import derive
from analytics.keep_alive.build_curves import whole_curve
from analytics.query import Filters
from data.errors import StokerError
from data.files.mapping import Mapping
from data.ingest.home_store import open_home
from data.ingest.pipeline import ImportResult, ingest
from data.raw.inputs import uploaded
from data.store.home import Home
from data.store.reader import Reader
from data.store.store import Store
from tests.conftest import T0, ask, describe_job, lines

Take = Callable[..., ImportResult]
ROOT = Path(__file__).parents[3]
NASA = ROOT.parent / "shared" / "data" / "nasa_ipsc_1993"


def curve(store: Store, filters: Filters | None = None, **options: str) -> pd.DataFrame:
    return ask(store, "keep_alive_curve", filters, **options)


@pytest.mark.skipif(not NASA.exists(), reason="the shared material is not here")
@pytest.mark.parametrize("reuse", ["newest", "oldest"])
def test_the_nasa_log_comes_out_as_two_other_programs_have_it(tmp_path: Path, reuse: str) -> None:
    store = open_home(Home(tmp_path).create(), derivation=derive)
    recipe = ROOT / "docs" / "examples" / "nasa_ipsc_1993.toml"
    result = ingest(
        store,
        uploaded("jobs.parquet", (NASA / "jobs.parquet").read_bytes()),
        mapping=Mapping.parse(recipe.read_text(), recipe.stem),
    )
    assert (result.accepted_count, result.rejected_count) == (18239, 0)
    with (NASA / "expected_keep_alive.csv").open() as opened:
        expected = list(csv.DictReader(opened))
    at = ",".join(row["keep_alive_s"] for row in expected)
    found = curve(store, pool_key="all", at=at, reuse=reuse)
    name = {"newest": "most_recently_freed", "oldest": "oldest_freed"}[reuse]
    for row, (_, got) in zip(expected, found.iterrows(), strict=True):
        assert got.miss_count == int(row[f"cold_{name}"])
        assert round(got.retained_s / 3600, 3) == float(row[f"idle_hours_{name}"])
    by_key = curve(store, at="600", reuse=reuse)
    assert len(by_key) == 1256
    assert by_key["hit_count"].sum() == found.set_index("keep_alive_period_s").hit_count[600]
    store.close()


def history(*spans: tuple[float, float]) -> bytes:
    """Return jobs of one pool as (request, run) spans in seconds; starts are immediate."""
    return lines(
        *(
            describe_job(
                f"j{number:03}", created=start, provisioning=0, download=0, run=run,
                BillableTimeInSeconds=max(int(run), 1),
            )
            for number, (start, run) in enumerate(spans)
        )
    )  # fmt: skip


def slow_replay(spans: list[tuple[float, float]], keep_alive_s: int) -> tuple[int, float, int]:
    """Hits, retained seconds and most clusters idle at once, second by event."""
    moments = []
    for number, (start, run) in enumerate(spans):
        moments.append((start, 1, number, "request"))
        moments.append((start + run, 0 if run > 0 else 2, number, "release"))
    free: list[float] = []
    intervals: list[tuple[float, float]] = []
    hits = 0
    for moment, _, _, kind in sorted(moments):
        expired = [since for since in free if moment - since >= keep_alive_s]
        intervals += [(since, since + keep_alive_s) for since in expired]
        free = [since for since in free if moment - since < keep_alive_s]
        if kind == "release":
            free.append(moment)
        elif free:
            since = free.pop()
            intervals.append((since, moment))
            hits += 1
    intervals += [(since, since + keep_alive_s) for since in free]
    peak = max(
        (sum(begin <= moment < end for begin, end in intervals) for moment, _ in intervals),
        default=0,
    )
    return hits, sum(end - begin for begin, end in intervals), peak


spans = st.lists(
    st.tuples(st.integers(0, 40).map(float), st.integers(0, 15).map(float)), min_size=1, max_size=9
)


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(spans=spans)
def test_every_period_is_what_a_slow_replay_gives(
    new_home: Callable[[], Home], spans: list[tuple[float, float]]
) -> None:
    store = open_home(new_home(), derivation=derive)
    ingest(store, uploaded("jobs.jsonl", history(*spans)))
    found = curve(store, pool_key="all", at=",".join(map(str, range(45))))
    store.close()
    for row in found.itertuples():
        hits, retained_s, peak = slow_replay(spans, row.keep_alive_period_s)
        assert (row.hit_count, row.miss_count) == (hits, len(spans) - hits)
        assert row.retained_s == pytest.approx(retained_s)
        assert row.peak_idle_instances == peak


def test_a_gap_is_hit_by_the_next_whole_second_only(store: Store) -> None:
    ingest(store, uploaded("jobs.jsonl", history((0, 100), (110, 50), (160.25, 10))))
    found = curve(store, pool_key="all", at="0,1,10,11,12").set_index("keep_alive_period_s")
    assert list(found.hit_count) == [0, 1, 1, 2, 2]
    assert list(curve(store)["keep_alive_period_s"]) == [0, 1, 11]


def test_filters_choose_what_counts_but_not_what_is_matched(store: Store) -> None:
    ingest(store, uploaded("jobs.jsonl", history((0, 100), (110, 50), (400, 10))))
    late = Filters(since=T0 + timedelta(seconds=110))
    found = curve(store, late, pool_key="all", at="600").iloc[0]
    # the second and third job count; the second took the first one's cluster, which does not count
    assert (found.job_count, found.hit_count) == (2, 2)
    assert found.retained_s == pytest.approx(240 + 600)


def test_the_tail_is_cut_where_the_data_ends_when_asked(store: Store) -> None:
    ingest(store, uploaded("jobs.jsonl", history((0, 100), (300, 50))))
    full = curve(store, pool_key="all", at="100").iloc[0]
    observed = curve(store, pool_key="all", at="100", tail="observed").iloc[0]
    assert (full.retained_s, observed.retained_s) == (200, 100)
    until = Filters(until=T0 + timedelta(seconds=380))
    assert curve(store, until, pool_key="all", at="100", tail="observed").iloc[0].retained_s == 130


def test_pools_sum_to_the_whole(demo_store: Store) -> None:
    at = "0,60,600,3600,21600"
    parts = curve(demo_store, at=at).groupby("keep_alive_period_s")
    whole = curve(demo_store, pool_key="all", at=at).set_index("keep_alive_period_s")
    for name in ("job_count", "hit_count", "retained_s", "retained_cost_usd", "wait_saved_s"):
        assert parts[name].sum().to_numpy() == pytest.approx(whole[name].to_numpy())


def test_a_longer_period_never_loses_hits_nor_costs_less(demo_store: Store) -> None:
    found = curve(demo_store, pool_key="all")
    assert len(found) <= 200
    for name in ("hit_count", "retained_s", "retained_cost_usd", "wait_saved_s"):
        assert found[name].is_monotonic_increasing
    assert (found.hit_count + found.miss_count == found.job_count).all()


@pytest.mark.parametrize("value", [0, 1, 5, 20, 80, 400])
def test_the_best_period_is_the_best_of_all_whole_seconds(demo_store: Store, value: float) -> None:
    whole = whole_curve(Reader(demo_store), Filters())
    every = np.arange(3601)
    objective = whole.objective(every, value)
    best = whole.best(value_of_waiting_usd_per_h=value, limit_s=3600)
    assert best == int(np.flatnonzero(objective <= objective.min() + 1e-9)[0])


def test_a_higher_value_of_waiting_never_shortens_the_best_period(demo_store: Store) -> None:
    whole = whole_curve(Reader(demo_store), Filters())
    best = [
        whole.best(value_of_waiting_usd_per_h=value, limit_s=21600) for value in range(0, 300, 5)
    ]
    assert best == sorted(best)
    assert best[-1] > best[0] == 0


def test_without_a_price_only_a_value_of_zero_has_a_best_period(store: Store) -> None:
    jobs = [
        describe_job(
            f"j{n}", created=n * 1000.0, ResourceConfig={"InstanceType": "ml.p99.24xlarge"}
        )
        for n in range(5)
    ]
    ingest(store, uploaded("jobs.jsonl", lines(*jobs)))
    whole = whole_curve(Reader(store), Filters())
    assert whole.best(value_of_waiting_usd_per_h=0, limit_s=3600) == 0
    assert whole.best(value_of_waiting_usd_per_h=5, limit_s=3600) is None
    assert curve(store, pool_key="all", at="600")["net_cost_usd"].isna().all()


def test_chains_of_more_than_28_days_are_counted(store: Store) -> None:
    day = 86_400.0
    spans = [(n * day, day - 100) for n in range(30)]
    ingest(store, uploaded("jobs.jsonl", history(*spans)))
    found = curve(store, pool_key="all", at="60,3600").set_index("keep_alive_period_s")
    assert list(found.long_chain_count) == [0, 1]


@pytest.mark.parametrize("at", ["x", "1,-5", "1.5"])
def test_periods_that_are_no_whole_seconds_are_refused(store: Store, at: str) -> None:
    with pytest.raises(StokerError, match="whole seconds"):
        curve(store, at=at)


def test_an_empty_store_has_an_empty_curve(store: Store) -> None:
    assert curve(store).empty
    assert curve(store, reuse="oldest").empty
    assert (
        whole_curve(Reader(store), Filters()).best(value_of_waiting_usd_per_h=0, limit_s=3600) == 0
    )


@pytest.mark.parametrize("by", ["user_name", "weekday", "hour_of_day", "instance_type"])
def test_groups_sum_to_the_whole(demo_store: Store, by: str) -> None:
    groups = ask(demo_store, "keep_alive_groups", by=by, at="0,600,3600")
    sums = groups.groupby("keep_alive_period_s")[
        ["job_count", "hit_count", "wait_saved_s", "retained_s", "net_cost_usd"]
    ].sum()
    whole = curve(demo_store, pool_key="all", at="0,600,3600").set_index("keep_alive_period_s")
    for name in sums:
        assert sums[name].tolist() == pytest.approx(whole[name].tolist())


def test_a_weekday_sees_its_own_requests(store: Store) -> None:
    # T0 is a Monday: the second job comes on the Tuesday after, within an hour of the first's end
    ingest(store, uploaded("jobs.jsonl", history((0, 86_000), (87_000, 50))))
    groups = ask(store, "keep_alive_groups", by="weekday", at="3600")
    assert groups[["group_value", "hit_count", "retained_s"]].to_numpy().tolist() == [
        ["Monday", 0, 1000.0],
        ["Tuesday", 1, 3600.0],
    ]
