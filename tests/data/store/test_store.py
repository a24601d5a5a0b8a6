"""The store: one owner, cursors per thread, UTC, migrations in one piece, documented columns."""

import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from data.datasets.training_jobs.record import COLUMNS
from data.errors import StokerError
from data.store.home import Home
from data.store.settings import Settings, load_settings
from data.store.store import Store, migrations

ROOT = Path(__file__).parents[3]


def test_a_migration_that_fails_leaves_no_trace(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store.open(home).close()
    scripts = {**migrations(), "9999_broken.sql": "create table half (x int); select no_such()"}
    monkeypatch.setattr("data.store.store.migrations", lambda: scripts)
    with pytest.raises(duckdb.Error):
        Store.open(home)
    monkeypatch.undo()
    store = Store.open(home)
    assert store.scalar("select count(*) from duckdb_tables() where table_name = 'half'") == 0
    assert store.scalar("select count(*) from migrations") == len(migrations())
    store.close()


def test_a_file_of_a_newer_version_is_refused_with_the_way_out(home: Home) -> None:
    store = Store.open(home)
    with store.transaction() as cursor:
        cursor.execute("insert into migrations (name) values ('9999_future.sql')")
    store.close()
    with pytest.raises(StokerError, match="9999_future") as caught:
        Store.open(home)
    assert "rebuild" in caught.value.next_action


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
            cursor.execute("insert into touched_jobs values (1)")
            message = "no"
            raise RuntimeError(message)

    with pytest.raises(RuntimeError):
        failing()
    assert store.scalar("select count(*) from touched_jobs") == 0
    assert store.version == before


def test_every_write_changes_the_version(store: Store) -> None:
    before = store.version
    with store.transaction() as cursor:
        cursor.execute("insert into touched_jobs values (1)")
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
            cursor.execute("insert into touched_jobs values ($n)", {"n": n})
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


def test_job_columns_are_the_same_in_both_tables_and_in_the_record(store: Store) -> None:
    for table in ("training_jobs", "training_job_versions"):
        columns = store.frame(
            "select column_name, comment from duckdb_columns() where table_name = $table",
            {"table": table},
        )
        comments = dict(zip(columns["column_name"], columns["comment"], strict=True))
        assert {name: comments.get(name) for name in COLUMNS} == {
            name: column.comment for name, column in COLUMNS.items()
        }


def test_every_column_is_documented(store: Store) -> None:
    from analytics.derived.derive import derive

    derive(store)
    bare = store.frame(
        """
        select table_name, column_name from duckdb_columns()
        where schema_name = 'main' and not internal and comment is null
            and table_name not in ('migrations', 'store_state', 'derived_state')
        """
    )
    assert bare.empty, bare


def test_settings_have_defaults_and_refuse_what_they_do_not_know(home: Home) -> None:
    assert load_settings(home) == Settings()
    home.settings.write_text("keep_alive_limit_s = 21600\nvalue_of_waiting_usd_per_h = 20\n")
    assert load_settings(home).keep_alive_limit_s == 21600
    for wrong in ("keepalive = 1", "keep_alive_limit_s = 'long'", "= 3"):
        home.settings.write_text(wrong)
        with pytest.raises(StokerError):
            load_settings(home)
