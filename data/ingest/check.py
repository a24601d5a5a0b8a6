"""Landed payloads become checked rows in the parser: one statement for all of one form."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from mmap import ACCESS_READ, mmap
from pathlib import Path

import duckdb
import orjson
import pyarrow as pa

from data.datasets.catalog import dataset_named
from data.datasets.dataset import Dataset, RecordForm
from data.errors import StokerError
from data.files import mapping as mappings
from data.files.export import Staged, stage_files, stage_rows
from data.files.left_out import LEFT_OUT
from data.files.relation import Payload
from data.files.target import Target
from data.raw.json_landing import LONGEST_LINE_BYTES
from data.raw.landing import ImportRecord
from data.store.home import Home, private
from data.tables.quoting import literal

# of fewer files, reading each takes no longer than writing them as one
LEAST_GATHERED = 3
LARGEST_GATHERED_BYTES = 4 * 2**20


class UnusableError(Exception):
    """Some of the imports that were checked together cannot be used: which, and why each."""

    def __init__(self, faults: Mapping[int, Exception]) -> None:
        super().__init__(f"{len(faults)} cannot be used")
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Checked:
    """Checked rows of one dataset: a relation of the parser, and the columns that it has.

    `filled` are the columns of a record that are not null throughout; `payload` is the file, if
    there is one only. `notes` say how each file was read; `leaves_out` is whether rows may be left
    out, and `may_be_unclear` whether a time may have two readings.
    """

    dataset: Dataset
    relation: str
    names: frozenset[str]
    filled: frozenset[str]
    payload: Payload | None = None
    notes: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    leaves_out: bool = False
    may_be_unclear: bool = False

    @property
    def good(self) -> str:
        """The query for whole records, with import_no; what a form does not have is null."""
        table = self.dataset.table
        fields = [
            name if name in self.names else f"null::{field.sql_type} as {name}"
            for field in table.fields
            if (name := field.column.name) in table.record_names
        ]
        is_good = f"{self._is_good} and {self._is_kept}" if self.dataset.kept else self._is_good
        return f"select {', '.join(fields)}, import_no from {self.relation} where {is_good}"

    @property
    def left_out(self) -> str:
        """The query for how many good records are only counted, by import_no."""
        return (
            f"select import_no, count(*) from {self.relation}"
            f" where reason is null and not ({self._is_good} and {self._is_kept})"
            " group by import_no"
        )

    @property
    def _is_good(self) -> str:
        return f"reason is null and {LEFT_OUT} is null" if self.leaves_out else "reason is null"

    @property
    def _is_kept(self) -> str:
        return f"coalesce(({self.dataset.kept or 'true'}), false)"

    @property
    def bad(self) -> str:
        """The query for rejected rows, with import_no."""
        file_name = "file_name" if "file_name" in self.names else "null::varchar"
        return (
            f'select import_no, {file_name} as file_name, row_number, reason, next_action, "raw"'
            f" from {self.relation} where reason is not null"
        )


def check(
    connection: duckdb.DuckDBPyConnection, home: Home, records: Sequence[ImportRecord]
) -> list[Checked]:
    """Type and check the payloads of some imports; import_no is their place in `records`.

    Raises:
        UnusableError: some cannot be used as a whole.
    """
    groups: dict[tuple[str, str, str], list[Payload]] = {}
    faults: dict[int, Exception] = {}
    for number, record in enumerate(records):
        if not record.payload(home).exists():
            faults[number] = StokerError(
                f"The landed file of {record.file_name} is missing ({record.payload(home).name}).",
                next_action="Import the file again.",
            )
            continue
        group = (record.kind, record.file_format, record.mapping_hash)
        groups.setdefault(group, []).append(Payload(number, record.payload(home)))
    # no record is of later than the day after it came
    fetched = [record.fetched_at for record in records]
    connection.register(
        "fetched",
        pa.table(
            {
                "import_no": pa.array(range(len(records)), pa.int32()),
                "fetched_at": pa.array(fetched, pa.timestamp("us", "UTC")),
            }
        ),
    )
    names = (f"checked_{number}" for number in count())
    checked: list[Checked] = []
    for payloads in groups.values():
        record = records[payloads[0].import_no]
        try:
            checked.append(_checked(connection, home, record, payloads, next(names)))
        except Exception as error:
            found = _faults(connection, home, record, payloads, names, error)
            if not found:  # each alone can be used
                raise
            faults |= found
    if faults:
        raise UnusableError(faults)
    return checked


def _faults(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    record: ImportRecord,
    payloads: list[Payload],
    names: Iterator[str],
    error: Exception,
) -> dict[int, Exception]:
    """Return which of some payloads cannot be used, and why: together they cannot."""
    if isinstance(error, duckdb.InterruptException):  # it took too long, and would again
        raise error
    if len(payloads) == 1:
        return {payloads[0].import_no: error}
    found: dict[int, Exception] = {}
    middle = len(payloads) // 2
    for half in (payloads[:middle], payloads[middle:]):
        try:
            _checked(connection, home, record, half, next(names))
        except Exception as other:  # noqa: BLE001 - as above
            found |= _faults(connection, home, record, half, names, other)
    return found


def _checked(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    record: ImportRecord,
    payloads: list[Payload],
    relation: str,
) -> Checked:
    dataset = dataset_named(record.kind)
    form = dataset.form(record.file_format)
    staged = Staged(frozenset(), {})
    if form is not None:
        filled = stage_records(connection, home, payloads, form, dataset.target, relation)
    else:
        mapping = None
        if record.mapping_text:
            name = record.mapping_name or "mapping"
            mapping = mappings.Mapping.parse(record.mapping_text, name, kind=record.kind)
        staged = stage_files(
            connection,
            payloads,
            file_format=record.file_format,
            target=dataset.target,
            mapping=mapping,
            relation=relation,
        )
        filled = staged.filled
    described = connection.execute(f"describe {relation}").fetchall()
    names = frozenset(str(row[0]) for row in described)
    payload = payloads[0] if len(payloads) == 1 else None
    return Checked(
        dataset,
        relation,
        names,
        filled & names,
        payload,
        staged.notes,
        staged.leaves_out,
        staged.may_be_unclear,
    )


def stage_records(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    payloads: Sequence[Payload],
    form: RecordForm,
    target: Target,
    relation: str,
) -> frozenset[str]:
    """Type the landed records of a dataset's own form into the parser's table `relation`.

    Returns the columns of a record that are not null throughout.
    """
    connection.execute(
        "create or replace temp table misfits (import_no integer, line bigint, field varchar)"
    )
    with _gathered(home, payloads) as pieces:
        try:
            _read(connection, pieces, form, ignore_errors=False)
        except (duckdb.InvalidInputException, UnicodeDecodeError):
            # DuckDB quotes the line, and may cut a character in two, which no text can hold;
            # some field has a JSON type that is not the source's: find which, then read the rest
            _find_misfits(connection, payloads, form)
            _read(connection, pieces, form, ignore_errors=True)
    if form.check is not None:
        has_wrapped = any(_has_any(one.path, form.wrappings) for one in payloads)
        query, parameters = form.check(home, has_wrapped)
        connection.execute(f"create temp table {relation} as {query}", parameters)
        filled = frozenset(target.table.record_names)
    elif form.rows is not None:
        query, parameters = form.rows(home)
        # as a view, what only a rejected row needs is made of such rows only
        kept = "table" if parameters else "view"
        connection.execute(f"create temp {kept} {relation}_rows as {query}", parameters)
        filled = stage_rows(connection, f"{relation}_rows", target, relation)
    else:
        message = f"the form {form.name} has no query"
        raise ValueError(message)
    connection.execute("drop table landed")
    return filled


def _has_any(path: Path, marks: Sequence[bytes]) -> bool:
    """Whether a file has any of these bytes."""
    if not marks or not path.stat().st_size:
        return False
    with path.open("rb") as opened, mmap(opened.fileno(), 0, access=ACCESS_READ) as content:
        return any(content.find(mark) >= 0 for mark in marks)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A file to read: lines of one payload, or of several with the payload's number in each."""

    path: Path
    import_no: int | None = None


