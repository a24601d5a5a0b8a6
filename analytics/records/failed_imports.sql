-- The imports that failed, and why.
-- Grain: one row an import. Unit: none.
-- Definition: docs/glossary.md
select file_name, reason, next_action

from imports

where import_status = 'failed'

order by import_id
