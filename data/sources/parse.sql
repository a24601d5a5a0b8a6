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

create macro blank_to_null(text) as
    case when trim(text) = '' then null else text end;
