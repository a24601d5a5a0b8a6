"""The schema of a database file: missing tables are made, comments kept as declared.

There are no migrations. The database is a cache of the landed files: where a table was made from
another declaration, the file is to be rebuilt. Views and derived tables are made anew at once.
"""

from collections.abc import Mapping

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
    wanted = {name: schema_hash([table]) for name, table in declared.items()}
    made_from = _hashes(cursor, declared)
    if made_from == wanted:
        _describe(cursor, declared)
        return
    existing = _names(cursor)
    for sequence in SEQUENCES:
        cursor.execute(f"create sequence if not exists {sequence}")
    changed = [
        table
        for name, table in declared.items()
        if name not in existing or made_from.get(name) != wanted[name]
    ]
    for table in changed:
        if table.is_derived:
            cursor.execute(f"drop table if exists {table.name}")
        cursor.execute(create_table(table))
    if not made_from:
        cursor.execute(f"insert into {STATE} (version, published_at, schema_hashes) "
                       "values (1, now(), map())")  # fmt: skip
    if any(table.is_derived for table in changed):
        cursor.execute(f"update {STATE} set derived_hash = null")
    # tables of datasets that are not there today keep their hashes
    hashes = made_from | wanted
    cursor.execute(
        f"update {STATE} set schema_hashes = map($names::varchar[], $hashes::varchar[])",
        {"names": list(hashes), "hashes": list(hashes.values())},
    )
    _describe(cursor, declared)


def _hashes(cursor: duckdb.DuckDBPyConnection, declared: Mapping[str, Table]) -> dict[str, str]:
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
    made_from = dict(hashes)
    for name, table in declared.items():
        is_kept = not (table.is_derived or table.select)
        if is_kept and name in existing and made_from.get(name) != schema_hash([table]):
            raise _differs(path)
    return made_from


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
        for column, comment, statement in zip(columns, comments, comment_on(table), strict=True):
            if known.get((name, column)) != comment:
                cursor.execute(statement)
