"""A real dashboard in a process of its own, for tests that talk to one."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

COOKIES: dict[str, str] = {}
"""The header that opens a dashboard, by its address: what a browser has that came by the link."""
START_WITHIN_S = 60
STOP_WITHIN_S = 20


@dataclass
class Dashboard:
    home: Path
    link: str
    process: "subprocess.Popen[str]"

    @property
    def address(self) -> str:
        return self.link.partition("/?")[0]

    @property
    def cookie(self) -> str:
        """The header that the browser sends once it has opened the link."""
        return f"stoker-{self.address.rpartition(':')[2]}={self.link.partition('token=')[2]}"


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
        running = Dashboard(holds or home, first_line.split()[-1], process)
        _wait_until_it_answers(f"{running.address}/_stcore/health", running.cookie)
        COOKIES[running.address] = running.cookie
        yield running
    finally:
        process.terminate()
        process.wait(STOP_WITHIN_S)
        if process.stdout:
            process.stdout.close()


def visit(dashboard: Dashboard, page: str) -> int:
    """Open a page as a browser does, and leave when it is complete; return how much came."""
    address = f"{dashboard.address.replace('http', 'ws')}/_stcore/stream"
    request = BackMsg()
    request.rerun_script.page_name = page
    received = 0
    with connect(
        address,
        additional_headers={"Cookie": dashboard.cookie},
        origin=Origin(dashboard.address),
        subprotocols=[Subprotocol("streamlit")],
        max_size=None,
        proxy=None,
    ) as socket:
        socket.send(request.SerializeToString())
        while True:
            content = socket.recv(START_WITHIN_S)
            message = ForwardMsg()
            message.ParseFromString(content)  # type: ignore[arg-type]
            received += len(content)
            if message.WhichOneof("type") == "script_finished":
                return received


def wait_until(is_so: Callable[[], bool], *, within_s: float = 20) -> bool:
    """Wait until something is so; return whether it is."""
    give_up_at = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.05)
    return True


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


def _wait_until_it_answers(url: str, cookie: str) -> None:
    request = urllib.request.Request(url, headers={"Cookie": cookie})
    directly = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    give_up_at = time.monotonic() + START_WITHIN_S
    while time.monotonic() < give_up_at:
        try:
            with directly.open(request, timeout=START_WITHIN_S) as answer:
                if answer.status == 200:
                    return
        except urllib.error.URLError:
            time.sleep(0.05)
    message = f"{url} did not answer within {START_WITHIN_S} s"
    raise TimeoutError(message)
