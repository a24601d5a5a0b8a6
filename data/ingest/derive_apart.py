"""Deriving after a merge such that an import whose records break it is taken back alone."""

import logging
from collections.abc import Sequence

from data.errors import StokerError
from data.ingest.apart import OnFailure, merge_apart
from data.ingest.forget import take_back
from data.ingest.results import ImportFailure, failure
from data.raw.inputs import Progress
from data.raw.landing import ImportRecord
from data.store.database import disk_is_full, is_full
from data.store.store import Store

_log = logging.getLogger(__name__)


def derive_apart(
    store: Store, records: Sequence[ImportRecord], tell: Progress, on_failure: OnFailure
) -> dict[str, ImportFailure]:
    """Derive from imports that were merged; return by name those that had to be taken back.

    Their landed files are merged again by halves, down to the one that is at fault.

    Raises:
        StokerError: the disk is full.
    """
    try:
        store.derive()
    except StokerError:
        raise
    except Exception as error:  # whatever it is, what was there before goes on
        if is_full(error):
            raise disk_is_full(store.home) from error
        if not records:
            raise
        take_back(store, {record.name for record in records})
        try:
            store.derive()
        except Exception:  # noqa: BLE001 - without them too: it is not they that are at fault
            merge_apart(store, records, tell, on_failure)
            raise error from None
        if len(records) == 1:
            return {records[0].name: _failed(records[0], error, on_failure)}
        failed: dict[str, ImportFailure] = {}
        middle = len(records) // 2
        for half in (records[:middle], records[middle:]):
            merge_apart(store, half, tell, on_failure)
            failed |= derive_apart(store, half, tell, on_failure)
        return failed
    return {}


def derive_or_go_on(store: Store) -> None:
    """Derive what a killed process did not; where that fails, answers stay as they were.

    Raises:
        StokerError: a setting is wrong, or the disk is full.
    """
    try:
        store.derive()
    except StokerError:
        raise
    except Exception as error:
        if is_full(error):
            raise disk_is_full(store.home) from error
        _log.warning("deriving failed; answers stay as they were", exc_info=error)


def _failed(record: ImportRecord, error: Exception, on_failure: OnFailure) -> ImportFailure:
    _log.warning("no answers can be derived from %s", record.file_name, exc_info=error)
    failed = failure(record.file_name, record.kind, error)
    on_failure(failed, record)
    return failed
