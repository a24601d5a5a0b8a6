"""share_hours: the published picture, the sums that must hold, and a slow reference."""

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from analytics.derived.bands import time_order
from analytics.derived.derive import derive
from data.ingest.home_store import open_home
from data.store.home import Home
from data.store.store import Store
from tests.analytics.shares.queues import (
    add,
    capacity,
    fair_share,
    import_jobs,
    insert,
    job,
    moment,
)
from tests.analytics.shares.slow_bands import Case, hourly
from tests.conftest import T0

BANDS = {
    "own": "own_instance_h", "used": "used_instance_h", "owned_used": "owned_used_instance_h",
    "borrowed": "borrowed_instance_h", "lent": "lent_instance_h", "idle": "idle_instance_h",
    "waiting": "waiting_instance_h", "starved": "starved_instance_h",
    "capacity": "capacity_instance_h", "over": "over_capacity_instance_h",
}  # fmt: skip
NAMES = count()
# each example imports a file: smaller ones would take minutes to find
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


def hours(store: Store, queue: str = "q") -> pd.DataFrame:
    return store.frame(
        "from share_hours where queue_name = $queue order by hour_at, is_unassigned, share_name",
        {"queue": queue},
    )


def rows(store: Store, *names: str) -> dict[str, list[float]]:
    found = hours(store).set_index("share_name")
    return {share: [found.loc[share, name] for name in names] for share in found.index}


def published(store: Store) -> None:
    import_jobs(
        store, job("one", "first", 0, 0, 3600, 75), job("two", "second", 0, 0, 3600, 25)
    )  # fmt: skip


def test_the_published_picture_of_quotas_of_60_and_40(store: Store) -> None:
    published(store)
    add(store, "capacity_records", capacity(100), capacity(60, "first"), capacity(40, "second"))
    assert rows(store, "owned_used_instance_h", "borrowed_instance_h", "lent_instance_h",
                "idle_instance_h") == {
        "first": [60, 15, 0, 0],
        "second": [25, 0, 15, 0],
        "unassigned": [0, 0, 0, 0],
    }  # fmt: skip


def test_quotas_are_the_capacity_where_nothing_else_says_it(store: Store) -> None:
    published(store)
    add(store, "capacity_records", capacity(60, "first"), capacity(40, "second"))
    assert rows(store, "capacity_instance_h")["unassigned"] == [100]


def test_a_share_owns_its_part_of_the_weights_of_active_shares(store: Store) -> None:
    names = {"a": 1.0, "b*": 3.0, "c": 5.0}
    import_jobs(store, *(job(name, name, 0, 0, 3600, 1) for name in ("a", "b7", "c")))
    fair_share(store, names)
    add(store, "capacity_records", capacity(1000))
    own = rows(store, "own_instance_h")
    # published entitlements of the weights 1, 3 and 5
    assert [round(own[share][0] / 10, 1) for share in ("a", "b7", "c")] == [65.2, 21.7, 13.0]
    assert own["unassigned"] == [0]


def test_nobody_is_known_to_own_anything_without_quotas_or_weights(store: Store) -> None:
    published(store)
    add(store, "capacity_records", capacity(120))
    found = hours(store).set_index("share_name")
    for share in ("first", "second"):
        unknown = ["own_instance_h", "owned_used_instance_h", "borrowed_instance_h",
                   "lent_instance_h", "idle_instance_h"]  # fmt: skip
        assert found.loc[share, unknown].isna().all()
    assert found.loc["unassigned", ["own_instance_h", "idle_instance_h"]].tolist() == [120, 20]


def test_idle_is_unknown_without_a_capacity(store: Store) -> None:
    published(store)
    found = hours(store)
    assert (
        found[["idle_instance_h", "capacity_instance_h", "starved_instance_h"]]
        .isna()
        .all(axis=None)
    )
    assert found["used_instance_h"].tolist() == [75, 25]


