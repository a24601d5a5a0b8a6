"""How long a line of a text may be, and how large one JSON document: both are read whole."""

from typing import BinaryIO

from data.errors import StokerError

LONGEST_TEXT_BYTES = 2**27
LARGEST_DOCUMENT_BYTES = 2**29
# what Python takes for a document, at most: by its brackets and its commas
MOST_MEMORY_BYTES = 2**31
BYTES_A_NODE, BYTES_A_VALUE = 100, 60
WEIGHED_BYTES = 8 * 2**20


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
        if self._length > LONGEST_TEXT_BYTES:
            raise _too_long(LONGEST_TEXT_BYTES)


def whole_document(head: bytes, source: BinaryIO) -> bytes:
    """Return a source as one document, which begins with `head`.

    Raises:
        StokerError: it is too large to be read whole.
    """
    text = head + source.read(LARGEST_DOCUMENT_BYTES - len(head) + 1)
    if len(text) > LARGEST_DOCUMENT_BYTES:
        raise _too_long(LARGEST_DOCUMENT_BYTES)
    _refuse_heavy(text)
    return text


def refuse_long(line: bytes) -> None:
    """Refuse a line so long that it is none.

    Raises:
        StokerError: it is.
    """
    if len(line) > LONGEST_TEXT_BYTES:
        raise _too_long(LONGEST_TEXT_BYTES)
    _refuse_heavy(line)


def _refuse_heavy(text: bytes) -> None:
    """Refuse a document that would not fit into memory once it is read."""
    if len(text) > WEIGHED_BYTES:
        nodes, values = text.count(b"{") + text.count(b"["), text.count(b",")
        if len(text) + nodes * BYTES_A_NODE + values * BYTES_A_VALUE > MOST_MEMORY_BYTES:
            raise _too_long(len(text))


def _too_long(size: int) -> StokerError:
    return StokerError(
        f"The file has a line or a document of {size // 2**20:,} MiB or more.",
        next_action="Write one record a line; of JSON: jq -c '.[][]' FILE > jobs.jsonl",
    )
