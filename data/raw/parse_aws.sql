-- How AWS's own words and numbers are read: spellings, PowerShell's objects, accounts, near matches.
-- Decision: docs/decisions/0037-plausible-records.md

-- PowerShell 7 writes a constant as {"Value": "Failed"}, PowerShell 5 a time as {"value": ...}.
create macro aws_text(text) as
    case when starts_with(text, '{') and json_valid(text)
        then coalesce(text ->> '$.Value', text ->> '$.value', text)
        else text end;

-- What is an object or a list, where a text, a number or a time should be.
create macro is_structure(text) as starts_with(text, '{') or starts_with(text, '[');

create macro first_structure(texts, paths) as
    paths[list_position(list_transform(texts, lambda text: is_structure(text)), true)];

-- PowerShell 5 and .NET: /Date(1730999999000)/
create macro aws_time(text) as
    case when starts_with(text, '/Date(')
        then coalesce(nullif(regexp_extract(text, '/Date\((-?\d+)([+-]\d{4})?\)', 1), ''), text)
        else text end;

create macro folded_word(text) as
    replace(replace(replace(lower(trim(text)), ' ', ''), '_', ''), '-', '');

-- The known word that a text is, however it is spelled. A lambda's name must not be a caller's.
create macro aws_word(text, known) as
    list_filter(known, lambda candidate: lower(candidate) = folded_word(text))[1];

create macro near_word(text, known, least) as
    list_transform(
        list_reverse_sort(list_filter(
            list_transform(known, lambda candidate: struct_pack(
                likeness := jaro_winkler_similarity(lower(text), lower(candidate)), word := candidate
            )),
            lambda one: one.likeness >= least
        ))[1:3],
        lambda one: one.word
    );

create macro did_you_mean(words) as
    coalesce(' Did you mean ' || nullif(array_to_string(words, ' or '), '') || '?', '');

create macro near_aws_words(text, known) as did_you_mean(near_word(trim(text), known, 0.85));

create macro is_near_aws_word(text, known) as
    len(list_filter(
        known,
        lambda candidate: jaro_winkler_similarity(lower(trim(text)), lower(candidate)) >= 0.85
    )) > 0;

-- A word that AWS may have added since: one word in its own spelling.
create macro is_well_formed_word(text) as regexp_full_match(text, '[A-Z][A-Za-z]{3,39}');

-- So AWS writes instance types; one that it has added since has no specification, and no price.
create macro is_well_formed_type(text) as
    regexp_full_match(
        text, 'ml\.[a-z][a-z0-9]*(-[a-z0-9]+)*\.(\d{0,3}xlarge|large|medium|small|micro|nano|metal(-\d+xl)?)'
    );

-- Twelve digits: programs that take an account for a number lose its leading zeros.
create macro whole_account(text) as
    case
        when length(text) = 12 then text
        when regexp_full_match(trim(text), '\d{8,12}([.]0*)?')
            then lpad(regexp_extract(trim(text), '^\d+'), 12, '0')
        when regexp_full_match(trim(text), '\d([.]\d+)?[eE][+]?\d{1,2}')
            and try_cast(trim(text) as double) between 1e7 and 999999999999
            then lpad(try_cast(trim(text) as double)::bigint::varchar, 12, '0')
        else text
    end;

create macro whole_arn(text) as
    case when regexp_matches(text, '^arn:[^:]*:[^:]*:[^:]*:\d{8,11}:')
        then regexp_replace(
            text, '^(arn:[^:]*:[^:]*:[^:]*:)\d+:',
            '\1' || whole_account(split_part(text, ':', 5)) || ':'
        )
        else text end;

-- SageMaker began on 2017-11-29; a clock may be some hours ahead.
create macro is_plausible(moment, latest_at) as
    moment >= '2017-11-29'::date and (latest_at is null or moment < latest_at);

create macro implausible(field) as
    field || ' is not between 2017-11-29, when SageMaker began, and tomorrow.';

-- Both are told in whole seconds, by clocks of their own: a real history is 74 s off.
create macro is_longer_than_run(seconds, started_at, ended_at) as
    seconds > (epoch_us(ended_at) - epoch_us(started_at)) / 1e6 + 120;
