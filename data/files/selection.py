"""The query that types and checks the rows of files, made from a mapping's rules."""

from data.files.checks import ReadColumn, checks
from data.files.mapping import Rule
from data.files.relation import Source
from data.files.rules import MOST_ADDED_S, added_s, typed, value
from data.files.target import Given, Target
from data.tables.quoting import literal


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
) -> str:
    """Return a query for import_no, row_number, the columns read, reason, next_action and raw.

    Grain: one row a record of the files, good or bad.
    """
    found = checks(target, columns, has_zone=time_zone is not None)
    verdicts = (f"when {check.is_bad} then {number}" for number, check in enumerate(found))
    reasons = (f"when {number} then {check.reason}" for number, check in enumerate(found))
    actions = (
        f"when {number} then {literal(check.next_action)}" for number, check in enumerate(found)
    )
    fields = [
        "import_no",
        "row_number",
        *(column.name for column in columns),
        f"case verdict {' '.join(reasons)} end as reason",
        f"case verdict {' '.join(actions)} end as next_action",
        f'case when verdict is not null then {source.raw} end as "raw"',
    ]
    return f"""
        with
        source as (
            {source.rows} {"" if limit is None else f"limit {limit}"}
        ),
        valued as (
            select {_list(["*", *_values(source, columns)])} from source
        ),
        typed as (
            select {_list(["*", *_typed(columns, time_zone)])} from valued
        ),
        judged as (
            select *, case {" ".join(verdicts)} end as verdict from typed
        )
        select {_list(fields)} from judged
    """


def filled_names(columns: list[ReadColumn], target: Target) -> frozenset[str]:
    """Return the columns of a record that are not null throughout."""
    given = Given(target, frozenset(column.name for column in columns), "")
    return frozenset((*given.names, *target.made(given), "input_seq"))


def record_query(
    rows: str,
    columns: list[ReadColumn],
    target: Target,
    mapping_name: str,
    *,
    is_positional: bool,
) -> str:
    """Return a query that makes whole records of the relation `rows`, one of a dataset's table."""
    given = Given(target, frozenset(column.name for column in columns), mapping_name)
    if is_positional:
        rows = _counted(rows)
    made = target.made(given)
    if "input_seq" in target.table.record_names:
        made["input_seq"] = "row_number"
    fields = [
        f"({made.get(name) or given.sql(name)}) as {name}" for name in target.table.record_names
    ]
    told = ("import_no", "row_number", "reason", "next_action", '"raw"')
    return f"select {_list([*fields, *told])} from {rows}"


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


def _typed(columns: list[ReadColumn], time_zone: str | None) -> list[str]:
    found = []
    for column in columns:
        name = column.name
        made = typed(column.kind, column.value, column.rule, time_zone)
        if column.rule.plus_s:
            found.append(f"{made} as b_{name}")
            # what is out of the calendar stays as it is, and is rejected for it
            made = (
                f"case when not in_calendar(b_{name}) then b_{name}"
                f" when abs(p_{name}) < {MOST_ADDED_S}"
                f" then b_{name} + to_microseconds(round(p_{name} * 1000000)::bigint) end"
            )
        found.append(f"{made} as {name}")
    return found


def _list(items: list[str]) -> str:
    return ",\n                ".join(items)
