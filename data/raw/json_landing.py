"""JSON as it is landed: one record a line, redacted, whatever the documents looked like.

A line is `{"line": n, "as": what, "record": {...}}`, where n counts the records of the file from
1. What is not JSON, or no record of the kind (`unusable`), lands as its length and SHA-256 only:
nobody can tell what it holds.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

import orjson

from data.raw.documents import BROKEN, dumped, pieces
from data.raw.redaction import redact_line

DEEPEST_LIST = 4
LONGEST_LINE_BYTES = 2**27
WRITTEN_AT_ONCE = 1000
EXPORT = "export"


class LandedRecord(NamedTuple):
    """One record of a document: what it is, and what the document says around it."""

    what: str
    record: Any
    is_usable: bool = True
    envelope: dict[str, Any] | None = None
    row_count: int = 1
    """How many rows it becomes."""


Splitter = Callable[[Any], Iterator[LandedRecord]]
"""Tells the records of one document."""


@dataclass(slots=True)
class Landed:
    """What was written: how many records and rows, and whether with columns of their own."""

    record_count: int = 0
    row_count: int = 0
    is_export: bool = False


def write_landed(
    source: BinaryIO,
    target: BinaryIO,
    split: Splitter | None = None,
    *,
    is_own: Callable[[Any], bool] = lambda document: True,
    keep_secrets: bool = False,
) -> Landed:
    """Write the records of `source` (JSON lines, or documents) as landed lines.

    `split` tells the records of a document in a dataset's own form; `is_own` says by the first
    document whether the file has that form. Without, or if not, an object is a row of an export.
    """
    landed = Landed(is_export=split is None)
    is_first = True
    lines: list[bytes] = []
    for text, document in pieces(source):
        if document is BROKEN:
            lines.append(_unparsed(text, landed))
        else:
            if is_first and split is not None:
                landed.is_export, is_first = not is_own(document), False
            if not keep_secrets:
                document = redact_line(text, document)
            records = split(document) if split and not landed.is_export else rows_of(document)
            lines += [_line(record, landed) for record in records]
        if len(lines) >= WRITTEN_AT_ONCE:
            target.write(b"".join(lines))
            lines = []
    target.write(b"".join(lines))
    return landed


def rows_of(document: Any, depth: int = 0) -> Iterator[LandedRecord]:
    """Yield the rows of an export: its objects, those of a list one by one."""
    if isinstance(document, list) and depth < DEEPEST_LIST:
        for item in document:
            yield from rows_of(item, depth + 1)
    elif isinstance(document, dict):
        yield LandedRecord(EXPORT, document)
    else:
        yield LandedRecord("other", document, is_usable=False)


def _line(landed_record: LandedRecord, landed: Landed) -> bytes:
    what, record, is_usable, envelope, row_count = landed_record
    try:
        text = dumped(record)
    except RecursionError:  # deeper than it can be written
        return _unparsed(b"", landed)
    landed.record_count += 1
    landed.row_count += row_count
    if not is_usable:
        text = orjson.dumps(_measured(text))
    extra = b',"envelope":%s' % dumped(envelope) if envelope else b""
    return b'{"line":%d,"as":"%s"%s,"%s":%s}\n' % (
        landed.record_count,
        what.encode(),
        extra,
        b"record" if is_usable else b"unusable",
        text,
    )


def _unparsed(text: bytes, landed: Landed) -> bytes:
    landed.record_count += 1
    landed.row_count += 1
    return b'{"line":%d,"unparsed":%s}\n' % (landed.record_count, orjson.dumps(_measured(text)))


def _measured(text: bytes) -> dict[str, int | str]:
    return {"bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()}
