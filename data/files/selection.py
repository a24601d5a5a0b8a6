"""The query that types and checks the rows of files, made from a mapping's rules."""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from data.files import local_times
from data.files.checks import ReadColumn, checks
from data.files.left_out import LEFT_OUT, left_out
from data.files.mapping import LeaveOut, Rule
from data.files.relation import Source
from data.files.rules import MOST_ADDED_S, added_s, instant, local_time, typed, value
from data.files.target import Given, Target
from data.files.values import ValueKind
from data.tables.quoting import literal

IS_ALTERED = "is_altered"
NOTHING: Mapping[str, str] = MappingProxyType({})
# as DuckDB describes them
_STORED_TYPES = {
    "varchar": ("VARCHAR",),
    "timestamptz": ("TIMESTAMP WITH TIME ZONE",),
    "bigint": ("BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UINTEGER", "USMALLINT", "UTINYINT"),
    "double": ("DOUBLE", "FLOAT"),
}


def read_columns(source: Source, rules: dict[str, Rule], target: Target) -> list[ReadColumn]:
    """Return the canonical columns that the rules make of a source."""
    return [
        ReadColumn(name, target.kinds[name], rule, value(rule, source.columns).form)
        for name, rule in rules.items()
    ]


def rows_query(
    source: Source,
    columns: list[ReadColumn],
    target: Target,
    time_zone: str | None,
    limit: int | None = None,
    stored: Mapping[str, str] = NOTHING,
    leave_out: Sequence[LeaveOut] = (),
) -> str:
    """Return a query for import_no, row_number, the columns read, reason, next_action and raw.

    Grain: one row a record of the files, good, bad or left_out, which says why. `stored` come with
    it, as s_<name>.
    """
    timed = _times_without_offset(columns, time_zone)
    skipped = {
        name: sql
        for name in timed
        if time_zone and (sql := local_times.is_skipped(f"n_{name}", time_zone))
    }
    found = checks(target, columns, has_zone=time_zone is not None, skipped=skipped)
    unclear = local_times.IS_UNCLEAR
    resolved = [f"false as {unclear}"]
    line = [name for name in target.time_line if name in timed]
    if line and time_zone and local_times.has_repeated(time_zone):
        # a time with an offset has one reading, and bounds the others
        line = [name for name in target.time_line if name in _instants(columns)]
        resolved = local_times.resolved(line, time_zone)
    else:
        line = []
    aside = left_out(source, columns, leave_out)
    timed_columns = _timed(columns, time_zone, line)
    verdicts = (f"when {check.is_bad} then {number}" for number, check in enumerate(found))
    reasons = (f"when {number} then {check.reason}" for number, check in enumerate(found))
    actions = (
        f"when {number} then {literal(check.next_action)}" for number, check in enumerate(found)
    )
    fields = [
        "import_no",
        "row_number",
        *(column.name for column in columns),
        unclear,
        LEFT_OUT,
        f"case verdict {' '.join(reasons)} end as reason",
        f"case verdict {' '.join(actions)} end as next_action",
        f'case when verdict is not null then {source.raw} end as "raw"',
        *(f"{sql} as s_{name}" for name, sql in stored.items()),
    ]
    return f"""
        with
        source as (
            {source.rows} {"" if limit is None else f"limit {limit}"}
        ),
        valued as (
            select {_list(["*", *_values(source, columns)])} from source
        ),
        timed as (
            select {_list(["*", f"{aside} as {LEFT_OUT}", *timed_columns])} from valued
        ),
        resolved as (
            select {_list(["*", *resolved])} from timed
        ),
        typed as (
            select {_list(["*", *_typed(columns, line)])} from resolved
        ),
        judged as (
            select *, case when {LEFT_OUT} is null then case {" ".join(verdicts)} end end
                as verdict
            from typed
        )
        select {_list(fields)} from judged
    """


def filled_names(columns: list[ReadColumn], target: Target) -> frozenset[str]:
    """Return the columns of a record that are not null throughout."""
    given = Given(target, frozenset(column.name for column in columns), "")
    return frozenset((*given.names, *target.made(given), "input_seq"))


def stored_columns(source: Source, columns: list[ReadColumn], target: Target) -> dict[str, str]:
    """Return SQL for what a file itself has in the columns of a record.

    None, unless it has every column that is not null throughout, in the type that is declared or
    in one that becomes it without loss.
    """
    filled = filled_names(columns, target)
    found = {}
    for known in target.table.fields:
        name = known.column.name
        if name in filled:
            sql, type_name = source.stored.get(name, ("", ""))
            if type_name not in _STORED_TYPES.get(known.sql_type, ()):
                return {}
            found[name] = sql
    return found


