"""The table that the rows of a file are read into, and what a dataset adds to its columns."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from data.files.values import NUMERIC, ValueKind, value_kind
from data.tables.declaration import Table

Made = Callable[["Given"], dict[str, str]]


@dataclass(frozen=True, slots=True)
class Check:
    """SQL that is true of a bad row, SQL for the reason, and the next action.

    It is made where the file has all the columns that it is about.
    """

    is_bad: str
    reason: str
    next_action: str
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """The columns that a file has, for expressions over them."""

    target: "Target"
    names: frozenset[str]
    mapping_name: str

    def sql(self, name: str) -> str:
        """Return SQL for a column's value: null where the file does not have it."""
        if name in self.names:
            return name
        return f"null::{self.target.sql_type(name)}"


@dataclass(frozen=True, slots=True)
class Target:
    """A table as the rows of a file are read into it.

    `kinds` are the columns that a file may have; `made` gives SQL for the table's columns that are
    not simply read. `computed` are columns that a file may have but that are never read;
    `advice` says how to come by a column that is missing.
    """

    table: Table
    kinds: Mapping[str, ValueKind]
    required: tuple[str, ...]
    computed: frozenset[str] = frozenset()
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    advice: Mapping[str, str] = field(default_factory=dict)
    meanings: Mapping[str, str] = field(default_factory=dict)
    """What a required column does, to end the sentence "a column that ..."."""
    reads_synonyms: bool = False
    """Whether a file needs no mapping either where its columns have a synonym for their names."""
    identifier: str = ""
    """The column that tells records apart, if one does."""
    in_order: tuple[tuple[str, str], ...] = ()
    """Pairs of times of which the second must not be before the first."""
    time_line: tuple[str, ...] = ()
    """The times of a row in their order: it tells the two readings of a repeated hour apart."""
    checks: tuple[Check, ...] = ()
    made: Made = lambda given: {}
    guess_more: Callable[[Any], None] = lambda guess: None
    """What a first guess of a mapping knows beyond names (data/files/guess.py calls it)."""
    notes: Callable[[frozenset[str]], tuple[str, ...]] = lambda names: ()
    """What to say of a file that has these columns, beside what becomes of its rows."""
    time_zone: str | None = None
    """The zone of times without one, where every source is known to write them so."""
    is_named_by_mapping: bool = False
    """Whether the name of a mapping stands in the rows."""
    named_as: str = "as the table has them"
    """How a user learns the names of the columns."""

    def sql_type(self, name: str) -> str:
        """Return the type of a column, also of one that only files have."""
        for known in self.table.fields:
            if known.column.name == name:
                return known.sql_type
        return "bigint" if self.kinds[name] in NUMERIC else "varchar"


def target(
    table: Table,
    *,
    kinds: Mapping[str, ValueKind] | None = None,
    without: Iterable[str] = (),
    required: tuple[str, ...] | None = None,
    **more: Any,
) -> Target:
    """Return what a file may bring to a table: every column of a record that a text can stand for.

    `kinds` says what a column's values are where its type does not, and adds columns that become
    others; `without` leaves columns out. Required are the key and what must not be null, unless
    told; `more` are further fields of the target.
    """
    left_out = frozenset(without)
    found: dict[str, ValueKind] = {}
    for known in table.fields:
        name = known.column.name
        kind = (kinds or {}).get(name) or value_kind(known)
        if kind and name in table.record_names and name not in left_out:
            found[name] = kind
    found |= {name: kind for name, kind in (kinds or {}).items() if name not in found}
    if required is None:
        required = tuple(
            known.column.name
            for known in table.fields
            if known.column.name in found and (known.is_required or known.column.name in table.key)
        )
    return Target(table=table, kinds=found, required=required, **more)
