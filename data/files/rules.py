"""The rules of a mapping as SQL: from a file's columns to the value of one canonical column."""

from dataclasses import dataclass

from data.files.known_types import known_types
from data.files.mapping import Rule
from data.files.relation import Form, SourceColumn
from data.files.values import DURATIONS, ValueKind
from data.tables.quoting import literal, literals

JOINT = "|"
# beyond this many seconds a sum leaves the calendar
MOST_ADDED_S = 1e11
MICROSECONDS = {"s": 1_000_000.0, "ms": 1000.0, "us": 1.0, "ns": 0.001}
# days that a spreadsheet counts, from 1900 (as nearly all do) or from 1904
SPREADSHEET_DAYS = {"excel": 25_569, "excel1904": 24_107}


@dataclass(frozen=True, slots=True)
class Value:
    """SQL for a value, and its form."""

    sql: str
    form: Form

    @property
    def text(self) -> str:
        """SQL for the value as text."""
        if self.form.is_text:
            return self.sql
        if self.form is Form.NESTED:
            return f"to_json({self.sql})::varchar"
        if self.form is Form.BINARY:
            return f"coalesce(try(decode({self.sql})), '(binary)')"
        if self.form is Form.DURATION:
            return f"(({self.sql})::varchar || ' s')"
        if self.form is Form.DOUBLE:
            # whole numbers beside missing ones come as 163485.0 from some programs
            whole = f"{self.sql} = round({self.sql}) and abs({self.sql}) < 9e15"
            digits = f"try_cast({self.sql} as bigint)::varchar"
            return f"case when {whole} then {digits} else ({self.sql})::varchar end"
        return f"({self.sql})::varchar"

    @property
    def number(self) -> str:
        """SQL for the value as a finite number; null where it is none."""
        if self.form is Form.INTEGER:
            return f"({self.sql})::double"
        if self.form in (Form.DURATION, Form.NESTED, Form.BINARY):
            return "null::double"
        if self.form is Form.DOUBLE:
            return f"case when isfinite({self.sql}) then {self.sql} end"
        if self.form is Form.COMMA_TEXT:
            return f"parse_comma_number({self.text})"
        return f"parse_number({self.text})"

    @property
    def seconds(self) -> str:
        """SQL for the value as seconds, if it is written as a duration; null where it is not."""
        if self.form is Form.DURATION:
            return self.sql
        return f"duration_seconds({self.text})" if self.form.is_text else "null::double"

    def amount(self, scale: float | None) -> str:
        """SQL for a number, scaled, or a duration in seconds, which has its own unit."""
        number = self.number if scale is None else f"({self.number}) * {scale!r}"
        return f"coalesce({number}, {self.seconds})"


def value(rule: Rule, columns: dict[str, SourceColumn]) -> Value:
    """Return what a rule makes of the columns, before it is typed."""
    if rule.constant is not None:
        return Value(f"nullif({literal(rule.constant)}, '')", Form.TEXT)
    found = _joined([_column(name, rule, columns) for name in rule.columns])
    for name in rule.fallback:
        found = _either(found, _column(name, rule, columns))
    if rule.pattern is not None:
        matched = f"regexp_extract({found.text}, {literal(rule.pattern)}, 1)"
        found = Value(f"nullif({matched}, '')", _text_form(found))
    if rule.values:
        found = _translated(found, rule.values)
    if rule.default is not None:
        found = Value(f"coalesce({found.text}, {literal(rule.default)})", _text_form(found))
    return found


def added_s(rule: Rule, columns: dict[str, SourceColumn]) -> tuple[str, str]:
    """Return SQL for the seconds that a rule adds, and for the first value that is no number."""
    fixed = sum(item for item in rule.plus_s if not isinstance(item, str))
    added = [_column(name, rule, columns) for name in rule.plus_s if isinstance(name, str)]
    total = " + ".join([repr(float(fixed)), *(item.amount(rule.scale) for item in added)])
    misfits = [
        f"case when ({item.sql}) is not null and not is_missing_word({item.text})"
        f" and coalesce(abs({item.amount(None)}), {MOST_ADDED_S}) >= {MOST_ADDED_S}"
        f" then {item.text} end"
        for item in added
    ]
    return total, f"coalesce({', '.join([*misfits, 'null::varchar'])})"


