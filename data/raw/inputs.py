"""What can be imported: a file, the members of a zip, the files of a folder, an upload, a pipe."""

import io
import stat
import weakref
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast
from unicodedata import category

from data.errors import StokerError
from data.raw.binary import refuse_binary
from data.raw.compression import (
    GZIP_MAGIC,
    ZIP_MAGIC,
    bomb,
    decompressed,
    is_bomb,
    readable,
)
from data.raw.encoding import as_utf8
from data.raw.other_files import PassedOver, why_passed_over
from data.raw.pipes import open_pipe
from data.raw.spool import Spool
from data.store.home import Home

HEAD_BYTES = 65536
ZIP_LIMIT_BYTES = 64 * 2**30

Progress = Callable[[str, float], None]


class Cancelled(BaseException):
    """Raised from a progress callback to end an import; like KeyboardInterrupt, it is no error."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to import: its name, how to open it (decompressed, again and again), its size.

    `beside` returns the files that lie in the same folder, by their names. `kind` says what it
    holds, where whoever made it knows.
    """

    name: str
    open: Callable[[], BinaryIO]
    size: int | None = None
    beside: Callable[[], Mapping[str, "InputFile"]] = field(default=dict)
    kind: str | None = None

    def head(self) -> bytes:
        """Return the beginning of the content.

        Raises:
            StokerError: the file cannot be read.
        """
        with readable(self.name), self.open() as opened:
            return opened.read(HEAD_BYTES)


OnPassedOver = Callable[[PassedOver], None]


def _tell_nobody(_: PassedOver) -> None:
    """Say nothing of a file that was passed over."""


def input_files(path: Path, on_passed_over: OnPassedOver = _tell_nobody) -> Iterator[InputFile]:
    """Yield the files at a path: a file, the members of a zip, or all files of a folder.

    Of a folder or a zip, files that hold no records are passed over, and told.

    Raises:
        StokerError: there is nothing at the path, or the zip cannot be read.
    """
    if path.is_dir():
        members = []
        for item in sorted(path.rglob("*")):
            if not item.is_file():
                continue
            parts = item.relative_to(path).parts
            why = why_passed_over(parts, _size(item))
            if why is None:
                members.append(item)
            else:
                on_passed_over(PassedOver(readable_name("/".join(parts)), why))
        if not members:
            raise StokerError(
                f"{path} has no files.", next_action="Specify the folder with the exports."
            )
        for item in members:
            name = readable_name(str(item.relative_to(path)))
            try:
                yield from _at(item, name, on_passed_over)
            except StokerError as error:
                yield _unreadable(name, error)
        return
    if not path.exists():
        raise StokerError(f"{path} does not exist.", next_action="Check the path.")
    yield from _at(path, readable_name(path.name), on_passed_over)


def readable_name(name: str) -> str:
    """Return a file's name as text: bytes that are not UTF-8, and characters of control, do not.

    >>> ascii(readable_name("a\\udcffb\\x1b é.csv"))
    "'a\\\\ufffdb\\\\ufffd \\\\xe9.csv'"
    """
    return "".join("\ufffd" if category(letter)[0] == "C" else letter for letter in name)


def uploaded(name: str, content: bytes, beside: Mapping[str, InputFile] | None = None) -> InputFile:
    """Return an uploaded file; `beside` are the files that were uploaded with it."""
    neighbours = beside or {}
    return InputFile(
        readable_name(name),
        lambda: _unpacked(io.BytesIO(content)),
        len(content),
        lambda: neighbours,
    )


def uploaded_files(
    name: str, content: bytes, on_passed_over: OnPassedOver = _tell_nobody
) -> Iterator[InputFile]:
    """Yield an uploaded file, or the members of an uploaded zip; nothing is written to disk.

    Raises:
        StokerError: the zip cannot be read.
    """
    if content.startswith(ZIP_MAGIC):
        yield from _members(readable_name(name), io.BytesIO(content), "", on_passed_over)
    else:
        yield uploaded(name, content)


