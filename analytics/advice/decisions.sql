-- What was decided on advice: the newest decision on each, and the newest note.
-- Grain: one row a recommendation that anything was decided on. Unit: none.
-- Definition: docs/metrics/advice.md
select
    advice_id,
    -- max_by passes over nulls: it would mix the newest decision with parts of older ones
    arg_max_null(decision, (decided_at, import_id, input_seq))
        filter (decision <> 'noted') as decision,
    arg_max_null(advised, (decided_at, import_id, input_seq))
        filter (decision <> 'noted') as advised,
    arg_max_null(applied_at, (decided_at, import_id, input_seq))
        filter (decision <> 'noted') as applied_at,
    max_by(decision_note, (decided_at, import_id, input_seq))
        filter (decision_note is not null) as decision_note,
    max(decided_at) as decided_at

from advice_log

group by advice_id

order by advice_id
