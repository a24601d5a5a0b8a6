"""Host hours that several questions read: gone through the samples once, then used by all."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass

import duckdb
import pandas as pd

from analytics.query import Filters, run_sql
from analytics.utilization.statements import REMEMBERED, words
from data.store.reader import Reader
from data.store.settings import load_settings


@dataclass(frozen=True, slots=True)
class HostHours:
    """What was measured of the filtered jobs, host by host and hour by hour, of one version."""

    rows: pd.DataFrame
    filters: Filters
    idle_below_ratio: float
    version: int


_in_use: ContextVar[HostHours | None] = ContextVar("host_hours", default=None)


def load_host_hours(reader: Reader, filters: Filters, idle_below_ratio: float) -> HostHours:
    """Return the host hours of the filtered jobs."""
    with reader.snapshot() as version:
        rows = run_sql(
            reader,
            "utilization/all_host_hours",
            filters,
            words=words(),
            use_estimated_prices=load_settings(reader.home).use_estimated_prices,
            idle_below_ratio=idle_below_ratio,
        )
    return HostHours(rows, filters, idle_below_ratio, version.number)


@contextmanager
def use_host_hours(hours: HostHours) -> Iterator[None]:
    """Answer questions on the same jobs from these rows until the end of the block."""
    before = _in_use.set(hours)
    try:
        yield
    finally:
        _in_use.reset(before)


@contextmanager
def at_hand(reader: Reader, filters: Filters, idle_below_ratio: float) -> Iterator[bool]:
    """Give the statements of a block the rows in use; whether there are any that fit."""
    hours = _in_use.get()
    with reader.snapshot() as version, reader.cursor() as cursor:
        if hours is None or (hours.filters, hours.idle_below_ratio, hours.version) != (
            filters,
            idle_below_ratio,
            version.number,
        ):
            yield False
            return
        cursor.register(REMEMBERED, hours.rows)
        try:
            yield True
        finally:
            # a statement that failed has ended the transaction, and taken the rows with it
            with suppress(duckdb.TransactionException):
                cursor.unregister(REMEMBERED)
