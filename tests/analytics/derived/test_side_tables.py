"""Everything derived anew in side tables: readers see whole versions, and a kill harms nothing."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.derived import derive as module
from analytics.derived import facts
from analytics.derived.derive import derive
from analytics.derived.workspace import NEXT
from data.ingest.home_store import open_home
from data.store.home import Home
from data.store.reader import Reader
from data.store.store import Store
from tests.analytics.derived.job_batches import KEY, derived_rows, merge
from tests.analytics.derived.test_scope import job

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[3]
JOB_COUNT = 12


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SMALL_JOBS", 0)
    monkeypatch.setattr(facts, "CHUNK_JOBS", 3)


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    opened = open_home(home, derivation=derive)
    yield opened
    opened.close()


def merge_jobs(store: Store, user_name: str) -> None:
    """Merge jobs of several pools, all of one user."""
    jobs = [
        job(f"j{n}", pool="abcd"[n % 4], created=200 * n, user_name=user_name)
        for n in range(JOB_COUNT)
    ]
    merge(store, {tuple(job[name] for name in KEY): job for job in jobs})


def side_tables(store: Store) -> int:
    return int(
        store.scalar(
            "select count(*) from duckdb_tables() where ends_with(table_name, $next)",
            {"next": NEXT},
        )
    )


def test_a_snapshot_reads_the_old_tables_after_they_were_exchanged(store: Store) -> None:
    merge_jobs(store, "ann")
    derive(store)
    reader = Reader(store)
    users = "select min(user_name), max(user_name), count(*) from job_facts"
    with reader.snapshot() as version, reader.cursor() as cursor:
        merge_jobs(store, "bob")
        derive(store)
        merge_jobs(store, "cid")
        derive(store)
        assert cursor.execute(users).fetchall() == [("ann", "ann", JOB_COUNT)]
        assert cursor.execute("select count(*) from pools").fetchall() == [(4,)]
    with reader.cursor() as cursor:
        assert cursor.execute(users).fetchall() == [("cid", "cid", JOB_COUNT)]
    assert reader.version.number == version.number + 2


def test_readers_in_threads_see_whole_versions_only(store: Store) -> None:
    merge_jobs(store, "user 0")
    derive(store)
    reader, is_done, seen = Reader(store), threading.Event(), []

    def read() -> None:
        while not is_done.is_set():
            with reader.snapshot() as version, reader.cursor() as cursor:
                for _ in range(2):
                    users = cursor.execute(
                        """
                        select distinct user_name, count(*) over () from job_facts
                        inner join pools using (pool_id) inner join pool_savings using (pool_id)
                        """
                    ).fetchall()
                    seen.append((version.number, users))

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for generation in range(1, 6):
        merge_jobs(store, f"user {generation}")
        derive(store)
    is_done.set()
    for thread in threads:
        thread.join()
    first = min(number for number, _ in seen)
    last_user = {number: f"user {number - first}" for number, _ in seen}
    assert {(number, str(users)) for number, users in seen} == {
        (number, str([(user, JOB_COUNT)])) for number, user in last_user.items()
    }


def test_the_schema_still_describes_tables_that_were_exchanged(store: Store) -> None:
    def described() -> object:
        columns = store.frame(
            """
            select table_name, column_name, data_type, is_nullable, comment from duckdb_columns()
            where not internal order by all
            """
        )
        tables = store.frame("select table_name, comment from duckdb_tables() order by all")
        return columns.to_dict(), tables.to_dict()

    before = described()
    merge_jobs(store, "ann")
    derive(store)
    assert described() == before


# dies before the commit of so many transactions: 1 side tables, 2 to 5 the parts, 6 what depends
# on all pools, 7 the exchange
DYING = """
import os, signal, sys
from contextlib import contextmanager
from pathlib import Path
from analytics.derived import derive as module, facts
from data.ingest.home_store import open_home
from data.store.home import Home
from data.store.store import Store
store = Store.open(Home(Path(sys.argv[1])))
module.SMALL_JOBS, facts.CHUNK_JOBS = 0, 3
left = int(sys.argv[2])
transaction = Store.transaction
@contextmanager
def dying(self):
    global left
    with transaction(self) as cursor:
        yield cursor
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
Store.transaction = dying
module.derive(store)
"""


@pytest.mark.parametrize("commit_count", [2, 4, 6, 7])
def test_a_kill_leaves_the_version_before_and_nothing_beside_it(
    home: Home, commit_count: int
) -> None:
    store = open_home(home, derivation=derive)
    merge_jobs(store, "ann")
    derive(store)
    before, version = derived_rows(store), Reader(store).version
    merge_jobs(store, "bob")
    store.close()
    killed = subprocess.run(
        [sys.executable, "-c", DYING, str(home.root), str(commit_count)], cwd=ROOT, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    store = Store.open(home)
    assert derived_rows(store) == before
    assert Reader(store).version == version
    derive(store)
    assert side_tables(store) == 0
    assert store.scalar("select distinct user_name from job_facts") == "bob"
    store.close()


def test_a_derivation_that_is_cancelled_leaves_the_version_before(store: Store) -> None:
    merge_jobs(store, "ann")
    derive(store)
    merge_jobs(store, "bob")

    class CancelledError(Exception):
        pass

    def cancel(stage: str, share: float) -> None:
        if share > 0:
            raise CancelledError

    with pytest.raises(CancelledError):
        derive(store, cancel)
    assert store.scalar("select distinct user_name from job_facts") == "ann"
    assert side_tables(store) > 0
    derive(store)
    assert side_tables(store) == 0
    assert store.scalar("select distinct user_name from job_facts") == "bob"
