"""What to know of an import beside its counts: how its file was read, and what was left out."""

from collections.abc import Sequence

import duckdb

from data.files.left_out import LEFT_OUT
from data.files.local_times import IS_UNCLEAR
from data.ingest.check import Checked


def import_notes(
    parsing: duckdb.DuckDBPyConnection, checked: Sequence[Checked], import_ids: Sequence[int]
) -> dict[int, str]:
    """Return the notes of imports, by their numbers; an import with nothing to say has none."""
    found: dict[int, list[str]] = {}
    for one in checked:
        for import_no, notes in one.notes.items():
            found.setdefault(import_no, []).extend(notes)
        if one.leaves_out:
            for import_no, why, count, first in parsing.execute(
                f"""
                select import_no, {LEFT_OUT}, count(*), min(row_number) from {one.relation}
                where {LEFT_OUT} is not null group by all order by import_no, min(row_number)
                """
            ).fetchall():
                rows = "1 row" if count == 1 else f"{count:,} rows"
                note = f"Left out: {rows}, from row {first} on ({why})."
                found.setdefault(import_no, []).append(note)
        if one.may_be_unclear and IS_UNCLEAR in one.names:
            for import_no, count, first in parsing.execute(
                f"""
                select import_no, count(*), min(row_number) from {one.relation}
                where {IS_UNCLEAR} and reason is null group by all
                """
            ).fetchall():
                rows = "1 row has" if count == 1 else f"{count:,} rows have"
                note = (
                    f"{rows} a time in the hour that comes twice, where both readings fit (the"
                    f" first is row {first}): the later one counts."
                )
                found.setdefault(import_no, []).append(note)
    return {import_ids[import_no]: " ".join(notes) for import_no, notes in found.items() if notes}
