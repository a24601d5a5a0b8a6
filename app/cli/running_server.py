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

from app.cli.invocation import Invocation
from data.errors import StokerError
from data.store.home import Home

HOST = "127.0.0.1"
FIRST_PORT = 8501
PATH = "/stoker/command"
TOKEN_HEADER = "X-Stoker-Token"
CONNECT_WITHIN_S = 10.0
HEARTBEAT_S = 3.0
# a dashboard that says nothing for so long, not even that it is alive, does not answer
SILENCE_S = 60.0


class ServerGoneError(Exception):
    """Nobody answers where the address file points: it was left behind."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A dashboard that has a home's database open, and how to reach it."""

    port: int
    token: str
    pid: int

    @property
    def address(self) -> str:
        """The dashboard's address for a browser."""
        return f"http://{HOST}:{self.port}"


def publish(home: Home, server: RunningServer) -> None:
    """Write the address file, readable by this user only; it appears whole or not at all."""
    draft = home.owner.with_name(f".owner-{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        json.dump(asdict(server), opened)
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
    except OSError:  # gone, or another user's process that got the same number
        return None
    return server


def forward(server: RunningServer, invocation: Invocation) -> int:
    """Have the server run a command; write what it writes and return its exit status.

    Raises:
        ServerGoneError: nobody answers.
        StokerError: the server does not answer as one, falls silent, or stops in the middle.
    """
    with _response(server, invocation) as response:
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
        raise StokerError(
            f"The dashboard at {server.address} stopped before the command was done.",
            next_action="Run the command again: what is done already is not done twice.",
        )
    return int(status)


@contextmanager
def _response(server: RunningServer, invocation: Invocation) -> Iterator[HTTPResponse]:
    connection = HTTPConnection(HOST, server.port, timeout=SILENCE_S)
    body = {
        "argv": invocation.argv,
        "cwd": str(invocation.cwd),
        "stdin_file": str(invocation.stdin_file) if invocation.stdin_file else None,
        "stdin_text": invocation.stdin_text,
        "out_width": invocation.out_width,
        "err_width": invocation.err_width,
    }
    headers = {TOKEN_HEADER: server.token, "Content-Type": "application/json"}
    try:
        try:
            connection.request("POST", PATH, json.dumps(body), headers)
            response = connection.getresponse()
        except TimeoutError:
            raise  # it listens, so it is not gone
        except (OSError, HTTPException) as error:
            raise ServerGoneError from error
        yield response
    except TimeoutError as error:
        raise StokerError(
            f"The dashboard at {server.address} (process {server.pid}) does not answer.",
            next_action="Stop it, start it again with `stoker serve`, and repeat the command.",
        ) from error
    finally:
        connection.close()


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
            port=int(fields["port"]), token=str(fields["token"]), pid=int(fields["pid"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
