"""The rules of a mapping as SQL: from a file's columns to the value of one canonical column."""

from dataclasses import dataclass

from data.files.mapping import Rule
from data.files.relation import Form, SourceColumn
from data.files.values import ValueKind
from data.tables.quoting import literal

JOINT = "|"
# beyond this many seconds a sum leaves the calendar
MOST_ADDED_S = 1e11
MICROSECONDS = {"s": 1_000_000.0, "ms": 1000.0, "us": 1.0, "ns": 0.001}


@dataclass(frozen=True, slots=True)
class Value:
    """SQL for a value, and its form."""

    sql: str
    form: Form

    @property
    def text(self) -> str:
        """SQL for the value as text."""
        if self.form is Form.TEXT:
            return self.sql
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
        if self.form is Form.DOUBLE:
            return f"case when isfinite({self.sql}) then {self.sql} end"
        return f"parse_number({self.text})"


def value(rule: Rule, columns: dict[str, SourceColumn]) -> Value:
    """Return what a rule makes of the columns, before it is typed."""
    if rule.constant is not None:
        return Value(f"nullif({literal(rule.constant)}, '')", Form.TEXT)
    found = _joined([_column(name, rule, columns) for name in rule.columns])
    for name in rule.fallback:
        found = _either(found, _column(name, rule, columns))
    if rule.pattern is not None:
        matched = f"regexp_extract({found.text}, {literal(rule.pattern)}, 1)"
        found = Value(f"nullif({matched}, '')", Form.TEXT)
    if rule.values:
        found = _translated(found.text, rule.values)
    if rule.default is not None:
        found = Value(f"coalesce({found.text}, {literal(rule.default)})", Form.TEXT)
    return found


def added_s(rule: Rule, columns: dict[str, SourceColumn]) -> tuple[str, str]:
    """Return SQL for the seconds that a rule adds, and for the first value that is no number."""
    fixed = sum(item for item in rule.plus_s if not isinstance(item, str))
    added = [_column(name, rule, columns) for name in rule.plus_s if isinstance(name, str)]
    scale = "" if rule.scale is None else f" * {rule.scale!r}"
    total = " + ".join([repr(float(fixed)), *(f"({item.number}){scale}" for item in added)])
    misfits = [
        f"case when ({item.sql}) is not null and not is_missing_word({item.text})"
        f" and coalesce(abs({item.number}), {MOST_ADDED_S}) >= {MOST_ADDED_S}"
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
    return Value(nulled, Form.TEXT)


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


def _translated(text: str, values: tuple[tuple[str, str], ...]) -> Value:
    """Translate texts: by the exact key, else by the longest `begins*` that fits."""
    exact = [(key, new) for key, new in values if not key.endswith("*")]
    begins = sorted(
        ((key[:-1], new) for key, new in values if key.endswith("*")),
        key=lambda pair: -len(pair[0]),
    )
    cases = [f"when {text} = {literal(key)} then {literal(new)}" for key, new in exact]
    cases += [
        f"when starts_with({text}, {literal(key)}) then {literal(new)}" for key, new in begins
    ]
    return Value(f"nullif(case {' '.join(cases)} else {text} end, '')", Form.TEXT)


def typed(kind: ValueKind, found: Value, rule: Rule, time_zone: str | None) -> str:
    """Return SQL for a value in its canonical type; null where it does not fit."""
    match kind:
        case ValueKind.INSTANT:
            return _instant(found, rule, time_zone)
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
        case ValueKind.TEXT:
            return found.text
        case ValueKind.DAY:
            if found.form in (Form.INSTANT, Form.LOCAL_TIME):
                return f"try_cast({found.sql} as date)"
            return f"parse_day({found.text})"
    return _number(kind, found, rule)


def _instant(found: Value, rule: Rule, time_zone: str | None) -> str:
    if found.form is Form.INSTANT:
        return found.sql
    if found.form is Form.LOCAL_TIME:
        return f"timezone({literal(time_zone)}, {found.sql})" if time_zone else "null::timestamptz"
    factor = MICROSECONDS.get(rule.unit or "")
    if found.form in (Form.INTEGER, Form.DOUBLE):
        return f"epoch_in({found.number}, {factor})" if factor else f"epoch_instant({found.number})"
    forms = [f"parse_trimmed_instant({found.text})"]
    if factor:
        number = found.number
        forms = [
            f"case when {number} is not null then epoch_in({number}, {factor})"
            f" else parse_trimmed_instant({found.text}) end"
        ]
    if time_zone:
        forms.append(f"parse_local_instant({found.text}, {literal(time_zone)})")
    return f"coalesce({', '.join(forms)})"


def _number(kind: ValueKind, found: Value, rule: Rule) -> str:
    if kind in (ValueKind.NUMBER, ValueKind.SIGNED_NUMBER, ValueKind.RATIO):
        return found.number if rule.scale is None else f"{found.number} * {rule.scale!r}"
    if found.form is Form.INTEGER and rule.scale is None:
        return f"try_cast({found.sql} as bigint)"
    number = found.number if rule.scale is None else f"({found.number} * {rule.scale!r})"
    slack = "0.5" if kind is ValueKind.SECONDS else "1e-6"
    return (
        f"case when abs({number} - round({number})) <= {slack} and abs({number}) < 9e15"
        f" then round({number})::bigint end"
    )