def spool(stream: BinaryIO, home: Home, name: str = "standard input") -> InputFile:
    """Read a stream to its end and return it as a file; nothing of it can be read on disk."""
    home.create()
    return _spooled(stream, name, home.scratch)


def _spooled(stream: BinaryIO, name: str, folder: Path | None = None) -> InputFile:
    with readable(name):
        begun = io.BufferedReader(_Begun(stream, name), HEAD_BYTES)
        kept = Spool.of(cast(BinaryIO, begun), folder)
    return InputFile(name, lambda: _unpacked(kept.open()), kept.size)


class _Begun(io.RawIOBase):
    """A stream that is refused by its beginning: one of zeros has no end."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream, self._name, self._is_known = stream, name, False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self._stream.read(len(buffer))
        if not self._is_known and content.startswith(ZIP_MAGIC):
            raise StokerError(
                f"{self._name} is a zip file.", next_action="Save it, and specify its path."
            )
        if not self._is_known and content[:2] != GZIP_MAGIC:
            refuse_binary(self._name, content)
        self._is_known = True
        buffer[: len(content)] = content
        return len(content)


def _at(path: Path, name: str, on_passed_over: OnPassedOver) -> Iterator[InputFile]:
    with readable(name):
        mode = path.stat().st_mode
    if stat.S_ISFIFO(mode):
        with open_pipe(path) as pipe:
            yield _spooled(pipe, name)
        return
    _refuse_device(path, mode)
    with readable(name), path.open("rb") as opened:
        is_zip = opened.read(4) == ZIP_MAGIC
    if is_zip:
        prefix = "" if name == path.name else f"{name}/"
        yield from _members(path.name, path.open("rb"), prefix, on_passed_over)
    else:
        yield _file(path, name)


def _refuse_device(path: Path, mode: int) -> None:
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode) or stat.S_ISSOCK(mode):
        raise StokerError(
            f"{path} is a device or a socket, not a file.",
            next_action="Specify a file or a folder, or '-' for standard input.",
        )


def _unreadable(name: str, error: StokerError) -> InputFile:
    """Return a file that says so when it is opened: the others of its folder go on."""

    def opening() -> BinaryIO:
        raise error

    return InputFile(name, opening)


def _file(path: Path, name: str) -> InputFile:
    def beside() -> dict[str, InputFile]:
        return {
            item.name: _file(item, item.name)
            for item in path.parent.iterdir()
            if item.is_file() and item != path
        }

    return InputFile(name, lambda: _unpacked(path.open("rb")), path.stat().st_size, beside)


def _unpacked(opened: BinaryIO) -> BinaryIO:
    """Return what can be sought in as it is, what is compressed unpacked, and UTF-16 as UTF-8."""
    mark = opened.read(2)
    opened.seek(0)
    return decompressed(opened, closes=True) if mark == GZIP_MAGIC else as_utf8(opened, mark)


class _Archive:
    """An open zip, closed once none of its members is wanted any more."""

    def __init__(self, name: str, opened: BinaryIO, on_passed_over: OnPassedOver) -> None:
        size = opened.seek(0, io.SEEK_END)
        try:
            self._zip = zipfile.ZipFile(opened)
        except Exception as error:
            # a damaged one ends in whatever its numbers lead to: negative places, odd characters
            opened.close()
            raise StokerError(
                f"{name} is not a readable zip file.", next_action="Pack it again."
            ) from error
        weakref.finalize(self, _close, self._zip, opened)
        if "[Content_Types].xml" in self._zip.namelist():
            _close(self._zip, opened)
            raise StokerError(
                f"{name} is an Excel workbook, or another document of Office.",
                next_action="Save the sheet with the records as CSV.",
            )
        self.infos = []
        for info in self._zip.infolist():
            if info.filename.endswith("/"):  # `is_dir` fails where there is no name
                continue
            why = why_passed_over(PurePosixPath(info.filename).parts, info.file_size)
            if why is None:
                self.infos.append(info)
            else:
                on_passed_over(PassedOver(readable_name(info.filename), why))
        self.members: dict[str, InputFile] = {}
        # what is refused alone does not count; members may lie over one another
        total = sum(info.file_size for info in self.infos if not _is_bomb(info))
        if is_bomb(size, total):
            raise bomb(name, size, total)

    def member(self, info: zipfile.ZipInfo, prefix: str) -> InputFile:
        """Return a member as a file."""
        return InputFile(
            prefix + readable_name(info.filename),
            lambda: self._opened(info),
            info.file_size,
            lambda: self._beside(info.filename),
        )

    def _opened(self, info: zipfile.ZipInfo) -> BinaryIO:
        name = readable_name(info.filename)
        if stat.S_ISLNK(info.external_attr >> 16):
            raise StokerError(
                f"{name} is a link, not a file.", next_action="Pack the file that it leads to."
            )
        if _is_bomb(info):
            raise bomb(name, info.compress_size, info.file_size)
        try:
            member = cast(BinaryIO, _Member(cast(BinaryIO, self._zip.open(info))))
            return decompressed(member, closes=True)
        except (RuntimeError, NotImplementedError) as error:
            raise StokerError(
                f"{name} cannot be unpacked: {error}.",
                next_action="Pack it again, by deflate and without a password.",
            ) from error
        except (StokerError, OSError, zipfile.BadZipFile):
            raise
        except Exception as error:
            raise zipfile.BadZipFile(str(error)) from error

    def _beside(self, name: str) -> dict[str, InputFile]:
        folder = PurePosixPath(name).parent
        return {
            PurePosixPath(other).name: member
            for other, member in self.members.items()
            if PurePosixPath(other).parent == folder and other != name
        }


class _Member(io.RawIOBase):
    """A member of a zip, whose damage is always the same error."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source

    def close(self) -> None:
        self._source.close()
        super().close()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._source.read(size)
        except (OSError, EOFError):
            raise
        except Exception as error:
            raise zipfile.BadZipFile(str(error)) from error

    def readinto(self, buffer: Any) -> int:
        content = self.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)


