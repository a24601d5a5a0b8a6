-- How texts of a file become typed values; a text that does not fit becomes null, and is reported.
-- Forms of time: docs/decisions/0004-utc.md. A time without an offset is no instant here.

-- Epoch seconds, milliseconds, microseconds or nanoseconds, told apart by magnitude.
create macro epoch_instant(amount) as
    case
        when amount is null or abs(amount) >= 4e18 then null
        when abs(amount) < 1e11 then make_timestamptz(round(amount * 1000000)::bigint)
        when abs(amount) < 1e14 then make_timestamptz(round(amount * 1000)::bigint)
        when abs(amount) < 1e17 then make_timestamptz(round(amount)::bigint)
        else make_timestamptz(round(amount / 1000)::bigint)
    end;

-- No regular expressions: this runs a dozen times a record.
create macro has_offset(text) as
    suffix(upper(text), 'Z') or suffix(text, 'UTC') or suffix(text, 'GMT')
    or contains(substr(text, 12), '+') or contains(substr(text, 12), '-');

create macro parse_instant(text) as
    case
        when try_cast(text as double) is not null then epoch_instant(try_cast(text as double))
        when length(text) >= 17 and has_offset(trim(text))
            then try_cast(replace(replace(trim(text), ' UTC', 'Z'), ' GMT', 'Z') as timestamptz)
    end;

create macro parse_boolean(text) as
    case
        when lower(trim(text)) in ('true', 't', 'yes', 'y', '1') then true
        when lower(trim(text)) in ('false', 'f', 'no', 'n', '0') then false
    end;

create macro parse_count(text) as
    case
        when try_cast(trim(text) as double) = round(try_cast(trim(text) as double))
            and abs(try_cast(trim(text) as double)) < 9e15
            then try_cast(trim(text) as double)::bigint
    end;

create macro parse_number(text) as
    case when isfinite(try_cast(trim(text) as double)) then try_cast(trim(text) as double) end;

create macro parse_day(text) as
    case when regexp_full_match(trim(text), '\d{4}-\d\d?-\d\d?([T ].*)?')
        then try_cast(substr(trim(text), 1, 10) as date) end;

-- Beyond, sums and differences leave their types; years as in data/files/values.py.
create macro in_calendar(moment) as
    moment >= '1900-01-01'::date and moment < '2200-01-01'::date;

create macro blank_to_null(text) as
    case when trim(text) = '' then null else text end;

-- For job exports, where a mapping may say the unit and the zone of times.

create macro epoch_in(amount, us_per_unit) as
    case when abs(amount * us_per_unit) < 9e18
        then make_timestamptz(round(amount * us_per_unit)::bigint) end;

-- As parse_instant, for a text without spaces around; a time of day has a colon, a number has none.
create macro parse_trimmed_instant(text) as
    case
        when contains(text, ':')
            then case when has_offset(text) then coalesce(
                try_cast(text as timestamptz),
                -- 2024-04-19 00:25:54 -0700, as many programs print it
                try_cast(regexp_replace(text, '\s+([+-]\d\d:?\d\d)$', '\1') as timestamptz)
            ) end
        else epoch_instant(try_cast(text as double))
    end;

-- The whole text must fit: a cast would pass over a zone's name or a badly written offset.
create macro is_local_time(text) as
    regexp_full_match(trim(text), '\d{4}[-/]\d\d?[-/]\d\d?[T ]\d\d?:\d\d(:\d\d(\.\d+)?)?');

create macro parse_local_instant(text, zone) as
    case when is_local_time(text) then timezone(zone, try_cast(trim(text) as timestamp)) end;

-- How programs write "no value" where a time, a number or a boolean would stand.
-- No `in`: a list of that length becomes a join, run for all rows whether it is needed or not.
create macro is_missing_word(text) as
    case lower(trim(text))
        when '' then true
        when 'nan' then true
        when 'nat' then true
        when 'null' then true
        when 'none' then true
        when 'n/a' then true
        when 'na' then true
        when '<na>' then true
        when '\n' then true
        else false
    end;

