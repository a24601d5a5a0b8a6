-- The decisions to apply advice that still hold.
-- Grain: one row a decision. Unit: none.
-- Definition: docs/metrics/did_it_pay.md
with

newest as (

    select *

    from advice_log

    where decision <> 'noted'

    -- who corrects the time, or opens again what was marked by mistake, decides again: the newest
    -- decision on the same value counts
    qualify row_number() over (
        partition by advice_id, advised order by decided_at desc, import_id desc, input_seq desc
    ) = 1

)

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

from newest

where decision = 'applied'

order by applied_at desc, advice_id
