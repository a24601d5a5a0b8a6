-- How many accelerators an instance of each type has.
-- Grain: one row per instance type that has any. Unit: accelerators.
-- Definition: docs/metrics/met_wait_s.md
select instance_type, instance_accelerator_count::bigint as accelerators

from instance_types

where instance_accelerator_count > 0
