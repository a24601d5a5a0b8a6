"""How an answer is written: an aligned table, CSV, JSON or Parquet."""

from pathlib import Path
from typing import cast

import pandas as pd

from app.cli.invocation import Call, Writer
from app.cli.table import write_table
from data.serialize.rows import Form, TextForm, whole_file, write_file, write_text

SUFFIXES = {".csv": "csv", ".json": "json", ".parquet": "parquet"}


def chosen_format(given: str | None, out: str | None) -> str:
    """Return the format that was asked for, else the one that the file's name tells, else table."""
    return given or SUFFIXES.get(Path(out or "").suffix.lower(), "table")


def write_answer(answer: pd.DataFrame, call: Call, *, given: str | None, out: str | None) -> None:
    """Write an answer to standard output, or to a file that appears whole or not at all."""
    file_format = chosen_format(given, out)
    if out is None:
        _write_as(answer, file_format, call.out, width=call.out_width)
        if answer.empty:
            call.err.write("No rows.\n")
        return
    target = call.path(out)
    if file_format == "table":
        with whole_file(target) as draft, draft.open("x", encoding="utf-8") as opened:
            write_table(answer, opened)
    else:
        write_file(answer, cast(Form, file_format), target)
    call.err.write(f"{len(answer)} rows written to {target}\n")


def _write_as(answer: pd.DataFrame, file_format: str, out: Writer, *, width: int | None) -> None:
    if file_format == "table":
        write_table(answer, out, width=width)
    else:
        write_text(answer, cast(TextForm, file_format), out)
