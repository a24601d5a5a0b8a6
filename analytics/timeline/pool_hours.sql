-- In which hours the jobs of a pool requested clusters.
-- Grain: one row an hour with eligible jobs. Unit: counts; UTC.
-- Definition: docs/metrics/pool_key.md
select
    make_timestamptz((epoch_us(request_at) // 3_600_000_000) * 3_600_000_000) as bin_at,
    count(*) as job_count

from filtered_jobs

where eligibility = 'eligible'

group by 1

order by 1
