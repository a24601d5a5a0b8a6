"""The JSON documents in a text: one a line, one after the other, or one over many lines.

Whatever stands between them, and whatever is broken, is a piece of its own: it costs no other.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, NamedTuple

import orjson

from data.errors import StokerError
from data.raw.lengths import BYTES_A_LINE, LineLength, Size

CHUNK_BYTES = 8 * 2**20
DEEPEST_SALVAGE = 4
# lists of records, by the keys that AWS and its tools put above them
LISTS = frozenset(
    (
        *("TrainingJobSummaries", "Results", "TrainingJobs", "Events", "Records", "Responses"),
        *("jobSummaryList", "serviceJobs", "jobs", "jobQueues", "serviceEnvironments"),
        *("schedulingPolicies", "quotaShares", "Quotas"),
    )
)

_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*(?:"|\n|$)|[{}\[\],:]')
_BRACKET = re.compile(rb"[][{}]")
_OPENING = frozenset({b"{", b"["})
_SURROGATE = re.compile("[\ud800-\udfff]")
_PYTHON = re.compile(rb"""\s*\[?\s*\{\s*(?:b?'|b")(?:[^'"\\\n]|\\.){1,100}['"]\s*:\s*""")
_PYTHON_ONLY = re.compile(rb"datetime\.datetime\(|:\s*(?:True|False|None)\b|\{\s*'[^'\n]+'\s*:")


class _Broken:
    """What stands for a text that is no JSON document."""


BROKEN = _Broken()


class Piece(NamedTuple):
    """A part of a text, and the document that it is: BROKEN where it is none."""

    text: bytes
    document: Any


def pieces(source: BinaryIO) -> Iterator[Piece]:
    """Yield the documents of a source, and what is none, in their order.

    Raises:
        StokerError: it is a print of Python's own, or a document or a line is too large.
    """
    pending: list[bytes] = []  # the lines of a document that goes on
    stray: list[bytes] = []  # lines between documents: of one message, as far as one can see
    size, stray_bytes, depth, is_first = Size(), 0, 0, True
    is_by_line = False  # one document was a line
    for line in _lines(source):
        if not line or line.isspace():
            if pending:
                pending.append(line)
                size.add_line(line)
            continue
        if is_first:
            _refuse_python(line)
            is_first = False
        begins = line[:1] in (b"{", b"[")
        if pending and not (begins and _begins_anew(pending, line, is_by_line=is_by_line)):
            pending.append(line)
            size.add_line(line)
            depth += _depth(line)
            if depth <= 0:
                text, pending = b"\n".join(pending), []
                yield from _read(text)
            continue
        if pending:
            text, pending = b"\n".join(pending), []
            yield from _read(text)
        document = loaded(line)
        is_structure = isinstance(document, dict | list)
        is_long = stray_bytes > CHUNK_BYTES
        if stray and (is_structure or is_long or _begins_structure(line)):
            yield Piece(b"\n".join(stray), BROKEN)
            stray, stray_bytes = [], 0
        if document is not BROKEN:
            is_by_line |= is_structure
            yield Piece(line, document)
        elif not _begins_structure(line):
            stray.append(line)
            stray_bytes += len(line) + BYTES_A_LINE
        elif (depth := _depth(line)) > 0:
            pending, size = [line], Size()
            size.add_line(line)
        else:
            yield from _read(line)
    if pending:
        text, pending = b"\n".join(pending), []
        _refuse_python(text)
        yield from _read(text)
    if stray:
        yield Piece(b"\n".join(stray), BROKEN)


def loaded(text: bytes | str) -> Any:
    """Return the document that a text is, or BROKEN.

    What JSON has no number for (NaN, Infinity) is null, and half a character is U+FFFD.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    try:
        document = json.loads(text, parse_constant=lambda name: None)
        return _without_halves(document) if "\\u" in text or _SURROGATE.search(text) else document
    except (ValueError, RecursionError):
        return BROKEN


def dumped(document: Any) -> bytes:
    """Return a document as JSON, however deep it is and however large its numbers.

    Raises:
        RecursionError: it is deeper than anything can be read.
    """
    try:
        return orjson.dumps(document)
    except (TypeError, orjson.JSONEncodeError):
        return json.dumps(document, separators=(",", ":")).encode()


def _without_halves(document: Any) -> Any:
    if isinstance(document, str):
        return _SURROGATE.sub("\ufffd", document)
    if isinstance(document, list):
        return [_without_halves(item) for item in document]
    if isinstance(document, dict):
        return {_without_halves(key): _without_halves(item) for key, item in document.items()}
    return document


def _refuse_python(text: bytes) -> None:
    """Raise an error for a print of a Python object, which says of itself what to do instead."""
    head = text[:20_000]
    if _PYTHON.match(head) and _PYTHON_ONLY.search(head) and loaded(text) is BROKEN:
        raise StokerError(
            "The file is a Python print of an answer, not JSON.",
            next_action="Write it with `json.dumps(answer, default=str)`, and import that file.",
        )


def _lines(source: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a source; one that is a document may be as long as a document.

    Raises:
        StokerError: a line is too long.
    """
    parts: list[bytes] = []  # of the line that goes on
    size, length = Size(), LineLength()
    content = source.read(CHUNK_BYTES).removeprefix(b"\xef\xbb\xbf")
    while content:
        first, *others = content.split(b"\n")
        parts.append(first)
        if others:
            first, parts = b"".join(parts), [others.pop()]
            size, length = Size(), LineLength()
            yield first
            yield from others
        if _begins_structure(parts[0]):
            size.add(parts[-1])
        else:
            length.add(parts[-1])
        content = source.read(CHUNK_BYTES)
    if rest := b"".join(parts):
        yield rest


def _begins_structure(text: bytes) -> bool:
    return text[:1] in _OPENING or (text[:1].isspace() and text.lstrip()[:1] in _OPENING)


def _depth(line: bytes) -> int:
    """Return by how much a line opens more brackets than it closes, outside of its texts."""
    if not _BRACKET.search(line):
        return 0
    if b'"' in line:
        tokens: Iterable[bytes] = (found[0] for found in _TOKEN.finditer(line))
    else:
        tokens = (line[place : place + 1] for place in range(len(line)))
    return sum((token in (b"{", b"[")) - (token in (b"}", b"]")) for token in tokens)


def _begins_anew(pending: list[bytes], line: bytes, *, is_by_line: bool) -> bool:
    """Whether a line begins another document although the one before it has not ended."""
    if len(pending) > 1 and pending[1][:1] in (b" ", b"\t"):
        return True
    is_of_list = pending[-1].rstrip()[-1:] in (b",", b"[")
    if len(pending) > 1 and (not is_by_line or is_of_list):
        return False
    document = loaded(line)
    return isinstance(document, dict) or (
        is_by_line and not is_of_list and isinstance(document, list)
    )


def _read(text: bytes) -> Iterator[Piece]:
    """Yield the documents of a text that begins with one, which may be broken or several."""
    document = loaded(text)
    if document is not BROKEN:
        yield Piece(text, document)
        return
    for part in _parts(text):
        document = loaded(part)
        if document is not BROKEN:
            yield Piece(part, document)
        else:
            yield from _salvage(part, 0)


def _parts(text: bytes) -> Iterator[bytes]:
    """Yield runs of a text that are balanced, and what stands between or after them."""
    depth, begin, after = 0, 0, 0
    for found in _TOKEN.finditer(text):
        token = found[0]
        if token in (b"{", b"["):
            if depth == 0:
                yield from _between(text[after : found.start()])
                begin = found.start()
            depth += 1
        elif token in (b"}", b"]") and depth > 0:
            depth -= 1
            if depth == 0:
                after = found.end()
                yield text[begin:after]
    if depth > 0:
        yield text[begin:]
    else:
        yield from _between(text[after:])


def _between(text: bytes) -> Iterator[bytes]:
    if text.strip(b" \t\r\n,"):
        yield text


def _salvage(text: bytes, depth: int) -> Iterator[Piece]:
    """Yield the records of a broken list, or of a page with one; else the text, broken."""
    items = _items(text)
    if depth >= DEEPEST_SALVAGE or items is None:
        yield Piece(text, BROKEN)
        return
    for item in items:
        document = loaded(item)
        if document is BROKEN:
            yield from _salvage(item, depth + 1)
        else:
            yield Piece(item, document)


def _items(text: bytes) -> list[bytes] | None:
    """Return the texts of the entries of a list, or of a page's list of records; None for others.

    The last may be cut.
    """
    begin = text.find(b"[") if text.lstrip()[:1] == b"[" else _list_of_page(text)
    if begin is None:
        return None
    found: list[bytes] = []
    depth, after = 0, begin + 1
    for token in _TOKEN.finditer(text, begin):
        if token[0] in (b"{", b"["):
            depth += 1
        elif token[0] in (b"}", b"]"):
            depth -= 1
            if depth == 0:
                found.append(text[after : token.start()])
                after = len(text)
                break
        elif token[0] == b"," and depth == 1:
            found.append(text[after : token.start()])
            after = token.end()
    found.append(text[after:])
    return [item for item in found if item.strip()]


def _list_of_page(text: bytes) -> int | None:
    """Return where the list of records of a page begins."""
    depth, name, is_key = 0, b"", False
    for token in _TOKEN.finditer(text):
        match token[0]:
            case b"{" | b"[":
                if depth == 1 and is_key and name.strip(b'"').decode("utf-8", "replace") in LISTS:
                    return token.start() if token[0] == b"[" else None
                depth += 1
            case b"}" | b"]":
                depth -= 1
            case b":":
                is_key = depth == 1
                continue
            case b",":
                pass
            case _:
                name = token[0]
        is_key = False
    return None