@contextmanager
def _gathered(home: Home, payloads: Sequence[Payload]) -> Iterator[list[_Piece]]:
    """Give the files to read for some payloads: many small ones come as one.

    For each file DuckDB makes a reader for the whole deep type, which takes longer than a record.
    """
    small = [one for one in payloads if one.path.stat().st_size < LARGEST_GATHERED_BYTES]
    if len(small) < LEAST_GATHERED:
        small = []
    pieces = [_Piece(one.path, one.import_no) for one in payloads if one not in small]
    path = gathering_folder(home) / f"{secrets.token_hex(8)}.jsonl"
    try:
        if small:
            with open(path, "xb", opener=private) as target:
                for one in small:
                    prefix = b'{"import_no":%d,' % one.import_no
                    with one.path.open("rb") as opened:
                        target.writelines(prefix + line[1:] for line in opened)
            pieces.append(_Piece(path))
        yield pieces
    finally:
        path.unlink(missing_ok=True)


def gathering_folder(home: Home) -> Path:
    """Return the folder for files that are put together: the parser may see it."""
    folder = home.scratch / "gathered"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _read(
    connection: duckdb.DuckDBPyConnection,
    pieces: Sequence[_Piece],
    form: RecordForm,
    *,
    ignore_errors: bool,
) -> None:
    """Read landed lines, as the form types them, into the table `landed`."""
    verb = "create or replace temp table landed as"
    for piece in pieces:
        number = "" if piece.import_no is None else f"{piece.import_no}::integer as import_no,"
        numbered = "import_no: 'integer'," if piece.import_no is None else ""
        connection.execute(
            f"""
            {verb}
            select {number} * from read_json(
                {literal(str(piece.path))},
                format = 'newline_delimited',
                maximum_object_size = {LONGEST_LINE_BYTES},
                ignore_errors = {ignore_errors},
                columns = {{
                    {numbered}
                    line: 'bigint',
                    file: 'varchar',
                    "as": 'varchar',
                    unparsed: 'struct(bytes bigint, sha256 varchar)',
                    unusable: 'json',
                    envelope: {literal(form.envelope_type)},
                    record: {literal(form.record_type)}
                }}
            )
            """
        )
        verb = "insert into landed by name"


def _find_misfits(
    connection: duckdb.DuckDBPyConnection, payloads: Sequence[Payload], form: RecordForm
) -> None:
    found: dict[str, list[object]] = {"import_no": [], "line": [], "field": []}
    for payload in payloads:
        with payload.path.open("rb") as opened:
            for text in opened:
                landed = orjson.loads(text)
                if field := form.misfit(landed):
                    found["import_no"].append(payload.import_no)
                    found["line"].append(landed["line"])
                    found["field"].append(field)
    connection.register("found_misfits", pa.table(found))
    connection.execute("insert into misfits select import_no, line, field from found_misfits")
    connection.unregister("found_misfits")
