"""The landing: immutable payloads named by their content, and a record for each import.

A payload is durable before its import record is written, and a record appears whole or not at
all, so a process that dies leaves either nothing or something that can be merged later.
"""

import hashlib
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Self, cast

import orjson

from data.store.home import Home, private

FLUSHED_AT_ONCE = 8
COPY_BYTES = 2**22


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """One import as it was landed: a payload, what it is, and how to read it."""

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
        """The identity of the import: kind, content and mapping."""
        parts = (self.kind, self.content_hash, self.mapping_hash or "plain", str(self.attempt))
        return "-".join(parts)

    def payload(self, home: Home) -> Path:
        """Where the landed file is."""
        return home.landing / f"{self.content_hash}{self.suffix}"

    def document(self) -> dict[str, Any]:
        """Return the record as it is written."""
        return asdict(self) | {"fetched_at": self.fetched_at.astimezone(UTC).isoformat()}

    @classmethod
    def of(cls, fields: dict[str, Any]) -> Self:
        """Return the record that a written one says."""
        return cls(**fields | {"fetched_at": datetime.fromisoformat(fields["fetched_at"])})


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


class Drafts:
    """Payloads that are written one by one, and made durable together."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._drafts: dict[Path, Path] = {}

    def write(self, suffix: str, write: Callable[[BinaryIO], Any]) -> tuple[str, Any]:
        """Write a payload; return its SHA-256 and what `write` returned."""
        draft = self._home.scratch / f"draft-{secrets.token_hex(8)}"
        try:
            with _created(draft) as target:
                hashing = _Hashing(target)
                returned = write(cast(BinaryIO, hashing))
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        path = self._home.landing / f"{hashing.hex}{suffix}"
        with suppress(KeyError):
            self._drafts.pop(path).unlink(missing_ok=True)
        self._drafts[path] = draft
        return hashing.hex, returned

    def commit(self) -> None:
        """Make the payloads durable, below their names."""
        _publish(self._drafts, self._home.landing)
        self._drafts = {}

    def discard(self) -> None:
        """Forget the payloads that were not committed."""
        for draft in self._drafts.values():
            draft.unlink(missing_ok=True)
        self._drafts = {}


def land_records(home: Home, records: Iterable[ImportRecord]) -> None:
    """Record imports whose payloads are durable; a record that exists already stays as it is."""
    drafts: dict[Path, Path] = {}
    for record in records:
        path = home.events / f"{record.name}.json"
        if not path.exists():
            drafts[path] = home.scratch / f"draft-{secrets.token_hex(8)}"
            with _created(drafts[path]) as target:
                target.write(orjson.dumps(record.document(), option=orjson.OPT_INDENT_2))
    _publish(drafts, home.events)


def write_whole(home: Home, path: Path, content: bytes) -> None:
    """Write a file such that it is there whole, or not at all."""
    draft = home.scratch / f"draft-{secrets.token_hex(8)}"
    with _created(draft) as target:
        target.write(content)
    _publish({path: draft}, path.parent)


def landed_names(home: Home) -> set[str]:
    """Return the names of all landed imports."""
    with os.scandir(home.events) as entries:
        return {entry.name.removesuffix(".json") for entry in entries if _is_record(entry.name)}


def forgotten_names(home: Home) -> set[str]:
    """Return the names of all imports that were landed, and taken back since."""
    with os.scandir(home.forgotten) as entries:
        return {entry.name.removesuffix(".json") for entry in entries if _is_record(entry.name)}


def forgotten_attempt(names: Iterable[str], record: ImportRecord) -> int:
    """Return the last attempt at the same import that was taken back; 0 if there is none."""
    stem = record.name.rpartition("-")[0]
    attempts = (name.rpartition("-") for name in names)
    return max((int(number) for known, _, number in attempts if known == stem), default=0)


def remove_unreferenced(home: Home, names: Iterable[str]) -> None:
    """Remove the payloads of some imports, but for those that another import has too."""
    hashes = {name.rsplit("-", 3)[1] for name in names}
    if not hashes:
        return
    with os.scandir(home.landing) as entries:
        found = [Path(entry) for entry in entries if entry.name.partition(".")[0] in hashes]
    if not found:
        return
    kept = {
        name.rsplit("-", 3)[1]
        for folder in (home.events, home.failed)
        for name in (path.stem for path in folder.glob("*-*-*-*.json"))
    }
    for path in found:
        if path.name.partition(".")[0] not in kept:
            path.unlink(missing_ok=True)


def landed_record(home: Home, name: str) -> ImportRecord:
    """Read the record of one landed import."""
    return ImportRecord.of(orjson.loads((home.events / f"{name}.json").read_bytes()))


def is_whole(home: Home, record: ImportRecord) -> bool:
    """Whether the payload of an import is there, and is what its name says."""
    digest = hashlib.sha256()
    try:
        with record.payload(home).open("rb") as payload:
            while content := payload.read(COPY_BYTES):
                digest.update(content)
    except FileNotFoundError:
        return False
    return digest.hexdigest() == record.content_hash


def _is_record(file_name: str) -> bool:
    return file_name.endswith(".json") and not file_name.startswith(".")


def _created(path: Path) -> BinaryIO:
    """Open a new file that this user alone can read."""
    return open(path, "xb", opener=private)


def _publish(drafts: dict[Path, Path], folder: Path) -> None:
    """Give written files their names, once all of them are on disk."""
    if not drafts:
        return
    if len(drafts) == 1:
        flush(next(iter(drafts.values())))
    else:
        with ThreadPoolExecutor(FLUSHED_AT_ONCE) as flushing:
            list(flushing.map(flush, drafts.values()))
    for path, draft in drafts.items():
        os.replace(draft, path)
    flush(folder)


def flush(path: Path) -> None:
    """Have a file, or the names in a folder, written to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def landed_records(home: Home) -> Iterator[ImportRecord]:
    """Yield every landed import in the order in which they were fetched."""
    records = [landed_record(home, name) for name in landed_names(home)]
    yield from sorted(records, key=lambda record: (record.fetched_at, record.name))
