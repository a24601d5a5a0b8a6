-- Startup latency: quantiles of first Training transition minus creation, linearly interpolated.
-- Grain: one row per (input_mode, start_kind, group). Unit: seconds.
-- Definition: docs/metrics/startup_latency_s.md
select
    input_mode,
    start_kind,
    {by} as group_value,
    quantile_cont(startup_latency_s, $shares::double[]) as quantiles_s

from filtered_jobs

where startup_latency_s is not null

group by all
