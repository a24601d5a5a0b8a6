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

-- A cell of a table; a spreadsheet writes ="0123" lest the zero is lost.
create macro cell_text(text) as
    nullif(trim(case when starts_with(text, '="') and ends_with(text, '"')
        then substr(text, 3, length(text) - 3) else text end), '');

-- For job exports, where a mapping may say the unit and the zone of times.

create macro epoch_in(amount, us_per_unit) as
    case when abs(amount * us_per_unit) < 9e18
        then make_timestamptz(round(amount * us_per_unit)::bigint) end;

-- Days and times of numbers that are no epoch: 45608.5 counts the days of a spreadsheet,
-- 20241112080000 and 202411120800 are written without separators. None of them has an offset.
-- As an epoch they would lie before 1977, or after 2500.
create macro local_time_in_number(amount) as
    case
        when amount >= 20000 and amount < 80000
            then make_timestamp(round((amount - 25569) * 86400000)::bigint * 1000)
        when amount >= 190001010000 and amount < 210001010000 and amount = floor(amount)
            then try_strptime(amount::bigint::varchar, '%Y%m%d%H%M')
        when amount >= 19000101000000 and amount < 21000101000000 and amount = floor(amount)
            then try_strptime(amount::bigint::varchar, '%Y%m%d%H%M%S')
    end;

-- 20241112 is a day, and a day is no time.
create macro instant_in_number(amount) as
    case when not coalesce(
        amount >= 19000101 and amount < 21000101
        or local_time_in_number(amount) is not null, true
    ) then epoch_instant(amount) end;

-- As parse_instant, for a text without spaces around; a time of day has a colon, a number has none.
create macro parse_trimmed_instant(text) as
    case
        when contains(text, ':')
            then case when has_offset(text) then coalesce(
                try_cast(text as timestamptz),
                -- 2024-04-19 00:25:54 -0700, as many programs print it; Go adds the zone's name,
                -- and its own clock
                try_cast(regexp_replace(
                    text, '\s+([+-]\d\d:?\d\d)(\s+[A-Z]{2,5})?(\s+m=[+-][0-9.]+)?$', '\1'
                ) as timestamptz),
                timezone('UTC', try_strptime(text, [
                    '%a, %d %b %Y %H:%M:%S GMT', '%a %b %d %H:%M:%S UTC %Y'
                ]))
            ) end
        when try_cast(text as double) is not null then instant_in_number(try_cast(text as double))
        when regexp_full_match(text, '\d{8}T\d{6}([.]\d+)?(Z|[+-]\d\d:?\d\d)')
            then try_cast(regexp_replace(
                text, '(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(.*)', '\1-\2-\3T\4:\5:\6\7'
            ) as timestamptz)
    end;

-- The whole text must fit: a cast would pass over a zone's name or a badly written offset.
create macro parse_local_time(text) as
    case
        when regexp_full_match(
            trim(text), '\d{4}[-/]\d\d?[-/]\d\d?[T ]\d\d?:\d\d(:\d\d(\.\d+)?)?'
        ) then try_cast(trim(text) as timestamp)
        -- as C prints it, and with it PBS and LSF
        when contains(text, ':') then try_strptime(
            regexp_replace(trim(text), '\s+', ' ', 'g'),
            ['%a %b %d %H:%M:%S %Y', '%b %d %H:%M:%S %Y', '%b %d %H:%M %Y', '%d %b %Y %H:%M:%S']
        )
        when regexp_full_match(trim(text), '\d{8}[T_-]\d{4}(\d\d)?')
            then try_strptime(
                replace(replace(trim(text), '_', 'T'), '-', 'T'), ['%Y%m%dT%H%M%S', '%Y%m%dT%H%M']
            )
        else local_time_in_number(try_cast(trim(text) as double))
    end;

create macro is_local_time(text) as parse_local_time(text) is not null;

-- Seconds, or how schedulers and programs write durations: 1-02:03:04, 02:03:04 and 03:04.5 (Slurm,
-- PBS), 1 day, 2:03:04 (Python), 1h2m3.5s (Go), PT1H2M3S (ISO 8601).
create macro clock_seconds(parts) as
    coalesce(try_cast(parts.d as double), 0) * 86400
    + coalesce(try_cast(parts.h as double), 0) * 3600
    + coalesce(try_cast(parts.m as double), 0) * 60
    + coalesce(try_cast(parts.s as double), 0);

