-- The queues whose hours are out of date: those that are marked, and the jobs of no queue.
-- Grain: one row a queue; the jobs of no queue are of an empty name. Unit: none.
-- Definition: docs/architecture.md
create or replace temp table stale_queue_names as
select coalesce(queue_name, '') as queue

from stale_queues

union

-- jobs of an export that names neither queue nor share are marked by themselves
select ''

where exists (
        from training_jobs
        semi join stale_jobs using (job_id)
        where queue_name is null and record_kind = 'export'
    )
    or exists (from {job_facts} semi join stale_jobs using (job_id) where queue_name is null)
    and exists (from {share_hours} where queue_name is null)
    -- a capacity of no queue is of every queue
    or exists (from stale_queues where stale_from_at is null)
