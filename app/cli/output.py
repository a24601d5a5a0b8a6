"""How rows are written: an aligned table, CSV, JSON or Parquet, to the terminal or to a file."""

from typing import cast

import pandas as pd

from app.cli.invocation import Invocation
from app.cli.table import write_table
from data.serialize.rows import Form, TextForm, whole_file, write_file, write_text


def write_rows(
    rows: pd.DataFrame,
    invocation: Invocation,
    *,
    form: str,
    out: str | None,
    footer: pd.DataFrame | None = None,
) -> None:
    """Write rows to standard output, or to a file that appears whole or not at all.

    `footer` is one more row of a table, below a rule.
    """
    if out is not None:
        _write_file(rows, invocation, form=form, out=out, footer=footer)
        return
    if form == "table":
        write_table(rows, invocation.out, width=invocation.out_width, footer=footer)
    else:
        write_text(rows, cast(TextForm, form), invocation.out)
    if rows.empty:
        invocation.err.write("No rows.\n")


def _write_file(
    rows: pd.DataFrame,
    invocation: Invocation,
    *,
    form: str,
    out: str,
    footer: pd.DataFrame | None,
) -> None:
    target = invocation.path(out)
    if form == "table":
        with (
            whole_file(target, mode=invocation.file_mode) as draft,
            draft.open("w", encoding="utf-8") as file,
        ):
            write_table(rows, file, footer=footer)
    else:
        write_file(rows, cast(Form, form), target, mode=invocation.file_mode)
    invocation.err.write(f"{len(rows)} rows written to {target}\n")