def _column(name: str, rule: Rule, columns: dict[str, SourceColumn]) -> Value:
    """Return a column with the rule's null values taken out."""
    found = Value(columns[name].sql, columns[name].form)
    if not rule.null_values:
        return found
    numbers = [repr(float(item)) for item in rule.null_values if not isinstance(item, str)]
    texts = [literal(item) for item in rule.null_values if isinstance(item, str)]
    if found.form in (Form.INTEGER, Form.DOUBLE) and not texts:
        nulled = _nulled(f"({found.sql})::double", numbers, found.sql)
        return Value(nulled, found.form)
    nulled = _nulled(found.text, texts, found.text)
    if numbers:
        number = f"try_cast({found.text} as double)"
        nulled = _nulled(number, numbers, nulled)
    return Value(nulled, _text_form(found))


def _text_form(found: Value) -> Form:
    """Return the form of a text made of a value: its decimals stay where they are."""
    return Form.COMMA_TEXT if found.form is Form.COMMA_TEXT else Form.TEXT


def _nulled(compared: str, nulls: list[str], otherwise: str) -> str:
    # one by one: a long `in` becomes a join
    cases = " ".join(f"when {null} then null" for null in nulls)
    return f"case {compared} {cases} else {otherwise} end" if nulls else otherwise


def _joined(parts: list[Value]) -> Value:
    if len(parts) == 1:
        return parts[0]
    texts = [part.text for part in parts]
    joined = f" || {literal(JOINT)} || ".join(f"coalesce({text}, '')" for text in texts)
    return Value(f"case when coalesce({', '.join(texts)}) is not null then {joined} end", Form.TEXT)


def _either(first: Value, second: Value) -> Value:
    if first.form is second.form:
        return Value(f"coalesce({first.sql}, {second.sql})", first.form)
    return Value(f"coalesce({first.text}, {second.text})", Form.TEXT)


def _translated(found: Value, values: tuple[tuple[str, str], ...]) -> Value:
    """Translate texts: by the exact key, else by the longest `begins*` that fits."""
    text = found.text
    exact = [(key, new) for key, new in values if not key.endswith("*")]
    begins = sorted(
        ((key[:-1], new) for key, new in values if key.endswith("*")),
        key=lambda pair: -len(pair[0]),
    )
    cases = [f"when {text} = {literal(key)} then {literal(new)}" for key, new in exact]
    cases += [
        f"when starts_with({text}, {literal(key)}) then {literal(new)}" for key, new in begins
    ]
    return Value(f"nullif(case {' '.join(cases)} else {text} end, '')", _text_form(found))


def typed(kind: ValueKind, found: Value, rule: Rule) -> str:
    """Return SQL for a value in its canonical type; null where it does not fit.

    Of a time, see `instant` and `local_time`.
    """
    match kind:
        case ValueKind.BOOLEAN:
            if found.form is Form.BOOLEAN:
                return found.sql
            return f"parse_boolean({found.text})"
        case ValueKind.INPUT_MODE:
            return f"parse_input_mode({found.text})"
        case ValueKind.LIST:
            if found.form is Form.NESTED:
                return f"try_cast({found.sql} as varchar[])"
            return f"parse_texts({found.text})"
        case ValueKind.GROUPS:
            if found.form is Form.NESTED:
                return (
                    f"try_cast({found.sql} as struct(group_name varchar,"
                    " instance_type varchar, instance_count bigint)[])"
                )
            return f"parse_groups({found.text})"
        case ValueKind.STATUS:
            return f"parse_status({found.text})"
        case ValueKind.INSTANCE_TYPE:
            return _instance_type(_text(found), rule)
        case ValueKind.TEXT:
            return _text(found)
        case ValueKind.DAY:
            if found.form in (Form.INSTANT, Form.LOCAL_TIME):
                return f"try_cast({found.sql} as date)"
            return f"parse_day({found.text})"
    return _number(kind, found, rule)


