"""Merging records such that one that fails, fails alone, and what was landed earlier is resumed."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence

from data.errors import StokerError
from data.ingest.bookkeeping import IMPORTED
from data.ingest.check import UnusableError
from data.ingest.failures import keep_failure, keep_unreadable, list_unlisted
from data.ingest.merge import merge_records
from data.ingest.results import ImportFailure, Outcome, failure
from data.raw.inputs import Progress
from data.raw.landing import ImportRecord, is_whole, landed_names, landed_record
from data.store.database import disk_is_full, is_full
from data.store.home import Home
from data.store.store import Store

BATCH_BYTES = 64 * 2**20
BATCH_FILES = 1000

_log = logging.getLogger(__name__)


OnFailure = Callable[[ImportFailure, ImportRecord], None]


def merge_apart(
    store: Store, records: Sequence[ImportRecord], tell: Progress, on_failure: OnFailure
) -> list[Outcome]:
    """Merge records together; if that fails, each half apart, down to the one that is at fault.

    Raises:
        StokerError: the disk is full.
    """
    try:
        return list(merge_records(store, records, tell))
    except UnusableError as error:
        outcomes: dict[int, Outcome] = {}
        for number, fault in error.faults.items():
            if is_full(fault):
                raise disk_is_full(store.home) from fault
            outcomes[number] = _failed(records[number], fault, on_failure)
        sound = [number for number in range(len(records)) if number not in outcomes]
        if sound:
            merged = merge_apart(store, [records[number] for number in sound], tell, on_failure)
            outcomes |= dict(zip(sound, merged, strict=True))
        return [outcomes[number] for number in range(len(records))]
    except Exception as error:  # noqa: BLE001 - whatever it is, the other imports go on
        if is_full(error):
            raise disk_is_full(store.home) from error
        if len(records) > 1:
            half = len(records) // 2
            return [
                *merge_apart(store, records[:half], tell, on_failure),
                *merge_apart(store, records[half:], tell, on_failure),
            ]
        return [_failed(records[0], error, on_failure)]


def _failed(record: ImportRecord, error: Exception, on_failure: OnFailure) -> ImportFailure:
    if not isinstance(error, StokerError):
        _log.warning("import of %s failed", record.file_name, exc_info=error)
    failed = failure(record.file_name, record.kind, error)
    on_failure(failed, record)
    return failed


def resume(store: Store, progress: Progress | None = None) -> list[Outcome]:
    """Merge what was landed but never merged, as after a kill, and list what has failed."""
    merged = merged_names(store)
    list_unlisted(store, merged)
    names = landed_names(store.home) - merged
    if not names:
        return []
    records, unreadable = landed(store.home, names)
    outcomes: list[Outcome] = [
        keep_unreadable(store, name, error) for name, error in unreadable.items()
    ]

    def keep(failed: ImportFailure, record: ImportRecord) -> None:
        keep_failure(store, failed, record, keeps_payload=True)

    with store.writing():
        for batch in told(batches(store.home, records), len(records), progress):
            if whole := without_damaged(store.home, batch, keep):
                outcomes += merge_apart(store, whole, lambda step, share: None, keep)
    return outcomes


def without_damaged(
    home: Home, records: Sequence[ImportRecord], on_failure: OnFailure
) -> list[ImportRecord]:
    """Return the records whose payloads are as they were landed; the others have failed."""
    whole = []
    for record in records:
        if is_whole(home, record):
            whole.append(record)
        else:
            error = _damaged(home, record)
            on_failure(failure(record.file_name, record.kind, error), record)
    return whole


def _damaged(home: Home, record: ImportRecord) -> StokerError:
    payload = record.payload(home)
    what = "is cut short or was changed" if payload.exists() else "is missing"
    return StokerError(
        f"The landed file of {record.file_name} {what} ({payload.name}).",
        next_action="Import the file again.",
    )


def merged_names(store: Store) -> set[str]:
    """Return the names of the imports that are in the store."""
    rows = store.frame(
        "select import_name from imports where import_status = $imported", {"imported": IMPORTED}
    )
    return set(rows["import_name"])


def told(
    batches: Iterable[list[ImportRecord]], count: int, progress: Progress | None
) -> Iterator[list[ImportRecord]]:
    """Yield batches, telling before each how many of `count` records are done."""
    done_count = 0
    for batch in batches:
        if progress:
            progress("Merging", done_count / count)
        yield batch
        done_count += len(batch)


def landed(home: Home, names: set[str]) -> tuple[list[ImportRecord], dict[str, Exception]]:
    """Return landed records in the order in which they were fetched, and what cannot be read."""
    records: list[ImportRecord] = []
    unreadable: dict[str, Exception] = {}
    for name in sorted(names):
        try:
            records.append(landed_record(home, name))
        except (OSError, ValueError, TypeError, KeyError) as error:
            unreadable[name] = error
    records.sort(key=lambda record: (record.fetched_at, record.name))
    return records, unreadable


def batches(home: Home, records: Sequence[ImportRecord]) -> Iterator[list[ImportRecord]]:
    """Yield runs of records that can be merged together: not too large, and no content twice."""
    batch: list[ImportRecord] = []
    contents: set[tuple[str, str]] = set()
    size = 0
    for record in records:
        content = (record.kind, record.content_hash)
        payload = record.payload(home)
        more = payload.stat().st_size if payload.exists() else 0
        is_full = size + more > BATCH_BYTES or len(batch) == BATCH_FILES
        if batch and (is_full or content in contents):
            yield batch
            batch, contents, size = [], set(), 0
        batch.append(record)
        contents.add(content)
        size += more
    if batch:
        yield batch
