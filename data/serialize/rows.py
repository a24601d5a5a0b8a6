"""Rows as CSV, JSON or Parquet: the same bytes for a page's download and for the command line."""

import errno
import io
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Protocol, get_args

import pandas as pd

from data.errors import StokerError
from data.serialize.csv_text import csv_pieces
from data.serialize.json_text import json_pieces
from data.serialize.parquet import write_parquet

Form = Literal["csv", "json", "parquet"]
TextForm = Literal["csv", "json"]
FORMS: tuple[Form, ...] = get_args(Form)
PRIVATE = 0o600

_PIECES: dict[str, Callable[[pd.DataFrame], Iterator[str]]] = {
    "csv": csv_pieces,
    "json": json_pieces,
}


class Writer(Protocol):
    """Something that takes text."""

    def write(self, text: str, /) -> object:
        """Take a piece of text."""


def as_bytes(rows: pd.DataFrame, form: Form) -> bytes:
    """Return rows in one piece.

    >>> as_bytes(pd.DataFrame({"job_name": ["=cmd()", None], "run_s": [60.0, 0.5]}), "csv")
    b"job_name,run_s\\n'=cmd(),60\\n,0.5\\n"
    """
    if form == "parquet":
        target = io.BytesIO()
        write_parquet(rows, target)
        return target.getvalue()
    return "".join(_PIECES[form](rows)).encode()


def write_text(rows: pd.DataFrame, form: TextForm, out: Writer) -> None:
    """Write rows as text, piece by piece."""
    for piece in _PIECES[form](rows):
        out.write(piece)


def write_file(rows: pd.DataFrame, form: Form, path: Path, *, mode: int = PRIVATE) -> None:
    """Write rows to a file, which appears whole or not at all.

    Raises:
        StokerError: the file cannot be written, or something that is no file has its name.
    """
    with whole_file(path, mode=mode) as draft:
        if form == "parquet":
            write_parquet(rows, draft)
        else:
            with draft.open("w", encoding="utf-8", newline="") as out:
                write_text(rows, form, out)


@contextmanager
def whole_file(path: Path, *, mode: int = PRIVATE) -> Iterator[Path]:
    """Give an empty draft that becomes the file `path`, with `mode`, at the end of the block.

    Raises:
        StokerError: the file cannot be written, or something that is no file has its name.
    """
    try:
        try:
            target = path.resolve()  # a link stays one: what it points to is replaced
        except RuntimeError as error:  # links that lead to each other
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from error
        if target.exists() and not stat.S_ISREG(target.stat().st_mode):
            raise StokerError(
                f"{path} is not a regular file, so nothing is written there.",
                next_action="Specify a file name.",
            )
        draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        try:
            draft.touch(PRIVATE, exist_ok=False)
            yield draft
            draft.chmod(mode)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise StokerError(
            f"{path} cannot be written: {error.strerror or error}.",
            next_action="Check the path, its permissions and the space left, or give another name.",
        ) from error
