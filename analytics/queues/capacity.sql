-- Capacity as imported files give it.
-- Grain: one row a queue, share, instance type, time and unit. Unit: that of the row.
-- Definition: docs/exporting.md
select
    queue_name,
    share_name,
    instance_type,
    observed_at,
    capacity,
    capacity_unit,
    import_id

from capacity

order by queue_name, share_name, instance_type, observed_at, capacity_unit
