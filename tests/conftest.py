"""What every test may use: an empty home, an open store, and job records to import."""

import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import settings

from analytics.catalog import query_named
from analytics.derived.derive import derive
from analytics.query import Filters, run_query
from data.demo.files import demo_files
from data.ingest.home_store import Derivation, open_home
from data.ingest.pipeline import ImportResult, ingest, ingest_files
from data.raw.inputs import uploaded
from data.store.home import Home
from data.store.reader import Reader
from data.store.store import Store

# of a test that imports something, or draws pages, `make test` runs so many cases, spread evenly
MOST_CASES, MOST_PAGES = 1, 3
IMPORTING = {"home", "bare_home", "new_home", "tmp_path", "tmp_path_factory"}

settings.register_profile("unhurried", deadline=None)  # a busy machine is no failure
settings.load_profile("unhurried")

# a shell's background jobs ignore Ctrl-C, and so would the commands under test
signal.signal(signal.SIGINT, signal.default_int_handler)

T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as thorough what is beyond MOST_CASES of a test that imports, MOST_PAGES of pages."""
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        is_slow = bool(fixtures & IMPORTING) or "tests/pages/" in item.nodeid
        if is_slow and not item.get_closest_marker("every_case"):
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for found in cases.values():
        most = MOST_PAGES if "tests/pages/" in found[0].nodeid else MOST_CASES
        kept = {place * len(found) // most for place in range(most)}
        for place, item in enumerate(found):
            if len(found) > most and place not in kept:
                item.add_marker(pytest.mark.thorough)


def at(seconds: float) -> str:
    """Return an instant `seconds` after T0, in ISO 8601."""
    return (T0 + timedelta(seconds=seconds)).isoformat()


def describe_job(
    name: str,
    *,
    created: float = 0,
    provisioning: float | None = 60,
    download: float = 30,
    run: float = 600,
    region: str = "us-east-1",
    account: str = "123456789012",
    **fields: Any,
) -> dict[str, Any]:
    """Return a describe-training-job answer; times are seconds after T0.

    `provisioning=None` gives a job that never started. `fields` replace whole AWS fields; None
    takes one away; a dict for ResourceConfig is merged into the default.
    """
    job: dict[str, Any] = {
        "TrainingJobName": name,
        "TrainingJobArn": f"arn:aws:sagemaker:{region}:{account}:training-job/{name}",
        "TrainingJobStatus": "Completed",
        "SecondaryStatus": "Completed",
        "AlgorithmSpecification": {"TrainingImage": "image:1", "TrainingInputMode": "File"},
        "RoleArn": f"arn:aws:iam::{account}:role/trainer",
        "InputDataConfig": [
            {"ChannelName": "train", "DataSource": {"S3DataSource": {"S3Uri": "s3://b/p"}}}
        ],
        "ResourceConfig": {
            "InstanceType": "ml.g5.2xlarge",
            "InstanceCount": 1,
            "VolumeSizeInGB": 30,
        },
        "CreationTime": at(created),
    }
    if provisioning is None:
        job["TrainingJobStatus"] = job["SecondaryStatus"] = "Stopped"
        job["LastModifiedTime"] = at(created + 5)
    else:
        started, trained = created + provisioning, created + provisioning + download
        ended = trained + run
        job |= {
            "TrainingStartTime": at(started),
            "TrainingEndTime": at(ended),
            "LastModifiedTime": at(ended),
            "BillableTimeInSeconds": int(ended - started),
            "TrainingTimeInSeconds": int(ended - started),
            "SecondaryStatusTransitions": [
                {"Status": "Starting", "StartTime": at(created), "EndTime": at(started)},
                {"Status": "Downloading", "StartTime": at(started), "EndTime": at(trained)},
                {"Status": "Training", "StartTime": at(trained), "EndTime": at(ended)},
                {"Status": "Completed", "StartTime": at(ended), "EndTime": at(ended)},
            ],
        }
    resources = fields.pop("ResourceConfig", {})
    if resources is None:
        del job["ResourceConfig"]
    else:
        job["ResourceConfig"] = {**job["ResourceConfig"], **resources}
    job |= fields
    return {key: value for key, value in job.items() if value is not None}


def lines(*records: Any) -> bytes:
    """Return records as JSON lines."""
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def ask(store: Store, name: str, filters: Filters | None = None, **given: Any) -> pd.DataFrame:
    """Return the answer to a query, by its name."""
    return run_query(Reader(store), query_named(name), filters, **given)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of an empty home: to copy it is quicker than to make every table anew."""
    home = Home(tmp_path_factory.mktemp("empty") / "home").create()
    open_home(home, derivation=derive).close()
    return home.database


@pytest.fixture(scope="session")
def new_home(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Callable[[], Home]:
    """Make empty homes, each with its database."""

    def making() -> Home:
        made = Home(tmp_path_factory.mktemp("home")).create()
        shutil.copy(empty_database, made.database)
        return made

    return making


@pytest.fixture
def bare_home(tmp_path: Path) -> Home:
    """A home folder without a database, as before its first use."""
    return Home(tmp_path / "home").create()


@pytest.fixture
def home(bare_home: Home, empty_database: Path) -> Home:
    """An empty home, with its database."""
    shutil.copy(empty_database, bare_home.database)
    return bare_home


@pytest.fixture
def derivation() -> Derivation | None:
    """What derives what changed, of the store that a test imports into."""
    return derive


@pytest.fixture
def store(home: Home, derivation: Derivation | None) -> Iterator[Store]:
    """An open, empty store."""
    opened = open_home(home, derivation=derivation)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def empty_store(new_home: Callable[[], Home]) -> Iterator[Store]:
    """An open, empty store, for reading only."""
    opened = open_home(new_home(), derivation=derive)
    yield opened
    opened.close()


@pytest.fixture
def take(store: Store) -> Callable[..., ImportResult]:
    """Take records in, as JSON lines."""

    def taking(*records: Any, name: str = "jobs.jsonl", **options: Any) -> ImportResult:
        return ingest(store, uploaded(name, lines(*records)), **options)

    return taking


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with the demo history; `make test` has one made for all processes of the tests."""
    root = tmp_path_factory.mktemp("demo") / "home"
    if made := os.environ.get("STOKER_TESTS_DEMO"):
        shutil.copytree(made, root)
        (root / "DEMO").unlink()  # here its jobs are as anybody's: now is now
        return Home(root)
    home = Home(root).create()
    store = open_home(home, derivation=derive)
    for outcome in ingest_files(store, (file.as_input for file in demo_files())):
        assert isinstance(outcome, ImportResult), outcome
    store.close()
    return home


@pytest.fixture(scope="session")
def demo_store(demo_home: Home) -> Iterator[Store]:
    """A store with the demo history, for reading only."""
    opened = open_home(demo_home, derivation=derive)
    yield opened
    opened.close()
