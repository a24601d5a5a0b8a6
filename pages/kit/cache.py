"""Rows of queries, remembered for as long as the store does not change.

The key says which data (home and version) and which query: it is never the data itself.
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import pandas as pd

from analytics.catalog import query_named
from analytics.query import Filters, run_query
from data.store.reader import Reader
from pages.kit.memory import Memory

Value = TypeVar("Value")

MOST_ENTRIES = 400
MOST_BYTES = 2**30
SMALL_BYTES = 2**20

_memory = Memory(most_entries=MOST_ENTRIES, most_bytes=MOST_BYTES)


def query_rows(
    reader: Reader, name: str, filters: Filters | None = None, **parameters: Any
) -> pd.DataFrame:
    """Return the rows of a query over the filtered jobs."""
    jobs = filters or Filters()
    rows = remember(
        reader,
        (name, jobs, tuple(sorted(parameters.items()))),
        lambda: run_query(reader, query_named(name), jobs, **parameters),
        size=_frame_bytes,
    )
    return rows.copy(deep=False)  # whoever changes it changes a copy, made then


def remember(
    reader: Reader,
    key: Hashable,
    compute: Callable[[], Value],
    *,
    size: Callable[[Value], int] = lambda _: SMALL_BYTES,
    data: Hashable = None,
) -> Value:
    """Return what `compute` makes of the version that is read, under a key that says what it is.

    `data` says what of the home it is based on, where that is less than the version.
    """
    with reader.snapshot() as version:
        rests_on = (str(reader.home.root), version.number if data is None else data)
        return _memory.remember((rests_on, key), compute, size)


def recall(reader: Reader, key: Hashable, *, data: Hashable = None) -> Any:
    """Return what is remembered of the version, or of the data; None where nothing is."""
    with reader.snapshot() as version:
        rests_on = (str(reader.home.root), version.number if data is None else data)
        return _memory.recall((rests_on, key))


def forget() -> None:
    """Forget all that is remembered."""
    _memory.clear()


def _frame_bytes(rows: pd.DataFrame) -> int:
    return int(rows.memory_usage(deep=True).sum())
