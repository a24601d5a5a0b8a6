"""Waiting for another process that has the database open."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.cli import retry
from data.errors import LockedError
from data.ingest.home_store import open_home
from data.store.home import Home


def test_a_command_waits_for_another_that_has_the_database_open(folder: Path) -> None:
    holder = open_home(Home(folder / "home"))
    with subprocess.Popen(
        [sys.executable, "-m", "app.cli", "ask", "coverage", "--home", str(folder / "home")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as asking:
        assert asking.stderr is not None
        first_message = asking.stderr.readline()
        holder.close()
        out, rest = asking.communicate()
    assert first_message == "Another command is using the database; waiting for up to 10 s.\n"
    assert (asking.returncode, rest) == (0, "")
    assert out.startswith("account_id")


def test_retrying_ends_with_an_error_that_says_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "PATIENCE_S", 0.3)
    home = Home(folder / "home")
    said: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD.format(home=str(home.root))], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        started_at = time.monotonic()
        with pytest.raises(LockedError) as raised:
            retry.retry_while_locked(lambda: open_home(home), say=said.append)
        waited_s = time.monotonic() - started_at
        holder.kill()
    assert raised.value.next_action
    assert len(said) == 1
    assert waited_s >= 0.3


_HOLD = """
from pathlib import Path
import time
from data.store.home import Home
from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.ingest.home_store import open_home
store = open_home(Home(Path({home!r})))
print("open", flush=True)
time.sleep(60)
"""
