-- Measured time and use of every host by metric and hour: what the other statements sum up.
-- Grain: one row a job, host, metric and hour. Unit: seconds.
-- Definition: docs/metrics/gpu_utilization_ratio.md, coverage_ratio.md
with

{host_hours}

from host_hours
