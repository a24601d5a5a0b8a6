"""Delimited text as it is landed: verbatim, but for cells and lines that may hold secrets."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import BinaryIO

from data.files.bounds import refuse_wide
from data.files.delimited import (
    ENCODING,
    ERRORS,
    HEAD_CHARACTERS,
    Dialect,
    Record,
    dialect_of,
    records,
    text_of,
)
from data.files.mapping import FileFormat
from data.files.mapping_schema import WHITESPACE
from data.raw.compression import decompressed
from data.raw.lengths import LineLength
from data.raw.redaction import redact_text
from data.raw.secrets import LONGEST_WORD, fingerprint, is_secret_column, may_mention

COPY_BYTES = 2**22
RECORDS_A_WRITE = 10_000


def land_delimited(
    opening: Callable[[], BinaryIO],
    target: BinaryIO,
    given: FileFormat,
    *,
    keep_secrets: bool = False,
) -> int:
    """Copy a text, gunzipped, without what may be secret; return about how many lines it has.

    The text is looked through before anything of it is written, so `opening` is called again
    where it is longer than a look at once. What is appended meanwhile is left out.

    Raises:
        StokerError: there is nothing in it.
    """
    with opening() as opened:
        content = decompressed(opened)
        head = content.read(COPY_BYTES)
        is_all = len(head) < COPY_BYTES
        dialect = dialect_of(head[:HEAD_CHARACTERS].decode(ENCODING, ERRORS), given)
        refuse_wide(len(dialect.names))
        line = LineLength()
        line.add(head)
        is_clean = keep_secrets or not any(map(is_secret_column, dialect.names))
        line_count, size = head.count(b"\n"), len(head)
        is_clean = is_clean and (keep_secrets or not may_mention(head))
        chunk = head
        while not is_all and (more := content.read(COPY_BYTES)):
            line_count, size = line_count + more.count(b"\n"), size + len(more)
            line.add(more)
            is_clean = is_clean and (keep_secrets or not may_mention(chunk[-LONGEST_WORD:] + more))
            chunk = more
    doubtful = None if is_clean else dialect
    if is_all:
        _write(io.BytesIO(head), size, target, doubtful, has_header=given.has_header)
    else:
        with opening() as opened:
            _write(decompressed(opened), size, target, doubtful, has_header=given.has_header)
    return line_count + 1


def _write(
    content: BinaryIO,
    size: int,
    target: BinaryIO,
    dialect: Dialect | None,
    *,
    has_header: bool,
) -> None:
    """Write the first bytes of a text: verbatim, or record by record where a dialect is given."""
    bounded = _Bounded(content, size)
    if dialect is None:
        while piece := bounded.read(COPY_BYTES):
            target.write(piece)
        return
    with text_of(bounded) as text:  # type: ignore[arg-type]
        _write_records(text, target, dialect, has_header=has_header)


class _Bounded:
    """The first bytes of a file, however it grows."""

    def __init__(self, content: BinaryIO, size: int) -> None:
        self._content, self._left = content, size

    def read(self, amount: int = -1) -> bytes:
        wanted = self._left if amount < 0 else min(amount, self._left)
        piece = self._content.read(wanted)
        self._left -= len(piece)
        return piece


def _write_records(
    text: io.TextIOWrapper, target: BinaryIO, dialect: Dialect, *, has_header: bool
) -> None:
    lines = iter(text)
    secret = [place for place, name in enumerate(dialect.names) if is_secret_column(name)]
    before = list(islice(lines, dialect.lines_before))
    for number, line in enumerate(before, start=1):
        is_header = has_header and number == len(before)
        target.write(_line_before(line, dialect, is_header=is_header).encode("utf-8", ERRORS))
    found: Iterator[Record] = records(lines, replace(dialect, lines_before=0))
    while batch := list(islice(found, RECORDS_A_WRITE)):
        texts = (_without(record, secret, dialect) for record in batch)
        target.write("".join(texts).encode("utf-8", ERRORS))


def _line_before(line: str, dialect: Dialect, *, is_header: bool) -> str:
    """Return a line before the records, which may be a record that nobody expects there."""
    content = line.rstrip("\r\n")
    names = [redact_text(name) for name in dialect.names] if is_header else []
    if redact_text(content) == content and (not is_header or names == list(dialect.names)):
        return line
    if not is_header:
        return f"{dialect.comment}{fingerprint(line.encode('utf-8', ERRORS))}\n"
    return _joined(names, list(dialect.names), dialect)


def _without(record: Record, secret: list[int], dialect: Dialect) -> str:
    """Return a record as text with what may be secret taken out."""
    content = record.text.rstrip("\r\n").encode("utf-8", ERRORS)
    is_doubtful = may_mention(content)
    if record.fields is None:
        # which of its parts are secret cannot be told; one field is malformed here too
        if not secret and not is_doubtful:
            return record.text
        return fingerprint(content).replace(",", "").replace(_separator(dialect), "_") + "\n"
    if not secret and not is_doubtful:
        return record.text
    fields = list(record.fields)
    for place in secret:
        fields[place] = "-" if dialect.delimiter == WHITESPACE else ""
    if is_doubtful:
        fields = [redact_text(field) for field in fields]
    return _joined(fields, record.fields, dialect)


def _joined(fields: list[str], before: list[str], dialect: Dialect) -> str:
    """Return fields as a line; `before` is what they were."""
    if dialect.delimiter == WHITESPACE or not dialect.quote:
        # what is new must not be taken for two fields
        separator = _separator(dialect)
        clean = (
            new if new == old else new.replace(separator, "_")
            for new, old in zip(fields, before, strict=True)
        )
        return separator.join(clean) + "\n"
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
