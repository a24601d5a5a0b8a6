"""Imports of hostile files, and what must never happen then: an error without words."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from data.errors import StokerError
from data.files.mapping import Mapping
from data.ingest.pipeline import ImportFailure, InputFile, ingest_files, uploaded_files
from data.store.store import Store
from tests.hostile.files import HostileFile


def swallow(store: Store, files: Sequence[HostileFile]) -> list[str]:
    """Import files; return what is wrong with how some were taken or refused."""
    found: list[str] = []
    plain: list[InputFile] = []
    for file in files:
        if file.mapping is None:
            plain += [replace(one, kind=file.kind) for one in _members(file, found)]
        else:
            try:
                mapping = Mapping.parse(file.mapping, "fuzz")
            except StokerError:
                continue
            found += _imported(store, list(_members(file, found)), mapping)
    return found + _imported(store, plain, None)


def _members(file: HostileFile, found: list[str]) -> Iterator[InputFile]:
    """Yield the files in an upload, each named by the number of the hostile file."""
    try:
        for one in uploaded_files(file.name, file.content):
            yield replace(one, name=f"{file.number}-{one.name}"[:300])
    except StokerError as error:
        if not error.what or not error.next_action:
            found.append(f"{file.name}: no reason or no next action")
    except Exception as error:  # noqa: BLE001 - what a test looks for
        found.append(f"{file.name}: {type(error).__name__}: {error}"[:300])


def _imported(store: Store, files: list[InputFile], mapping: Mapping | None) -> list[str]:
    return [
        fault
        for outcome in ingest_files(store, files, mapping=mapping)
        if isinstance(outcome, ImportFailure) and (fault := _fault(outcome))
    ]


def _fault(failed: ImportFailure) -> str:
    """Return what is wrong with a refusal: nothing, if it is one in words."""
    if not failed.reason or not failed.next_action:
        return f"{failed.file_name}: no reason or no next action"
    if failed.error is not None and not isinstance(failed.error, StokerError):
        return failed.reason[:300]
    return ""
