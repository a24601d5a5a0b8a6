"""What can be taken in: a file, the members of a zip, the files of a folder, an upload."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from data.datasets.training_jobs import aws_json
from data.errors import StokerError
from data.files import export

GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = b"PK\x03\x04"
HEAD_BYTES = 65536
ZIP_LIMIT_BYTES = 64 * 2**30

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Source:
    """A file to take in: its name, and how to open it (decompressed)."""

    name: str
    open: Callable[[], BinaryIO]
    size: int | None = None


def sources_at(path: Path, scratch: Path) -> Iterator[Source]:
    """Yield the files at a path: a file, the members of a zip, or all files of a folder.

    JSON files of one folder or zip come together as one source: often it is one file a job.
    """
    if path.is_dir():
        members = sorted(
            item for item in path.rglob("*") if item.is_file() and not item.name.startswith(".")
        )
        if not members:
            raise StokerError(
                f"{path} has no files.", next_action="Give the folder with the exports."
            )
        yield from _bundled([_file(item, str(item.relative_to(path))) for item in members], path)
        return
    if not path.exists():
        raise StokerError(f"{path} does not exist.", next_action="Check the path.")
    with path.open("rb") as opened:
        is_zip = opened.read(4) == ZIP_MAGIC
    if is_zip:
        yield from _bundled(list(_members(path)), path)
        return
    yield _file(path, path.name)


def uploaded(name: str, content: bytes) -> Source:
    """Return an uploaded file as a source."""
    return Source(name, lambda: _decompressed(io.BytesIO(content)), len(content))


def _file(path: Path, name: str) -> Source:
    return Source(name, lambda: _decompressed(path.open("rb")), path.stat().st_size)


def _decompressed(opened: BinaryIO) -> BinaryIO:
    is_gzip = opened.read(2) == GZIP_MAGIC
    opened.seek(0)
    return cast(BinaryIO, gzip.GzipFile(fileobj=opened)) if is_gzip else opened


def _members(path: Path) -> Iterator[Source]:
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise StokerError(
            f"{path.name} is not a readable zip file.", next_action="Pack it again."
        ) from error
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if sum(info.file_size for info in infos) > ZIP_LIMIT_BYTES:
        raise StokerError(
            f"{path.name} unpacks to more than {ZIP_LIMIT_BYTES // 2**30} GiB.",
            next_action="Split it into smaller files.",
        )
    for info in infos:

        def open_member(info: zipfile.ZipInfo = info) -> BinaryIO:
            return _decompressed(io.BytesIO(archive.read(info)))

        yield Source(info.filename, open_member, info.file_size)


def _bundled(members: list[Source], path: Path) -> Iterator[Source]:
    """Yield JSON members as one source, the others one by one."""
    texts: list[Source] = []
    for member in members:
        with readable(member), member.open() as opened:
            head = opened.read(HEAD_BYTES)
        if export.sniff(head) == "json":
            texts.append(member)
        else:
            yield member
    if len(texts) == 1:
        yield texts[0]
    elif texts:
        yield Source(
            path.name, lambda: cast(BinaryIO, aws_json.Bundle([(t.name, t.open) for t in texts]))
        )


@contextmanager
def readable(source: Source) -> Iterator[None]:
    """Say what to do about a compressed file that is cut short or damaged."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise StokerError(
            f"{source.name} is compressed, and cut short or damaged.",
            next_action="Copy or export it again.",
        ) from error


@contextmanager
def reported(source: Source, tell: Progress) -> Iterator[BinaryIO]:
    """Open a source such that reading it is reported."""
    with source.open() as opened:
        if source.size and not isinstance(opened, aws_json.Bundle):
            whole, plain_read, seen = source.size, opened.read, [0]

            def read(amount: int = -1) -> bytes:
                content = plain_read(amount)
                seen[0] += len(content)
                tell("Landing", min(1.0, seen[0] / whole))
                return content

            yield cast(BinaryIO, _Reading(opened, read))
        else:
            yield opened


class _Reading(io.RawIOBase):
    """A file whose `read` is another function."""

    def __init__(self, opened: BinaryIO, read: Callable[[int], bytes]) -> None:
        self._opened, self._read = opened, read

    def read(self, amount: int = -1) -> bytes:
        return self._read(amount)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._opened.seekable()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._opened.seek(offset, whence)

    def tell(self) -> int:
        return self._opened.tell()


class Cancelled(BaseException):
    """Raised from a progress callback to end an import; like KeyboardInterrupt, it is no error."""


InputFile = Source


def spool(stream: Any, home: Any, name: str = "standard input") -> Source:
    """Read a stream to its end and return it as a file; nothing of it can be read on disk."""
    pieces = []
    while piece := stream.read(2**20):
        pieces.append(piece)
    return uploaded(name, b"".join(pieces))
