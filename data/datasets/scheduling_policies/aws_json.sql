-- Landed answers of describe- and list-scheduling-policies, typed.
-- Grain: one row a landed policy. Unit: UTC instants, seconds, per cent.
-- Definition: docs/exporting.md
select
    * exclude (envelope),
    coalesce(arn_account(record.arn), 'import:batch') as account_id,
    coalesce(arn_region(record.arn), 'unknown') as region,
    coalesce(nullif(record.name, ''), name_in_arn(record.arn)) as policy_name,
    parse_instant(envelope."time") as observed_at,
    record.arn as policy_arn,
    case
        when record.quotaSharePolicy is not null then 'quota'
        when record.fairsharePolicy is not null then 'fair_share'
    end as share_kind,
    parse_count(record.fairsharePolicy.shareDecaySeconds) as share_decay_s,
    parse_count(record.fairsharePolicy.computeReservation) as compute_reservation_pct,
    -- AWS: the weight of a share that names none is 1
    list_transform(
        record.fairsharePolicy.shareDistribution,
        lambda one: struct_pack(
            share_name := one.shareIdentifier,
            weight_factor := coalesce(parse_number(one.weightFactor), 1.0)
        )
    ) as share_weights,
    [
        missing_fault('arn', policy_name),
        text_fault('name', record.name),
        text_fault('arn', record.arn),
        number_fault(
            'shareDecaySeconds', record.fairsharePolicy.shareDecaySeconds, 0, 3162240000
        ),
        number_fault('computeReservation', record.fairsharePolicy.computeReservation, 0, 100),
        first_fault(list_transform(
            record.fairsharePolicy.shareDistribution,
            lambda one: missing_fault('shareIdentifier', nullif(one.shareIdentifier, ''))
        )),
        first_fault(list_transform(
            record.fairsharePolicy.shareDistribution,
            lambda one: text_fault('shareIdentifier', one.shareIdentifier)
        )),
        first_fault(list_transform(
            record.fairsharePolicy.shareDistribution,
            lambda one: number_fault('weightFactor', one.weightFactor, 0, 1000000)
        )),
        -- usage times 0 is 0: such a share would come first for ever, so AWS takes none
        fault_of(
            case when len(list_filter(
                share_weights, lambda one: one.weight_factor = 0
            )) > 0 then 'A weightFactor is 0.' end,
            'Correct the number in the export, and import the file again.'
        )
    ] as faults

from answered
