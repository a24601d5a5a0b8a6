"""How long a line of text may be, and how large a JSON document, before it is read."""

from data.errors import StokerError

LONGEST_TEXT_BYTES = 2**27
LARGEST_DOCUMENT_BYTES = 2**29
# what Python takes for a document, at most
MOST_MEMORY_BYTES = 2**31
BYTES_A_NODE, BYTES_A_VALUE, BYTES_A_LINE = 100, 60, 41


class Size:
    """How large a text becomes, as it is read."""

    def __init__(self) -> None:
        self._bytes = self._nodes = self._values = self._lines = 0

    def add(self, content: bytes) -> None:
        """Take the next part of a document.

        Raises:
            StokerError: it would not fit into memory once it is read.
        """
        self._bytes += len(content)
        self._nodes += content.count(b"{") + content.count(b"[")
        self._values += content.count(b",")
        if self._bytes > LARGEST_DOCUMENT_BYTES:
            raise too_long(LARGEST_DOCUMENT_BYTES)
        # its lines are put together before it is read
        as_lines = self._bytes + self._lines * BYTES_A_LINE
        as_document = self._nodes * BYTES_A_NODE + self._values * BYTES_A_VALUE
        if self._bytes + max(as_lines, as_document) > MOST_MEMORY_BYTES:
            raise too_long(self._bytes)

    def add_line(self, line: bytes) -> None:
        """Take the next line of a document; errors are those of `add`."""
        self._lines += 1
        self._bytes += 1
        self.add(line)


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
            raise too_long(LONGEST_TEXT_BYTES)


def too_long(size: int) -> StokerError:
    """Return the error that says so."""
    return StokerError(
        f"The file has a line or a document of {size // 2**20:,} MiB or more.",
        next_action="Write one record a line; of JSON: jq -c '.[][]' FILE > jobs.jsonl",
    )
