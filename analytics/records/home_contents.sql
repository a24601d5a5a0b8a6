-- How much the home holds.
-- Grain: one row. Unit: UTC instants.
-- Definition: docs/glossary.md
select
    (select count(*) from training_jobs) as job_count,
    (select min(created_at) from training_jobs) as first_job_created_at,
    (select max(created_at) from training_jobs) as last_job_created_at,
    count(*) filter (import_status = 'imported' and not is_superseded) as ingested_file_count,
    (select count(*) from rejected_rows) as rejected_row_count,
    max(merged_at) filter (import_status = 'imported') as last_ingest_at

from imports
