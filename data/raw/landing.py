"""The landing: immutable files named by their content, and one event for each thing taken in.

A payload is complete before its event is written, and an event appears whole or not at all, so a
process that dies leaves either nothing or something that can be merged later.
"""

import hashlib
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Self, cast

import orjson

from data.store.home import Home


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that was taken in: a payload, what it is, and how to read it."""

    kind: str
    file_format: str
    file_name: str
    content_hash: str
    suffix: str
    mapping_name: str | None
    mapping_text: str | None
    mapping_hash: str
    fetched_at: datetime
    attempt: int = 1

    @property
    def name(self) -> str:
        """The event's identity: content, kind and mapping."""
        parts = (self.kind, self.content_hash, self.mapping_hash or "plain", str(self.attempt))
        return "-".join(parts)

    def payload(self, home: Home) -> Path:
        """Where the landed file is."""
        return home.landing / f"{self.content_hash}{self.suffix}"

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a landed event."""
        fields = orjson.loads(path.read_bytes())
        fields["fetched_at"] = datetime.fromisoformat(fields["fetched_at"])
        return cls(**fields)


class _Hashing:
    """A file that hashes what is written to it."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._digest = hashlib.sha256()

    def write(self, content: bytes) -> int:
        self._digest.update(content)
        return self._target.write(content)

    def flush(self) -> None:
        self._target.flush()

    @property
    def hex(self) -> str:
        return self._digest.hexdigest()


def land_payload(home: Home, suffix: str, write: Callable[[BinaryIO], Any]) -> tuple[str, Any]:
    """Write a payload below the landing folder; return its SHA-256 and what `write` returned."""
    draft = home.scratch / f"draft-{secrets.token_hex(8)}"
    try:
        with draft.open("xb") as target:
            hashing = _Hashing(target)
            returned = write(cast(BinaryIO, hashing))
            target.flush()
            os.fsync(target.fileno())
        os.replace(draft, home.landing / f"{hashing.hex}{suffix}")
        _fsync_folder(home.landing)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
    return hashing.hex, returned


def land_event(home: Home, event: Event) -> Event:
    """Record that a payload was landed; an event that exists already stays as it is."""
    path = home.events / f"{event.name}.json"
    if path.exists():
        return Event.read(path)
    fields = asdict(event) | {"fetched_at": event.fetched_at.astimezone(UTC).isoformat()}
    draft = home.scratch / f"draft-{secrets.token_hex(8)}"
    with draft.open("xb") as target:
        target.write(orjson.dumps(fields, option=orjson.OPT_INDENT_2))
        target.flush()
        os.fsync(target.fileno())
    os.replace(draft, path)
    _fsync_folder(home.events)
    return event


def landed_events(home: Home) -> list[Event]:
    """Return every landed event in the order in which they were fetched."""
    events = (Event.read(path) for path in home.events.glob("*.json"))
    return sorted(events, key=lambda event: (event.fetched_at, event.name))


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
