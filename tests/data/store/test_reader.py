"""The reader: one whole version at a time, beside any writer, and never waiting for one."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from data.ingest.home_store import open_home
from data.store.home import Home
from data.store.reader import Principal, Reader
from data.store.store import Store

ROWS = "select count(*) from job_facts"


@pytest.fixture
def reader(store: Store) -> Reader:
    return Reader(store)


@contextmanager
def on_another_thread(work: Callable[[], None]) -> Iterator[None]:
    thread = threading.Thread(target=work)
    thread.start()
    yield
    thread.join()


def add_pool(store: Store, pool_id: int, *, is_published: bool = True) -> None:
    with store.transaction() as cursor:
        cursor.execute(
            "insert into pools (pool_id, account_id, region, pool_key) values ($id, 'a', 'r', 'k')",
            {"id": pool_id},
        )
        if is_published:
            store.publish(cursor)


def swap_pools(store: Store, *pool_ids: int) -> None:
    """Make a table beside the old one and swap them, as when everything is derived again."""
    with store.transaction() as cursor:
        cursor.execute("create table pools__next as from pools limit 0")
        for pool_id in pool_ids:
            cursor.execute(
                "insert into pools__next (pool_id, account_id, region, pool_key)"
                " values ($id, 'a', 'r', 'k')",
                {"id": pool_id},
            )
        cursor.execute("drop table pools")
        cursor.execute("alter table pools__next rename to pools")
        store.publish(cursor)


def pool_ids(reader: Reader) -> list[int]:
    return reader.arrays("select pool_id from pools order by pool_id")["pool_id"].tolist()


def test_a_snapshot_shows_one_version_while_a_writer_commits_and_swaps_tables(
    store: Store, reader: Reader
) -> None:
    add_pool(store, 1)
    with reader.snapshot() as version:
        add_pool(store, 2)
        assert pool_ids(reader) == [1]
        swap_pools(store, 7, 8, 9)
        assert pool_ids(reader) == [1]
        assert reader.version == version
        assert reader.scalar("select version from store_state") == version.number
    assert pool_ids(reader) == [7, 8, 9]
    assert reader.version.number == version.number + 2
    assert reader.version.published_at > version.published_at


def test_snapshots_nest_and_the_inner_ones_show_the_version_of_the_outer(
    store: Store, reader: Reader
) -> None:
    with reader.snapshot() as outer:
        add_pool(store, 1)
        with reader.snapshot() as inner:
            assert inner == outer
            assert pool_ids(reader) == []
        assert pool_ids(reader) == []
    assert pool_ids(reader) == [1]


def test_each_thread_has_a_snapshot_of_its_own(store: Store, reader: Reader) -> None:
    seen: list[list[int]] = []
    with reader.snapshot():
        add_pool(store, 1)
        with on_another_thread(lambda: seen.append(pool_ids(reader))):
            pass
        assert pool_ids(reader) == []
    assert seen == [[1]]


def test_a_reader_never_waits_for_the_writer(store: Store, reader: Reader) -> None:
    add_pool(store, 1)
    is_writing, may_end = threading.Event(), threading.Event()

    def write() -> None:
        with store.transaction() as cursor:
            cursor.execute("delete from pools")
            is_writing.set()
            may_end.wait()

    with on_another_thread(write):
        is_writing.wait()
        began_at = time.perf_counter()
        assert pool_ids(reader) == [1]
        assert reader.version.number == store.version
        took_s = time.perf_counter() - began_at
        may_end.set()
    assert took_s < 0.5
    assert pool_ids(reader) == []


def test_threads_that_read_beside_a_writer_see_whole_versions_only(
    store: Store, reader: Reader
) -> None:
    swap_pools(store, 0)
    wrong: list[object] = []
    is_done = threading.Event()

    def read() -> None:
        while not is_done.is_set():
            with reader.snapshot() as version:
                first = pool_ids(reader)
                second = pool_ids(reader)
                number = reader.scalar("select version from store_state")
            if first != second or len(set(first)) != 1 + first[0] or number != version.number:
                wrong.append((first, second, number, version))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for size in range(30):
        swap_pools(store, *range(size, 2 * size + 1))
    is_done.set()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_what_is_not_published_changes_no_version(store: Store, reader: Reader) -> None:
    before = reader.version
    add_pool(store, 1, is_published=False)
    assert reader.version == before
    store.derive()
    assert reader.version.number == before.number + 1


@pytest.mark.derived
def test_derive_runs_the_derivation_and_publishes_what_was_written_since(store: Store) -> None:
    ran: list[Store] = []
    store.derivation = ran.append
    before = store.version
    store.derive()
    assert (ran, store.version) == ([store], before)
    add_pool(store, 1, is_published=False)
    store.derive()
    assert store.version == before + 1
    store.derivation = lambda store: add_pool(store, 2)
    store.derive()
    assert store.version == before + 2


def test_a_store_that_is_opened_again_is_still_the_same_version(home: Home) -> None:
    open_home(home).close()
    versions = []
    for _ in range(2):
        store = open_home(home)
        versions.append(Reader(store).version)
        store.close()
    assert versions[0] == versions[1]


def test_a_version_knows_when_it_was_published_after_the_store_was_opened_again(
    home: Home,
) -> None:
    store = Store.open(home)
    add_pool(store, 1)
    before = Reader(store).version
    store.close()
    store = Store.open(home)
    assert Reader(store).version == before
    store.close()


def test_who_may_only_read_gets_no_store(store: Store) -> None:
    assert Reader(store).writer() is store
    with pytest.raises(PermissionError, match="guest may only read"):
        Reader(store, Principal("guest", may_write=False)).writer()


def test_a_reader_cannot_write(store: Store, reader: Reader) -> None:
    import duckdb

    with pytest.raises(duckdb.Error, match=r"(?i)read.only"):
        reader.frame("delete from pools")
