-- Files that were imported.
-- Grain: one row an import. Unit: counts, UTC instants.
-- Definition: docs/architecture.md
select
    ingest_run_id as import_id,
    file_name,
    kind,
    source as file_format,
    mapping_name,
    row_count,
    accepted_count,
    unchanged_count,
    rejected_count,
    first_created_at as first_record_at,
    last_created_at as last_record_at,
    fetched_at,
    finished_at as merged_at,
    is_superseded,
    content_hash

from ingest_runs

order by import_id
