"""The memory of what was announced: a file of the home, to which lines are added and flushed.

What is about to be sent is written before it is sent. Whoever is killed in between finds it there
and does not send it twice.
"""

import os
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import orjson

from data.store.home import Home, private

FILE_NAME = "announced.jsonl"
MOST_TRIES = 3
MOST_BYTES = 4 * 2**20
KEPT_LINES = 5_000
SENDING, FAILED = "sending", "failed"


class Announced:
    """The events that were announced, or may have been."""

    def __init__(self, home: Home) -> None:
        self._path = home.root / FILE_NAME
        self._last: dict[str, str] = {}
        self._tries: Counter[str] = Counter()
        for event, state in _lines(self._path):
            self._note(event, state)

    def __contains__(self, event: str) -> bool:
        """Whether an event is not to be announced (again)."""
        return event in self._last and (
            self._last[event] != FAILED or self._tries[event] >= MOST_TRIES
        )

    def begin(self, events: Iterable[str]) -> None:
        """Note that these are about to be sent."""
        self._append(events, SENDING)

    def fail(self, events: Iterable[str]) -> None:
        """Note that these did not arrive."""
        self._append(events, FAILED)

    def _note(self, event: str, state: str) -> None:
        self._last[event] = state
        self._tries[event] += state == SENDING

    def _append(self, events: Iterable[str], state: str) -> None:
        written = list(events)
        content = b"".join(orjson.dumps([event, state]) + b"\n" for event in written)
        if self._path.exists() and self._path.stat().st_size > MOST_BYTES:
            self._shorten()
        with open(self._path, "ab", opener=private) as file:
            # a line that was cut short by a kill ends here
            file.write(b"\n" + content if file.tell() else content)
            file.flush()
            os.fsync(file.fileno())
        for event in written:
            self._note(event, state)

    def _shorten(self) -> None:
        """Keep the newest lines: older events are not looked at any more."""
        lines = self._path.read_bytes().splitlines(keepends=True)[-KEPT_LINES:]
        shorter = self._path.with_suffix(".new")
        with open(shorter, "wb", opener=private) as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        shorter.replace(self._path)


def _lines(path: Path) -> list[tuple[str, str]]:
    """Return the whole lines of the file; one that a kill cut short says nothing."""
    found = []
    content = path.read_bytes() if path.exists() else b""
    for line in content.splitlines():
        with suppress(orjson.JSONDecodeError, ValueError):
            event, state = orjson.loads(line)
            found.append((event, state))
    return found
