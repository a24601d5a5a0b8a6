"""The JSON documents in a text: one a line, one after the other, or one over many lines."""

import json
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import orjson

from data.errors import StokerError

CHUNK_BYTES = 8 * 2**20
LONGEST_LINE_BYTES = 2**27
LARGEST_DOCUMENT_BYTES = 2**29
# what Python takes for a document, at most
MOST_MEMORY_BYTES = 2**31
BYTES_A_NODE, BYTES_A_VALUE = 100, 60


def document_texts(source: BinaryIO) -> Iterator[list[bytes]]:
    """Yield the texts of the documents of a source, many at a time; some may be no JSON."""
    head = source.read(CHUNK_BYTES).removeprefix(b"\xef\xbb\xbf")
    first_line = next((line for line in head.split(b"\n") if line.strip()), b"")
    is_one_a_line = is_json(first_line) or not first_line.lstrip().startswith((b"{", b"["))
    if is_one_a_line:
        for chunk in _chunks(head, source):
            yield chunk.split(b"\n")
        return
    # written over many lines, or broken: a document is read as a whole
    head += source.read(LARGEST_DOCUMENT_BYTES - len(head) + 1)
    _refuse_large(head)
    documents = _documents(head)
    if documents:
        yield documents
    else:
        yield head.split(b"\n") if _has_json_line(head) else [head]


def is_json(text: bytes) -> bool:
    """Whether a text is one JSON document."""
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def _chunks(head: bytes, source: BinaryIO) -> Iterable[bytes]:
    """Yield runs of whole lines."""
    rest = b""
    content = head
    while content:
        end = content.rfind(b"\n")
        if end < 0:
            rest += content
            _refuse_large(rest, LONGEST_LINE_BYTES)
        else:
            yield rest + content[:end]
            rest = content[end + 1 :]
        content = source.read(CHUNK_BYTES)
    if rest:
        yield rest


class LineLength:
    """How long the lines of a text are, as it is read."""

    def __init__(self) -> None:
        self._length = 0

    def add(self, content: bytes) -> None:
        """Take the next part of the text.

        Raises:
            StokerError: a line is so long that it is none.
        """
        end = max(content.rfind(b"\n"), content.rfind(b"\r"))
        self._length = len(content) - end - 1 + (self._length if end < 0 else 0)
        if self._length > LONGEST_LINE_BYTES:
            raise _too_long(LONGEST_LINE_BYTES)


def _refuse_large(text: bytes, most_bytes: int | None = None) -> None:
    """Refuse a document that would not fit into memory once it is read."""
    if len(text) > (most_bytes or LARGEST_DOCUMENT_BYTES):
        raise _too_long(most_bytes or LARGEST_DOCUMENT_BYTES)
    if len(text) > CHUNK_BYTES:
        nodes, values = text.count(b"{") + text.count(b"["), text.count(b",")
        if len(text) + nodes * BYTES_A_NODE + values * BYTES_A_VALUE > MOST_MEMORY_BYTES:
            raise _too_long(len(text))


def _too_long(size: int) -> StokerError:
    return StokerError(
        f"The file has a line or a document of {size // 2**20:,} MiB or more.",
        next_action="Write one record a line; of JSON: jq -c '.[][]' FILE > jobs.jsonl",
    )


def _has_json_line(content: bytes) -> bool:
    """Whether some line is a JSON object: then the lines are records, and some are broken."""
    return any(line.startswith(b"{") and is_json(line) for line in content.split(b"\n"))


def _documents(text: bytes) -> list[bytes]:
    """Return the JSON documents that stand one after the other, or nothing if they do not."""
    if is_json(text):
        return [text]
    decoder = json.JSONDecoder()
    try:
        content = text.decode()
        position, documents = 0, []
        while position < len(content):
            if content[position].isspace():
                position += 1
                continue
            _, end = decoder.raw_decode(content, position)
            documents.append(content[position:end].encode())
            position = end
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        return []
    return documents
