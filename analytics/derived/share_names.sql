-- The shares of the queues in scope, numbered by name within their queue.
-- Grain: one row a queue and share. Unit: none.
-- Definition: docs/metrics/own_instance_h.md
create or replace temp table share_names as
select
    queue,
    share,
    max(share_kind) as share_kind,
    row_number() over (partition by queue order by share) - 1 as share_no

from (
    select queue, share, share_kind from share_groups

    union all

    select share_limits.queue, share_limits.share, 'quota'

    from share_limits

    inner join share_lanes using (queue, unit)

    where share_limits.share <> '' and share_limits.source = share_lanes.quota_source
)

group by queue, share
