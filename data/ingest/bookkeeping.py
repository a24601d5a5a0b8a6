"""The rows of the table of imports: what came in, when, and what became of it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from data.ingest.results import ImportResult
from data.raw.landing import ImportRecord
from data.store.store import Store
from data.tables import TABLES

IMPORTED, FAILED = "imported", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the table of imports; times are instants or ISO 8601 texts."""

    import_name: str
    kind: str
    file_format: str
    file_name: str
    content_hash: str
    mapping_hash: str
    mapping_name: str | None
    fetched_at: datetime
    merge_started_at: datetime
    merged_at: datetime
    import_id: int | None = None
    row_count: int = 0
    accepted_count: int = 0
    unchanged_count: int = 0
    rejected_count: int = 0
    left_out_count: int = 0
    import_note: str | None = None
    first_record_at: str | None = None
    last_record_at: str | None = None
    is_superseded: bool = False
    import_status: str = IMPORTED
    reason: str | None = None
    next_action: str | None = None


def next_ids(cursor: duckdb.DuckDBPyConnection, count: int) -> list[int]:
    """Return new numbers of imports, in ascending order."""
    rows = cursor.execute(
        "select nextval('import_ids') from range($count)", {"count": count}
    ).fetchall()
    return sorted(int(row[0]) for row in rows)


def insert_entries(cursor: duckdb.DuckDBPyConnection, entries: Iterable[Entry]) -> None:
    """Insert rows; those without a number get one."""
    rows = [asdict(entry) for entry in entries]
    for row, number in zip(
        [row for row in rows if row["import_id"] is None],
        next_ids(cursor, sum(row["import_id"] is None for row in rows)),
        strict=True,
    ):
        row["import_id"] = number
    for row in rows:
        row |= {
            name: value.isoformat() for name, value in row.items() if isinstance(value, datetime)
        }
    table = TABLES["imports"]
    fields = ", ".join(
        f"{field.column.name}::{field.sql_type} as {field.column.name}" for field in table.fields
    )
    names = table.names
    cursor.register(
        "entries",
        pa.table(
            {name: pa.array([_text(row[name]) for row in rows], pa.string()) for name in names}
        ),
    )
    cursor.execute(f"insert into imports by name select {fields} from entries")
    cursor.unregister("entries")


def _text(value: object) -> str | None:
    return None if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Known:
    """An import of the same content, of the same kind and with the same mapping."""

    result: ImportResult
    is_superseded: bool
    attempt: int


Identity = tuple[str, str, str]


def identity(record: ImportRecord) -> Identity:
    """Return what makes two imports the same: kind, content and mapping."""
    return record.kind, record.content_hash, record.mapping_hash


def known_imports(store: Store, records: Iterable[ImportRecord]) -> dict[Identity, Known]:
    """Return the newest import that is the same as one of these, by identity."""
    rows = store.frame(
        """
        select * from imports
        where import_status = $imported and list_contains($hashes, content_hash)
        order by import_id
        """,
        {"imported": IMPORTED, "hashes": [record.content_hash for record in records]},
    )
    return {
        (row["kind"], row["content_hash"], row["mapping_hash"]): Known(
            ImportResult(
                file_name=row["file_name"],
                kind=row["kind"],
                file_format=row["file_format"],
                row_count=int(row["row_count"]),
                accepted_count=0,
                unchanged_count=int(row["accepted_count"] + row["unchanged_count"]),
                rejected_count=int(row["rejected_count"]),
                import_id=int(row["import_id"]),
                is_known_file=True,
                left_out_count=int(row["left_out_count"]),
                note=row["import_note"] if isinstance(row["import_note"], str) else None,
            ),
            bool(row["is_superseded"]),
            int(str(row["import_name"]).rsplit("-", 1)[1]),
        )
        for row in rows.to_dict("records")
    }
