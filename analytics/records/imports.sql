-- Imported files.
-- Grain: one row an imported file. Unit: counts, UTC instants.
-- Definition: docs/architecture.md
select
    import_id,
    file_name,
    kind,
    file_format,
    mapping_name,
    row_count,
    accepted_count,
    unchanged_count,
    rejected_count,
    left_out_count,
    import_note,
    first_record_at,
    last_record_at,
    fetched_at,
    merged_at,
    is_superseded,
    import_status,
    reason,
    next_action,
    content_hash

from imports

order by import_id
