"""Importing files: land them one by one, check and merge them together, derive; all repeatable.

Many small files are one batch, bounded by rows and seconds; each is still its own import. A file
that fails, fails alone: a batch that raises an error is halved until the file at fault stands
alone, and that one is kept apart with the reason.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime

from data.errors import StokerError
from data.files.mapping import FileFormat, LeaveOut, Mapping
from data.ingest.apart import merge_apart
from data.ingest.bookkeeping import Identity, identity, known_imports
from data.ingest.derive_apart import derive_apart
from data.ingest.failures import forget_failures, keep_failure
from data.ingest.land import LandedFile, land
from data.ingest.results import ImportFailure, ImportResult, Outcome, failure
from data.raw.inputs import (
    Cancelled,
    InputFile,
    Progress,
    input_files,
    uploaded,
    uploaded_files,
)
from data.raw.landing import (
    Drafts,
    ImportRecord,
    forgotten_attempt,
    forgotten_names,
    remove_unreferenced,
)
from data.raw.other_files import PassedOver, passed_over
from data.store.database import disk_is_full, is_full
from data.store.store import Store

__all__ = [
    "Cancelled",
    "FileFormat",
    "ImportFailure",
    "ImportResult",
    "InputFile",
    "LeaveOut",
    "Mapping",
    "Outcome",
    "PassedOver",
    "Progress",
    "ingest",
    "ingest_files",
    "input_files",
    "passed_over",
    "uploaded",
    "uploaded_files",
]

BATCH_ROWS = 100_000
BATCH_S = 5.0
# each merge makes a new version, of which nothing is remembered yet: where one takes long, the next
# waits so many times as long, so that readers have most of the time for themselves
BATCH_PER_MERGE, LONGEST_BATCH_S = 4.0, 60.0


def ingest_files(
    store: Store,
    files: Iterable[InputFile],
    *,
    kind: str | None = None,
    mapping: Mapping | None = None,
    progress: Progress | None = None,
    keep_secrets: bool = False,
    now: datetime | None = None,
) -> Iterator[Outcome]:
    """Import files; yield what became of each, in their order, whatever became of the others.

    Args:
        kind: one of `data.datasets.catalog.datasets()`; else what a file says
            of itself, else guessed from the content.
        mapping: how the columns of a file are named.
        progress: called with a step's name and its done share, 0 to 1. It may raise `Cancelled`:
            what is merged by then stays, and what is landed is merged when the home is next opened.
        keep_secrets: land the values of hyperparameters and environments too.

    Raises:
        StokerError: nothing can be imported any more, as when the disk is full.
    """
    tell = progress or (lambda step, share: None)
    with closing(_Batch(store, tell)) as batch:
        for file in files:
            try:
                batch.add(
                    land(
                        batch.drafts,
                        file,
                        tell,
                        kind=kind or file.kind,
                        mapping=mapping,
                        keep_secrets=keep_secrets,
                        now=now,
                    )
                )
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this file's alone
                batch.fail(file.name, kind or file.kind or (mapping.kind if mapping else ""), error)
            if batch.is_full:
                yield from batch.finish()
        yield from batch.finish()
    tell("Done", 1.0)


def ingest(
    store: Store,
    file: InputFile,
    *,
    kind: str | None = None,
    mapping: Mapping | None = None,
    progress: Progress | None = None,
    keep_secrets: bool = False,
    now: datetime | None = None,
) -> ImportResult:
    """Import one file; the arguments are those of `ingest_files`.

    Raises:
        StokerError: nothing of the file could be imported.
    """
    (outcome,) = ingest_files(
        store,
        [file],
        kind=kind,
        mapping=mapping,
        progress=progress,
        keep_secrets=keep_secrets,
        now=now,
    )
    if isinstance(outcome, ImportFailure):
        raise outcome.as_error() from outcome.error
    return outcome


class _Batch:
    """Files that were landed and wait to be merged, or have failed."""

    def __init__(self, store: Store, tell: Progress) -> None:
        self._store, self._tell = store, tell
        self.drafts = Drafts(store.home)
        self._members: list[LandedFile | ImportFailure] = []
        self._row_count, self._began_s = 0, time.monotonic()
        self._merge_s = 0.0

    def add(self, landed: LandedFile) -> None:
        """Add a landed file."""
        self._members.append(landed)
        self._row_count += landed.row_count

    def fail(self, file_name: str, kind: str, error: Exception) -> None:
        """Add a file that could not be landed.

        Raises:
            StokerError: no other file would fare better.
        """
        if is_full(error):
            raise disk_is_full(self._store.home) from error
        failed = failure(file_name, kind, error)
        keep_failure(self._store, failed)
        self._members.append(failed)

    @property
    def is_full(self) -> bool:
        """Whether it is time to merge."""
        has_waited_s = time.monotonic() - self._began_s
        enough_s = max(BATCH_S, min(BATCH_PER_MERGE * self._merge_s, LONGEST_BATCH_S))
        return self._row_count >= BATCH_ROWS or has_waited_s >= enough_s

    def finish(self) -> Iterator[Outcome]:
        """Merge what waits; yield what became of each file."""
        if not self._members:
            return
        landed = [member for member in self._members if isinstance(member, LandedFile)]
        outcomes: dict[Identity, Outcome] = {}
        merging_since_s = time.monotonic()
        with self._store.writing():
            if landed:
                self.drafts.commit()
                outcomes = _outcomes(self._store, [one.record for one in landed], self._tell)
            else:
                self._store.derive()
        members, self._members = self._members, []
        self._row_count, self._began_s = 0, time.monotonic()
        self._merge_s = self._began_s - merging_since_s
        for member in members:
            if isinstance(member, ImportFailure):
                yield member
            else:
                yield _of_file(member.record, outcomes)

    def close(self) -> None:
        """Leave no draft behind."""
        self.drafts.discard()


def _outcomes(store: Store, records: list[ImportRecord], tell: Progress) -> dict[Identity, Outcome]:
    """Merge what is not known yet; return what became of each content."""
    known = known_imports(store, records)
    forgotten = forgotten_names(store.home)
    outcomes: dict[Identity, Outcome] = {}
    new: dict[Identity, ImportRecord] = {}
    for record in records:
        same = known.get(identity(record))
        if same and not same.is_superseded:
            outcomes[identity(record)] = same.result
        elif identity(record) not in new:
            # a name that was taken back stays so
            attempt = max(same.attempt if same else 0, forgotten_attempt(forgotten, record)) + 1
            new[identity(record)] = replace(record, attempt=attempt)

    hashes = Counter(record.content_hash for record in new.values())

    def keep(failed: ImportFailure, record: ImportRecord) -> None:
        # what is refused leaves its reason and nothing else; of any other failure the payload
        # stays, so that a rebuild can try again
        is_refused = isinstance(failed.error, StokerError)
        is_shared = hashes[record.content_hash] > 1
        keep_failure(store, failed, record, keeps_payload=not is_refused, is_shared=is_shared)

    merged = merge_apart(store, list(new.values()), tell, keep) if new else []
    outcomes |= dict(zip(new, merged, strict=True))
    tell("Deriving", 0.0)
    brought = [one for name, one in new.items() if _is_imported(outcomes[name])]
    failed = derive_apart(store, brought, tell, keep)
    outcomes |= {identity(one): failed[one.name] for one in brought if one.name in failed}
    remove_unreferenced(
        store.home, [one.name for one in new.values() if hashes[one.content_hash] > 1]
    )
    forget_failures(store, [one for one in records if _is_imported(outcomes[identity(one)])])
    return outcomes


def _is_imported(outcome: Outcome) -> bool:
    return isinstance(outcome, ImportResult)


def _of_file(record: ImportRecord, outcomes: dict[Identity, Outcome]) -> Outcome:
    """Return what became of a file: of two with one content, the second is known."""
    outcome = outcomes[identity(record)]
    if isinstance(outcome, ImportFailure):
        return replace(outcome, file_name=record.file_name)
    outcomes[identity(record)] = replace(
        outcome,
        accepted_count=0,
        unchanged_count=outcome.accepted_count + outcome.unchanged_count,
        is_known_file=True,
    )
    return replace(outcome, file_name=record.file_name)
