-- When the clusters of changed_clusters are free at most.
-- Grain: one row a job that left a kept cluster, sorted. Unit: microseconds since 1970.
-- Definition: docs/metrics/miss_reason.md
select
    release_us,
    gone_us

from kept_clusters

semi join changed_clusters using (job_id)

order by release_us
