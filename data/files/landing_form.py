"""The form in which a delimited or Parquet export is landed: verbatim, but for secret columns."""

import csv
import hashlib
import io
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import StokerError
from data.files.delimited import (
    ENCODING,
    ERRORS,
    HEAD_CHARACTERS,
    Dialect,
    Record,
    decompressed,
    dialect_of,
    records,
    text_of,
)
from data.files.mapping import FileFormat, Mapping
from data.files.mapping_schema import WHITESPACE
from data.raw.redaction import PAYLOAD_KEY, SECRET_KEYS

SECRET_COLUMNS = SECRET_KEYS | {PAYLOAD_KEY}
COPY_BYTES = 2**22
RECORDS_A_WRITE = 10_000
ROWS_A_GROUP = 122_880


def landed_form(
    source: BinaryIO,
    target: BinaryIO,
    file_format: str,
    *,
    mapping: Mapping | None = None,
    keep_secrets: bool = False,
) -> None:
    """Copy an export, gunzipped, without the values of columns that hold secrets.

    A mapping helps to find the columns of a text whose first line does not name them.

    Raises:
        StokerError: the file is damaged.
    """
    if file_format == "parquet":
        _land_parquet(source, target, keep_secrets=keep_secrets)
        return
    with decompressed(source) as content:
        head = content.read(HEAD_CHARACTERS)
        given = mapping.format if mapping else FileFormat()
        dialect = dialect_of(head.decode(ENCODING, ERRORS), given)
        secret = [place for place, name in enumerate(dialect.names) if _is_secret(name)]
        if keep_secrets or not secret:
            target.write(head)
            shutil.copyfileobj(content, target, COPY_BYTES)
            return
        with text_of(content, head) as text:
            _land_text(text, target, dialect, secret)


def _is_secret(name: str) -> bool:
    return re.sub(r"[^a-z0-9]", "", name.casefold()) in SECRET_COLUMNS


def _land_text(
    text: io.TextIOWrapper, target: BinaryIO, dialect: Dialect, secret: list[int]
) -> None:
    lines = iter(text)
    header = "".join(islice(lines, dialect.lines_before))
    target.write(header.encode("utf-8", ERRORS))
    found = records(lines, replace(dialect, lines_before=0))
    while batch := list(islice(found, RECORDS_A_WRITE)):
        texts = (_without(record, secret, dialect) for record in batch)
        target.write("".join(texts).encode("utf-8", ERRORS))


def _without(record: Record, secret: list[int], dialect: Dialect) -> str:
    """Return a record as text with its secret fields empty."""
    if record.fields is None:
        # which of its parts are secret cannot be told; one field is malformed here too
        content = record.text.rstrip("\r\n").encode("utf-8", ERRORS)
        digest = hashlib.sha256(content).hexdigest()
        return f"{len(content)} bytes SHA-256 {digest}".replace(_separator(dialect), "_") + "\n"
    fields = list(record.fields)
    for place in secret:
        fields[place] = "-" if dialect.delimiter == WHITESPACE else ""
    if dialect.delimiter == WHITESPACE or not dialect.quote:
        return _separator(dialect).join(fields) + "\n"
    quoted = io.StringIO()
    doubled = dialect.escape == dialect.quote
    csv.writer(
        quoted,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        doublequote=doubled,
        escapechar=None if doubled else dialect.escape,
        lineterminator="\n",
    ).writerow(fields)
    return quoted.getvalue()


def _separator(dialect: Dialect) -> str:
    return " " if dialect.delimiter == WHITESPACE else dialect.delimiter


def _land_parquet(source: BinaryIO, target: BinaryIO, *, keep_secrets: bool) -> None:
    with _seekable(source) as content:
        with _readable():
            parquet = pq.ParquetFile(content)
            schema = parquet.schema_arrow
        kept = [place for place in range(len(schema)) if not _holds_secrets(schema.field(place))]
        if keep_secrets or len(kept) == len(schema):
            content.seek(0)
            shutil.copyfileobj(content, target, COPY_BYTES)
            return
        without = pa.schema([schema.field(place) for place in kept], metadata=schema.metadata)
        batches = parquet.iter_batches(ROWS_A_GROUP)
        with pq.ParquetWriter(_Target(target), without) as writer:
            while (batch := _next(batches)) is not None:
                writer.write_batch(batch.select(kept))


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise StokerError(
            f"The file is not a readable Parquet file ({error}).",
            next_action="Export it again, and check that all of it was copied.",
        ) from error


def _next(batches: Iterator[pa.RecordBatch]) -> pa.RecordBatch | None:
    with _readable():
        return next(batches, None)


def _holds_secrets(field: pa.Field) -> bool:
    """Whether a column, or a field at any depth in it, may hold secrets."""
    inner = [field.type.field(place) for place in range(field.type.num_fields)]
    return _is_secret(field.name) or any(_holds_secrets(part) for part in inner)


@contextmanager
def _seekable(source: BinaryIO) -> Iterator[BinaryIO]:
    if source.seekable():
        yield source
        return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(source, copy, COPY_BYTES)
        copy.seek(0)
        yield copy


class _Target(io.RawIOBase):
    """What Arrow writes to: a file that needs no more than `write`."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        return self._target.write(content)
