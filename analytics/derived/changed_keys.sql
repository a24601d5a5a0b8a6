-- Sets `key_changed` on first jobs that a cluster of a nearly equal key was free for, or unsets it.
-- Grain: one row a job of key_changes. Unit: seconds.
-- Definition: docs/metrics/miss_reason.md
update {job_facts} set
    miss_reason = case when key_changes.job_name is null then 'first_of_key' else 'key_changed' end,
    missed_donor_job_name = key_changes.job_name,
    gap_s = key_changes.gap_s,
    differing_fields = key_changes.differing_fields

from key_changes

where
    {job_facts}.job_id = key_changes.job_id
    and (
        {job_facts}.missed_donor_job_name is distinct from key_changes.job_name
        or {job_facts}.gap_s is distinct from key_changes.gap_s
        or {job_facts}.differing_fields is distinct from key_changes.differing_fields
    )