def test_the_capacity_of_an_export_is_that_of_the_newest_job(store: Store) -> None:
    import_jobs(
        store,
        job("one", "a", 0, 0, 7200, 1, capacity_instance_count=10),
        job("two", "a", 5400, 5400, 7200, 1, capacity_instance_count=30),
    )
    found = hours(store)
    assert found[found["is_unassigned"]]["capacity_instance_h"].tolist() == [10, 20]


def test_limits_by_type_make_bands_by_type(store: Store) -> None:
    import_jobs(
        store,
        job("one", "a", 0, 0, 3600, 3, instance_type="ml.g5.12xlarge"),
        job("two", "a", 0, 0, 3600, 1, instance_type="ml.p4d.24xlarge"),
    )
    add(store, "quota_share_records", {
        "account_id": "1", "region": "r", "queue_name": "q", "share_name": "a", "observed_at": T0,
        "sharing_strategy": "LEND_AND_BORROW",
        "capacity_limits": [{"capacity": 2, "capacity_unit": "ml.g5.12xlarge"},
                            {"capacity": 2, "capacity_unit": "ml.p4d.24xlarge"}],
    })  # fmt: skip
    found = hours(store)[lambda frame: ~frame["is_unassigned"]].set_index("capacity_unit")
    # in one band of instances it would use its four, and nothing would be idle
    names = ["owned_used_instance_h", "borrowed_instance_h", "idle_instance_h"]
    assert found.loc["ml.g5.12xlarge", names].tolist() == [2, 1, 0]
    assert found.loc["ml.p4d.24xlarge", names].tolist() == [1, 0, 1]


def test_a_queue_has_what_its_environments_have_from_when_it_was_observed(store: Store) -> None:
    import_jobs(store, job("one", "a", 0, 0, 7200, 1))
    add(store, "job_queue_records", {
        "account_id": "1", "region": "r", "queue_name": "q", "observed_at": T0,
        "service_environment_arns": ["arn:E"],
    })  # fmt: skip
    add(store, "service_environment_records", *(
        {"account_id": "1", "region": "r", "environment_name": "e", "environment_arn": "arn:e",
         "observed_at": moment(at),
         "capacity_limits": [{"capacity": limit, "capacity_unit": "NUM_INSTANCES"}]}
        for at, limit in ((600, 8), (5400, 4))
    ))  # fmt: skip
    found = hours(store)
    assert found[found["is_unassigned"]]["capacity_instance_h"].tolist() == [8, 6]


def test_a_job_waits_while_as_much_stands_idle(store: Store) -> None:
    import_jobs(
        store, job("runs", "a", 0, 0, 3600, 6), job("waits", "b", 0, 1800, 3600, 8)
    )  # fmt: skip
    add(store, "capacity_records", capacity(10))
    assert rows(store, "waiting_instance_h", "starved_instance_h")["b"] == [4, 2]


@given(st.lists(st.integers(0, 2**62), max_size=50), st.integers(0, 62))
def test_events_are_in_order_however_long_the_history_is(times: list[int], shift: int) -> None:
    """Of 9 years and more too: in microseconds they take more than 48 bits."""
    time_us = np.array(times, np.int64) >> shift
    assert time_order(time_us).tolist() == np.argsort(time_us, kind="stable").tolist()


def test_a_queue_of_half_a_century_has_hours(store: Store) -> None:
    """As one wrong year in an export makes it."""
    years_s = 50 * 365 * 86_400
    import_jobs(store, job("old", "a", -years_s, -years_s, -years_s + 3600, 2),
                job("new", "a", 0, 0, 3600, 3))  # fmt: skip
    assert hours(store)["used_instance_h"].tolist() == [2.0, 3.0]


