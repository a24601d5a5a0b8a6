-- The decisions to apply advice.
-- Grain: one row a decision. Unit: none.
-- Definition: docs/metrics/did_it_pay.md
select
    advice_id,
    advice_kind,
    subject,
    subject_label,
    current,
    advised,
    touches,
    expected_gain_usd_per_month,
    applied_at

from advice_log

where decision = 'applied'

-- who corrects the time decides again: the newest decision on the same value counts
qualify row_number() over (
    partition by advice_id, advised order by decided_at desc, import_id desc, input_seq desc
) = 1

order by applied_at desc, advice_id