def _is_bomb(info: zipfile.ZipInfo) -> bool:
    return is_bomb(info.compress_size, info.file_size)


def _close(archive: zipfile.ZipFile, opened: BinaryIO) -> None:
    archive.close()
    opened.close()


def _members(
    name: str, opened: BinaryIO, prefix: str, on_passed_over: OnPassedOver
) -> Iterator[InputFile]:
    archive = _Archive(name, opened, on_passed_over)
    if sum(info.file_size for info in archive.infos) > ZIP_LIMIT_BYTES:
        raise StokerError(
            f"{name} unpacks to more than {ZIP_LIMIT_BYTES // 2**30} GiB.",
            next_action="Split it into smaller files.",
        )
    members = [archive.member(info, prefix) for info in archive.infos]
    names = (info.filename for info in archive.infos)
    archive.members = dict(zip(names, members, strict=True))
    yield from members  # of two with one name, both


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


@contextmanager
def reported(file: InputFile, tell: Progress) -> Iterator[BinaryIO]:
    """Open a file such that reading it is reported.

    Raises:
        StokerError: the file cannot be read.
    """
    with readable(file.name), reported_file(file, tell) as opened:
        yield opened


def reported_file(file: InputFile, tell: Progress) -> BinaryIO:
    """Open a file such that reading it is reported, if its size is known."""
    opened = file.open()
    return cast(BinaryIO, _Reported(opened, file.size, tell)) if file.size else opened


class _Reported(io.RawIOBase):
    """A file that says how much of it was read."""

    def __init__(self, opened: BinaryIO, size: int, tell: Progress) -> None:
        self._opened, self._size, self._tell, self._seen = opened, size, tell, 0

    def read(self, amount: int = -1) -> bytes:
        content = self._opened.read(amount)
        self._seen += len(content)
        self._tell("Landing", min(1.0, self._seen / self._size))
        return content

    def readinto(self, buffer: Any) -> int:
        content = self.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        self._opened.close()
        super().close()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._opened.seekable()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._opened.seek(offset, whence)

    def tell(self) -> int:
        return self._opened.tell()
