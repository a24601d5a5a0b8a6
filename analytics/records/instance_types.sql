-- Training instance types and their hardware.
-- Grain: one row an instance type. Unit: as suffixed.
-- Definition: docs/glossary.md
select *

from instance_types

order by instance_type
