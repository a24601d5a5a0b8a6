"""Derived tables are the same however the jobs came: at once or in batches, in parts or not."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings

from analytics.derived import derive as module
from analytics.derived import facts, savings
from analytics.derived.derive import derive
from data.ingest.home_store import open_home
from data.store.home import Home
from data.store.store import Store
from tests.analytics.derived.job_batches import (
    Batch,
    all_in_one,
    batches,
    derived_rows,
    empty,
    merge,
)


@pytest.fixture(scope="module")
def two_stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store]]:
    """Two open stores, in which few jobs make an estimate of what a hit saves."""
    stores = [open_home(Home(tmp_path_factory.mktemp(name)).create()) for name in ("one", "other")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(savings, "LEAST_JOBS", 1)
        for store in stores:
            derive(store)
        yield stores[0], stores[1]
    for store in stores:
        store.close()


def from_scratch(store: Store, jobs: Batch) -> dict[str, list[tuple[object, ...]]]:
    """Return what is derived of jobs that come all at once to an empty store."""
    empty(store)
    merge(store, jobs)
    with store.transaction() as cursor:
        cursor.execute("update store_state set derived_hash = 'another'")
    derive(store)
    return derived_rows(store)


@given(batches())
@settings(max_examples=5, deadline=None)
def test_batches_derive_to_what_all_jobs_at_once_derive_to(
    two_stores: tuple[Store, Store], steps: list[Batch]
) -> None:
    store, other = two_stores
    empty(store)
    for batch in steps:
        merge(store, batch)
        derive(store)
    assert derived_rows(store) == from_scratch(other, all_in_one(steps))


@pytest.mark.thorough
@given(batches())
@settings(max_examples=6, deadline=None)
def test_parts_derive_to_what_one_part_derives_to(
    two_stores: tuple[Store, Store], steps: list[Batch]
) -> None:
    store, other = two_stores
    jobs = all_in_one(steps)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SMALL_JOBS", 0)
        patch.setattr(facts, "CHUNK_JOBS", 2)
        patch.setattr(savings, "CHUNK_JOBS", 2)
        in_parts = from_scratch(store, jobs)
    assert in_parts == from_scratch(other, jobs)
