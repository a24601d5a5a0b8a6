-- Which metrics there are samples of, whether or not they are of a job that is known.
-- Grain: one row a metric. Unit: counts; instants in UTC.
-- Definition: docs/metrics/coverage_ratio.md
select
    metric_name,
    count(*) as sample_count,
    count(distinct host_name) as host_count,
    min(sampled_at) as first_record_at,
    max(sampled_at) as last_record_at

from metric_samples

group by metric_name

order by metric_name
