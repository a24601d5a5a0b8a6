"""A store of its own, and an AWS of 120 jobs, for the tests of what is read from it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from data.ingest.home_store import open_home
from data.store.home import Home
from data.store.store import Store
from tests.aws_server.clock import Clock
from tests.aws_server.history import AwsHistory
from tests.aws_server.knobs import Knobs
from tests.aws_server.server import AwsServer

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
# the server is near, and no other account needs its requests
FAST = "list_requests_per_s = 100000.0\nother_requests_per_s = 100000.0\n"

_RECORDS = ("training_jobs", "service_jobs")
_SETTINGS = ("job_queues", "service_environments", "scheduling_policies", "quota_shares")
# what says how a record came, not what it is
_PROVENANCE = {
    *("job_id", "service_job_no", "import_id", "fetched_at", "content_hash", "record_hash"),
    *("version_count", "record_kind", "input_seq", "observed_at"),
    "is_serverless",  # Search does not tell, DescribeTrainingJob does
}


@pytest.fixture(scope="package")
def history() -> AwsHistory:
    return AwsHistory(Clock(NOW), jobs=120, days=6)


@pytest.fixture
def aws(history: AwsHistory, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsServer]:
    """The history at its first time, over HTTP."""
    history.clock.now, history.clock.step_s = NOW.timestamp(), 0.0
    with AwsServer(history, knobs=Knobs()) as server:
        server.set_environment(monkeypatch)
        yield server


@pytest.fixture
def fast(store: Store) -> Store:
    """The store of a home that may ask as fast as it can."""
    (store.home.root / "stoker.toml").write_text(FAST)
    return store


@contextmanager
def another_store(empty_database: Path, folder: Path) -> Iterator[Store]:
    """A second store, to compare with."""
    home = Home(folder).create()
    shutil.copy(empty_database, home.database)
    (home.root / "stoker.toml").write_text(FAST)
    opened = open_home(home)
    try:
        yield opened
    finally:
        opened.close()


def facts(store: Store, *, also_settings: bool = True) -> dict[str, list[Any]]:
    """Return what the tables say of jobs and queues, however it came."""
    found = {}
    for table in (*_RECORDS, *(_SETTINGS if also_settings else ())):
        known = store.frame(f"select * from {table} limit 0").columns
        names = [f"{name}::varchar" for name in known if name not in _PROVENANCE]
        with store.cursor() as cursor:
            found[table] = cursor.execute(
                f"select distinct {', '.join(names)} from {table} order by all"
            ).fetchall()
    return found
