"""The SQL behind a query, with its parameters written into it: it runs as it stands."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from analytics.catalog import query_named
from analytics.query import Filters, Query, Statement, capture_sql, run_query
from data.errors import StokerError
from data.store.reader import Reader


@dataclass(frozen=True, slots=True)
class QuerySql:
    """The SQL of a query, and what Python does with its rows."""

    sql: str
    finish: str


def query_sql(
    reader: Reader, name: str, filters: Filters, given: Mapping[str, str] | None = None
) -> QuerySql:
    """Return the SQL that answers a query over the filtered rows, as it can be run.

    Raises:
        StokerError: there is no such query, it has no SQL of its own, or not this parameter.
    """
    query = query_named(name)
    heard: list[Statement] = []

    def listen(statement: Statement) -> None:
        if statement.path == query.path:
            heard.append(statement)
            raise _HeardError

    try:
        with capture_sql(listen):
            run_query(reader, query, filters, **(given or {}))
    except _HeardError:
        pass
    if not heard:
        raise StokerError(
            f"'{name}' has no SQL for these jobs.", next_action="Choose other filters."
        )
    return QuerySql(_header(query) + _spaced(written_out(heard[0])), query.finish)


def written_out(statement: Statement) -> str:
    """Return a statement with its parameters written into it.

    >>> print(written_out(Statement("", "select $name, $days", {"name": "it's", "days": [1, 2]})))
    select 'it''s', [1, 2]
    """

    def value(match: re.Match[str]) -> str:
        return literal(statement.parameters[match[1]])

    return re.sub(r"\$([a-z_][a-z_0-9]*)", value, statement.sql)


def literal(value: Any) -> str:
    """Return a value as SQL.

    >>> literal(True), literal(None), literal(1.5), literal(date(2026, 3, 2))
    ('true', 'null', '1.5', "date '2026-03-02'")
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case datetime():
            return f"timestamptz '{value.isoformat(' ')}'"
        case date():
            return f"date '{value.isoformat()}'"
        case int():
            return str(value)
        case float():
            return repr(float(value)) if abs(value) < float("inf") else f"'{value}'::double"
    if hasattr(value, "tolist"):  # NumPy's numbers and arrays
        return literal(value.tolist())
    if isinstance(value, Sequence):
        return f"[{', '.join(map(literal, value))}]"
    message = f"{value!r} cannot be written as SQL"
    raise TypeError(message)


class _HeardError(Exception):
    """The statement is known: the query need not be answered."""


def _header(query: Query) -> str:
    return f"-- {query.name}: one row per {query.grain.removeprefix('one ')}\n"


def _spaced(sql: str) -> str:
    """Return a statement whose first line, the filtered rows, is set as the rest is."""
    first, _, rest = sql.partition("\n")
    found = re.fullmatch(r"with (filtered_\w+) as \((select \* from \w+) where (.*)\)(,?)", first)
    if not found:
        return sql
    condition = found[3].removeprefix("true").removeprefix(" and ")
    where = f"\n    where {condition}" if condition else ""
    rows = f"with\n\n{found[1]} as (\n\n    {found[2]}{where}\n\n)"
    return f"{rows}{found[4] or chr(10)}\n{rest}"
