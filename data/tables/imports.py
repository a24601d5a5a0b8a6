"""Tables of imports: one row a file, and the records of it that could not be used."""

from data.tables.columns import COLUMNS
from data.tables.declaration import Field, Merge, Table

_MAY_BE_EMPTY = ("mapping_name", "first_record_at", "last_record_at", "raw")


def _fields(*names: str, may_be_empty: tuple[str, ...] = _MAY_BE_EMPTY) -> tuple[Field, ...]:
    return tuple(
        Field(COLUMNS[name], is_required=name not in may_be_empty, merge=Merge.STORE)
        for name in names
    )


IMPORTS = Table(
    "imports",
    "One row a file that was imported, or could not be",
    _fields(
        "import_id",
        "import_name",
        "kind",
        "file_format",
        "file_name",
        "content_hash",
        "mapping_hash",
        "mapping_name",
        "fetched_at",
        "merge_started_at",
        "merged_at",
        "row_count",
        "accepted_count",
        "unchanged_count",
        "rejected_count",
        "left_out_count",
        "import_note",
        "first_record_at",
        "last_record_at",
        "is_superseded",
        "import_status",
        "reason",
        "next_action",
        may_be_empty=(*_MAY_BE_EMPTY, "import_note", "reason", "next_action"),
    ),
)

REJECTED_ROWS = Table(
    "rejected_rows",
    "One row a record that could not be used",
    _fields("import_id", "file_name", "row_number", "reason", "next_action", "raw"),
)