create macro duration_seconds(text) as
    case
        when regexp_full_match(
            text, '((\d+-|\d+\s+days?,?\s+)?\d+:[0-5]?\d:[0-5]?\d(\.\d+)?)|(\d+:[0-5]?\d(\.\d+)?)'
        ) then clock_seconds(regexp_extract(
            text, '^(?:(\d+)(?:-|\s+days?,?\s+))?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)$',
            ['d', 'h', 'm', 's']
        ))
        when regexp_full_match(text, '(\d+(\.\d+)?(d|h|m|s|ms|us|µs|ns))+') then
            clock_seconds(regexp_extract(
                text,
                '^(?:([\d.]+)d)?(?:([\d.]+)h)?(?:([\d.]+)m)?(?:([\d.]+)s)?(?:[\d.]+[muµn]s)*$',
                ['d', 'h', 'm', 's']
            ))
            + coalesce(try_cast(regexp_extract(text, '([\d.]+)ms', 1) as double), 0) / 1e3
            + coalesce(try_cast(regexp_extract(text, '([\d.]+)(?:u|µ)s', 1) as double), 0) / 1e6
            + coalesce(try_cast(regexp_extract(text, '([\d.]+)ns', 1) as double), 0) / 1e9
        when length(text) > 2 and regexp_full_match(
            text, 'P(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?'
        ) then clock_seconds(regexp_extract(
            text, '^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$',
            ['d', 'h', 'm', 's']
        ))
    end;

-- A number in a file whose decimals stand after a comma: 1,515 and 5.310 and 1.234,5.
create macro parse_comma_number(text) as
    case
        when regexp_full_match(trim(text), '[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d+)?')
            then parse_number(replace(replace(trim(text), '.', ''), ',', '.'))
        when contains(text, ',') and not contains(text, '.')
            then parse_number(replace(trim(text), ',', '.'))
        when not contains(text, ',') then parse_number(text)
    end;

-- Spellings of SageMaker's statuses; a scheduler's own words are translated by a mapping.
create macro parse_status(text) as
    case folded_word(text)
        when 'completed' then 'Completed'
        when 'failed' then 'Failed'
        when 'stopped' then 'Stopped'
        when 'stopping' then 'Stopping'
        when 'inprogress' then 'InProgress'
        when 'deleting' then 'Deleting'
    end;

create macro near_status(text) as
    case
        when regexp_matches(text, '(?i)^(succe|done|finish|complete|ok$|cd$|exited$)')
            then ['Completed']
        when regexp_matches(text, '(?i)^(timeout|node_?fail|boot_?fail|out_?of_?me|deadline|err|exit|f$|to$|nf$|oom)')
            then ['Failed']
        when regexp_matches(text, '(?i)^(cancel|ca$|preempt|revok|kill|abort|terminat|delet)')
            then ['Stopped']
        when regexp_matches(text, '(?i)^(run|pend|pd$|r$|q$|queue|requeue|start|suspend|hold|resiz|submit|wait|config)')
            then ['InProgress']
        else near_word(
            text, ['Completed', 'Failed', 'Stopped', 'Stopping', 'InProgress'], 0.8
        )
    end;

-- Whether a text is written as AWS writes instance types; other clusters call theirs as they like.
create macro is_written_as_type(text) as
    regexp_matches(lower(text), '^ml[.\-_ ]')
    or regexp_full_match(
        lower(text),
        '[a-z]+\d[a-z0-9-]*[._ -](\d*x?large|medium|small|micro|nano|metal(-\d+xl)?)'
    );

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
        -- Go's zero time
        when '0001-01-01 00:00:00 +0000 utc' then true
        when '0001-01-01t00:00:00z' then true
        else false
    end;

create macro parse_input_mode(text) as
    case folded_word(text)
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

create macro plausibility_fault(field, moment, latest_at) as
    fault_of(
        case when not is_plausible(moment, latest_at) then implausible(field) end,
        'Check whether it is in seconds or in milliseconds.'
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
