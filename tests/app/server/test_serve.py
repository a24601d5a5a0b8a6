"""`stoker serve`: starts once on a home and a port, and stops cleanly."""

import signal
from pathlib import Path

import pytest

from data.store.home import Home
from tests.app.dashboard import STOP_WITHIN_S, Dashboard, running_dashboard, stoker


@pytest.mark.thorough
def test_a_second_dashboard_on_the_home_is_refused(dashboard: Dashboard) -> None:
    ran = stoker("serve", "--no-browser", "--home", str(dashboard.home))
    assert ran.status == 1
    assert f"Open {dashboard.address}" in ran.err


def test_a_port_that_is_taken_is_an_error(dashboard: Dashboard, tmp_path: Path) -> None:
    port = dashboard.address.rpartition(":")[2]
    ran = stoker("serve", "--no-browser", "--port", port, "--home", str(tmp_path / "other"))
    assert ran.status == 1
    assert f"Port {port} is taken." in ran.err


@pytest.mark.thorough
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_dashboard_cleanly(folder: Path, number: signal.Signals) -> None:
    with running_dashboard(folder / "home") as running:
        running.process.send_signal(number)
        assert running.process.wait(STOP_WITHIN_S) == 0
        assert not Home(folder / "home").owner.exists()
