"""The JSON documents in a text: one a line, one after the other, or one over many lines."""

import json
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import orjson

from data.raw.lengths import refuse_long, whole_document

CHUNK_BYTES = 8 * 2**20


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
    head = whole_document(head, source)
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
            refuse_long(rest)
        else:
            yield rest + content[:end]
            rest = content[end + 1 :]
        content = source.read(CHUNK_BYTES)
    if rest:
        yield rest


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
