-- Typed records of an AWS answer, each with the first reason for which it cannot be used.
-- Grain: one row a landed record. Unit: UTC instants, AWS's own units.
-- Definition: docs/architecture.md
with

answered as (

    select
        import_no,
        line,
        file as file_name,
        "as" as landed_as,
        unparsed,
        unusable,
        misfits.field as misfit,
        record,
        envelope,
        fetched.fetched_at + interval 1 day as latest_at

    from landed

    left join misfits using (import_no, line)

    left join fetched using (import_no)

),

typed as (

    {typed}

),

judged as (

    select
        *,
        case
            when unparsed is not null
                then struct_pack(
                    reason := 'The text is not JSON.',
                    next_action :=
                        'Export it again; a line may have been cut or joined with another.'
                )
            when landed_as = 'other'
                then struct_pack(
                    reason := 'The record is not ' || $what || '.',
                    next_action := 'Take it out, or export with `' || $command || '`.'
                )
            when landed_as = 'other_event'
                then struct_pack(
                    reason := 'The event is not of ' || $what || '.',
                    next_action := 'Take it out, or import it from a file of its own.'
                )
            when misfit is not null
                then struct_pack(
                    reason := misfit || ' has the wrong JSON type.',
                    next_action := 'Export it again with `' || $command || '`.'
                )
            else first_fault(faults)
        end as fault

    from typed

)

select
    * exclude (
        line, landed_as, unparsed, unusable, misfit, record, faults, fault
    ),
    line as row_number,
    fault.reason as reason,
    fault.next_action as next_action,
    case
        when fault.reason is null then null
        when unparsed is not null
            then unparsed.bytes || ' bytes, SHA-256 ' || unparsed.sha256
        when unusable is not null then unusable::varchar
        else to_json(record)::varchar
    end as "raw"

from judged
