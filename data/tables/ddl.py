"""SQL that makes declared tables and describes them, and the hash that tells them apart."""

import hashlib
from collections.abc import Iterable

from data.tables.declaration import Table
from data.tables.quoting import literal


def create_table(table: Table, name: str | None = None) -> str:
    """Return the statement that makes a table or a view, under another name if one is given."""
    target = name or table.name
    if table.select:
        return f"create or replace view {target} as {table.select}"
    columns = ", ".join(
        f"{field.column.name} {field.sql_type}{' not null' if field.is_required else ''}"
        for field in table.fields
    )
    return f"create table {target} ({columns})"


def comment_on(table: Table, name: str | None = None) -> list[str]:
    """Return the statements that describe a table and its columns in the schema."""
    target, what = name or table.name, "view" if table.select else "table"
    return [
        f"comment on {what} {target} is {literal(table.description)}",
        *(
            f"comment on column {target}.{field.column.name} is {literal(field.column.comment)}"
            for field in table.fields
        ),
    ]


def schema_hash(tables: Iterable[Table]) -> str:
    """Return a hash of tables: names, types, keys, merges and views, but none of the words."""
    tables = sorted(tables, key=lambda table: table.name)
    lines = [
        f"{table.name}.{field.column.name} {field.sql_type} {field.is_required} {field.merge.name}"
        f"{field.entry_key}{field.entry_order}"
        for table in tables
        for field in table.fields
    ] + [" ".join(table.select.split()) for table in tables]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
