"""The query that types and judges the rows of an export, made from a mapping's rules."""

from data.datasets.training_jobs.record import COLUMNS
from data.files.checks import Given, checks
from data.files.columns import EXPORT_COLUMNS, Kind
from data.files.mapping import Rule
from data.files.relation import Source
from data.files.rules import MOST_ADDED_S, added_s, typed, value
from data.tables.quoting import literal


def given_columns(source: Source, rules: dict[str, Rule]) -> list[Given]:
    """Return the canonical columns that the rules make of a source."""
    return [
        Given(name, EXPORT_COLUMNS[name], rule, value(rule, source.columns).form)
        for name, rule in rules.items()
    ]


def rows_query(
    source: Source, columns: list[Given], time_zone: str | None, limit: int | None = None
) -> str:
    """Return a query for row_number, the given columns, reason, next_action and raw.

    Grain: one row a record of the file, good or bad.
    """
    found = checks(columns, has_zone=time_zone is not None)
    verdicts = (f"when {check.is_bad} then {number}" for number, check in enumerate(found))
    reasons = (f"when {number} then {check.reason}" for number, check in enumerate(found))
    actions = (
        f"when {number} then {literal(check.next_action)}" for number, check in enumerate(found)
    )
    fields = [
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


def record_query(rows: str, columns: list[Given], account_id: str, *, is_positional: bool) -> str:
    """Return a query that makes whole job records of the relation `rows`."""
    names = {column.name for column in columns}
    number = "rowid + 1" if is_positional else "row_number"
    made = {
        "account_id": f"coalesce({_or_null('account_id', names)}, {literal(account_id)})",
        "region": f"coalesce({_or_null('region', names)}, 'unknown')",
        "record_kind": "'export'",
        "input_seq": number,
        "instance_groups": _groups(names),
        "is_grouped": f"coalesce({_or_null('is_grouped', names)}, len({_groups(names)}) > 1)",
    }
    fields = [f"({made.get(name) or _or_null(name, names)}) as {name}" for name in COLUMNS]
    return f"""
        select {_list([*fields, f"{number} as row_number", "reason", "next_action", '"raw"'])}
        from {rows}
    """


def _values(source: Source, columns: list[Given]) -> list[str]:
    found = []
    for column in columns:
        made = value(column.rule, source.columns)
        found.append(f"{made.sql} as v_{column.name}")
        if column.rule.plus_s:
            total, misfit = added_s(column.rule, source.columns)
            found += [f"{total} as p_{column.name}", f"{misfit} as q_{column.name}"]
    return found


def _typed(columns: list[Given], time_zone: str | None) -> list[str]:
    found = []
    for column in columns:
        name = column.name
        made = typed(column.kind, column.value, column.rule, time_zone)
        if name == "instance_type":
            # what `ask jobs` writes where a job has several
            made = f"case when lower({made}) <> 'mixed' then {made} end"
        if column.rule.plus_s:
            found.append(f"{made} as b_{name}")
            made = (
                f"case when abs(p_{name}) < {MOST_ADDED_S}"
                f" then b_{name} + to_microseconds(round(p_{name} * 1000000)::bigint) end"
            )
        found.append(f"{made} as {name}")
    return found


def _groups(names: set[str]) -> str:
    instance_type = _or_null("instance_type", names)
    instance_count = _or_null("instance_count", names)
    return f"""coalesce(
        {_or_null("instance_groups", names)},
        case when coalesce({instance_type}, ({instance_count})::varchar) is not null
            then [struct_pack(
                group_name := null::varchar,
                instance_type := {instance_type},
                instance_count := {instance_count}
            )]
        end
    )"""


def _or_null(name: str, names: set[str]) -> str:
    if name in names:
        return name
    if name in COLUMNS:
        return f"null::{COLUMNS[name].type}"
    return "null::varchar" if EXPORT_COLUMNS[name] is Kind.TEXT else "null::bigint"


def _list(items: list[str]) -> str:
    return ",\n                ".join(items)
