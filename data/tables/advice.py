"""Tables of advice: what was decided on it."""

from data.tables.columns import COLUMNS
from data.tables.declaration import Field, Merge, Table

ADVICE_LOG = Table(
    "advice_log",
    "One row a decision on advice: dismissed, noted, applied, or opened again",
    (
        Field(COLUMNS["advice_id"], is_required=True),
        Field(COLUMNS["decided_at"], is_required=True),
        Field(COLUMNS["decision"], is_required=True),
        Field(COLUMNS["decision_note"]),
        Field(COLUMNS["applied_at"]),
        Field(COLUMNS["advice_kind"]),
        Field(COLUMNS["subject"]),
        Field(COLUMNS["subject_label"]),
        Field(COLUMNS["current"]),
        Field(COLUMNS["advised"]),
        Field(COLUMNS["touches"]),
        Field(COLUMNS["expected_gain_usd_per_month"]),
        Field(COLUMNS["input_seq"], merge=Merge.RECORD),
        Field(COLUMNS["import_id"], merge=Merge.PROVENANCE),
    ),
)
