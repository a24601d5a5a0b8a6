"""The table of what was read from AWS: a row an interval, or a setting that was read as it is."""

from data.tables.columns import COLUMNS
from data.tables.declaration import Field, Merge, Table

SYNC_WATERMARKS = Table(
    "sync_watermarks",
    "What `stoker sync` has read whole, by account, region and source; without it, it reads again",
    tuple(
        Field(COLUMNS[name], merge=Merge.STORE)
        for name in (
            "account_id",
            "region",
            "sync_source",
            "covered_from_at",
            "covered_until_at",
            "content_hash",
            "read_at",
        )
    ),
)