create macro parse_input_mode(text) as
    case replace(replace(replace(lower(trim(text)), ' ', ''), '_', ''), '-', '')
        when 'file' then 'File'
        when 'fastfile' then 'FastFile'
        when 'pipe' then 'Pipe'
        when 'fsx' then 'FSxLustre'
        when 'fsxlustre' then 'FSxLustre'
        when 'fsxforlustre' then 'FSxLustre'
        when 'efs' then 'EFS'
        when 'mixed' then 'mixed'
        when 'none' then 'none'
    end;

-- a mode that AWS may add stays as it says it
create macro known_input_mode(text) as coalesce(parse_input_mode(text), text);

create macro parse_texts(text) as
    list_filter(
        list_transform(string_split(trim(text, '[] '), ','), lambda part: trim(part, ' "''')),
        lambda part: part <> ''
    );

-- ml.p4d.24xlarge x1 + ml.c5.18xlarge x2; without a number, one instance
create macro parse_groups(text) as
    case when regexp_full_match(text, '\s*[^\s+]+(\s+[xX]\s*0*[1-9]\d{0,8})?(\s*\+\s*[^\s+]+(\s+[xX]\s*0*[1-9]\d{0,8})?)*\s*')
        then list_transform(
            string_split(text, '+'),
            lambda part: struct_pack(
                group_name := null::varchar,
                instance_type := regexp_extract(part, '\S+'),
                instance_count := coalesce(
                    try_cast(regexp_extract(part, '\s[xX]\s*(\d+)\s*$', 1) as bigint), 1
                )
            )
        )
    end;

-- Of AWS's answers: why a field cannot be used, with the next action, or null where it can.

create macro fault_of(reason, next_action) as
    struct_pack(reason := reason, next_action := next_action);

create macro first_fault(faults) as
    list_filter(faults, lambda one: one.reason is not null)[1];

create macro time_fault(field, text) as
    fault_of(
        case
            when text is not null and parse_instant(text) is null
                then field || ' ''' || left(text, 80) || ''' is not a time with an offset.'
            when not in_calendar(parse_instant(text))
                then field || ' is not between the years 1900 and 2199.'
        end,
        'Write times as epoch seconds or milliseconds, or ISO 8601 with Z or an offset.'
    );

create macro number_fault(field, text, least, most) as
    fault_of(
        case
            when text is not null and coalesce(parse_number(text) < least, true)
                then field || ' ''' || left(text, 80) || ''' is not a number of ' || least
                    || ' or more.'
            when parse_number(text) > most
                then field || ' ''' || left(text, 80) || ''' is more than ' || most || '.'
        end,
        'Correct the number in the export, and import the file again.'
    );

create macro flag_fault(field, text) as
    fault_of(
        case when text is not null and parse_boolean(text) is null
            then field || ' ''' || left(text, 80) || ''' is not true or false.' end,
        'Write true or false, and import the file again.'
    );

create macro text_fault(field, text) as
    fault_of(
        case when starts_with(text, '{') or starts_with(text, '[')
            then field || ' is not a text.' end,
        'Export it again: the field holds an object or a list.'
    );

create macro missing_fault(field, value) as
    fault_of(
        case when value is null then 'The record has no ' || field || '.' end,
        'Keep ' || field || ' in the export.'
    );

-- A time that AWS writes as 0 where there is none.
create macro parse_passed(text) as
    case when parse_number(text) = 0 then null else parse_instant(text) end;

-- The last part of an ARN; what is no ARN is the name itself.
create macro name_in_arn(text) as
    nullif(regexp_replace(text, '^arn:.*[/:]', ''), '');

create macro arn_account(text) as
    case when starts_with(text, 'arn:') then whole_account(nullif(split_part(text, ':', 5), '')) end;

create macro arn_region(text) as
    case when starts_with(text, 'arn:') then nullif(split_part(text, ':', 4), '') end;
