"""`stoker sync`: the plan, the report, a clean stop, rounds, and through a dashboard."""

import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.cli.sync import Duration
from tests.app.conftest import Stoker
from tests.app.dashboard import running_dashboard, stoker
from tests.aws_server.clock import Clock
from tests.aws_server.history import AwsHistory
from tests.aws_server.server import AwsServer
from tests.data.aws.conftest import FAST, NOW

ONLY = ("--only", "jobs", "--only", "batch")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsServer]:
    with AwsServer(AwsHistory(Clock(NOW), jobs=60, days=4)) as server:
        server.set_environment(monkeypatch)
        yield server


@pytest.fixture
def ready(run: Stoker, tmp_path: Path) -> Stoker:
    """A command line on a home that may ask as fast as it can."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "stoker.toml").write_text(FAST)
    return run


def test_it_says_what_it_will_read_and_what_it_has_read(ready: Stoker, aws: AwsServer) -> None:
    aws.knobs.denied.add("batch:GetJobQueueSnapshot")
    ran = ready("sync", *ONLY)
    assert ran.status == 0
    assert "Reading from AWS: default (123456789012) us-east-1\n" in ran.err
    assert "  Training jobs (60): 1 request\n" in ran.err
    assert re.search(r"Together at least \d+ requests, about \d+ s\.\n", ran.err)
    assert "jobs: 60 accepted, 0 unchanged, 0 rejected\n" in ran.out
    assert f"sagemaker:Search: {aws.requests['sagemaker:Search']} requests\n" in ran.out
    told = re.search(r"(\d+) requests, of which 0 retries; the least possible: (\d+)\n", ran.out)
    assert told
    assert int(told[1]) == aws.requests.total() <= 1.2 * int(told[2])
    assert "Not allowed: batch:GetJobQueueSnapshot (default, us-east-1)." in ran.out
    assert ready("ask", "jobs", "--format", "csv").out.count("\n") == 61


def test_wrong_use_and_missing_credentials_are_told(
    ready: Stoker, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = ready("sync", "--only", "weather")
    assert (ran.status, "Use one of: batch, jobs" in ran.err) == (2, True)
    assert ready("sync", "--every", "soon").status == 2
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    ran = ready("sync", "--region", "us-east-1")
    assert ran.status == 1
    assert "AWS_ACCESS_KEY_ID" in ran.err


def when(is_true: Callable[[], bool], act: Callable[[], object]) -> threading.Thread:
    """Act in another thread as soon as something is true."""

    def wait() -> None:
        until = time.monotonic() + 60
        while not is_true() and time.monotonic() < until:
            time.sleep(0.005)
        act()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_ctrl_c_keeps_what_was_read_and_the_next_run_reads_the_rest(
    ready: Stoker, aws: AwsServer
) -> None:
    aws.knobs.largest_page = 5
    aws.knobs.delays["sagemaker:Search"] = 0.05
    thread = when(
        lambda: aws.requests["sagemaker:Search"] >= 5,
        lambda: os.kill(os.getpid(), signal.SIGINT),
    )
    ran = ready("sync", "--only", "jobs")
    thread.join()
    assert ran.status == 130
    assert "what was read is kept" in ran.err
    kept = ready("ask", "jobs", "--format", "csv").out.count("\n") - 1
    assert 10 <= kept < 60
    assert ready("sync", "--only", "jobs").status == 0
    assert ready("ask", "jobs", "--format", "csv").out.count("\n") == 61


def test_rounds_go_on_until_somebody_ends_them(ready: Stoker, aws: AwsServer) -> None:
    assert Duration().convert("15m", None, None) == 900
    assert Duration().convert("1h", None, None) == 3600
    thread = when(
        lambda: aws.requests["sts:GetCallerIdentity"] >= 2,
        lambda: (time.sleep(0.5), os.kill(os.getpid(), signal.SIGINT)),
    )
    aws.clock.step_s = 60
    ran = ready("sync", "--only", "jobs", "--every", "1s")
    thread.join()
    assert ran.status == 130
    assert "Next at" in ran.err
    assert ran.out.count("the least possible") >= 1


@pytest.mark.thorough
def test_a_running_dashboard_does_the_reading(tmp_path: Path, aws: AwsServer) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "stoker.toml").write_text(FAST)
    with running_dashboard(home):
        ran = stoker("sync", *ONLY, "--home", str(home))
        assert ran.status == 0, ran.err
        assert "jobs: 60 accepted" in ran.out
        assert "Training jobs (60)" in ran.err
    assert not (home / "owner.json").exists()
