"""A query: one thing that can be asked, its parameters and columns, and how it is run.

Nothing here knows a subject: each subject declares its own queries in its queries.py, and
analytics/catalog.py finds them.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Self

from analytics.expressions import EXPRESSIONS
from analytics.parameters import Choice, Parameter
from analytics.relations import JOBS, Relation
from data.errors import WrongUseError
from data.store.reader import Reader
from data.tables.columns import COLUMNS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

ALL_POOLS = "all"
# what a pool is called stands for its key; of several pools that are called so, for all. An
# export's own key that stands in several accounts or regions is shown with each: by itself it means
# all. Pools are found first: to look at the key of each job would take most of the time
_POOLS = """pool_id in (
                select pool_id from pools where $where_{number} in (
                    pool_key,
                    pool_label,
                    replace(replace(pool_key, ' · ' || account_id, ''), ' · ' || region, '')
                )
            )"""
NUMBERS = ("bigint", "double", "integer", "ubigint")


@dataclass(frozen=True, slots=True)
class Filters:
    """Which rows count: in [since, until), and equal to one of the values per column."""

    since: datetime | None = None
    until: datetime | None = None
    where: tuple[tuple[str, str], ...] = ()
    pools: tuple[int, int] | None = None  # first and last number: for work in batches

    def __post_init__(self) -> None:
        for name, value in (("since", self.since), ("until", self.until)):
            if value is not None and value.tzinfo is None:
                message = f"{name} must carry a time zone, got {value!r}"
                raise ValueError(message)

    def for_pool(self, pool_key: str) -> Self:
        """Return the filters narrowed to one pool; no key or `all` narrows nothing."""
        if not pool_key or pool_key == ALL_POOLS:
            return self
        others = tuple(term for term in self.where if term[0] != "pool_key")
        return replace(self, where=(*others, ("pool_key", pool_key)))

    def condition(self, relation: Relation = JOBS) -> tuple[str, dict[str, Any]]:
        """Return an SQL condition on a relation, and its parameters.

        Raises:
            WrongUseError: the relation has no such column to filter by.
        """
        terms, parameters = ["true"], dict[str, Any]()
        if self.since is not None:
            terms.append(f"{relation.time_column} >= $since")
            parameters["since"] = self.since
        if self.until is not None:
            terms.append(f"{relation.time_column} < $until")
            parameters["until"] = self.until
        if self.pools is not None:
            terms.append("pool_id between $first_pool_id and $last_pool_id")
            parameters["first_pool_id"], parameters["last_pool_id"] = self.pools
        for name in dict.fromkeys(column for column, _ in self.where):
            if name not in relation.columns:
                raise WrongUseError(
                    f"There is no column '{name}' to filter by.",
                    next_action=f"Use one of: {', '.join(relation.columns)}.",
                )
            choices = []
            for number, (column, value) in enumerate(self.where):
                if column == name and value == "":
                    choices.append(f"{name} is null")
                elif column == name == "pool_key" and relation is JOBS:
                    choices.append(_POOLS.format(number=number))
                    parameters[f"where_{number}"] = value
                elif column == name and _is_number_column(name):
                    choices.append(f"{name} = $where_{number}")
                    parameters[f"where_{number}"] = _number(name, value)
                elif column == name:
                    choices.append(f"{name}::varchar = $where_{number}")
                    parameters[f"where_{number}"] = value
            terms.append(f"({' or '.join(choices)})")
        return " and ".join(terms), parameters


def _is_number_column(name: str) -> bool:
    """Whether a column holds numbers, which are equal however they are written."""
    return name in COLUMNS and COLUMNS[name].type in NUMBERS


def _number(name: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise WrongUseError(
            f"'{value}' is not a number, as {name} is.",
            next_action=f"Write {name}=NUMBER, or {name}= for what is unknown.",
        ) from None


@dataclass(frozen=True, slots=True)
class Query:
    """One thing that can be asked, on a page or on the command line.

    Args:
        grain: what a row is.
        columns: names of declared columns, at least these, in order.
        relation: what the filters apply to; None: the query takes none.
        answer: "module:function" beside queries.py, where SQL alone does not answer. The function
            takes a reader, filters and the parameters' values, and returns a frame.
        words: what further `{names}` in the query's file stand for: SQL, never from outside.
        sql: the SQL file that says most, where it has not the query's own name.
        finish: what Python does with the rows of that SQL, in a sentence.
        sums: columns whose sum over all rows means something.
        package: the package that declares it; the catalog fills it in.
    """

    name: str
    grain: str
    columns: tuple[str, ...]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    relation: Relation | None = JOBS
    answer: str | None = None
    words: Callable[[Mapping[str, Any]], Mapping[str, str]] | None = None
    sql: str = ""
    finish: str = ""
    sums: tuple[str, ...] = ()
    package: str = ""

    @property
    def path(self) -> str:
        """The SQL file that says most: folder/name."""
        return f"{self.package.rpartition('.')[2]}/{self.sql or self.name}"

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the value of every parameter: those given (texts are parsed), else the defaults.

        Raises:
            WrongUseError: there is no such parameter, or it cannot have this value.
        """
        for name in given:
            if name not in self.parameters:
                raise WrongUseError(
                    f"'{self.name}' has no parameter '{name}'.",
                    next_action=f"It has: {', '.join(self.parameters) or 'none'}.",
                )
        found = {name: parameter.default for name, parameter in self.parameters.items()}
        for name, value in given.items():
            is_text = isinstance(value, str)
            found[name] = self.parameters[name].parse(name, value) if is_text else value
        return found


