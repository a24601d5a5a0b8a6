"""UTF-16 as UTF-8, while it is read: what PowerShell 5 and Excel write."""

import codecs
import io
from typing import Any, BinaryIO, cast

BUFFER_BYTES = 2**20
_CODECS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class _Utf8(io.RawIOBase):
    """A UTF-16 file read as UTF-8; half a character becomes U+FFFD."""

    def __init__(self, source: BinaryIO, codec: str) -> None:
        self._source, self._rest, self._is_at_end = source, b"", False
        self._decoder = codecs.getincrementaldecoder(codec)("replace")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest and not self._is_at_end:
            content = self._source.read(BUFFER_BYTES)
            self._is_at_end = not content
            self._rest = self._decoder.decode(content, self._is_at_end).encode("utf-8", "replace")
        part, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:
        self._source.close()
        super().close()


def as_utf8(source: BinaryIO, mark: bytes) -> BinaryIO:
    """Return a file as UTF-8 whose first two bytes, not read yet, are `mark`."""
    codec = _CODECS.get(mark)
    if codec is None:
        return source
    source.read(len(mark))
    return cast(BinaryIO, io.BufferedReader(_Utf8(source, codec), BUFFER_BYTES))
