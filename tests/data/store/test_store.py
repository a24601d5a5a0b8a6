"""The store: one owner, cursors per thread, UTC, transactions, and nothing reached outside."""

import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from data.errors import StokerError
from data.store.home import Home
from data.store.store import Store

ROOT = Path(__file__).parents[3]


def test_a_second_process_is_told_who_is_in_the_way(store: Store, home: Home) -> None:
    code = (
        "import sys; from pathlib import Path; from data.store.home import Home;"
        "from data.store.store import Store; from data.errors import StokerError\n"
        "try: Store.open(Home(Path(sys.argv[1])))\n"
        "except StokerError as error: print(error)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(home.root)],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert "Another process is using" in told.stdout


def test_a_damaged_file_names_the_way_out(home: Home) -> None:
    home.database.write_bytes(b"not a database" * 1000)
    with pytest.raises(StokerError) as caught:
        Store.open(home)
    assert "stoker rebuild" in caught.value.next_action


def test_a_failed_transaction_changes_nothing(store: Store) -> None:
    before = store.version

    def failing() -> None:
        with store.transaction() as cursor:
            cursor.execute("insert into stale_jobs values (1)")
            message = "no"
            raise RuntimeError(message)

    with pytest.raises(RuntimeError):
        failing()
    assert store.scalar("select count(*) from stale_jobs") == 0
    assert store.version == before


def test_every_published_write_changes_the_version(store: Store) -> None:
    before = store.version
    with store.transaction() as cursor:
        cursor.execute("insert into stale_jobs values (1)")
    assert store.version == before
    with store.transaction() as cursor:
        cursor.execute("insert into stale_jobs values (2)")
        store.publish(cursor)
    assert store.version == before + 1


def test_threads_read_their_own_rows_beside_a_writer(store: Store) -> None:
    wrong: list[object] = []

    def read(number: int) -> None:
        for _ in range(40):
            found = store.scalar("select $n::integer", {"n": number})
            if found != number:
                wrong.append((number, found))

    threads = [threading.Thread(target=read, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for n in range(10):
        with store.transaction() as cursor:
            cursor.execute("insert into stale_jobs values ($n)", {"n": n})
    for thread in threads:
        thread.join()
    assert wrong == []


def test_times_are_utc_on_every_cursor_whatever_the_host_says(store: Store) -> None:
    frame = store.frame("select $moment::timestamptz as moment_at",
                        {"moment": datetime(2026, 3, 2, 8, tzinfo=UTC)})  # fmt: skip
    assert str(frame["moment_at"].dt.tz) == "UTC"
    assert store.scalar("select '2026-03-02 08:00:00+00'::timestamptz::varchar") == (
        "2026-03-02 08:00:00+00"
    )


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "copy (select 1) to '/tmp/out.csv'",
        "attach '/tmp/other.db'",
        "install httpfs",
        "set enable_external_access = true",
        "set memory_limit = '99GB'",
    ],
)
def test_the_store_reaches_no_file_and_keeps_its_settings(store: Store, sql: str) -> None:
    with pytest.raises(duckdb.Error):
        store.frame(sql)


def test_the_store_reads_parts_of_its_home_and_no_other_file(store: Store, home: Home) -> None:
    part = home.parts / "one.parquet"
    with duckdb.connect() as other:
        other.execute(f"copy (select 7 as a) to '{part}' (format parquet)")
        other.execute(f"copy (select 7 as a) to '{home.scratch / 'two.parquet'}' (format parquet)")
    assert store.scalar(f"select a from '{home.parts}/*.parquet'") == 7
    for outside in (home.scratch / "two.parquet", home.parts / ".." / "scratch" / "two.parquet"):
        with pytest.raises(duckdb.Error, match="(?i)disabled by configuration"):
            store.frame(f"from '{outside}'")
