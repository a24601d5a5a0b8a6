-- What the key of a first job says against that of the nearest free cluster.
-- Grain: one row a job of near_clusters. Unit: seconds.
-- Definition: docs/metrics/miss_reason.md
create or replace temp table key_changes as
select
    near_clusters.job_id,
    donor.job_name,
    (epoch_us(first.request_at) - epoch_us(donor.release_at)) / 1e6 as gap_s,
    case when donor.job_name is not null
        then concat_ws(', ', {differences}) end as differing_fields

from near_clusters

inner join {job_facts} as first on near_clusters.job_id = first.job_id

left join {job_facts} as donor on near_clusters.near_job_id = donor.job_id

left join {pools} as mine on first.pool_id = mine.pool_id

left join {pools} as other on donor.pool_id = other.pool_id
