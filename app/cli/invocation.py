"""One invocation of a command: where it was made, what it reads, and where its output goes."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, BinaryIO, Protocol, TextIO

from app.cli.printable import printable_lines
from data.errors import StokerError, WrongUseError

if TYPE_CHECKING:
    from data.raw.inputs import InputFile
    from data.store.store import Store

DONE, FAILED, WRONG_USE, DONE_WITH_REJECTS, CROSSED, INTERRUPTED = 0, 1, 2, 3, 4, 130


class Writer(Protocol):
    """Something that takes text."""

    def write(self, text: str, /) -> object:
        """Take a piece of text."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command line, where it was called and what it writes to; no width: no terminal."""

    argv: tuple[str, ...]
    out: Writer
    err: Writer
    cwd: Path
    stdin: "BinaryIO | InputFile | None" = None  # a file: what came with a forwarded command
    out_width: int | None = None
    err_width: int | None = None
    file_mode: int = 0o600  # of files outside the home, as the caller's umask has it
    store: "Store | None" = None  # the store that this process has open: it is a dashboard
    on_progress: Callable[[str, float], None] | None = None

    def path(self, name: str) -> Path:
        """Return a path of the command line, seen from where the command was called."""
        return self.cwd / Path(name).expanduser()

    def read_text(self, name: str) -> str:
        """Return the text of a file of the command line.

        Raises:
            StokerError: it cannot be read, or is no UTF-8 text.
        """
        try:
            return self.path(name).read_text(encoding="utf-8")
        except OSError as error:
            raise unreadable(name, error) from error
        except UnicodeDecodeError as error:
            raise StokerError(
                f"{name} is not UTF-8 text.", next_action="Save it as UTF-8, and try again."
            ) from error


def unreadable(name: str, error: OSError) -> StokerError:
    """Return the error that says why a file of the command line cannot be read."""
    return StokerError(
        f"{name} cannot be read: {error.strerror or error}.",
        next_action="Check the path and its permissions.",
    )


def terminal_invocation(argv: list[str]) -> Invocation:
    """Return the invocation that this process is."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):  # replaced by a test, or closed
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    return Invocation(
        tuple(argv),
        sys.stdout,
        sys.stderr,
        Path.cwd(),
        stdin=getattr(sys.stdin, "buffer", None),  # none where a test replaced it
        out_width=_width(sys.stdout),
        err_width=_width(sys.stderr),
        file_mode=_file_mode(),
    )


def write_error(error: StokerError, err: Writer) -> int:
    """Write what is wrong and what to do; return the exit status."""
    err.write(printable_lines(f"stoker: {error.what}\n{error.next_action}\n"))
    return WRONG_USE if isinstance(error, WrongUseError) else FAILED


def _file_mode() -> int:
    mask = os.umask(0o077)  # there is no way to read it alone
    os.umask(mask)
    return 0o666 & ~mask


def _width(stream: TextIO) -> int | None:
    return get_terminal_size().columns if stream.isatty() else None
