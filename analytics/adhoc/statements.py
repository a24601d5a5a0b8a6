"""SQL of a reader's own: run on tables that are up to date, examples, and that of a question.

A statement of a question has its parameters written into it: it runs as it stands.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd

from analytics.catalog import QUESTIONS
from analytics.derived.derive import refresh
from analytics.query import Filters, Statement, ask, on_whole_tables, telling
from data.errors import StokerError
from data.sandbox.runner import Selected, select
from data.store.store import Store

TIME_LIMIT_S = 30.0

# the file that tells most, where a question runs several
TELLING_FILES = {
    "startup_latency": "startup/latency",
    "keep_alive_curve": "keep_alive/steps",
    "keep_alive_advice": "keep_alive/steps",
}
# what Python does after the SQL
FINISHES = {
    "startup_latency": "`quantiles_s` holds the quantiles that are asked for, in order; Python"
    " names them, and withholds those of fewer than 10 jobs.",
    "startup_matched": "Python takes medians and intervals from the lists.",
    "warm_pool_misses": "Python adds the explanations.",
    "pool_timeline": "These are the pool's jobs; Python follows its clusters from job to job.",
    "pool_timeline_bins": "These are the pool's jobs; Python follows its clusters and sums.",
    "pool_timeline_totals": "These are the pool's jobs; Python sums them up.",
    "keep_alive_curve": "These are the steps of the curve; Python adds them up.",
    "keep_alive_advice": "These are the steps of the curves; Python finds the best period.",
}


@dataclass(frozen=True, slots=True)
class Example:
    """A statement to begin with."""

    name: str
    title: str
    sql: str


@dataclass(frozen=True, slots=True)
class Told:
    """The statement of a question, and what Python does with its rows."""

    sql: str
    finish: str


def run(store: Store, sql: str, *, most_rows: int, time_limit_s: float = TIME_LIMIT_S) -> Selected:
    """Return the first rows of a SELECT; brings the derived tables up to date first.

    Raises:
        StokerError: it is no SELECT, does not run, or takes too long or too much.
    """
    return on_whole_tables(
        store, lambda: select(store, sql, most_rows=most_rows, time_limit_s=time_limit_s)
    )


def tables(store: Store) -> pd.DataFrame:
    """Return the tables that may be read, with what a row is."""
    refresh(store)
    return store.frame(_text("records/tables"))


@cache
def examples() -> Sequence[Example]:
    """Return statements to begin with."""
    folder = files("analytics.adhoc") / "examples"
    paths = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    found = []
    for path in paths:
        sql = (folder / path).read_text(encoding="utf-8")
        title = sql.partition("\n")[0].removeprefix("-- ").removesuffix(".")
        found.append(Example(path.removesuffix(".sql"), title, sql))
    return found


def told(store: Store, name: str, filters: Filters, given: Mapping[str, str] | None = None) -> Told:
    """Return the SQL that answers a question over the filtered jobs, as it can be run.

    Raises:
        StokerError: there is no such question, it has no SQL of its own, or not this parameter.
    """
    if name not in QUESTIONS:
        raise StokerError(
            f"There is no question '{name}'.", next_action=f"Use one of: {', '.join(QUESTIONS)}."
        )
    wanted = TELLING_FILES.get(name)
    heard: list[Statement] = []

    def listen(statement: Statement) -> None:
        if wanted in (None, statement.path):
            heard.append(statement)
            raise _HeardError

    try:
        with telling(listen):
            ask(store, QUESTIONS[name], filters, **(given or {}))
    except _HeardError:
        pass
    if not heard:
        raise StokerError(
            f"'{name}' has no SQL for these jobs.", next_action="Choose other filters."
        )
    return Told(_header(name) + _spaced(written_out(heard[0])), FINISHES.get(name, ""))


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
    """The statement is known: the question need not be answered."""


def _header(name: str) -> str:
    return f"-- {name}: one row per {QUESTIONS[name].grain.removeprefix('one ')}\n"


def _spaced(sql: str) -> str:
    """Return a statement whose first line, the filtered jobs, is set as the rest is."""
    first, _, rest = sql.partition("\n")
    found = re.fullmatch(
        r"with filtered_jobs as \((select \* from job_facts) where (.*)\)(,?)", first
    )
    if not found:
        return sql
    condition = found[2].removeprefix("true").removeprefix(" and ")
    where = f"\n    where {condition}" if condition else ""
    jobs = f"with\n\nfiltered_jobs as (\n\n    {found[1]}{where}\n\n)"
    return f"{jobs}{found[3] or chr(10)}\n{rest}"


def _text(path: str) -> str:
    return (files("analytics") / f"{path}.sql").read_text(encoding="utf-8")
