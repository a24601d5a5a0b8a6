"""Tables as the write policies keep them: a dataset declares records, this adds the rest."""

from dataclasses import replace

from data.tables import COLUMNS
from data.tables.declaration import Field, Merge, Table
from data.tables.parts import in_parts

__all__ = ["in_parts", "of_files", "with_versions"]

_PROVENANCE = ("import_id", "fetched_at", "content_hash", "record_hash")


def with_versions(table: Table) -> tuple[Table, Table]:
    """Return a table of records by key for UPSERT, and the table of their versions."""
    records = (
        *table.fields,
        *(Field(COLUMNS[name], merge=Merge.PROVENANCE) for name in _PROVENANCE),
    )
    count = Field(COLUMNS["version_count"], is_required=True, merge=Merge.STORE)
    versions = Table(
        f"{table.name}_versions", f"The records of {table.name} that have several", records
    )
    return replace(table, fields=(*records, count)), versions


def of_files(table: Table) -> Table:
    """Return a table of records for REPLACE, with the import that each is from."""
    return replace(
        table, fields=(*table.fields, Field(COLUMNS["import_id"], merge=Merge.PROVENANCE))
    )