def run_query(
    reader: Reader, query: Query, filters: Filters | None = None, **given: Any
) -> "pd.DataFrame":
    """Return the answer to a query: a frame with at least its columns, of one whole version.

    Raises:
        WrongUseError: an unknown parameter, a value it cannot have, a wrong column to filter by.
    """
    values = query.values(given)
    chosen = filters or Filters()
    if query.relation is not None:
        chosen.condition(query.relation)  # a wrong column is refused before any work is done
    with reader.snapshot():
        if query.answer is None:
            return _run_sql_query(reader, query, chosen, values)
        module, _, function = query.answer.partition(":")
        answer = getattr(import_module(f"{query.package}.{module}"), function)
        found: pd.DataFrame = answer(reader, chosen, values)
        return found


def _run_sql_query(
    reader: Reader, query: Query, filters: Filters, values: Mapping[str, Any]
) -> "pd.DataFrame":
    words = dict[str, str]()
    for name, parameter in query.parameters.items():
        if isinstance(parameter, Choice) and parameter.sql:
            words[name] = parameter.sql[values[name]]
    if query.words:
        words |= query.words(values)
    others = {name: value for name, value in values.items() if name not in words}
    return run_sql(
        reader, query.path, filters, relation=query.relation, words=words or None, **others
    )


@dataclass(frozen=True, slots=True)
class Statement:
    """An SQL file of a subject as it runs, and the values of its $parameters."""

    path: str
    sql: str
    parameters: Mapping[str, Any]


_listener: ContextVar[Callable[[Statement], None] | None] = ContextVar("listener", default=None)


@contextmanager
def capture_sql(listener: Callable[[Statement], None]) -> Iterator[None]:
    """Hand every statement of an answer on this thread to `listener`, before it runs."""
    before = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(before)


def run_sql(
    reader: Reader,
    path: str,
    filters: Filters | None = None,
    *,
    relation: Relation | None = JOBS,
    words: Mapping[str, str] | None = None,
    **parameters: Any,
) -> "pd.DataFrame":
    """Run an SQL file (folder/name) of analytics over the rows that pass the filters.

    The file reads `filtered_<noun>` of the relation. Shared expressions and `words` replace
    `{names}` in it: they come from fixed choices, never from outside. Parameters that it does
    not name are left out.
    """
    statement = _statement(path, filters or Filters(), relation, words, parameters)
    return reader.frame(statement.sql, statement.parameters)


def run_sql_arrays(
    reader: Reader,
    path: str,
    filters: Filters | None = None,
    *,
    relation: Relation | None = JOBS,
    words: Mapping[str, str] | None = None,
    **parameters: Any,
) -> "dict[str, NDArray[Any]]":
    """Do as `run_sql`, but return columns as arrays; a column must have no nulls."""
    statement = _statement(path, filters or Filters(), relation, words, parameters)
    return reader.arrays(statement.sql, statement.parameters)


def _statement(
    path: str,
    filters: Filters,
    relation: Relation | None,
    words: Mapping[str, str] | None,
    given: Mapping[str, Any],
) -> Statement:
    sql, parameters = _sql(path).format(**EXPRESSIONS, **(words or {})), dict[str, Any]()
    if relation is not None:
        condition, parameters = filters.condition(relation)
        rows = f"select * from {relation.table} where {condition}"
        first = f"with filtered_{relation.noun} as ({rows})"
        is_with = sql.startswith("with")
        sql = f"{first},{sql.removeprefix('with')}" if is_with else f"{first}\n{sql}"
    parameters |= {name: value for name, value in given.items() if re.search(rf"\${name}\b", sql)}
    statement = Statement(path, sql, parameters)
    listener = _listener.get()
    if listener is not None:
        listener(statement)
    return statement


@cache
def _sql(path: str) -> str:
    """Return an SQL file without the header that says what it is."""
    folder, _, name = path.partition("/")
    text = (files(f"analytics.{folder}") / f"{name}.sql").read_text(encoding="utf-8")
    lines = text.splitlines()
    while lines and (lines[0].startswith("--") or not lines[0]):
        lines.pop(0)
    return "\n".join(lines)
