"""Tables that are appended to: views over Parquet parts below the home, and the list of parts."""

from dataclasses import replace

from data.tables.columns import COLUMNS
from data.tables.declaration import Field, Merge, Table

PART_FILES = Table(
    "part_files",
    "One row a committed Parquet part of a table that is appended to",
    tuple(
        Field(COLUMNS[name], is_required=name in ("table_name", "part_name"), merge=Merge.STORE)
        for name in (
            "table_name",
            "part_name",
            "column_names",
            "part_row_count",
            "first_record_at",
            "last_record_at",
            "first_import_id",
            "last_import_id",
        )
    ),
)


def in_parts(table: Table) -> Table:
    """Return a table of records as a view over parts, with the import that each row is from.

    It is empty until data/ingest/append.py puts the committed parts into its place.
    """
    fields = (*table.fields, Field(COLUMNS["import_id"], merge=Merge.PROVENANCE))
    empty = ", ".join(f"null::{field.sql_type} as {field.column.name}" for field in fields)
    return replace(table, fields=fields, select=f"select {empty} where false")
