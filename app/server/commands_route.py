"""The server's side of a forwarded command: runs it in a thread, and streams what it writes.

Each line of the answer is a JSON object: a piece of output (`out`, `err`), at the end the exit
`status`, and in between, when there is nothing to say, an empty one: the command is at work.
"""

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

from app.cli.invocation import FAILED, Invocation
from app.cli.main import run
from app.cli.running_server import HEARTBEAT_S, PATH, TOKEN_HEADER
from app.server import background
from app.server.store_holder import held_store

LARGEST_BODY_BYTES = 2**20
QUEUED_CHUNKS = 16
CHUNK_CHARACTERS = 65_536
HEARTBEAT = b"{}\n"


def command_route(token: str) -> Route:
    """Return the route that runs commands for whoever knows the token."""

    async def command(request: Request) -> Response:
        sent = request.headers.get(TOKEN_HEADER, "")
        if not hmac.compare_digest(sent.encode(), token.encode()):
            return PlainTextResponse("Unknown token.", 403)
        if int(request.headers.get("content-length", "0")) > LARGEST_BODY_BYTES:
            return PlainTextResponse("Too long.", 413)
        reply = Reply(asyncio.get_running_loop())
        background.start(_run, await request.json(), reply)
        return StreamingResponse(reply.lines(), media_type="application/x-ndjson")

    return Route(PATH, command, methods=["POST"])


class Reply:
    """What a command writes, on its way from its thread to the caller."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(QUEUED_CHUNKS)
        self.is_abandoned = False

    def send(self, kind: str, value: Any) -> None:
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
        """Yield chunks until the command is done; a heartbeat at once and when it is silent."""
        yield HEARTBEAT  # the headers only leave together with a first line
        try:
            while True:
                try:
                    async with asyncio.timeout(HEARTBEAT_S):
                        chunk = await self._queue.get()
                except TimeoutError:
                    yield HEARTBEAT
                    continue
                if chunk is None:
                    return
                yield chunk
        finally:
            self.is_abandoned = True
            while not self._queue.empty():  # lets a command that waits for room go on, and fail
                self._queue.get_nowait()

    def _put(self, chunk: bytes | None) -> None:
        if self.is_abandoned:
            raise BrokenPipeError
        done: Future[None] = asyncio.run_coroutine_threadsafe(self._queue.put(chunk), self._loop)
        done.result()


class _Stream:
    """A text stream of a command; small writes are sent together."""

    def __init__(self, reply: Reply, kind: str, others: "list[_Stream]") -> None:
        self._reply, self._kind, self._others = reply, kind, others
        self._pieces: list[str] = []
        self._length = 0
        others.append(self)

    def write(self, text: str, /) -> int:
        for other in self._others:  # output and messages stay in the order they were written
            if other is not self:
                other.flush()
        self._pieces.append(text)
        self._length += len(text)
        if self._kind == "err" or self._length >= CHUNK_CHARACTERS:
            self.flush()
        return len(text)

    def flush(self) -> None:
        if self._pieces:
            text = "".join(self._pieces)
            self._pieces, self._length = [], 0
            self._reply.send(self._kind, text)


def _run(call: dict[str, Any], reply: Reply) -> None:
    with suppress(BrokenPipeError):  # the caller has gone: nobody is left to tell
        try:
            _run_and_send(call, reply)
        finally:
            reply.close()


def _run_and_send(call: dict[str, Any], reply: Reply) -> None:
    streams: list[_Stream] = []
    out, err = _Stream(reply, "out", streams), _Stream(reply, "err", streams)
    invocation = Invocation(
        argv=tuple(call["argv"]),
        out=out,
        err=err,
        cwd=Path(call["cwd"]),
        stdin_file=Path(call["stdin_file"]) if call["stdin_file"] else None,
        stdin_text=call["stdin_text"],
        out_width=call["out_width"],
        err_width=call["err_width"],
        store=held_store(),
    )
    try:
        status = run(invocation)
    except BrokenPipeError:
        raise
    except Exception:  # noqa: BLE001  # a bug's traceback belongs to the caller, as it would locally
        err.write(traceback.format_exc())
        status = FAILED
    out.flush()
    reply.send("status", status)