def instant(found: Value, rule: Rule) -> str:
    """Return SQL for a time that carries its offset, or counts from 1970; null for any other."""
    if found.form is Form.INSTANT:
        return found.sql
    if found.form in (Form.LOCAL_TIME, Form.DURATION) or rule.unit in SPREADSHEET_DAYS:
        return "null::timestamptz"
    factor = MICROSECONDS.get(rule.unit or "")
    read = "epoch_instant({})" if _counts_from_its_own_start(rule) else "instant_in_number({})"
    if factor:
        read = f"epoch_in({{}}, {factor})"
    if found.form in (Form.INTEGER, Form.DOUBLE):
        return read.format(found.number)
    parsed = f"parse_trimmed_instant({found.text})"
    if factor or found.form is Form.COMMA_TEXT or _counts_from_its_own_start(rule):
        return (
            f"case when {found.number} is not null then {read.format(found.number)}"
            f" else {parsed} end"
        )
    return parsed


def local_time(found: Value, rule: Rule) -> str | None:
    """Return SQL for a time without an offset; null for any other, None where none can be."""
    if found.form is Form.LOCAL_TIME:
        return found.sql
    if found.form in (Form.INSTANT, Form.DURATION):
        return None
    days = SPREADSHEET_DAYS.get(rule.unit or "")
    if days:
        return (
            f"case when abs({found.number}) < 1e6 then"
            f" make_timestamp(round(({found.number} - {days}) * 86400000)::bigint * 1000) end"
        )
    is_number = f"{found.number} is not null"
    of_number = f"local_time_in_number({found.number})"
    if rule.unit or _counts_from_its_own_start(rule):
        of_number = "null::timestamp"
    if found.form in (Form.INTEGER, Form.DOUBLE):
        return None if of_number.startswith("null") else of_number
    return f"case when {is_number} then {of_number} else parse_local_time({found.text}) end"


def _counts_from_its_own_start(rule: Rule) -> bool:
    """Whether a time is a number of seconds to which a fixed start is added."""
    return any(not isinstance(item, str) for item in rule.plus_s)


def _text(found: Value) -> str:
    """Return SQL for a text: an object, a list or bytes are none."""
    if found.form is Form.NESTED:
        return "null::varchar"
    if found.form is Form.BINARY:
        return f"try(decode({found.sql}))"
    if found.form is Form.JSON_TEXT:
        return f"case when left({found.sql}, 1) not in ('{{', '[') then {found.sql} end"
    return found.text


def _instance_type(text: str, rule: Rule) -> str:
    """Return SQL for an instance type: a known one, one that a mapping names, or another cluster's.

    A text that is written as AWS's types are, and is none of them, is a misspelling.
    """
    named = [new for _, new in rule.values] + [rule.constant or "", rule.default or ""]
    known = f"list_contains([{literals(known_types())}], lower({text}))"
    kept = " ".join(f"when {text} = {literal(name)} then {text}" for name in named if name)
    return (
        f"case when {known} then lower({text}) {kept}"
        f" when not is_written_as_type({text}) then {text} end"
    )


def _number(kind: ValueKind, found: Value, rule: Rule) -> str:
    number = found.number if rule.scale is None else f"({found.number} * {rule.scale!r})"
    if kind in DURATIONS:
        number = found.amount(rule.scale)
    if kind in (ValueKind.NUMBER, ValueKind.SIGNED_NUMBER, ValueKind.RATIO, ValueKind.DURATION):
        return number
    if found.form is Form.INTEGER and rule.scale is None:
        return f"try_cast({found.sql} as bigint)"
    slack = "0.5" if kind is ValueKind.SECONDS else "1e-6"
    return (
        f"case when abs({number} - round({number})) <= {slack} and abs({number}) < 9e15"
        f" then round({number})::bigint end"
    )
