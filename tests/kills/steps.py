"""The steps of an operation that a kill must not tear apart, each told before it is taken."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb

from analytics.derived import derive as derived
from data.ingest import failures
from data.store.store import Store

Tell = Callable[[str], None]


def tell_steps(tell: Tell) -> None:
    """Let everything in this process that writes tell so from now on."""
    _tell_files(tell)
    _tell_transactions(tell)
    _tell_exchange(tell)


def _tell_files(tell: Tell) -> None:
    rename, unlink = os.replace, os.unlink

    def renaming(old: Any, new: Any, **options: Any) -> None:
        tell(f"rename to {_place(new)}")
        rename(old, new, **options)
        tell(f"renamed to {_place(new)}")

    def unlinking(path: Any, **options: Any) -> None:
        tell(f"unlink {_place(path)}")
        unlink(path, **options)

    os.replace, os.unlink = renaming, unlinking  # type: ignore[assignment]


def _place(path: Any) -> str:
    """Return what a file is: its folder, or its own name for a database."""
    found = Path(os.fsdecode(path))
    return found.name if "duckdb" in found.name else found.parent.name


def _tell_transactions(tell: Tell) -> None:
    transaction, derive = Store.transaction, Store.derive

    @contextlib.contextmanager
    def committing(self: Store, **options: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        with transaction(self, **options) as cursor:
            yield cursor
            name = sys._getframe(2).f_code.co_name  # beyond contextlib: whose transaction it is
            tell(f"commit of {name}")
        tell(f"committed by {name}")

    def deriving(self: Store) -> None:
        tell("derive")
        derive(self)

    list_failed = failures.list_failed

    def listing(*arguments: Any) -> None:
        tell("list failed")
        list_failed(*arguments)

    Store.transaction = committing  # type: ignore[method-assign]
    Store.derive = deriving  # type: ignore[method-assign]
    failures.list_failed = listing


def _tell_exchange(tell: Tell) -> None:
    exchange = derived._exchange_tables

    class Telling:
        def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
            self._cursor = cursor

        def execute(self, statement: str) -> None:
            tell(f"exchange: {statement.split()[0]}")
            self._cursor.execute(statement)

    derived._exchange_tables = lambda cursor: exchange(Telling(cursor))  # type: ignore[arg-type]
