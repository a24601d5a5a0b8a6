"""Compressed input: unpacked while it is read, with words for what is cut short or damaged."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from data.errors import DISK_ERRORS, StokerError
from data.raw.encoding import as_utf8

GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = b"PK\x03\x04"
BUFFER_BYTES = 2**20
# no file that anybody exports is packed so well; a small one may be
BOMB_RATIO, BOMB_BYTES = 200, 2**29


class _Borrowed(io.RawIOBase):
    """A file that needs no more than `read`, and begins with what was read of it already."""

    def __init__(self, source: BinaryIO, read_already: bytes, *, closes: bool) -> None:
        self._source, self._read_already, self._closes = source, read_already, closes
        self.size = 0

    def close(self) -> None:
        if self._closes:
            self._source.close()
        super().close()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self._read_already[: len(buffer)] or self._source.read(len(buffer))
        self._read_already = self._read_already[len(content) :]
        buffer[: len(content)] = content
        self.size += len(content)
        return len(content)


class _Unpacked(io.RawIOBase):
    """What a compressed file unpacks to, as long as that is in proportion."""

    def __init__(self, packed: _Borrowed, content: "io.BufferedReader[Any]") -> None:
        self._packed, self._content = packed, content
        self._gzip = gzip.GzipFile(fileobj=content)
        self._size = 0

    def close(self) -> None:
        self._gzip.close()
        self._content.close()
        super().close()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self._gzip.read(len(buffer))
        buffer[: len(content)] = content
        self._size += len(content)
        if is_bomb(self._packed.size, self._size):
            raise bomb("The file", self._packed.size, self._size)
        return len(content)


def is_bomb(packed_bytes: int, unpacked_bytes: int) -> bool:
    """Whether something unpacks to so much that it was made to fill a disk."""
    return unpacked_bytes > max(BOMB_BYTES, BOMB_RATIO * packed_bytes)


def bomb(what: str, packed_bytes: int, unpacked_bytes: int) -> StokerError:
    """Return the error that says so."""
    return StokerError(
        f"{what} unpacks to more than {unpacked_bytes // 2**20:,} MiB from"
        f" {max(1, packed_bytes // 1000):,} kB: no export is like that.",
        next_action="If it is meant, unpack it, and import what was in it.",
    )


def decompressed(opened: BinaryIO, read_already: bytes = b"", *, closes: bool = False) -> BinaryIO:
    """Return a file's content, gunzipped where it is compressed; it begins with `read_already`.

    `closes` is whether closing it closes the file.
    """
    packed = _Borrowed(opened, read_already, closes=closes)
    content: io.BufferedReader[Any] = io.BufferedReader(packed, BUFFER_BYTES)
    if content.peek(2)[:2] == GZIP_MAGIC:
        content = io.BufferedReader(_Unpacked(packed, content), BUFFER_BYTES)
    return as_utf8(cast(BinaryIO, content), content.peek(2)[:2])


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Say what to do about a compressed file that is cut short, damaged or locked.

    Raises:
        StokerError: it cannot be unpacked, or not be read at all.
    """
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
        raise StokerError(
            f"{name} is compressed, and cut short or damaged.",
            next_action="Copy or export it again.",
        ) from error
    except zipfile.LargeZipFile as error:
        raise StokerError(f"{name} is too large.", next_action="Split it.") from error
    except OSError as error:
        if error.errno in DISK_ERRORS:
            raise
        raise StokerError(
            f"{name} cannot be read: {error.strerror or error}.",
            next_action="Check the path and its permissions.",
        ) from error
