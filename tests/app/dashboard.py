"""A real dashboard in a process of its own, for tests that talk to one."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_WITHIN_S = 60
STOP_WITHIN_S = 20


@dataclass
class Dashboard:
    home: Path
    address: str
    process: "subprocess.Popen[str]"


@contextmanager
def running_dashboard(home: Path, *options: str, holds: Path | None = None) -> Iterator[Dashboard]:
    """Run `stoker serve`; give it when it answers, stop it afterwards.

    `holds` is the home that it opens, where that is not `home` itself.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve", "--home", str(home), "--port", "0",
         "--no-browser", *options],
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        first_line = process.stdout.readline()
        assert "http://127.0.0.1:" in first_line, f"the dashboard did not start: {first_line!r}"
        address = first_line.split()[-1]
        _wait_until_it_answers(f"{address}/_stcore/health")
        yield Dashboard(holds or home, address, process)
    finally:
        process.terminate()
        process.wait(STOP_WITHIN_S)
        if process.stdout:
            process.stdout.close()


def stoker(*arguments: str, stdin: bytes = b"", cwd: Path | None = None) -> "Ran":
    """Run `stoker` in a process of its own."""
    ran = subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments], input=stdin, capture_output=True, cwd=cwd,
        check=False,
    )  # fmt: skip
    return Ran(ran.returncode, ran.stdout.decode(), ran.stderr.decode())


@dataclass(frozen=True)
class Ran:
    """What a run of `stoker` gave."""

    status: int
    out: str
    err: str


def _wait_until_it_answers(url: str) -> None:
    give_up_at = time.monotonic() + START_WITHIN_S
    while time.monotonic() < give_up_at:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except urllib.error.URLError:
            time.sleep(0.05)
    message = f"{url} did not answer within {START_WITHIN_S} s"
    raise TimeoutError(message)
