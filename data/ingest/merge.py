"""Merging landed imports: checked, and with their rows and their bookkeeping in one transaction."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from data.datasets.catalog import dataset_named
from data.datasets.dataset import Dataset, WritePolicy
from data.ingest.append import Append
from data.ingest.bookkeeping import IMPORTED, Entry, insert_entries, next_ids
from data.ingest.check import Checked, check, gathering_folder
from data.ingest.counts import Merged, number
from data.ingest.identity import upsert_of
from data.ingest.notes import import_notes
from data.ingest.replace import Replace
from data.ingest.results import ImportResult
from data.raw.inputs import Progress
from data.raw.landing import ImportRecord, land_records
from data.raw.parser import parser
from data.store.home import Home
from data.store.store import Store

ROWS_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True)
class _Numbered:
    """A landed import with the number that it has in the store."""

    import_id: int
    record: ImportRecord


def merge_records(
    store: Store, records: Sequence[ImportRecord], tell: Progress
) -> list[ImportResult]:
    """Check and merge landed payloads as one: all of them, or none.

    No two of them may have the same kind and content.

    Raises:
        StokerError: a file as a whole cannot be used.
    """
    tell("Checking", 0.0)
    started_at = datetime.now(UTC)
    folders = (gathering_folder(store.home), store.home.parts)
    with parser(store.home, also=folders) as parsing:
        checked = check(parsing, store.home, records)
        tell("Merging", 0.0)
        land_records(store.home, records)
        with store.transaction() as cursor:
            numbered = [
                _Numbered(import_id, record)
                for import_id, record in zip(next_ids(cursor, len(records)), records, strict=True)
            ]
            _supersede(store.home, cursor, records)
            _register(cursor, numbered)
            import_ids = [one.import_id for one in numbered]
            merged = _merge(store.home, cursor, parsing, checked, import_ids)
            left_out = _left_out(parsing, checked, import_ids)
            good_count = sum(one.record_count for one in merged.values())
            rejected: dict[int, int] = {}
            if _row_count(parsing, checked) != good_count + sum(left_out.values()):
                rejected = _keep_rejected(cursor, parsing, checked)
            notes = import_notes(parsing, checked, import_ids)
            entries = [
                replace(
                    _entry(
                        one, merged.get(one.import_id, Merged()), rejected, left_out, started_at
                    ),
                    import_note=notes.get(one.import_id),
                )
                for one in numbered
            ]
            insert_entries(cursor, entries)
            cursor.unregister("batch")
    return [
        ImportResult(
            file_name=entry.file_name,
            kind=entry.kind,
            file_format=entry.file_format,
            row_count=entry.row_count,
            accepted_count=entry.accepted_count,
            unchanged_count=entry.unchanged_count,
            rejected_count=entry.rejected_count,
            left_out_count=entry.left_out_count,
            import_id=one.import_id,
            note=entry.import_note,
        )
        for entry, one in zip(entries, numbered, strict=True)
    ]


def withdraw(
    home: Home, cursor: duckdb.DuckDBPyConnection, dataset: Dataset, import_ids: list[int]
) -> None:
    """Take back everything that some imports brought."""
    match dataset.policy:
        case WritePolicy.UPSERT:
            upsert_of(cursor, dataset).withdraw(import_ids)
        case WritePolicy.REPLACE:
            Replace(cursor, dataset).withdraw(import_ids)
        case WritePolicy.APPEND:
            Append(cursor, dataset, home).withdraw(import_ids)
    cursor.execute(
        "delete from rejected_rows where list_contains($import_ids, import_id)",
        {"import_ids": import_ids},
    )


def _supersede(
    home: Home, cursor: duckdb.DuckDBPyConnection, records: Sequence[ImportRecord]
) -> None:
    """Take back what the same contents brought under another mapping."""
    rows = cursor.execute(
        """
        select kind, content_hash, import_id from imports
        where import_status = $imported and not is_superseded
            and list_contains($hashes, content_hash)
        """,
        {"imported": IMPORTED, "hashes": [record.content_hash for record in records]},
    ).fetchall()
    contents = {(record.kind, record.content_hash) for record in records}
    past: dict[str, list[int]] = {}
    for kind, content_hash, import_id in rows:
        if (kind, content_hash) in contents:
            past.setdefault(kind, []).append(import_id)
    for kind, import_ids in past.items():
        withdraw(home, cursor, dataset_named(kind), import_ids)
        cursor.execute(
            "update imports set is_superseded = true where list_contains($import_ids, import_id)",
            {"import_ids": import_ids},
        )


def _register(cursor: duckdb.DuckDBPyConnection, numbered: Sequence[_Numbered]) -> None:
    """Let statements see which import each payload is."""
    cursor.register(
        "batch",
        pa.table(
            {
                "import_no": pa.array(range(len(numbered)), pa.int32()),
                "import_id": pa.array([one.import_id for one in numbered], pa.int64()),
                "fetched_at": pa.array(
                    [one.record.fetched_at for one in numbered], pa.timestamp("us", "UTC")
                ),
                "content_hash": [one.record.content_hash for one in numbered],
                "import_file": [one.record.file_name for one in numbered],
            }
        ),
    )


def _row_count(parsing: duckdb.DuckDBPyConnection, checked: Sequence[Checked]) -> int:
    """Return how many rows there are, good and bad: quick, where looking at each is not."""
    return sum(number(parsing, f"select count(*) from {one.relation}") for one in checked)


def _left_out(
    parsing: duckdb.DuckDBPyConnection, checked: Sequence[Checked], import_ids: Sequence[int]
) -> dict[int, int]:
    """Return how many good records are counted but not kept, by import."""
    found: dict[int, int] = {}
    for one in checked:
        if one.dataset.kept or one.leaves_out:
            for import_no, count in parsing.execute(one.left_out).fetchall():
                found[import_ids[import_no]] = found.get(import_ids[import_no], 0) + int(count)
    return found


def _keep_rejected(
    cursor: duckdb.DuckDBPyConnection,
    parsing: duckdb.DuckDBPyConnection,
    checked: Sequence[Checked],
) -> dict[int, int]:
    """Insert the rejected rows; return how many there are by import."""
    for one in checked:
        cursor.register("rejected", parsing.sql(one.bad).to_arrow_table())
        cursor.execute(
            """
            insert into rejected_rows by name
            select import_id, coalesce(file_name, import_file) as file_name,
                row_number, reason, next_action, "raw"
            from rejected join batch using (import_no)
            """
        )
        cursor.unregister("rejected")
    rows = cursor.execute(
        """
        select import_id, count(*) from rejected_rows join batch using (import_id) group by all
        """
    ).fetchall()
    return {int(import_id): int(count) for import_id, count in rows}


def _merge(
    home: Home,
    cursor: duckdb.DuckDBPyConnection,
    parsing: duckdb.DuckDBPyConnection,
    checked: Sequence[Checked],
    import_ids: Sequence[int],
) -> dict[int, Merged]:
    """Merge the good rows by their datasets' policies."""
    merged: dict[int, Merged] = {}
    by_kind: dict[str, list[Checked]] = {}
    for one in checked:
        by_kind.setdefault(one.dataset.kind, []).append(one)
    for group in by_kind.values():
        dataset = group[0].dataset
        rows = _good_rows(cursor, parsing, group)
        match dataset.policy:
            case WritePolicy.UPSERT:
                merged |= upsert_of(cursor, dataset).merge(rows)
            case WritePolicy.REPLACE:
                merged |= Replace(cursor, dataset).merge(rows)
            case WritePolicy.APPEND:
                merged |= Append(cursor, dataset, home).merge(parsing, group, import_ids)
    return merged


