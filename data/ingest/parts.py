"""Parquet parts of appended tables: written, named by their content, committed, read in place.

A part counts once `part_files` lists it, in the same transaction as the imports whose rows it
holds. One that no list names is garbage, which opening the home removes. The rows of a part
without import_id are all of one import: it is a copy of what that import landed.
"""

import hashlib
import os
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from data.datasets.catalog import datasets
from data.datasets.dataset import WritePolicy
from data.raw.landing import flush
from data.store.home import Home
from data.store.schema import SchemaDiffersError
from data.store.store import Store
from data.tables.ddl import comment_on
from data.tables.declaration import Table
from data.tables.parts import PART_FILES
from data.tables.quoting import literals

COPY_BYTES = 2**22
DRAFT = "draft-"


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its name, and what is in it. Times are texts, as the database writes them."""

    part_name: str
    column_names: tuple[str, ...]
    part_row_count: int
    first_record_at: str | None
    last_record_at: str | None
    first_import_id: int
    last_import_id: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A part that is not committed: its file, and the columns of the table that it has.

    `import_id` is that of all its rows, where the file does not say it; `sha256` that of the file,
    where it is known.
    """

    path: Path
    column_names: tuple[str, ...]
    import_id: int | None = None
    sha256: str | None = None

    def rows(self, table: Table) -> str:
        """Return a query for its rows, with all columns of the table."""
        import_ids = None if self.import_id is None else [self.import_id]
        return _rows_of_files(table, self.column_names, [str(self.path)], import_ids)


def part_folder(home: Home, table: Table) -> Path:
    """Return the folder of a table's parts."""
    folder = home.parts / table.name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def part_path(home: Home, table: Table, part: Part) -> Path:
    """Return where a part is."""
    return part_folder(home, table) / f"{part.part_name}.parquet"


def draft_path(home: Home, table: Table) -> Path:
    """Return where a part may be written until it has its name."""
    return part_folder(home, table) / f"{DRAFT}{secrets.token_hex(8)}.parquet"


def publish_part(
    cursor: duckdb.DuckDBPyConnection, home: Home, table: Table, time_column: str, draft: Draft
) -> Part | None:
    """Give a written part its name; return what is in it, or None if that is nothing."""
    times = f"min({time_column})::varchar, max({time_column})::varchar"
    import_ids = "min(import_id), max(import_id)"
    if draft.import_id is not None:  # as DuckDB would read every row to find it
        import_ids = f"{draft.import_id}, {draft.import_id}"
    count, first_at, last_at, first_id, last_id = cursor.execute(
        f"select count(*), {times}, {import_ids} from ({draft.rows(table)})"
    ).fetchall()[0]
    if not count:
        draft.path.unlink()
        return None
    name = draft.sha256 or _sha256(draft.path)
    part = Part(name, draft.column_names, count, first_at, last_at, first_id, last_id)
    draft.path.chmod(0o600)
    flush(draft.path)
    os.replace(draft.path, part_path(home, table, part))
    flush(part_folder(home, table))
    return part


def rows_of_parts(home: Home, table: Table, parts: Sequence[Part]) -> str:
    """Return a query for the rows of some parts, with all columns of the table."""
    if not parts:
        return table.select
    by_columns: dict[tuple[str, ...], list[Part]] = {}
    for part in parts:
        by_columns.setdefault(part.column_names, []).append(part)
    return " union all ".join(
        _rows_of_files(
            table,
            names,
            [str(part_path(home, table, part)) for part in alike],
            None if "import_id" in names else [part.first_import_id for part in alike],
        )
        for names, alike in by_columns.items()
    )


def _rows_of_files(
    table: Table, names: Collection[str], paths: list[str], import_ids: list[int] | None
) -> str:
    """Return a query for the rows of Parquet files that have these columns of a table.

    `import_ids` say of each file from which import it is, where its rows do not.
    """
    fields = []
    for field in table.fields:
        name = field.column.name
        if name in names and import_ids is None:
            fields.append(name)
        elif name in names:
            fields.append(f"{name}::{field.sql_type} as {name}")  # a copy may have a narrower type
        elif name == "import_id" and import_ids is not None:
            fields.append(f"{_import_id(paths, import_ids)}::{field.sql_type} as {name}")
        else:
            fields.append(f"null::{field.sql_type} as {name}")
    # a folder above the home may be called region=eu-west-1
    read = f"read_parquet([{literals(paths)}], hive_partitioning = false)"
    return f"select {', '.join(fields)} from {read}"


