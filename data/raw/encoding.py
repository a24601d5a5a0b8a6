"""Text in UTF-16, as Excel and PowerShell write it: read as UTF-8."""

import codecs
import io
from typing import Any, BinaryIO, cast

COPY_BYTES = 2**20
_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def as_utf8(opened: BinaryIO) -> BinaryIO:
    """Return a file that can be sought in as it is, and one that is UTF-16 as UTF-8."""
    encoding = _MARKS.get(opened.read(2))
    opened.seek(0)
    if encoding is None:
        return opened
    return cast(BinaryIO, io.BufferedReader(_Recoded(opened, encoding), COPY_BYTES))


class _Recoded(io.RawIOBase):
    """The content of a file in another encoding, from after its mark on."""

    def __init__(self, opened: BinaryIO, encoding: str) -> None:
        self._opened = opened
        self._opened.seek(2)
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._waiting = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._waiting:
            piece = self._opened.read(COPY_BYTES)
            self._waiting = self._decoder.decode(piece, final=not piece).encode()
            if not piece:
                break
        content = self._waiting[: len(buffer)]
        self._waiting = self._waiting[len(content) :]
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        self._opened.close()
        super().close()
