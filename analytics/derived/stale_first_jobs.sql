-- First jobs of recomputed pools, and those whose nearest cluster is of a recomputed job.
-- Grain: one row a job. Unit: none.
-- Definition: docs/metrics/miss_reason.md
select first.job_id

from {job_facts} as first

where
    first.miss_reason in ('first_of_key', 'key_changed')
    and (
        first.pool_id in (select pool_id from recomputed_pools)
        or exists (
            select 1

            from changed_clusters as nearest

            where
                nearest.account_id = first.account_id
                and nearest.region = first.region
                and nearest.job_name = first.missed_donor_job_name
        )
    )
