"""A spool: input that can be read once only, kept so that it can be read again.

It stays in memory up to a bound. Beyond that it lies on disk as noise: XORed with a SHAKE-256 key
stream whose key only this process has, since what comes in may hold secrets.
"""

import hashlib
import io
import os
import secrets
import tempfile
import weakref
from pathlib import Path
from typing import Any, BinaryIO, Self, cast

BLOCK_BYTES = 2**20
MEMORY_BYTES = 256 * 2**20


class Spool:
    """The content of a stream, which may be opened any number of times."""

    def __init__(self, memory: bytes, disk: "_Noise | None", size: int) -> None:
        self._memory, self._disk, self.size = memory, disk, size

    @classmethod
    def of(
        cls, stream: BinaryIO, folder: Path | None = None, *, memory_bytes: int = MEMORY_BYTES
    ) -> Self:
        """Read a stream to its end; the part beyond memory goes to `folder`, if one is given."""
        memory = io.BytesIO()
        while memory.tell() < memory_bytes:
            content = stream.read(min(BLOCK_BYTES, memory_bytes - memory.tell()))
            if not content:
                return cls(memory.getvalue(), None, memory.tell())
            memory.write(content)
        disk = _Noise(folder)
        disk.fill(stream)
        return cls(memory.getvalue(), disk, memory.tell() + disk.size)

    def open(self) -> BinaryIO:
        """Open the content from its beginning; it can be sought in."""
        if self._disk is None:
            return io.BytesIO(self._memory)
        return cast(BinaryIO, io.BufferedReader(_Reading(self._memory, self._disk), BLOCK_BYTES))


class _Noise:
    """Blocks on disk that nobody can read without the key; the file has no name."""

    def __init__(self, folder: Path | None) -> None:
        self._key = secrets.token_bytes(32)
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115
        weakref.finalize(self, self._file.close)
        self.size = 0

    def fill(self, stream: BinaryIO) -> None:
        """Write the rest of a stream."""
        number, block = 0, b""
        while content := stream.read(BLOCK_BYTES - len(block)):
            block += content
            if len(block) == BLOCK_BYTES:
                self._write(number, block)
                number, block = number + 1, b""
        if block:
            self._write(number, block)

    def _write(self, number: int, block: bytes) -> None:
        noise, written = self._mixed(number, block), 0
        while written < len(noise):
            written += self._file.write(noise[written:])
        self.size += len(block)

    def block(self, number: int) -> bytes:
        """Return one block as it came."""
        noise = os.pread(self._file.fileno(), BLOCK_BYTES, number * BLOCK_BYTES)
        return self._mixed(number, noise)

    def _mixed(self, number: int, content: bytes) -> bytes:
        import numpy as np  # only here: a command that lists kinds of records needs none of it

        stream = hashlib.shake_256(self._key + number.to_bytes(8, "big")).digest(len(content))
        mixed = np.frombuffer(content, np.uint8) ^ np.frombuffer(stream, np.uint8)
        return mixed.tobytes()


class _Reading(io.RawIOBase):
    """A spool read from some position on."""

    def __init__(self, memory: bytes, disk: _Noise) -> None:
        self._memory, self._disk, self._position = memory, disk, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        size = len(self._memory) + self._disk.size
        self._position = max(0, (0, self._position, size)[whence] + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        content = self._after(self._position)[: len(buffer)]
        buffer[: len(content)] = content
        self._position += len(content)
        return len(content)

    def _after(self, position: int) -> bytes:
        """Return content from a position on, as far as it lies together."""
        if position < len(self._memory):
            return self._memory[position : position + BLOCK_BYTES]
        number, within = divmod(position - len(self._memory), BLOCK_BYTES)
        return self._disk.block(number)[within:]