def test_a_share_without_jobs_has_its_quota_idle(store: Store) -> None:
    import_jobs(store, job("one", "a", 0, 0, 3600, 1))
    add(store, "capacity_records", capacity(5, "a"), capacity(7, "silent"))
    assert rows(store, "own_instance_h", "idle_instance_h")["silent"] == [7, 7]


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store for many queues."""
    opened = open_home(Home(tmp_path_factory.mktemp("shares")).create(), derivation=derive)
    yield opened
    opened.close()


SHARES = st.sampled_from(["a", "b", "c"])
# around the end of an hour
SECONDS = st.integers(3300, 4200)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    jobs = []
    for _ in range(draw(st.integers(1, 7))):
        request, start, end = sorted(draw(st.tuples(SECONDS, SECONDS, SECONDS)))
        kind = draw(st.sampled_from(["ended", "ended", "runs", "waits"]))
        jobs.append((
            draw(SHARES),
            request,
            None if kind == "waits" else start,
            end if kind == "ended" else None,
            draw(st.integers(1, 9)),
        ))  # fmt: skip
    sizes = st.sampled_from([0.0, 2.0, 5.0, 12.0])
    case = Case(jobs)
    if draw(st.booleans()):
        steps = draw(st.lists(st.tuples(SECONDS, st.sampled_from([3.0, 8.0, 20.0])), min_size=1,
                              max_size=3, unique_by=lambda step: step[0]))  # fmt: skip
        case.capacities = sorted(steps)
    ownership = draw(st.sampled_from(["none", "quota", "fair"]))
    if ownership == "quota":
        case.quotas = {share: draw(sizes) for share in draw(st.sets(SHARES, min_size=1))}
        case.reserves = frozenset(draw(st.sets(st.sampled_from(sorted(case.quotas)))))
    if ownership == "fair":
        case.weights = {share: draw(st.sampled_from([0.125, 1.0, 3.0])) for share in "ab"}
    return case


def put(store: Store, queue: str, case: Case) -> None:
    """Import a case as a queue."""
    of_queue: dict[str, Any] = {"account_id": "1", "region": "r", "queue_name": queue}
    insert(store, *(
        ("capacity_records", capacity(amount, queue_name=queue, observed_at=moment(at)))
        for at, amount in case.capacities
    ))  # fmt: skip
    insert(store, *(
        ("quota_share_records", {
            **of_queue, "share_name": share, "observed_at": T0,
            "sharing_strategy": "RESERVE" if share in case.reserves else "LEND",
            "capacity_limits": [{"capacity": quota, "capacity_unit": "NUM_INSTANCES"}],
        })
        for share, quota in case.quotas.items()
    ))  # fmt: skip
    if case.weights:
        arn = f"arn:{queue}"
        insert(store, ("scheduling_policy_records", {
            "account_id": "1", "region": "r", "policy_name": queue, "policy_arn": arn,
            "share_kind": "fair_share", "observed_at": T0,
            "share_weights": [{"share_name": share, "weight_factor": weight}
                              for share, weight in case.weights.items()],
        }), ("job_queue_records", {**of_queue, "observed_at": T0,
                                   "scheduling_policy_arn": arn}))  # fmt: skip
    import_jobs(
        store,
        *(
            job(f"{queue}-{number}", share, request, start, end, size, queue_name=queue)
            for number, (share, request, start, end, size) in enumerate(case.jobs)
        ),
        name=f"{queue}.csv",
    )


def hour_number(at: datetime) -> int:
    return int((at - T0).total_seconds()) // 3600


@given(cases())
@settings(max_examples=7, deadline=None, phases=PHASES)
def test_hours_are_what_a_reference_finds_second_by_second(shared_store: Store, case: Case) -> None:
    queue = f"q{next(NAMES)}"
    put(shared_store, queue, case)
    found = hours(shared_store, queue)
    expected = hourly(case)
    seen = set()
    for row in found.to_dict("records"):
        key = (row["share_name"], hour_number(row["hour_at"]))
        seen.add(key)
        for name, column in BANDS.items():
            if name in expected[key]:
                assert row[column] == pytest.approx(expected[key][name], abs=1e-9), (key, name)
            else:
                assert pd.isna(row[column]) or row[column] == 0, (key, name)
    for key, sums in expected.items():
        assert key in seen or not any(sums.values()), key


@given(cases())
@settings(max_examples=4, deadline=None, phases=PHASES)
def test_bands_add_up_to_the_capacity(shared_store: Store, case: Case) -> None:
    queue = f"q{next(NAMES)}"
    put(shared_store, queue, case)
    for _, hour in hours(shared_store, queue).groupby("hour_at"):
        rest, shares = hour[hour["is_unassigned"]], hour[~hour["is_unassigned"]]
        if not case.capacities and not case.quotas:
            assert hour["idle_instance_h"].isna().all()
            continue
        is_owned = case.quotas or case.weights
        names = ["owned_used_instance_h", "borrowed_instance_h", "idle_instance_h"]
        used = shares[names].sum().sum() if is_owned else shares["used_instance_h"].sum()
        there = (rest["capacity_instance_h"] + rest["over_capacity_instance_h"]).sum()
        assert used + rest["idle_instance_h"].sum() == pytest.approx(there)
        if is_owned:
            borrowed = shares["borrowed_instance_h"].sum()
            lent = hour["lent_instance_h"].sum()
            assert lent <= borrowed + 1e-9
            assert (hour[names].fillna(0) >= -1e-9).all(axis=None)


@pytest.mark.thorough
@given(cases(), st.randoms())
@settings(max_examples=4, deadline=None, phases=PHASES)
def test_jobs_in_another_order_in_other_files_and_twice_change_nothing(
    shared_store: Store, case: Case, random: Any
) -> None:
    one, other = f"q{next(NAMES)}", f"q{next(NAMES)}"
    put(shared_store, one, case)
    shuffled = Case(**{**vars(case), "jobs": random.sample(case.jobs, len(case.jobs))})
    put(shared_store, other, Case(**{**vars(shuffled), "jobs": shuffled.jobs[:1]}))
    again = [
        job(f"{other}-{number}", share, request, start, end, size, queue_name=other)
        for number, (share, request, start, end, size) in enumerate(shuffled.jobs)
    ]
    import_jobs(shared_store, *again, name="rest.csv")
    import_jobs(shared_store, *reversed(again), name="again.csv")
    pd.testing.assert_frame_equal(
        hours(shared_store, one).drop(columns="queue_name"),
        hours(shared_store, other).drop(columns="queue_name"),
    )


@pytest.mark.thorough
@given(cases(), cases())
@settings(max_examples=4, deadline=None, phases=PHASES)
def test_what_is_derived_step_by_step_is_what_is_derived_at_once(
    shared_store: Store, one: Case, other: Case
) -> None:
    for case in (one, other):
        put(shared_store, f"q{next(NAMES)}", case)
    order = "order by queue_name, capacity_unit, hour_at, is_unassigned, share_name"
    step_by_step = shared_store.frame(f"from share_hours {order}")
    with shared_store.transaction() as cursor:
        cursor.execute("update store_state set derived_hash = 'another'")
    shared_store.derive()
    pd.testing.assert_frame_equal(
        step_by_step, shared_store.frame(f"from share_hours {order}")
    )  # fmt: skip


def test_a_failure_while_hours_are_derived_leaves_the_version_before(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(store)
    before, version = hours(store), store.version
    with monkeypatch.context() as patch:
        patch.setattr("analytics.derived.bands.sweep", _stop)
        with pytest.raises(RuntimeError, match="stopped"):
            add(store, "capacity_records", capacity(100))
    assert store.version == version
    pd.testing.assert_frame_equal(hours(store), before)
    assert store.scalar("select count(*) from stale_queues") > 0
    store.derive()  # as at the next opening
    assert rows(store, "capacity_instance_h")["unassigned"] == [100]
    assert store.scalar("select count(*) from stale_queues") == 0


def _stop(*_: object) -> None:
    message = "stopped"
    raise RuntimeError(message)


def test_other_queues_keep_their_rows(store: Store) -> None:
    import_jobs(store, job("one", "a", 0, 0, 3600, 1, queue_name="left alone"))
    rowids = store.frame("select rowid from share_hours where queue_name = 'left alone'")
    import_jobs(store, job("two", "a", 0, 0, 3600, 1), name="two.csv")
    kept = store.frame("select rowid from share_hours where queue_name = 'left alone'")
    pd.testing.assert_frame_equal(kept, rowids)
