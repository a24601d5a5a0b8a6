"""The owner's side: runs a command for a caller on this machine and streams what it writes."""

import asyncio
import hmac
import json
import traceback
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from app.cli import commands
from app.cli.arguments import parsed
from app.cli.invocation import FAILED, WRONG_USE, Call
from app.cli.running_server import PATH, TOKEN_HEADER
from app.server import background
from app.server.store_holder import opened_store

LARGEST_BODY_BYTES = 2**20
WAITING_CHUNKS = 16
CHUNK_CHARACTERS = 65_536


def command_route(token: str) -> Route:
    """Return the route that runs commands for whoever knows the token."""

    async def command(request: Request) -> Response:
        given = request.headers.get(TOKEN_HEADER, "")
        if not hmac.compare_digest(given.encode(), token.encode()):
            return PlainTextResponse("Unknown token.", 403)
        if int(request.headers.get("content-length", "0")) > LARGEST_BODY_BYTES:
            return PlainTextResponse("Too long.", 413)
        answer = Answer(asyncio.get_running_loop())
        call = await request.json()
        background.start(_run, call, answer)
        return StreamingResponse(answer.lines(), media_type="application/x-ndjson")

    return Route(PATH, command, methods=["POST"])


class Answer:
    """What a command writes, on its way from its thread to the caller."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: asyncio.Queue[bytes | None] = asyncio.Queue(WAITING_CHUNKS)
        self._has_left = False

    def tell(self, kind: str, value: Any) -> None:
        """Hand a chunk over from the command's thread; wait while the caller is slow.

        Raises:
            BrokenPipeError: the caller has gone.
        """
        self._put(json.dumps({kind: value}).encode() + b"\n")

    def close(self) -> None:
        """Say that nothing more comes."""
        with suppress(BrokenPipeError):
            self._put(None)

    async def lines(self) -> AsyncIterator[bytes]:
        """Yield chunks until the command is done."""
        try:
            while (chunk := await self._waiting.get()) is not None:
                yield chunk
        finally:
            self._has_left = True
            while not self._waiting.empty():  # lets a command that waits for room go on, and fail
                self._waiting.get_nowait()

    def _put(self, chunk: bytes | None) -> None:
        if self._has_left:
            raise BrokenPipeError
        done: Future[None] = asyncio.run_coroutine_threadsafe(self._waiting.put(chunk), self._loop)
        done.result()


class _Stream:
    """A text stream of a command; small writes are sent together."""

    def __init__(self, answer: Answer, kind: str, others: "list[_Stream]") -> None:
        self._answer, self._kind, self._others = answer, kind, others
        self._kept: list[str] = []
        self._length = 0
        others.append(self)

    def write(self, text: str, /) -> int:
        for other in self._others:  # output and messages stay in the order they were written
            if other is not self:
                other.flush()
        self._kept.append(text)
        self._length += len(text)
        if self._kind == "err" or self._length >= CHUNK_CHARACTERS:
            self.flush()
        return len(text)

    def flush(self) -> None:
        if self._kept:
            text = "".join(self._kept)
            self._kept, self._length = [], 0
            self._answer.tell(self._kind, text)


def _run(given: dict[str, Any], answer: Answer) -> None:
    with suppress(BrokenPipeError):  # the caller has gone: nobody is left to tell
        _run_and_tell(given, answer)


def _run_and_tell(given: dict[str, Any], answer: Answer) -> None:
    streams: list[_Stream] = []
    out, err = _Stream(answer, "out", streams), _Stream(answer, "err", streams)
    try:
        call = Call(
            out=out,
            err=err,
            cwd=Path(given["cwd"]),
            stdin=Path(given["stdin"]) if given["stdin"] else None,
            out_width=given["out_width"],
            err_width=given["err_width"],
        )
        status = _status(given["argv"], call)
        out.flush()
        answer.tell("status", status)
    finally:
        answer.close()


def _status(argv: list[str], call: Call) -> int:
    try:
        arguments = parsed(argv)
    except SystemExit:
        return WRONG_USE
    try:
        return commands.run(opened_store(), arguments, call)
    except BrokenPipeError:
        raise
    except Exception:  # noqa: BLE001  # a bug's traceback belongs to the caller, as it would locally
        call.err.write(traceback.format_exc())
        return FAILED
