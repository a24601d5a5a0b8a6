"""Imports that failed: kept apart below landing/failed with the reason, listed with the rest."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import duckdb
import orjson

from data.ingest.bookkeeping import FAILED, Entry, insert_entries
from data.ingest.results import ImportFailure
from data.raw.landing import ImportRecord, write_whole
from data.store.home import Home
from data.store.store import Store


@dataclass(frozen=True, slots=True)
class FailedImport:
    """One failed import: the file, why, and its landed payload if that was kept."""

    failure: ImportFailure
    failed_at: datetime
    record: ImportRecord | None = None

    @property
    def name(self) -> str:
        """Its identity: that of the import, or of the file and the reason."""
        if self.record:
            return self.record.name
        told = f"{self.failure.kind}\n{self.failure.file_name}\n{self.failure.reason}"
        return f"unread-{hashlib.sha256(told.encode()).hexdigest()}"

    def path(self, home: Home) -> Path:
        """Where it is written down."""
        return home.failed / f"{self.name}.json"

    def document(self) -> dict[str, Any]:
        """Return it as it is written."""
        return {
            "file_name": self.failure.file_name,
            "kind": self.failure.kind,
            "reason": self.failure.reason,
            "next_action": self.failure.next_action,
            "failed_at": self.failed_at.astimezone(UTC).isoformat(),
            "record": self.record.document() if self.record else None,
        }

    @classmethod
    def of(cls, fields: dict[str, Any]) -> Self:
        """Return the failed import that a written one says."""
        record = fields["record"]
        told = ("file_name", "kind", "reason", "next_action")
        return cls(
            ImportFailure(*(fields[name] for name in told)),
            datetime.fromisoformat(fields["failed_at"]),
            ImportRecord.of(record) if record else None,
        )

    def entry(self) -> Entry:
        """Return its row in the table of imports."""
        record = self.record
        return Entry(
            import_name=self.name,
            kind=self.failure.kind,
            file_format=record.file_format if record else "",
            file_name=self.failure.file_name,
            content_hash=record.content_hash if record else "",
            mapping_hash=record.mapping_hash if record else "",
            mapping_name=record.mapping_name if record else None,
            fetched_at=self.failed_at,
            merge_started_at=self.failed_at,
            merged_at=self.failed_at,
            import_status=FAILED,
            reason=self.failure.reason,
            next_action=self.failure.next_action,
        )


def keep_failure(
    store: Store,
    failure: ImportFailure,
    record: ImportRecord | None = None,
    *,
    keeps_payload: bool = False,
    is_shared: bool = False,
    now: datetime | None = None,
) -> None:
    """Write a failed import down, in place of the landed one if there was one.

    Its payload stays where trying again may help, and if another import has the same: one that is
    recorded, or one that is yet to come, where it `is_shared`.
    """
    home = store.home
    failed = FailedImport(
        failure, now or datetime.now(UTC), record if record and keeps_payload else None
    )
    write_failed(home, failed)
    if record:
        (home.events / f"{record.name}.json").unlink(missing_ok=True)
        if not (keeps_payload or is_shared or is_referenced(home, record)):
            record.payload(home).unlink(missing_ok=True)
    list_failed(store, [failed])


def write_failed(home: Home, failed: FailedImport) -> None:
    """Write a failed import below the landing."""
    content = orjson.dumps(failed.document(), option=orjson.OPT_INDENT_2)
    write_whole(home, failed.path(home), content)


def list_failed(store: Store, failed: Sequence[FailedImport]) -> None:
    """Put failed imports into the table of imports, each once."""
    with store.transaction() as cursor:
        _delete(cursor, [one.name for one in failed])
        insert_entries(cursor, [one.entry() for one in failed])


def list_unlisted(store: Store, merged: Set[str]) -> None:
    """List failed imports that a killed process has written down, but not listed.

    `merged` are the names of those that were imported after all: they are forgotten.
    """
    home = store.home
    if not any(home.failed.iterdir()):
        return
    failed = list(failed_imports(home))
    names = store.frame(
        "select import_name from imports where import_status = $failed", {"failed": FAILED}
    )
    listed = set(names["import_name"])
    for one in failed:
        if one.name in merged:
            one.path(home).unlink(missing_ok=True)
    unlisted = [one for one in failed if one.name not in listed | merged]
    if unlisted:
        list_failed(store, unlisted)


def keep_unreadable(store: Store, name: str, error: Exception) -> ImportFailure:
    """Put the record of a landed import that cannot be read aside, and list it as failed."""
    home = store.home
    kind = name.split("-", 1)[0]
    failed = ImportFailure(
        name,
        kind,
        f"The import record {name}.json cannot be read ({type(error).__name__}).",
        "Import the file again.",
        error,
    )
    keep_failure(store, failed)
    with suppress(FileNotFoundError):
        (home.events / f"{name}.json").replace(home.failed / f"{name}.unreadable")
    return failed


def failed_imports(home: Home) -> Iterator[FailedImport]:
    """Yield every failed import, the oldest first; what cannot be read is passed over."""
    found = []
    for path in home.failed.glob("*.json"):
        with suppress(ValueError, KeyError, TypeError):
            found.append(FailedImport.of(orjson.loads(path.read_bytes())))
    yield from sorted(found, key=lambda failed: (failed.failed_at, failed.name))


def forget_failures(store: Store, imported: Iterable[ImportRecord]) -> None:
    """Forget failed imports of files, or of contents, that were imported after all."""
    home = store.home
    if not any(home.failed.iterdir()):
        return
    records = list(imported)
    contents = {record.content_hash for record in records}
    files = {record.file_name for record in records}
    past = [
        failed
        for failed in failed_imports(home)
        if failed.failure.file_name in files
        or (failed.record and failed.record.content_hash in contents)
    ]
    if not past:
        return
    with store.transaction() as cursor:
        _delete(cursor, [failed.name for failed in past])
    _remove(home, past)


def forget_failed(store: Store, names: Set[str]) -> None:
    """Forget failed imports by their names, and what was kept of them."""
    past = [failed for failed in failed_imports(store.home) if failed.name in names]
    with store.transaction() as cursor:
        _delete(cursor, sorted(names))
    _remove(store.home, past)
    for name in names:
        (store.home.failed / f"{name}.unreadable").unlink(missing_ok=True)


def _remove(home: Home, past: Iterable[FailedImport]) -> None:
    for failed in past:
        failed.path(home).unlink(missing_ok=True)
        if failed.record and not is_referenced(home, failed.record):
            failed.record.payload(home).unlink(missing_ok=True)


def is_referenced(home: Home, record: ImportRecord) -> bool:
    """Whether some landed or failed import has this payload."""
    return any(
        record.content_hash in path.name
        for folder in (home.events, home.failed)
        for path in folder.iterdir()
    )


def _delete(cursor: duckdb.DuckDBPyConnection, names: list[str]) -> None:
    cursor.execute(
        "delete from imports where import_status = $failed and list_contains($names, import_name)",
        {"failed": FAILED, "names": names},
    )
