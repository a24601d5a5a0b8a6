-- Whether anything was measured of any GPU at all: most questions on shares need not look further.
-- Grain: one row. Unit: none.
-- Definition: docs/metrics/gpu_utilization_ratio.md
select
    exists(from metric_samples where metric_name = 'GPUUtilization')
    or exists(from training_jobs where gpu_utilization_ratio is not null) as is_measured
