-- Hits by hour of day
-- Grain: one row an hour of the day, UTC. Unit: ratio, 0 to 1.
-- Definition: docs/metrics/hit_rate_ratio.md
select
    hour(created_at) as hour_of_day,
    count(*) as eligible_count,
    count(*) filter (outcome = 'hit') as hit_count,
    count(*) filter (outcome = 'hit') / count(*) as hit_rate_ratio

from job_facts

where eligibility = 'eligible'
group by hour_of_day
order by hour_of_day
