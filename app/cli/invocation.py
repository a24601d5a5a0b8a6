"""One call of a command: where it was made, and where its output goes."""

import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import get_terminal_size
from typing import Protocol, TextIO

from data.errors import StokerError, WrongUseError

DONE, FAILED, WRONG_USE, DONE_WITH_REJECTS = 0, 1, 2, 3


class Writer(Protocol):
    """Something that takes text."""

    def write(self, text: str, /) -> object:
        """Take a piece of text."""


@dataclass(frozen=True, slots=True)
class Call:
    """Where a command was called and what it writes to; no width: no terminal."""

    out: Writer
    err: Writer
    cwd: Path
    stdin: Path | None = None
    out_width: int | None = None
    err_width: int | None = None

    def path(self, given: str) -> Path:
        """Return a path of the command line, seen from where the command was called."""
        return self.cwd / Path(given).expanduser()


def terminal_call(stdin: Path | None = None) -> Call:
    """Return the call that this process makes."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):  # replaced by a test, or closed
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    return Call(sys.stdout, sys.stderr, Path.cwd(), stdin, _width(sys.stdout), _width(sys.stderr))


def tell_error(error: StokerError, err: Writer) -> int:
    """Write what is wrong and what to do; return the exit status."""
    err.write(f"stoker: {error.what}\n{error.next_action}\n")
    return WRONG_USE if isinstance(error, WrongUseError) else FAILED


def _width(stream: TextIO) -> int | None:
    return get_terminal_size().columns if stream.isatty() else None
