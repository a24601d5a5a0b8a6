"""Keeping the records of a file as they are: they come with their file, and go with it."""

from collections.abc import Iterable

import duckdb

from data.datasets.dataset import Dataset
from data.ingest.counts import Merged, arrived


class Replace:
    """The statements that keep records in one dataset's table, inside a transaction."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
        self._cursor, self._dataset = cursor, dataset

    def merge(self, relations: Iterable[str]) -> dict[int, Merged]:
        """Add the records in these relations; return by import how many there were."""
        table = self._dataset.table
        constants = self._dataset.constants
        names = ", ".join(name for name in table.record_names if name not in constants)
        fixed = "".join(f", {sql} as {name}" for name, sql in constants.items())
        found: dict[int, Merged] = {}
        for relation in relations:
            self._cursor.execute(
                f"create or replace temp table changed as"
                f" select {names}, import_id{fixed} from {relation}"
            )
            self._cursor.execute(f"insert into {table.name} by name from changed")
            for import_id, one in arrived(
                self._cursor, "changed", self._dataset.time_column
            ).items():
                found[import_id] = one.merged(one.record_count)
            self._tell_change()
        return found

    def withdraw(self, import_ids: list[int]) -> None:
        """Take back every record of some imports."""
        given = {"import_ids": import_ids}
        withdrawn = f"{self._dataset.table.name} where list_contains($import_ids, import_id)"
        self._cursor.execute(f"create or replace temp table changed as from {withdrawn}", given)
        self._cursor.execute(f"delete from {withdrawn}", given)
        self._tell_change()

    def _tell_change(self) -> None:
        if self._dataset.on_change:
            self._dataset.on_change(self._cursor)
        self._cursor.execute("drop table changed")
