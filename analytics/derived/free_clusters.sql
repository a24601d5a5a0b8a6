-- When the candidates' clusters were free: also until another job reused them.
-- Grain: one row a job of candidates. Unit: microseconds since 1970.
-- Definition: docs/metrics/miss_reason.md
select
    kept_clusters.job_id,
    kept_clusters.pool_id,
    kept_clusters.release_us,
    least(gone_us, coalesce(epoch_us(reuser.request_at), gone_us)) as gone_us

from kept_clusters

semi join candidates using (job_id)

left join (
    select donor_job_id, request_at

    from {job_facts}

    where donor_job_id in (select job_id from candidates)
) as reuser on kept_clusters.job_id = reuser.donor_job_id

-- at one instant by name: the last is the nearest of equals
order by release_us, account_id, region, job_name
