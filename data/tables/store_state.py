"""The table that describes the store itself: its version, and what it was made from."""

from data.tables.columns import COLUMNS
from data.tables.declaration import Field, Merge, Table

STORE_STATE = Table(
    "store_state",
    "One row: which version the store holds, and what it was made from",
    (
        Field(COLUMNS["version"], is_required=True, merge=Merge.STORE),
        Field(COLUMNS["published_at"], is_required=True, merge=Merge.STORE),
        Field(COLUMNS["schema_hashes"], is_required=True, merge=Merge.STORE),
        Field(COLUMNS["reference_hash"], merge=Merge.STORE),
        Field(COLUMNS["derived_hash"], merge=Merge.STORE),
    ),
)
