"""Landing one file: which dataset it is for, in which form, and its payload as a draft."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from data.datasets.catalog import dataset_named, recognised
from data.datasets.dataset import Dataset, Head, RecordForm
from data.errors import StokerError
from data.files.delimited import ENCODING, ERRORS, dialect_of
from data.files.export import sniff
from data.files.landing_form import landed_form
from data.files.mapping import FileFormat, Mapping
from data.raw.compression import readable
from data.raw.inputs import InputFile, Progress, reported, reported_file
from data.raw.json_landing import Landed, write_landed
from data.raw.landing import Drafts, ImportRecord
from data.raw.other_files import refuse_other_formats

SUFFIXES = {"json": ".jsonl", "parquet": ".parquet", "delimited": ".csv"}
_KEYS = re.compile(rb'"((?:[^"\\]|\\.){1,100})"\s*:')


@dataclass(frozen=True, slots=True)
class LandedFile:
    """A file whose payload is written: its record, and about how many rows it has."""

    record: ImportRecord
    row_count: int


def land(
    drafts: Drafts,
    file: InputFile,
    tell: Progress,
    *,
    kind: str | None,
    mapping: Mapping | None,
    keep_secrets: bool,
    now: datetime | None = None,
) -> LandedFile:
    """Write a file's payload, redacted, and return what it is.

    Raises:
        StokerError: the file cannot be read to its end, or there is nothing in it.
    """
    tell("Landing", 0.0)
    content = file.head()
    if not content.strip():
        raise StokerError(
            f"{file.name} is empty.", next_action="Export the jobs again, and import that file."
        )
    refuse_other_formats(file.name, content)
    file_format = sniff(content)
    if kind is None and mapping is not None:
        kind = mapping.kind
    dataset = dataset_named(kind) if kind else recognised(head_of(file, content, file_format))
    with readable(file.name):
        if file_format == "json":
            form = None if mapping else _json_form(dataset)
            content_hash, landed = drafts.write(
                ".jsonl", lambda target: _land_json(file, target, form, tell, keep_secrets)
            )
            row_count = landed.row_count
            landed_as = form.name if form and not landed.is_export else "json"
        else:
            content_hash, row_count = drafts.write(
                SUFFIXES[file_format],
                lambda target: landed_form(
                    lambda: _opened(file, tell, file_format),
                    target,
                    file_format,
                    mapping=mapping,
                    keep_secrets=keep_secrets,
                ),
            )
            landed_as = file_format
    tell("Landing", 1.0)
    record = ImportRecord(
        kind=dataset.kind,
        file_format=landed_as,
        file_name=file.name,
        content_hash=content_hash,
        suffix=SUFFIXES[file_format],
        mapping_name=mapping.name if mapping else None,
        mapping_text=mapping.to_toml() if mapping else None,
        mapping_hash=mapping.hash if mapping else "",
        fetched_at=now or datetime.now(UTC),
    )
    return LandedFile(record, row_count)


def head_of(file: InputFile, content: bytes, file_format: str) -> Head:
    """Return what the beginning of a file says of its records."""
    return Head(file_format, content, frozenset(_names(file, content, file_format)))


def _names(file: InputFile, content: bytes, file_format: str) -> set[str]:
    if file_format == "json":
        found = {key.decode("utf-8", "replace") for key in _KEYS.findall(content)}
    elif file_format == "parquet":
        try:
            with readable(file.name), file.open() as opened:
                found = set(pq.read_schema(opened).names)
        except (pa.ArrowException, StokerError):
            found = set()
    else:
        try:
            found = set(dialect_of(content.decode(ENCODING, ERRORS), FileFormat()).names)
        except StokerError:
            found = set()
    return {name.strip().casefold() for name in found}


def _json_form(dataset: Dataset) -> RecordForm | None:
    return dataset.forms[0] if dataset.forms else None


def _land_json(
    file: InputFile,
    target: BinaryIO,
    form: RecordForm | None,
    tell: Progress,
    keep_secrets: bool,
) -> Landed:
    with reported(file, tell) as opened:
        if form is None:
            return write_landed(opened, target, keep_secrets=keep_secrets)
        return write_landed(
            opened, target, form.split(file), is_own=form.is_own, keep_secrets=keep_secrets
        )


def _opened(file: InputFile, tell: Progress, file_format: str) -> BinaryIO:
    # Arrow reads Parquet here and there: no share to tell
    return file.open() if file_format == "parquet" else reported_file(file, tell)
