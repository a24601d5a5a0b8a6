-- Records that could not be used, with what to do about each.
-- Grain: one row a rejected record. Unit: none.
-- Definition: docs/architecture.md
select
    file_name,
    row_number,
    reason,
    next_action,
    "raw",
    import_id

from rejected_rows

order by import_id, row_number
