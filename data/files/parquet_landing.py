"""Parquet as it is landed: read to its last page, and verbatim unless something may be secret."""

import io
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data.errors import StokerError
from data.files.bounds import (
    LongTexts,
    long_repeated_texts,
    refuse_trap,
    rows_at_once,
    texts_with_dictionary,
)
from data.raw.redaction import redact_text
from data.raw.secrets import WORDS, is_secret_column, may_mention

COPY_BYTES = 2**22
# as the numbers of dictionary entries take less
MOST_REPEATED_BYTES_A_ROW = 3
_MENTION = "|".join(
    "".join(f"\\x{byte:02x}" if not chr(byte).isalnum() else chr(byte) for byte in word)
    for word in WORDS
)


def land_parquet(
    opening: Callable[[], BinaryIO], target: BinaryIO, *, keep_secrets: bool = False
) -> int:
    """Copy a Parquet file without what may be secret; return how many rows it has.

    Columns whose name, or a name in them, is that of secrets are left out; texts that hold secrets
    are redacted. `opening` gives the content, which must be seekable, from its beginning.

    Raises:
        StokerError: some page of the file cannot be read.
    """
    with opening() as content:
        with _readable():
            size = content.seek(0, io.SEEK_END)
            parquet = pq.ParquetFile(content)
            refuse_trap(parquet, size)
            known = [path for path, _ in texts_with_dictionary(parquet)]
            long = long_repeated_texts(parquet, pq.ParquetFile(content, read_dictionary=known))
            if repeated := [*_repeated_texts(parquet), *long]:
                parquet = pq.ParquetFile(content, read_dictionary=repeated)
        schema = parquet.schema_arrow
        kept = [place for place in range(len(schema)) if not _holds_secrets(schema.field(place))]
        doubtful = _doubtful(parquet, kept, size)
        is_clean = len(kept) == len(schema) and not doubtful and not _has_doubtful_notes(schema)
        if keep_secrets or is_clean:
            content.seek(0)
            shutil.copyfileobj(content, target, COPY_BYTES)
        else:
            _rewrite(parquet, target, kept, doubtful)
        return int(parquet.metadata.num_rows)


def _repeated_texts(parquet: pq.ParquetFile) -> list[str]:
    """Return the columns of few different texts: each is to be looked at once, not once a row."""
    repeated: list[str] = []
    metadata = parquet.metadata
    for place in range(len(parquet.schema)):
        column = parquet.schema.column(place)
        if column.physical_type != "BYTE_ARRAY" or "." in column.path:
            continue
        size = sum(
            metadata.row_group(number).column(place).total_uncompressed_size
            for number in range(metadata.num_row_groups)
        )
        if size < MOST_REPEATED_BYTES_A_ROW * metadata.num_rows:
            repeated.append(column.path)
    return repeated


def _doubtful(parquet: pq.ParquetFile, kept: list[int], size: int) -> set[int]:
    """Read every page; return the columns in which some text may hold secrets."""
    doubtful: set[int] = set()
    long = LongTexts(size)
    with _readable():
        for batch in parquet.iter_batches(rows_at_once(parquet)):
            for values in batch.columns:
                long.add(values)
            for place in kept:
                if place not in doubtful and _mentions(batch.column(place)):
                    doubtful.add(place)
    return doubtful


def _mentions(values: pa.Array) -> bool:
    """Whether some text in an array, at any depth, needs a closer look."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return _mentions(values.dictionary)
    if _is_text(kind):
        if pa.types.is_string_view(kind) or pa.types.is_binary_view(kind):
            values = values.cast(pa.large_binary() if "binary" in str(kind) else pa.large_string())
        found = pc.match_substring_regex(values, _MENTION, ignore_case=True)
        return bool(pc.any(found).as_py())
    if pa.types.is_struct(kind):
        return any(map(_mentions, values.flatten()))
    if pa.types.is_map(kind):
        return _mentions(values.keys) or _mentions(values.items)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return _mentions(values.flatten())
    return False


def _is_text(kind: pa.DataType) -> bool:
    tests = (
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_binary,
        pa.types.is_large_binary,
        pa.types.is_string_view,
        pa.types.is_binary_view,
    )
    return any(test(kind) for test in tests)


def _rewrite(
    parquet: pq.ParquetFile, target: BinaryIO, kept: list[int], doubtful: set[int]
) -> None:
    """Write the file anew; a doubtful column that is no plain text is left out."""
    fields = []
    for place in kept:
        known = parquet.schema_arrow.field(place)
        if place not in doubtful:
            fields.append((place, known))
        elif _is_plain_text(known.type):
            fields.append((place, pa.field(known.name, pa.large_string())))
    with pq.ParquetWriter(_Target(target), pa.schema([known for _, known in fields])) as writer:
        batches = parquet.iter_batches(rows_at_once(parquet))
        while (batch := _next(batches)) is not None:
            columns = [
                _redacted(batch.column(place)) if place in doubtful else batch.column(place)
                for place, _ in fields
            ]
            writer.write_batch(
                pa.RecordBatch.from_arrays(columns, schema=pa.schema([f for _, f in fields]))
            )


def _is_plain_text(kind: pa.DataType) -> bool:
    value_type = kind.value_type if pa.types.is_dictionary(kind) else kind
    return _is_text(value_type) and "binary" not in str(value_type)


def _redacted(texts: pa.Array) -> pa.Array:
    known: dict[str | None, str | None] = {None: None}
    redacted = []
    for text in texts.to_pylist():
        if text not in known:
            known[text] = redact_text(text)
        redacted.append(known[text])
    return pa.array(redacted, pa.large_string())


def _has_doubtful_notes(schema: pa.Schema) -> bool:
    """Whether what the file says of itself, beside its schema, may hold secrets."""
    notes = dict(schema.metadata or {})
    for place in range(len(schema)):
        notes |= schema.field(place).metadata or {}
    return any(may_mention(key + b"=" + value) for key, value in notes.items())


def _holds_secrets(field: pa.Field) -> bool:
    """Whether a column, or a field at any depth in it, may hold secrets by its name."""
    inner = [field.type.field(place) for place in range(field.type.num_fields)]
    return is_secret_column(field.name) or any(_holds_secrets(part) for part in inner)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise StokerError(
            f"The file is not a readable Parquet file ({str(error).splitlines()[0]}).",
            next_action="Export it again, and check that all of it was copied.",
        ) from error


def _next(batches: Iterator[pa.RecordBatch]) -> pa.RecordBatch | None:
    with _readable():
        return next(batches, None)


class _Target(io.RawIOBase):
    """What Arrow writes to: a file that needs no more than `write`."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        return self._target.write(content)
