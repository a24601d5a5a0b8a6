"""The schema of a database file: missing tables are made, comments kept as declared.

There are no migrations. The database is a cache of the landed files: where a table was made from
another declaration, the file is to be rebuilt. Views and derived tables are remade at once.
"""

from collections.abc import Mapping, Sequence
from itertools import compress

import duckdb

from data.errors import StokerError
from data.tables import SEQUENCES
from data.tables.ddl import comment_on, create_table, schema_hash
from data.tables.declaration import Table

STATE = "store_state"


class SchemaDiffersError(StokerError):
    """The database was made from other declarations of its tables: it is to be rebuilt."""


def prepare(cursor: duckdb.DuckDBPyConnection, declared: Mapping[str, Table]) -> None:
    """Make what is missing of the declared tables, and describe them as declared.

    Call it inside a transaction.

    Raises:
        SchemaDiffersError: a table with records was made from another declaration.
    """
    declared_hashes = {name: schema_hash([table]) for name, table in declared.items()}
    stored_hashes = _hashes(cursor, declared, declared_hashes)
    existing = _names(cursor)
    changed = [
        table
        for name, table in declared.items()
        if name not in existing or stored_hashes.get(name) != declared_hashes[name]
    ]
    if changed:
        _make(cursor, changed, stored_hashes, declared_hashes)
    _describe(cursor, declared)


def _make(
    cursor: duckdb.DuckDBPyConnection,
    changed: Sequence[Table],
    stored_hashes: Mapping[str, str],
    declared_hashes: Mapping[str, str],
) -> None:
    """Make tables that are missing, and remake views and derived tables."""
    for sequence in SEQUENCES:
        cursor.execute(f"create sequence if not exists {sequence}")
    for table in changed:
        if table.is_derived:
            cursor.execute(f"drop table if exists {table.name}")
        cursor.execute(create_table(table))
    if not stored_hashes:
        cursor.execute(f"insert into {STATE} (version, published_at, schema_hashes) "
                       "values (1, now(), map())")  # fmt: skip
    if any(table.is_derived for table in changed):
        cursor.execute(f"update {STATE} set derived_hash = null")
    # tables of datasets that are not there today keep their hashes
    hashes = {**stored_hashes, **declared_hashes}
    cursor.execute(
        f"update {STATE} set schema_hashes = map($names::varchar[], $hashes::varchar[])",
        {"names": list(hashes), "hashes": list(hashes.values())},
    )


def _hashes(
    cursor: duckdb.DuckDBPyConnection,
    declared: Mapping[str, Table],
    declared_hashes: Mapping[str, str],
) -> dict[str, str]:
    """Return the hash that each table was made from; nothing for an empty file."""
    existing = _names(cursor)
    if not existing:
        return {}
    columns = cursor.execute(
        "select column_name from duckdb_columns() where table_name = $state and not internal"
        " order by column_index",
        {"state": STATE},
    ).fetchall()
    path = cursor.execute("select path from duckdb_databases() where database_name = "
                          "current_database()").fetchall()[0][0]  # fmt: skip
    if tuple(name for (name,) in columns) != declared[STATE].names:
        raise _differs(path)
    ((hashes,),) = cursor.execute(f"select schema_hashes from {STATE}").fetchall()
    stored_hashes = dict(hashes)
    for name, table in declared.items():
        has_records = not (table.is_derived or table.select)
        if has_records and name in existing and stored_hashes.get(name) != declared_hashes[name]:
            raise _differs(path)
    return stored_hashes


def _differs(path: str) -> SchemaDiffersError:
    return SchemaDiffersError(
        f"{path} was made by another version of Stoker.",
        next_action="Run `stoker rebuild`: it is rebuilt from the landed files.",
    )


def _names(cursor: duckdb.DuckDBPyConnection) -> set[str]:
    rows = cursor.execute(
        "select table_name from duckdb_tables() where schema_name = 'main' and not internal"
        " union all"
        " select view_name from duckdb_views() where schema_name = 'main' and not internal"
    ).fetchall()
    return {name for (name,) in rows}


def _describe(cursor: duckdb.DuckDBPyConnection, declared: Mapping[str, Table]) -> None:
    """Write the comments that differ from the declared ones; the words may change at any time."""
    rows = cursor.execute(
        """
        select table_name, '', comment from duckdb_tables() where not internal
        union all
        select view_name, '', comment from duckdb_views() where not internal
        union all
        select table_name, column_name, comment from duckdb_columns() where not internal
        """
    ).fetchall()
    known = {(table, column): comment for table, column, comment in rows}
    for name, table in declared.items():
        columns = ["", *table.names]
        comments = [table.description, *(field.column.comment for field in table.fields)]
        differs = [
            known.get((name, column)) != comment
            for column, comment in zip(columns, comments, strict=True)
        ]
        if any(differs):
            for statement in compress(comment_on(table), differs):
                cursor.execute(statement)
