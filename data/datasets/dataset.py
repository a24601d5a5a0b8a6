"""What a dataset declares: one kind of record, how its files are known, read and kept."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from data.files.target import Target
from data.raw.inputs import InputFile
from data.raw.json_landing import Splitter
from data.store.home import Home
from data.tables.declaration import Table

if TYPE_CHECKING:
    import duckdb


class WritePolicy(Enum):
    """What becomes of checked records."""

    UPSERT = "versions by natural key, merged field by field as the table declares"
    APPEND = "kept in Parquet parts below the home, duplicates dropped"
    REPLACE = "kept as they are; they go when their file is imported with another mapping"


@dataclass(frozen=True, slots=True)
class Identity:
    """UPSERT: which records are of one thing, where the natural key alone does not tell."""

    group: str
    """SQL for what the records of one thing have in common at least."""
    things: str
    """A query over `gathered`, records of whole groups: record_no, and the thing that it is of."""
    preferred: Mapping[str, str] = field(default_factory=dict)
    """Of several values of a column, the one for which this SQL is highest, then the newest."""


class Head(NamedTuple):
    """The beginning of a file: its format, and the names of columns or JSON keys in it."""

    file_format: str
    content: bytes
    names: frozenset[str]
    """Lower case; of JSON, every key that comes in the beginning."""


@dataclass(frozen=True, slots=True)
class RecordForm:
    """A form of JSON that the sources of a dataset write, other than rows with its columns.

    `split` tells the records of a document, and may look at what lies beside the file. `is_own`
    says by the first document whether a file has this form.

    One of two queries, returned with its parameters, makes rows of what was landed: the tables
    `landed` (import_no, line, as, unparsed, unusable, envelope, record), `misfits` (import_no,
    line, field) and `fetched` (import_no, fetched_at). `rows` gives import_no, row_number, fault,
    raw_text and texts named as columns, which are then typed and checked as the rows of any file.
    `check` does all of that itself: it gives columns of a record, import_no, row_number, file_name,
    reason, next_action and raw.
    """

    name: str
    split: Callable[[InputFile], Splitter]
    is_own: Callable[[Any], bool]
    record_type: str
    rows: Callable[[Home], tuple[str, dict[str, Any]]] | None = None
    check: Callable[[Home, bool], tuple[str, dict[str, Any]]] | None = None
    wrappings: tuple[bytes, ...] = ()
    """What landed lines have where texts are wrapped; `check` is told, as it takes long to plan."""
    envelope_type: str = "json"
    misfit: Callable[[dict[str, Any]], str | None] = lambda landed: None
    """Returns the field of a landed line that does not fit `record_type`."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """One kind of record."""

    kind: str
    """The name of the kind: `--kind`, `kind` in a mapping."""
    label: str
    """What the records are, in the plural."""
    target: Target
    """Its table, and how the rows of any file become records of it."""
    policy: WritePolicy
    forms: tuple[RecordForm, ...] = ()
    is_recognised: Callable[[Head], bool] | None = None
    """Whether a file holds such records; without, whether it has every required column."""
    time_column: str = ""
    """The column that tells which time the records of a file cover."""
    read_column: str = ""
    """The column that tells when AWS gave a record."""
    versions: Table | None = None
    """UPSERT: the table that holds the records of what has more than one."""
    sequence: tuple[str, str] | None = None
    """UPSERT: the column that the store numbers records by, and the sequence for it."""
    identity: Identity | None = None
    """UPSERT: what the natural key does not tell; the table of versions has the number too."""
    constants: Mapping[str, str] = field(default_factory=dict)
    """REPLACE: SQL for columns that no record brings."""
    kept: str = ""
    """SQL for which good records are kept; of a file with others too, those are only counted."""
    on_change: Callable[["duckdb.DuckDBPyConnection"], None] | None = None
    """What else is out of date, run in the transaction.

    The temp table `changed` has the keys; of REPLACE, the records that come or go.
    """
    before_change: Callable[["duckdb.DuckDBPyConnection"], None] | None = None
    """UPSERT: the same for rows as they were; the temp table `changing` has their keys."""

    @property
    def table(self) -> Table:
        """The table of its records."""
        return self.target.table

    @property
    def tables(self) -> Iterator[Table]:
        """Every table that it stores in."""
        yield self.table
        if self.versions:
            yield self.versions

    def recognises(self, head: Head) -> bool:
        """Whether a file holds such records, by its beginning."""
        if self.is_recognised is not None:
            return self.is_recognised(head)
        required = self.target.required
        return bool(required) and head.names.issuperset(required)

    def form(self, name: str) -> RecordForm | None:
        """Return a form by its name; None for rows with columns."""
        return next((form for form in self.forms if form.name == name), None)
