"""Taking imports back: as if they had never come in, also after a rebuild.

What is forgotten is landed as well: the record of an import moves from `landing/events` to
`landing/forgotten`, in one step. All else follows from that, and whoever opens the home next does
what a killed process did not come to (docs/decisions/0040-forgetting.md).
"""

from collections.abc import Sequence, Set
from contextlib import suppress
from dataclasses import dataclass

import duckdb
import pandas as pd

from data.datasets.catalog import dataset_named
from data.errors import StokerError, WrongUseError
from data.ingest.apart import resume
from data.ingest.bookkeeping import FAILED
from data.ingest.failures import forget_failed
from data.ingest.merge import withdraw
from data.ingest.results import Outcome
from data.raw.inputs import Progress
from data.raw.landing import (
    flush,
    forgotten_names,
    is_whole,
    landed_record,
    remove_unreferenced,
)
from data.store.home import Home
from data.store.store import Store

# imports whose records may be there once more in another, which counted them as unchanged: one that
# is merged again without the first brings them itself; and the last of what a corrected mapping
# replaced, where that is forgotten
_TO_MERGE_AGAIN = """
    with
    forgotten as (
        select * from imports
        where list_contains($names, import_name) and import_status = 'imported'
    ),
    others as (
        select * from imports
        where not list_contains($names, import_name) and import_status = 'imported'
    ),
    repeating as (
        select import_id, import_name, kind from others
        where not is_superseded and unchanged_count > 0 and exists (
            from forgotten
            where forgotten.kind = others.kind
                and coalesce(forgotten.first_record_at <= others.last_record_at, true)
                and coalesce(forgotten.last_record_at >= others.first_record_at, true)
        )
    ),
    replaced as (
        select import_id, import_name, kind from others
        where is_superseded and exists (
            from forgotten
            where not forgotten.is_superseded
                and (forgotten.kind, forgotten.content_hash) = (others.kind, others.content_hash)
        )
        qualify row_number() over (partition by kind, content_hash order by import_id desc) = 1
    )
    from repeating union all from replaced
"""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """An import that was taken back, and how many records it had brought."""

    import_id: int
    file_name: str
    kind: str
    record_count: int


def forget(
    store: Store, import_ids: Sequence[int], progress: Progress | None = None
) -> tuple[list[Forgotten], list[Outcome]]:
    """Take imports back; return them, and what became of others that had to be merged again.

    Raises:
        WrongUseError: there is no such import.
        StokerError: another import would have to be merged again, and its landed file is damaged.
    """
    with store.writing():
        rows = _listed(store, import_ids)
        failed = rows[rows["import_status"] == FAILED]
        imported = rows[rows["import_status"] != FAILED]
        _refuse_damaged(store, set(imported["import_name"]))
        forget_failed(store, set(failed["import_name"]))
        _land_forgotten(store.home, imported["import_name"])
        settle_forgotten(store)
        outcomes = resume(store, progress)
        store.derive()
    forgotten = [
        Forgotten(int(row["import_id"]), row["file_name"], row["kind"], int(row["accepted_count"]))
        for row in rows.to_dict("records")
    ]
    return forgotten, outcomes


def settle_forgotten(store: Store) -> None:
    """Take back what is landed as forgotten and still there: records, counts and the file."""
    names = forgotten_names(store.home)
    if not names:
        return
    given = {"names": sorted(names)}
    kept = "select count(*) from imports where list_contains($names, import_name)"
    if store.scalar(kept, given):
        with store.transaction() as cursor:
            _take_back(store.home, cursor, names)
    remove_unreferenced(store.home, names)


def take_back(store: Store, names: Set[str]) -> None:
    """Take imports out of the database; what is landed of them stays, and is merged again."""
    with store.transaction() as cursor:
        _take_back(store.home, cursor, names)


def _take_back(home: Home, cursor: duckdb.DuckDBPyConnection, names: Set[str]) -> None:
    given = {"names": sorted(names)}
    rows = cursor.execute(
        "select import_id, import_name, kind from imports where list_contains($names, import_name)",
        given,
    ).fetchall()
    rows += [
        row
        for row in cursor.execute(_TO_MERGE_AGAIN, given).fetchall()
        if is_whole(home, landed_record(home, row[1]))
    ]
    by_kind: dict[str, list[int]] = {}
    for import_id, _, kind in rows:
        by_kind.setdefault(kind, []).append(int(import_id))
    for kind, import_ids in by_kind.items():
        withdraw(home, cursor, dataset_named(kind), import_ids)
        cursor.execute(
            "delete from imports where list_contains($import_ids, import_id)",
            {"import_ids": import_ids},
        )


def _listed(store: Store, import_ids: Sequence[int]) -> pd.DataFrame:
    rows = store.frame(
        "from imports where list_contains($import_ids, import_id) order by import_id",
        {"import_ids": list(import_ids)},
    )
    if unknown := sorted(set(import_ids) - set(rows["import_id"])):
        raise WrongUseError(
            f"There is no import {', '.join(map(str, unknown))}; nothing was changed.",
            next_action="See their numbers, import_id, with: stoker ask imports",
        )
    return rows


def _refuse_damaged(store: Store, names: Set[str]) -> None:
    """Refuse what would lose records: those of an import that cannot be merged again."""
    again = store.frame(_TO_MERGE_AGAIN, {"names": sorted(names)})
    for name in again["import_name"]:
        with suppress(OSError, ValueError, TypeError, KeyError):
            record = landed_record(store.home, name)
            if is_whole(store.home, record):
                continue
        raise StokerError(
            f"The import {name} has the same records in part, and its landed file cannot be read"
            " again; nothing was changed.",
            next_action="Put the landing back from a backup, or import that file again.",
        )


def _land_forgotten(home: Home, names: "pd.Series[str]") -> None:
    for name in names:
        path = home.events / f"{name}.json"
        if not path.exists():  # lost: what counts is the name
            (home.forgotten / path.name).touch(0o600)
        else:
            path.replace(home.forgotten / path.name)
    flush(home.forgotten)
    flush(home.events)