def _good_rows(
    cursor: duckdb.DuckDBPyConnection,
    parsing: duckdb.DuckDBPyConnection,
    checked: Iterable[Checked],
) -> Iterator[str]:
    """Yield relations of whole records, each for one statement: they are read as they come."""
    for one in checked:
        cursor.register("good", parsing.sql(one.good).to_arrow_reader(ROWS_AT_ONCE))
        yield "(from good join batch using (import_no))"
        cursor.unregister("good")


def _entry(
    one: _Numbered,
    merged: Merged,
    rejected: dict[int, int],
    left_out: dict[int, int],
    started_at: datetime,
) -> Entry:
    record = one.record
    rejected_count = rejected.get(one.import_id, 0)
    left_out_count = left_out.get(one.import_id, 0)
    return Entry(
        import_id=one.import_id,
        import_name=record.name,
        kind=record.kind,
        file_format=record.file_format,
        file_name=record.file_name,
        content_hash=record.content_hash,
        mapping_hash=record.mapping_hash,
        mapping_name=record.mapping_name,
        fetched_at=record.fetched_at,
        merge_started_at=started_at,
        merged_at=datetime.now(UTC),
        row_count=merged.record_count + rejected_count + left_out_count,
        accepted_count=merged.accepted_count,
        unchanged_count=merged.unchanged_count,
        rejected_count=rejected_count,
        left_out_count=left_out_count,
        first_record_at=merged.first_at,
        last_record_at=merged.last_at,
    )
