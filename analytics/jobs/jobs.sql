-- Training jobs with their ledger entries, startup and list costs.
-- Grain: one row a training job. Unit: as suffixed.
-- Definition: docs/metrics/
select {columns}

from filtered_jobs

order by created_at {first}, account_id, region, job_name

{limit}
