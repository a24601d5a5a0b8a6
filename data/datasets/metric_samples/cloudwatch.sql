-- Landed series of get-metric-data answers, a row a sample, as texts to be typed and checked.
-- Grain: one row a sample, and one a series that cannot be used. Unit: seconds, as AWS gives values.
-- Definition: docs/architecture.md
with

series as (

    select
        landed.*,
        misfits.field as misfit,
        -- what its algorithm writes has the job for a dimension, and no host
        list_filter(
            record."Query"."MetricStat"."Metric"."Dimensions",
            lambda dimension: dimension."Name" = 'TrainingJobName'
        )[1]."Value" as measured_job_name,
        coalesce(
            list_filter(
                record."Query"."MetricStat"."Metric"."Dimensions",
                lambda dimension: dimension."Name" = 'Host'
            )[1]."Value",
            measured_job_name,
            record."Host"
        ) as host_name,
        coalesce(
            record."Query"."MetricStat"."Metric"."MetricName", record."MetricName"
        ) as metric_name,
        list_sort(list_transform(record."Timestamps", lambda text: parse_instant(text))) as moments

    from landed

    left join misfits using (import_no, line)

),

-- without the query, the least distance between samples stands for the period
spaced as (

    select
        *,
        case
            when unparsed is not null then 'The text is not JSON.'
            when unusable is not null then 'The document is not a response from get-metric-data.'
            when misfit is not null then misfit || ' has the wrong JSON type.'
            when len(record."Timestamps") <> len(record."Values")
                then 'The series ' || record."Id" || ' has not as many Timestamps as Values.'
        end as fault,
        coalesce(
            record."Query"."MetricStat"."Period",
            record."Query"."Period",
            list_min(list_transform(
                range(1, len(moments)),
                lambda place: epoch(moments[place + 1]) - epoch(moments[place])
            ))::bigint::varchar
        ) as period_s

    from series

)

select
    import_no,
    line as row_number,
    fault,
    case
        when unparsed is not null then unparsed.bytes || ' bytes, SHA-256 ' || unparsed.sha256
        when unusable is not null then unusable::varchar
        when fault is not null then to_json(record)::varchar
        else to_json(struct_pack(
            "Id" := record."Id", "Label" := record."Label",
            "Timestamp" := record."Timestamps"[place], "Value" := record."Values"[place]
        ))::varchar
    end as raw_text,
    coalesce(record."Query"."AccountId", record."AccountId") as account_id,
    record."Region" as region,
    coalesce(measured_job_name, nullif(regexp_extract(host_name, '^(.+)/algo-\d+$', 1), ''))
        as job_name,
    host_name,
    metric_name,
    record."Query"."MetricStat"."Stat" as statistic_name,
    period_s,
    record."Timestamps"[place] as sampled_at,
    record."Values"[place] as metric_value,
    record."Query"."MetricStat"."Unit" as metric_unit

from spaced, lateral (
    select unnest(
        case when fault is null then range(1, len(record."Timestamps") + 1) else [1] end
    ) as place
)
