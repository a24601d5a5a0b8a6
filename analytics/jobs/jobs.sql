-- Training jobs with their ledger entries, startup and list costs.
-- Grain: one row a training job. Unit: as suffixed.
-- Definition: docs/metrics/
select
    {columns},
    labels.pool_label

from filtered_jobs

left join (select pool_id, pool_label from pools) as labels using (pool_id)

order by created_at {first}, account_id, region, job_name

{limit}
