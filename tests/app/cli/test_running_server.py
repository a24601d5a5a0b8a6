"""The dashboard that has a home open: how the command line finds it, or finds it gone."""

import json
import os
import signal
import stat
from pathlib import Path

import pytest

from app.cli import running_server as running_server_module
from app.cli.main import main
from app.cli.running_server import (
    RunningServer,
    publish,
    running_server,
    withdraw,
)
from data.store.home import Home
from tests.app.dashboard import Dashboard, running_dashboard, stoker

pytestmark = pytest.mark.thorough


def test_the_address_file_is_for_this_user_only(dashboard: Dashboard) -> None:
    owner_file = Home(dashboard.home).owner
    assert stat.S_IMODE(owner_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(dashboard.home.stat().st_mode) == 0o700


def test_an_address_file_that_points_nowhere_is_ignored(folder: Path) -> None:
    home = Home(folder / "home")
    publish(home, RunningServer(port=1, token="old", pid=os.getpid()))
    assert running_server(home) is None
    assert main(["ask", "jobs", "--home", str(home.root)]) == 0
    home.owner.write_text("{half")
    assert running_server(home) is None


def test_a_server_only_withdraws_its_own_address(tmp_path: Path) -> None:
    home = Home(tmp_path).create()
    first, second = RunningServer(1, "first", os.getpid()), RunningServer(1, "second", os.getpid())
    publish(home, first)
    publish(home, second)
    withdraw(home, first)
    assert home.owner.exists()
    withdraw(home, second)
    assert not home.owner.exists()


def test_the_command_line_works_after_the_dashboard_was_killed(folder: Path) -> None:
    home = Home(folder / "home")
    with running_dashboard(home.root) as running:
        running.process.kill()
        running.process.wait()
        assert home.owner.exists(), "a killed process cannot tidy up"
        ran = stoker("ask", "jobs", "--format", "json", "--home", "home", cwd=folder)
        assert (ran.status, ran.err) == (0, "")
        assert len(json.loads(ran.out)) == 3


def test_a_dashboard_that_hangs_does_not_answer(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = ("--home", str(dashboard.home))
    monkeypatch.setattr(running_server_module, "SILENCE_S", 0.5)
    dashboard.process.send_signal(signal.SIGSTOP)
    try:
        assert main(["ask", "coverage", *home]) == 1
    finally:
        dashboard.process.send_signal(signal.SIGCONT)
    assert f"process {dashboard.process.pid}) does not answer." in capsys.readouterr().err
