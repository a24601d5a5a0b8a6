"""The dashboard that has a home's database open: its address file, and commands through it.

Standard library only, so that a command through a running dashboard starts at once.
"""

import json
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import BinaryIO, cast

from app.cli.invocation import Invocation
from data.errors import StokerError
from data.store.home import Home

HOST = "127.0.0.1"
FIRST_PORT = 8501
PORT_VARIABLE = "STOKER_PORT"
PATH = "/stoker/command"
TOKEN_HEADER = "X-Stoker-Token"
LINK_TOKEN = "token"
CHUNK_BYTES = 2**16
CONNECT_WITHIN_S = 10.0
HEARTBEAT_S = 3.0
# a dashboard that says nothing for so long, not even that it is alive, does not answer
SILENCE_S = 60.0


# another program has the port now, or the dashboard of another home
NOT_OURS = frozenset({403, 404, 405, 501})


class ServerGoneError(Exception):
    """Nobody answers where the address file points: it was left behind."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A dashboard that has a home's database open, and how to reach it."""

    port: int
    token: str
    pid: int
    link_token: str = ""
    """What opens its pages: another secret than the one that runs commands."""

    further: str = ""
    """What else its link says: that it is the demo beside another home."""

    @property
    def address(self) -> str:
        """Where the dashboard is."""
        return f"http://{HOST}:{self.port}"

    @property
    def link(self) -> str:
        """The link that opens the dashboard in a browser."""
        return f"{self.address}/?{LINK_TOKEN}={self.link_token}{self.further}"


def publish(home: Home, server: RunningServer) -> None:
    """Write the address file, readable by this user only; it appears whole or not at all."""
    draft = home.owner.with_name(f".owner-{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(server), file)
    os.replace(draft, home.owner)


def withdraw(home: Home, server: RunningServer) -> None:
    """Remove the address file, unless another server has written its own."""
    if _published(home) == server:
        home.owner.unlink(missing_ok=True)


def running_server(home: Home) -> RunningServer | None:
    """Return the server that has `home` open, if its process lives and listens."""
    server = _published(home)
    if server is None:
        return None
    try:
        os.kill(server.pid, 0)
        socket.create_connection((HOST, server.port), CONNECT_WITHIN_S).close()
    except (OSError, OverflowError):  # gone, or another user's process that got the same number
        return None
    return server


def forward(server: RunningServer, invocation: Invocation, *, sends_stdin: bool) -> int:
    """Have the server run a command; write what it writes and return its exit status.

    Raises:
        ServerGoneError: nobody answers.
        StokerError: the server does not answer as one, falls silent, or stops in the middle.
    """
    with _response(server, _Call(invocation, sends_stdin=sends_stdin)) as response:
        if response.status in NOT_OURS:
            raise ServerGoneError
        if response.status != 200:
            raise StokerError(
                f"The dashboard at {server.address} refused the command ({response.status}).",
                next_action="Stop it, and start it again with: stoker serve",
            )
        status = None
        for line in _lines(response):
            chunk = json.loads(line)  # an empty one only says that the command is at work
            invocation.out.write(chunk.get("out", ""))
            invocation.err.write(chunk.get("err", ""))
            status = chunk.get("status", status)
    if status is None:
        raise _stopped(server)
    return int(status)


class _Call:
    """The body of a request: a line that says what to run, and standard input after it."""

    def __init__(self, invocation: Invocation, *, sends_stdin: bool) -> None:
        self._invocation, self._sends_stdin = invocation, sends_stdin
        self.has_read_stdin = False

    def __iter__(self) -> Iterator[bytes]:
        invocation = self._invocation
        call = {
            "argv": invocation.argv,
            "cwd": str(invocation.cwd),
            "out_width": invocation.out_width,
            "err_width": invocation.err_width,
            "file_mode": invocation.file_mode,
            "has_stdin": self._sends_stdin,
        }
        yield json.dumps(call).encode() + b"\n"
        if self._sends_stdin:
            stdin = cast(BinaryIO, invocation.stdin)
            while content := stdin.read(CHUNK_BYTES):
                self.has_read_stdin = True
                yield content


@contextmanager
def _response(server: RunningServer, call: _Call) -> Iterator[HTTPResponse]:
    connection = HTTPConnection(HOST, server.port, timeout=SILENCE_S)
    headers = {
        TOKEN_HEADER: server.token,
        "Content-Type": "application/octet-stream",
        "Transfer-Encoding": "chunked",
    }
    try:
        try:
            connection.request("POST", PATH, call, headers, encode_chunked=True)
            response = connection.getresponse()
        except TimeoutError:
            raise  # it listens, so it is not gone
        except (OSError, HTTPException) as error:
            if call.has_read_stdin:  # which cannot be read again
                raise _stopped(server) from error
            raise ServerGoneError from error
        yield response
    except TimeoutError as error:
        raise StokerError(
            f"The dashboard at {server.address} (process {server.pid}) does not answer.",
            next_action="Stop it, start it again with `stoker serve`, and repeat the command.",
        ) from error
    finally:
        connection.close()


def _stopped(server: RunningServer) -> StokerError:
    return StokerError(
        f"The dashboard at {server.address} stopped before the command was done.",
        next_action="Run the command again: completed work is not repeated.",
    )


def _lines(response: HTTPResponse) -> Iterator[bytes]:
    try:
        yield from response
    except TimeoutError:
        raise
    except (OSError, HTTPException):  # ends early: there is no status then
        return


def _published(home: Home) -> RunningServer | None:
    try:
        fields = json.loads(home.owner.read_text(encoding="utf-8"))
        return RunningServer(
            port=int(fields["port"]),
            token=str(fields["token"]),
            pid=int(fields["pid"]),
            link_token=str(fields["link_token"]),
            further=str(fields["further"]),
        )
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return None
