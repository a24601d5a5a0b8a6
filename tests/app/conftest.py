"""A command line on a home of its own, and a dashboard for the tests of one file."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from analytics.derived.derive import derive
from app.cli.main import main
from data.ingest.home_store import open_home
from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.home import Home
from tests.app.dashboard import Dashboard, Ran, running_dashboard
from tests.conftest import describe_job, lines

Stoker = Callable[..., Ran]
JOBS = [
    describe_job("cold", ResourceConfig={"KeepAlivePeriodInSeconds": 900}),
    describe_job("warm", created=1000, provisioning=2, download=1),
    describe_job("elsewhere", created=2000, region="eu-west-1"),
    describe_job("never-started", created=3000, provisioning=None),
]
TWO_JOBS = lines(describe_job("one"), describe_job("two", created=900, provisioning=None))
BROKEN = lines(describe_job("three", created=1800), {"TrainingJobName": "no-times"})


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Stoker:
    """Run a command line in this process, on a home of its own."""

    def running(*arguments: str) -> Ran:
        try:
            status = main([arguments[0], "--home", str(tmp_path / "home"), *arguments[1:]])
        except SystemExit as stop:
            status = int(stop.code or 0)
        captured = capsys.readouterr()
        return Ran(status, captured.out, captured.err)

    return running


@pytest.fixture
def jobs_file(tmp_path: Path) -> Path:
    path = tmp_path / "jobs.jsonl"
    path.write_bytes(lines(*JOBS))
    return path


@pytest.fixture
def filled(run: Stoker, jobs_file: Path) -> Stoker:
    assert run("ingest", str(jobs_file)).status == 0
    return run


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """A dashboard on an empty home."""
    with running_dashboard(tmp_path_factory.mktemp("dashboard") / "home") as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with files to import, and a home that holds them."""
    (tmp_path / "jobs.jsonl").write_bytes(TWO_JOBS)
    (tmp_path / "broken.jsonl").write_bytes(BROKEN)
    store = open_home(Home(tmp_path / "home"), derivation=derive)
    for content in (TWO_JOBS, BROKEN):
        ingest(store, uploaded("jobs.jsonl", content))
    store.close()
    return tmp_path
