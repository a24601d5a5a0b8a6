"""DuckDB gives up on one statement: the store opens its file again, and everyone else goes on.

A text above 4 GB is refused by DuckDB before it is made, by an error after which the instance
answers nothing. What it takes is 600 MB for a second.
"""

import threading
import time
from collections.abc import Callable, Iterator

import duckdb
import pytest

from data.errors import StokerError
from data.store import database
from data.store.database import Database
from data.store.home import Home
from data.store.reader import Reader
from data.store.store import Store

pytestmark = pytest.mark.thorough

KILLER = f"select concat_ws(repeat('a', 100000000), {', '.join(['job_name'] * 45)}) from named"


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    """A store with a few rows to read."""
    opened = Store.open(home)
    with opened.transaction() as cursor:
        cursor.execute("create table named as select 'job' || i as job_name from range(100) t(i)")
        opened.publish(cursor)
    yield opened
    opened.close()


def kill(store: Store) -> None:
    with pytest.raises(duckdb.InternalException, match="maximum supported string size"), \
            store.cursor() as cursor:  # fmt: skip
        cursor.execute(KILLER)


def count(store: Store | Reader) -> int:
    return int(store.scalar("select count(*) from named"))


def test_reads_and_writes_go_on_after_duckdb_gave_up(store: Store, home: Home) -> None:
    before = Reader(store).version
    kill(store)
    assert count(store) == 100
    assert Reader(store).version == before
    with store.transaction() as cursor:
        cursor.execute("insert into named values ('one more')")
        store.publish(cursor)
    assert count(Reader(store)) == 101
    assert store.version == before.number + 1
    kill(store)
    kill(store)
    store.close()
    store = Store.open(home)
    assert count(store) == 101
    store.close()


def test_a_store_that_was_opened_again_is_as_closed_in_as_before(store: Store) -> None:
    kill(store)
    assert store.scalar("select current_setting('TimeZone')") == "UTC"
    for sql in ("from read_csv('/etc/passwd')", "set memory_limit = '99GB'"):
        with pytest.raises(duckdb.Error):
            store.frame(sql)


@pytest.mark.parametrize("of", [lambda store: store, Reader])
def test_whoever_meets_the_dead_instance_first_reads_at_a_second_try(
    store: Store, of: Callable[[Store], Store | Reader]
) -> None:
    with store.cursor() as cursor, pytest.raises(duckdb.InternalException):
        cursor.execute(KILLER)  # the store does not see this error
    assert count(of(store)) == 100


def test_a_snapshot_shows_the_same_version_after_the_file_was_opened_again(store: Store) -> None:
    reader = Reader(store)
    with reader.snapshot() as version:
        assert count(reader) == 100
        kill(store)
        assert count(reader) == 100
        assert reader.version == version


def test_a_snapshot_whose_version_is_gone_says_so(store: Store) -> None:
    reader = Reader(store)
    with reader.snapshot():
        with store.transaction() as cursor:
            cursor.execute("delete from named where job_name = 'job0'")
            store.publish(cursor)
        assert count(reader) == 100
        kill(store)
        with pytest.raises(StokerError, match="changed while they were read"):
            count(reader)
    assert count(reader) == 99


def test_a_transaction_that_duckdb_gave_up_on_wrote_nothing(store: Store) -> None:
    def failing() -> None:
        with store.transaction() as cursor:
            cursor.execute("insert into named values ('one more')")
            cursor.execute(KILLER)

    before = store.version
    with pytest.raises(StokerError, match="gave up while something was written") as caught:
        failing()
    assert "Try again" in caught.value.next_action
    assert count(store) == 100
    store.derive()
    assert store.version == before


def test_a_transaction_of_another_thread_fails_whole_and_the_next_one_is_written(
    store: Store,
) -> None:
    is_writing, may_go_on = threading.Event(), threading.Event()
    failed: list[BaseException] = []

    def write() -> None:
        try:
            with store.transaction() as cursor:
                cursor.execute("delete from named")
                is_writing.set()
                may_go_on.wait()
                cursor.execute("insert into named values ('late')")
        except StokerError as error:
            failed.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    is_writing.wait()
    kill(store)
    assert count(store) == 100
    may_go_on.set()
    thread.join()
    assert len(failed) == 1
    assert count(store) == 100
    with store.transaction() as cursor:
        cursor.execute("insert into named values ('late')")
    assert count(store) == 101


def test_many_threads_that_read_meanwhile_all_get_their_rows(store: Store) -> None:
    reader = Reader(store)
    is_done = threading.Event()
    found: list[object] = []

    def read(once: Callable[[], object]) -> None:
        while not is_done.is_set():
            try:
                found.append(once())
            except duckdb.Error as error:
                found.append(error)

    threads = [threading.Thread(target=read, args=(once,))
               for once in (lambda: count(store), lambda: count(reader)) * 3]  # fmt: skip
    for thread in threads:
        thread.start()
    for _ in range(2):
        kill(store)
        time.sleep(0.2)
    is_done.set()
    for thread in threads:
        thread.join()
    assert set(found) == {100}


def test_a_statement_that_runs_while_the_file_is_opened_again_is_stopped(store: Store) -> None:
    failed: list[BaseException] = []

    def run_long() -> None:
        try:
            with store.cursor() as cursor:
                cursor.execute(
                    "select count(*) from range(10000000) a, range(10000) b"
                    " where (a.range * b.range) % 7 = 3"
                ).fetchall()
        except duckdb.Error as error:
            failed.append(error)

    thread = threading.Thread(target=run_long)
    thread.start()
    time.sleep(0.3)
    kill(store)
    assert count(store) == 100
    thread.join()
    assert len(failed) == 1


def test_a_statement_that_nothing_stops_is_told_and_a_later_try_opens_the_file(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "REOPENS_WITHIN_S", 0.2)
    with monkeypatch.context() as patch:
        patch.setattr(Database, "_let_go", lambda self: False)
        kill(store)
        with pytest.raises(StokerError, match="a statement that still runs keeps") as caught:
            count(store)
        assert "Restart" in caught.value.next_action
    assert count(store) == 100
