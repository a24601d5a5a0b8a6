-- Landed prices of the Price List API and of Savings Plans, as texts to be typed and checked.
-- Grain: one row a price, and one a record that is none. Unit: USD an instance-hour.
-- Definition: docs/metrics/list_cost_usd.md
select
    import_no,
    line as row_number,
    case
        when unparsed is not null then 'The text is not JSON.'
        when unusable is not null
            then 'The record is no product of the Price List API and no rate of a Savings Plan.'
    end as fault,
    case
        when unparsed is not null then unparsed.bytes || ' bytes, SHA-256 ' || unparsed.sha256
        when unusable is not null then unusable::varchar
        else to_json(record)::varchar
    end as raw_text,
    record.instance_type as instance_type,
    record.region as region,
    record.component as component,
    record.usd_per_h as list_unit_price_usd_per_h,
    substr(record.effective_from, 1, 10) as effective_from,
    record.source as source,
    record.note as note

from landed
