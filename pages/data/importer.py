"""Imports what was uploaded: a file, or each file of a zip, and what became of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import pandas as pd

from data.errors import StokerError
from data.ingest import preview
from data.ingest.pipeline import (
    ImportFailure,
    ImportResult,
    InputFile,
    Mapping,
    PassedOver,
    ingest_files,
    uploaded,
    uploaded_files,
)
from data.store.reader import Reader

ZIP_MAGIC = b"PK\x03\x04"
Progress = Callable[[str, str, float], None]
"""Called with the name of a file, what is being done, and how much of it is done."""


@dataclass(frozen=True, slots=True)
class UploadResult:
    """What became of one uploaded file; one with `columns` waits for a mapping."""

    results: tuple[ImportResult, ...] = ()
    errors: tuple[StokerError, ...] = ()
    columns: pd.DataFrame | None = None
    passed_over: tuple[PassedOver, ...] = ()


def import_upload(
    reader: Reader, name: str, content: bytes, kind: str | None, progress: Progress
) -> UploadResult:
    """Import a file, or all files of a zip; one that fails does not stop the others."""
    try:
        if kind is None and not content.startswith(ZIP_MAGIC):
            columns = preview.columns_to_map(reader.home, uploaded(name, content))
            if columns is not None:
                return UploadResult(columns=columns)
        passed: list[PassedOver] = []
        files = uploaded_files(name, content, passed.append)
        result = _import(reader, files, name, progress, kind=kind)
        return replace(result, passed_over=tuple(passed))
    except StokerError as error:
        return UploadResult(errors=(error,))


def import_mapped(
    reader: Reader, input_file: InputFile, mapping: Mapping, progress: Progress
) -> UploadResult:
    """Import a file with a mapping."""
    return _import(reader, [input_file], input_file.name, progress, mapping=mapping)


def _import(
    reader: Reader,
    input_files: Iterable[InputFile],
    name: str,
    progress: Progress,
    *,
    kind: str | None = None,
    mapping: Mapping | None = None,
) -> UploadResult:
    results, errors = list[ImportResult](), list[StokerError]()
    outcomes = ingest_files(
        reader.writer(),
        input_files,
        kind=kind,
        mapping=mapping,
        progress=lambda step, share: progress(name, step, share),
    )
    for outcome in outcomes:
        if isinstance(outcome, ImportFailure):
            errors.append(outcome.as_error())
        else:
            results.append(outcome)
    return UploadResult(tuple(results), tuple(errors))