def _import_id(paths: list[str], import_ids: list[int]) -> str:
    """Return SQL for the import of a file's rows."""
    if len(import_ids) == 1:
        return str(import_ids[0])
    return f"{import_ids}[list_position([{literals(paths)}], filename)]"


def listed_parts(cursor: duckdb.DuckDBPyConnection, table: Table) -> list[Part]:
    """Return the committed parts of a table."""
    rows = cursor.execute(
        """
        select part_name, column_names, part_row_count,
            first_record_at::varchar, last_record_at::varchar, first_import_id, last_import_id
        from part_files where table_name = $table_name order by first_import_id, part_name
        """,
        {"table_name": table.name},
    ).fetchall()
    return [Part(name, tuple(names), *rest) for name, names, *rest in rows]


def commit_parts(
    cursor: duckdb.DuckDBPyConnection,
    home: Home,
    table: Table,
    *,
    added: Iterable[Part] = (),
    dropped: Iterable[Part] = (),
) -> None:
    """Change the list of a table's parts, and its view with it, in the cursor's transaction."""
    for part in dropped:
        cursor.execute(
            "delete from part_files where table_name = $table_name and part_name = $part_name",
            {"table_name": table.name, "part_name": part.part_name},
        )
    rows = [(table.name, *_fields(part)) for part in added]
    if rows:
        names = PART_FILES.names
        columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
        cursor.register("added_parts", pa.table(columns))
        fields = ", ".join(
            f"{field.column.name}::{field.sql_type} as {field.column.name}"
            for field in PART_FILES.fields
        )
        cursor.execute(f"insert into part_files by name select {fields} from added_parts")
        cursor.unregister("added_parts")
    show_parts(cursor, home, table)


def show_parts(cursor: duckdb.DuckDBPyConnection, home: Home, table: Table) -> None:
    """Make the view of a table that of its committed parts."""
    select = rows_of_parts(home, table, listed_parts(cursor, table))
    cursor.execute(f"create or replace view {table.name} as {select}")
    for statement in comment_on(table):
        cursor.execute(statement)


def open_parts(store: Store) -> None:
    """Bring the views of appended tables up to date with the list, and remove what is not in it.

    Raises:
        SchemaDiffersError: a part is missing, or has not the columns that are declared.
    """
    for dataset in datasets().values():
        if dataset.policy is not WritePolicy.APPEND:
            continue
        table = dataset.table
        with store.transaction() as cursor:
            parts = listed_parts(cursor, table)
            kept = {part_path(store.home, table, part) for part in parts}
            if not all(path.exists() for path in kept):
                raise _differs(table)
            for path in part_folder(store.home, table).iterdir():
                if path not in kept:
                    path.unlink()
            try:
                show_parts(cursor, store.home, table)
                described = cursor.execute(f"describe {table.name}").fetchall()
            except duckdb.Error as error:
                raise _differs(table) from error
            declared = [(field.column.name, _base(field.sql_type)) for field in table.fields]
            if parts and [(row[0], _base(row[1])) for row in described] != declared:
                raise _differs(table)


def _differs(table: Table) -> SchemaDiffersError:
    return SchemaDiffersError(
        f"The parts of {table.name} are not those that are listed.",
        next_action="Run: stoker rebuild",
    )


def _base(sql_type: str) -> str:
    return {"timestamptz": "timestamp with time zone"}.get(sql_type.lower(), sql_type.lower())


def _fields(part: Part) -> tuple[object, ...]:
    return (
        part.part_name,
        list(part.column_names),
        part.part_row_count,
        part.first_record_at,
        part.last_record_at,
        part.first_import_id,
        part.last_import_id,
    )


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as opened:
        while content := opened.read(COPY_BYTES):
            digest.update(content)
    return digest.hexdigest()