def record_query(
    rows: str,
    columns: list[ReadColumn],
    target: Target,
    mapping_name: str,
    *,
    is_positional: bool,
    stored: Collection[str] = (),
) -> str:
    """Return a query that makes whole records of the relation `rows`, one of a dataset's table.

    With `stored`, the columns that may be null apart, it says whether a row is_altered: rejected,
    or a record that differs from what the file itself has in columns of these names.
    """
    given = Given(target, frozenset(column.name for column in columns), mapping_name)
    if is_positional:
        rows = _counted(rows)
    made = target.made(given)
    if "input_seq" in target.table.record_names:
        made["input_seq"] = "row_number"
    if local_times.IS_UNCLEAR in target.table.record_names:
        made[local_times.IS_UNCLEAR] = local_times.IS_UNCLEAR
    values = {name: made.get(name) or given.sql(name) for name in target.table.record_names}
    fields = [f"({sql}) as {name}" for name, sql in values.items()]
    fields += ["import_no", "row_number", LEFT_OUT, "reason", "next_action", '"raw"']
    if stored:
        differs = (f"({values[name]}) is distinct from s_{name}" for name in stored)
        altered = " or ".join(("reason is not null", f"{LEFT_OUT} is not null", *differs))
        fields.append(f"({altered}) as {IS_ALTERED}")
    return f"select {_list(fields)} from {rows}"


def _counted(rows: str) -> str:
    """Return rows of a table, in which files follow each other, numbered within their file."""
    return f"""(
        select {rows}.* replace ({rows}.rowid - first.row_id + 1 as row_number)
        from {rows}
        join (select import_no, min(rowid) as row_id from {rows} group by all) as first
            using (import_no)
    )"""


def _values(source: Source, columns: list[ReadColumn]) -> list[str]:
    found = []
    for column in columns:
        made = value(column.rule, source.columns)
        found.append(f"{made.sql} as v_{column.name}")
        if column.rule.plus_s:
            total, misfit = added_s(column.rule, source.columns)
            found += [f"{total} as p_{column.name}", f"{misfit} as q_{column.name}"]
    return found


def _instants(columns: list[ReadColumn]) -> list[str]:
    return [column.name for column in columns if column.kind is ValueKind.INSTANT]


def _times_without_offset(columns: list[ReadColumn], time_zone: str | None) -> list[str]:
    """Return the columns whose times may have no offset, if their zone is known."""
    if time_zone is None:
        return []
    return [
        column.name
        for column in columns
        if column.kind is ValueKind.INSTANT and local_time(column.value, column.rule) is not None
    ]


def _timed(columns: list[ReadColumn], time_zone: str | None, line: Sequence[str]) -> list[str]:
    """Return the instants before their order is looked at.

    Local times are n_<name>; b_<name> is a time before seconds are added to it, w_<name> after.
    """
    found = []
    for column in columns:
        if column.kind is not ValueKind.INSTANT:
            continue
        name = column.name
        made = instant(column.value, column.rule)
        local = local_time(column.value, column.rule) if time_zone else None
        if time_zone and local is not None:
            found.append(f"{made} as x_{name}")
            # where there is an instant, it takes no second look
            found.append(f"case when x_{name} is null then {local} end as n_{name}")
            made = f"coalesce(x_{name}, timezone({literal(time_zone)}, n_{name}))"
        elif name in line:
            found.append(f"null::timestamp as n_{name}")
        found.append(f"{made} as b_{name}")
        made = f"b_{name}"
        if column.rule.plus_s:
            # what is out of the calendar stays as it is, and is rejected for it
            made = (
                f"case when not in_calendar(b_{name}) then b_{name}"
                f" when abs(p_{name}) < {MOST_ADDED_S}"
                f" then b_{name} + to_microseconds(round(p_{name} * 1000000)::bigint) end"
            )
        found.append(f"{made} as w_{name}")
    return found


def _typed(columns: list[ReadColumn], line: Sequence[str]) -> list[str]:
    found = []
    for column in columns:
        name = column.name
        if column.kind is ValueKind.INSTANT:
            found.append(f"{'t' if name in line else 'w'}_{name} as {name}")
        else:
            found.append(f"{typed(column.kind, column.value, column.rule)} as {name}")
    return found


def _list(items: list[str]) -> str:
    return ",\n                ".join(items)
