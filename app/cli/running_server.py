"""Reaching the process that owns the database: its address file, and a call through it.

Standard library only, so that a call through a running dashboard starts at once.
"""

import json
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse

from app.cli.invocation import Call
from data.errors import StokerError
from data.store.home import Home

HOST = "127.0.0.1"
PATH = "/stoker/command"
TOKEN_HEADER = "X-Stoker-Token"
ANSWER_WITHIN_S = 10.0


class OwnerGoneError(Exception):
    """Nobody answers where the owner file points: it was left behind."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A dashboard that has a home's database open, and how to reach it."""

    port: int
    token: str
    pid: int

    @property
    def address(self) -> str:
        """The dashboard's address for a browser."""
        return f"http://{HOST}:{self.port}"


def publish(home: Home, owner: Owner) -> None:
    """Write the owner file, readable by this user only; it appears whole or not at all."""
    draft = home.owner.with_name(f".owner-{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        json.dump(asdict(owner), opened)
    os.replace(draft, home.owner)


def withdraw(home: Home, owner: Owner) -> None:
    """Remove the owner file, unless another owner has taken it over."""
    if _read(home) == owner:
        home.owner.unlink(missing_ok=True)


def living_owner(home: Home) -> Owner | None:
    """Return the owner of `home`, if its process lives and listens."""
    owner = _read(home)
    if owner is None:
        return None
    try:
        os.kill(owner.pid, 0)
        socket.create_connection((HOST, owner.port), ANSWER_WITHIN_S).close()
    except OSError:  # gone, or another user's process that got the same number
        return None
    return owner


def forward(owner: Owner, argv: list[str], call: Call) -> int:
    """Have the owner run a command; write what it writes and return its exit status.

    Raises:
        OwnerGoneError: nobody answers.
        StokerError: the owner does not answer as one, or stops in the middle.
    """
    with _answered(owner, argv, call) as answer:
        if answer.status != 200:
            raise StokerError(
                f"The dashboard at {owner.address} refused the command ({answer.status}).",
                next_action="Stop it, and start it again with: stoker serve",
            )
        status = None
        for line in _lines(answer):
            chunk = json.loads(line)
            call.out.write(chunk.get("out", ""))
            call.err.write(chunk.get("err", ""))
            status = chunk.get("status", status)
    if status is None:
        raise StokerError(
            f"The dashboard at {owner.address} stopped before the command was done.",
            next_action="Run the command again: what is done already is not done twice.",
        )
    return int(status)


@contextmanager
def _answered(owner: Owner, argv: list[str], call: Call) -> Iterator[HTTPResponse]:
    connection = HTTPConnection(HOST, owner.port, timeout=ANSWER_WITHIN_S)
    body = {
        "argv": argv,
        "cwd": str(call.cwd),
        "stdin": str(call.stdin) if call.stdin else None,
        "out_width": call.out_width,
        "err_width": call.err_width,
    }
    headers = {TOKEN_HEADER: owner.token, "Content-Type": "application/json"}
    try:
        try:
            connection.request("POST", PATH, json.dumps(body), headers)
            answer = connection.getresponse()
        except TimeoutError as error:
            raise StokerError(
                f"The dashboard at {owner.address} (process {owner.pid}) does not answer.",
                next_action="Wait until it is less busy, or stop it, and try again.",
            ) from error
        except (OSError, HTTPException) as error:
            raise OwnerGoneError from error
        if connection.sock:
            connection.sock.settimeout(None)  # the command itself may take long
        yield answer
    finally:
        connection.close()


def _lines(answer: HTTPResponse) -> Iterator[bytes]:
    with suppress(OSError, HTTPException):  # ends early: there is no status then
        yield from answer


def _read(home: Home) -> Owner | None:
    try:
        fields = json.loads(home.owner.read_text(encoding="utf-8"))
        return Owner(port=int(fields["port"]), token=str(fields["token"]), pid=int(fields["pid"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
