"""The catalog of queries: it finds those that each subject declares in its queries.py."""

import pkgutil
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib import import_module
from importlib.util import find_spec

import analytics
from analytics.query import Query
from data.errors import WrongUseError, near_hint


@cache
def queries() -> dict[str, Query]:
    """Return every query by its name, subject by subject."""
    found: dict[str, Query] = {}
    for query in _declared():
        if query.name in found:
            message = f"two queries are called {query.name}"
            raise ValueError(message)
        found[query.name] = query
    return found


def query_named(name: str) -> Query:
    """Return a query.

    Raises:
        WrongUseError: there is none of that name.
    """
    if name not in queries():
        raise WrongUseError(
            f"There is no question '{name}'.{near_hint(name, queries())}",
            next_action=f"Ask one of: {', '.join(queries())}.",
        )
    return queries()[name]


def _declared() -> Iterator[Query]:
    for entry in sorted(pkgutil.iter_modules(analytics.__path__), key=lambda entry: entry.name):
        module = f"analytics.{entry.name}.queries"
        if entry.ispkg and find_spec(module) is not None:
            for query in import_module(module).QUERIES:
                yield replace(query, package=f"analytics.{entry.name}")
