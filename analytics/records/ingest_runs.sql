-- Files that were taken in.
-- Grain: one row a run. Unit: counts, UTC instants.
-- Definition: docs/architecture.md
select
    ingest_run_id,
    file_name,
    kind,
    source,
    mapping_name,
    row_count,
    accepted_count,
    unchanged_count,
    rejected_count,
    first_created_at,
    last_created_at,
    fetched_at,
    finished_at,
    is_superseded,
    content_hash

from ingest_runs

order by ingest_run_id
