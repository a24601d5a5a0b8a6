"""The server's side of a forwarded command: runs it in a thread, and streams what it writes.

Each line of the answer is a JSON object: a piece of output (`out`, `err`), at the end the exit
`status`, and in between, when there is nothing to say, an empty one: the command is at work.
"""

import asyncio
import hmac
import json
import traceback
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from app.cli.invocation import FAILED, INTERRUPTED, Invocation
from app.cli.main import run
from app.cli.running_server import HEARTBEAT_S, PATH, TOKEN_HEADER
from data import background
from data.raw.inputs import Cancelled, InputFile, spool
from data.store.store import Store

LARGEST_CALL_BYTES = 2**20
QUEUED_CHUNKS = 16
CHUNK_CHARACTERS = 65_536
HEARTBEAT = b"{}\n"


def command_route(stores: Mapping[str, Callable[[], Store | None]]) -> Route:
    """Return the route that runs commands for whoever knows the token of a store."""

    async def command(request: Request) -> Response:
        sent = request.headers.get(TOKEN_HEADER, "")
        known = [
            held
            for token, held in stores.items()
            if hmac.compare_digest(sent.encode(), token.encode())
        ]
        store = known[0]() if known else None
        if store is None:
            return PlainTextResponse("Unknown token.", 403)
        body = Body(request.stream(), asyncio.get_running_loop())
        line = await body.line()
        if line is None:
            return PlainTextResponse("Too long.", 413)
        call = json.loads(line)
        # all of it before the answer begins: a server hears of a caller that leaves in the same way
        try:
            stdin = (
                await asyncio.to_thread(spool, cast(BinaryIO, body), store.home)
                if call["has_stdin"]
                else None
            )
        except ClientDisconnect:
            return PlainTextResponse("Cut short.", 400)
        reply = Reply(asyncio.get_running_loop())
        task = background.start(f"stoker {call['argv'][0]}", _run, call, store, stdin, reply)
        reply.on_left = task.cancel
        return StreamingResponse(reply.lines(), media_type="application/x-ndjson")

    return Route(PATH, command, methods=["POST"])


class Body:
    """The body of a request: a line, and what comes after it as a stream for another thread."""

    def __init__(self, chunks: AsyncIterator[bytes], loop: asyncio.AbstractEventLoop) -> None:
        self._chunks, self._loop = chunks, loop
        self._content = b""

    async def line(self) -> bytes | None:
        """Return the first line; None where it is too long or has no end."""
        while (end := self._content.find(b"\n")) < 0:
            chunk = await anext(self._chunks, b"")
            if not chunk or len(self._content) > LARGEST_CALL_BYTES:
                return None
            self._content += chunk
        line, self._content = self._content[:end], self._content[end + 1 :]
        return line

    def read(self, size: int = -1, /) -> bytes:
        """Return some bytes, none at the end; blocks, so never on the thread of the loop."""
        while not self._content:
            coming = asyncio.run_coroutine_threadsafe(anext(self._chunks, None), self._loop)
            chunk = coming.result()
            if chunk is None:
                return b""
            self._content = chunk
        content = self._content if size < 0 else self._content[:size]
        self._content = self._content[len(content) :]
        return content


class Reply:
    """What a command writes, on its way from its thread to the caller."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(QUEUED_CHUNKS)
        self.is_abandoned = False
        self.on_left: Callable[[], object] = lambda: None

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
        is_whole = False
        try:
            yield HEARTBEAT  # the headers only leave together with a first line
            while True:
                try:
                    async with asyncio.timeout(HEARTBEAT_S):
                        chunk = await self._queue.get()
                except TimeoutError:
                    yield HEARTBEAT
                    continue
                if chunk is None:
                    is_whole = True
                    return
                yield chunk
        finally:
            self.is_abandoned = True
            if not is_whole:
                self.on_left()
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


def _run(
    call: dict[str, Any],
    store: Store,
    stdin: InputFile | None,
    reply: Reply,
    task: background.Task,
) -> None:
    with suppress(BrokenPipeError):  # the caller has gone: nobody is left to tell
        try:
            _run_and_send(call, store, stdin, reply, task)
        finally:
            reply.close()


def _run_and_send(
    call: dict[str, Any],
    store: Store,
    stdin: InputFile | None,
    reply: Reply,
    task: background.Task,
) -> None:
    streams: list[_Stream] = []
    out, err = _Stream(reply, "out", streams), _Stream(reply, "err", streams)

    def note(step: str, share: float) -> None:
        if reply.is_abandoned:
            task.cancel()
        task.report(step, share)

    invocation = Invocation(
        argv=tuple(call["argv"]),
        out=out,
        err=err,
        cwd=Path(call["cwd"]),
        stdin=stdin,
        out_width=call["out_width"],
        err_width=call["err_width"],
        file_mode=call["file_mode"],
        store=store,
        on_progress=note,
    )
    try:
        status = run(invocation)
    except BrokenPipeError:
        raise
    except Cancelled:
        err.write("Stopped.\n")
        status = INTERRUPTED
    except Exception:  # noqa: BLE001  # a bug's traceback belongs to the caller, as it would locally
        err.write(traceback.format_exc())
        status = FAILED
    out.flush()
    reply.send("status", status)
