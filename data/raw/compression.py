"""Compressed input: unpacked while it is read, with words for what is cut short or damaged."""

import errno
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from data.errors import StokerError
from data.raw.encoding import as_utf8

GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = b"PK\x03\x04"
BUFFER_BYTES = 2**20
# not about the file that is read, but about the disk that is written to
DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


class _Borrowed(io.RawIOBase):
    """A file that needs no more than `read`, and begins with what was read of it already."""

    def __init__(self, source: BinaryIO, read_already: bytes, *, closes: bool) -> None:
        self._source, self._read_already, self._closes = source, read_already, closes

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
        return len(content)


class _Gzip(gzip.GzipFile):
    """A compressed file that closes what it reads from."""

    def __init__(self, source: "io.BufferedReader[Any]") -> None:
        super().__init__(fileobj=source)
        self._source = source

    def close(self) -> None:
        super().close()
        self._source.close()


def decompressed(opened: BinaryIO, read_already: bytes = b"", *, closes: bool = False) -> BinaryIO:
    """Return a file's content, gunzipped where it is compressed; it begins with `read_already`.

    `closes` is whether closing it closes the file.
    """
    borrowed = _Borrowed(opened, read_already, closes=closes)
    content: io.BufferedReader[Any] = io.BufferedReader(borrowed, BUFFER_BYTES)
    if content.peek(2)[:2] == GZIP_MAGIC:
        content = io.BufferedReader(_Gzip(content), BUFFER_BYTES)
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
