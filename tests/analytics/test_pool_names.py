"""Pools by name: what a pool is called stands for its key wherever one is asked for."""

import json
from collections.abc import Callable

import pytest

from analytics.query import Filters
from data.ingest.pipeline import ImportResult
from data.store.store import Store
from tests.chains import history
from tests.conftest import ask


@pytest.fixture
def two_pools(store: Store, take: Callable[..., ImportResult]) -> dict[str, str]:
    """Two pools of chains of jobs: the key of each by its name."""
    jobs = history(keep_alive_s=600)
    take(*jobs)
    renamed = json.loads(json.dumps(jobs).replace("j-", "other-").replace("role/", "role/other-"))
    take(*renamed)
    pools = store.frame("select pool_label, pool_key from pools order by pool_label")
    assert len(set(pools["pool_label"])) == 2
    return dict(pools.itertuples(index=False))


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("keep_alive_curve", {"at": "60,600"}),
        ("keep_alive_advice", {}),
        ("backtest", {}),
    ],
)
def test_a_pool_is_asked_for_by_name_and_named_in_the_answer(
    store: Store, two_pools: dict[str, str], name: str, given: dict[str, str]
) -> None:
    for label, key in two_pools.items():
        by_name = ask(store, name, pool_key=label, **given)
        assert len(by_name)
        assert by_name.equals(ask(store, name, pool_key=key, **given))
        assert set(by_name["pool_label"]) == {label}


def test_jobs_are_filtered_by_what_their_pool_is_called(
    store: Store, two_pools: dict[str, str]
) -> None:
    for label, key in two_pools.items():
        jobs = ask(store, "jobs", Filters(where=(("pool_key", label),)))
        assert set(jobs["pool_key"]) == {key}
        assert set(jobs["pool_label"]) == {label}
    assert ask(store, "jobs", Filters(where=(("pool_key", "no such pool"),))).empty
