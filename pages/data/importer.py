"""Imports what was uploaded: a file, or each file of a zip, and what became of them."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from data.errors import StokerError
from data.files.mapping import Mapping
from data.ingest.pipeline import IngestResult as ImportResult
from data.ingest.pipeline import ingest
from data.raw.inputs import ZIP_MAGIC, sources_at
from data.raw.inputs import Source as InputFile
from data.raw.inputs import uploaded as uploaded_file
from data.store.reader import Reader
from data.store.store import Store
from pages.data import previews

Progress = Callable[[str, str, float], None]
"""Called with the name of a file, what is being done, and how much of it is done."""


@dataclass(frozen=True, slots=True)
class UploadResult:
    """What became of one uploaded file; one with `columns` waits for a mapping."""

    results: tuple[ImportResult, ...] = ()
    errors: tuple[StokerError, ...] = ()
    columns: pd.DataFrame | None = None


def import_upload(
    reader: Reader, name: str, content: bytes, kind: str | None, progress: Progress
) -> UploadResult:
    """Import a file, or all files of a zip; one that fails does not stop the others."""
    store = reader.writer()
    results, errors = list[ImportResult](), list[StokerError]()
    try:
        if kind is None and not content.startswith(ZIP_MAGIC):
            columns = previews.columns_to_map(store.home, uploaded_file(name, content))
            if columns is not None:
                return UploadResult(columns=columns)
        with _input_files(store, name, content) as input_files:
            for input_file in input_files:
                try:
                    results.append(_import(store, input_file, kind, None, progress))
                except StokerError as error:
                    errors.append(error)
    except StokerError as error:
        errors.append(error)
    return UploadResult(tuple(results), tuple(errors))


def import_mapped(
    reader: Reader, input_file: InputFile, mapping: Mapping, progress: Progress
) -> UploadResult:
    """Import a file with a mapping."""
    try:
        result = _import(reader.writer(), input_file, None, mapping, progress)
    except StokerError as error:
        return UploadResult(errors=(error,))
    return UploadResult((result,))


def _import(
    store: Store,
    input_file: InputFile,
    kind: str | None,
    mapping: Mapping | None,
    progress: Progress,
) -> ImportResult:
    def tell(step: str, share: float) -> None:
        progress(input_file.name, step, share)

    return ingest(store, input_file, kind=kind, mapping=mapping, progress=tell)


@contextmanager
def _input_files(store: Store, name: str, content: bytes) -> Iterator[Iterator[InputFile]]:
    if not content.startswith(ZIP_MAGIC):
        yield iter([uploaded_file(name, content)])
        return
    with tempfile.TemporaryDirectory(dir=store.home.scratch, prefix="upload-") as folder:
        path = Path(folder) / (Path(name).name or "upload.zip")
        path.write_bytes(content)
        yield sources_at(path, store.home.scratch)
