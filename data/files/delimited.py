"""Delimited text: how a file is written, and its records one by one, the malformed ones too."""

import csv
import io
import re
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

from data.errors import StokerError
from data.files.mapping import FileFormat
from data.files.mapping_schema import WHITESPACE
from data.raw.compression import decompressed

ENCODING, ERRORS = "utf-8-sig", "surrogateescape"
DELIMITERS = (",", "\t", "|", ";")
HEAD_CHARACTERS = 2**20
SNIFFED_RECORDS = 200
# spreadsheets say in a first line how columns are separated
SEPARATOR_LINE = re.compile(r'"?sep=(\\t|[^"\r\n]?)"?', re.IGNORECASE)
_COMMA_DECIMAL = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
_COMMA_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?")
_POINT_DECIMAL = re.compile(r"[+-]?(\d+\.(\d{1,2}|\d{4,})|0\.\d+|\d{4,}\.\d+)")
# a quote that does not close must not swallow the file
LONGEST_RECORD_LINES = 1000

# process-wide, and 128 KiB by default: too short for a script in a column
csv.field_size_limit(2**27)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a delimited text is written."""

    delimiter: str
    quote: str
    escape: str
    comment: str
    names: tuple[str, ...]
    lines_before: int
    decimal: str = "."

    @property
    def is_plain(self) -> bool:
        """Whether DuckDB's own reader can read it."""
        return self.delimiter != WHITESPACE and not self.comment

    def reader(self, lines: Iterable[str], *, is_strict: bool) -> Iterator[list[str]]:
        """Return Python's reader for this dialect."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote or None,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            doublequote=self.escape in ("", self.quote),
            escapechar=None if self.escape in ("", self.quote) else self.escape,
            skipinitialspace=self.delimiter not in " \t",
            strict=is_strict,
        )


class Record(NamedTuple):
    """One record: its fields, or what is wrong with its text."""

    fields: list[str] | None
    text: str
    fault: str | None = None


@contextmanager
def text_of(source: BinaryIO, read_already: bytes = b"") -> Iterator[io.TextIOWrapper]:
    """Give a file as text: bytes that are not UTF-8 become lone surrogates, line ends stay."""
    content = decompressed(source, read_already)
    yield io.TextIOWrapper(content, encoding=ENCODING, errors=ERRORS, newline="")


def dialect_of(head: str, given: FileFormat) -> Dialect:
    """Tell how a text is written, from its beginning and from what a mapping says.

    Raises:
        StokerError: there is nothing in it.
    """
    if head.startswith("\udcff\udcfe") or head.startswith("\udcfe\udcff"):
        raise StokerError("The file is UTF-16 text.", next_action="Save it as UTF-8.")
    lines = list(io.StringIO(head, newline=""))
    comment = given.comment or ""
    before = _lines_before(lines, given.skip, comment)
    separator = SEPARATOR_LINE.fullmatch(lines[before].strip()) if before < len(lines) else None
    if separator:
        before = _lines_before(lines, before + 1, comment)
    rest = lines[before:]
    if not rest:
        raise StokerError(
            "The file is empty.", next_action="Export the jobs again, and import that file."
        )
    quote = '"' if given.quote is None else given.quote
    escape = given.escape or quote
    named = separator[1].replace("\\t", "\t") if separator else None
    delimiter = given.delimiter or named or _likely_delimiter(rest, quote)
    dialect = Dialect(delimiter, quote, escape, comment, given.columns, before)
    line_count = 0
    if given.has_header or not given.columns:
        found, line_count = _header(rest, dialect)
        if not given.has_header:
            found, line_count = [""] * len(found), 0
        names = given.columns or tuple(_distinct(found))
        dialect = replace(dialect, names=names, lines_before=before + line_count)
    return replace(dialect, decimal=given.decimal or _likely_decimal(rest[line_count:], dialect))


def _lines_before(lines: list[str], first: int, comment: str) -> int:
    """Return the place of the first line that is a record, or a header."""
    while first < len(lines) and _is_no_record(lines[first], comment):
        first += 1
    return first


def _likely_decimal(lines: list[str], dialect: Dialect) -> str:
    """Tell whether decimals stand after a comma: in a column of numbers, and none after a dot.

    With semicolons between columns, 1,515 is less than two; with others, it may be thousands.
    """
    if dialect.delimiter in (",", WHITESPACE):
        return "."
    rows = list(islice(dialect.reader(lines, is_strict=False), SNIFFED_RECORDS))
    is_comma = False
    for column in zip(*(row for row in rows if len(row) == len(dialect.names)), strict=True):
        fields = {field.strip() for field in column if field.strip()}
        if any(_POINT_DECIMAL.fullmatch(field) for field in fields):
            return "."
        of_commas = {field for field in fields if _COMMA_DECIMAL.fullmatch(field)}
        if dialect.delimiter != ";":
            of_commas = {field for field in of_commas if not _THOUSANDS.fullmatch(field)}
        is_comma |= bool(of_commas) and all(
            field in of_commas or _COMMA_NUMBER.fullmatch(field) for field in fields
        )
    return "," if is_comma else "."


def records(lines: Iterator[str], dialect: Dialect) -> Iterator[Record]:
    """Yield the records after the header; blank lines and comments are none.

    A malformed record is its first line: reading goes on at the line after.
    """
    deque(islice(lines, dialect.lines_before), maxlen=0)
    waiting: deque[str] = deque()
    while (line := waiting.popleft() if waiting else next(lines, None)) is not None:
        if _is_no_record(line, dialect.comment):
            continue
        if dialect.delimiter == WHITESPACE:
            yield _judged(line.split(), line, dialect)
        elif not dialect.quote or dialect.quote not in line:
            yield _judged(line.rstrip("\r\n").split(dialect.delimiter), line, dialect)
        else:
            yield _quoted(line, waiting, lines, dialect)


def _quoted(line: str, waiting: deque[str], lines: Iterator[str], dialect: Dialect) -> Record:
    """Read a record that has quotes, over several lines where it must."""
    taken = [line]

    def following() -> Iterator[str]:
        yield line
        while len(taken) < LONGEST_RECORD_LINES:
            more = waiting.popleft() if waiting else next(lines, None)
            if more is None:
                return
            taken.append(more)
            yield more

    try:
        fields = next(dialect.reader(following(), is_strict=True))
    except csv.Error:
        record = Record(None, line, "The quotes of the line do not fit together.")
    else:
        record = _judged(fields, "".join(taken), dialect)
    if record.fault and len(taken) > 1:
        waiting.extendleft(reversed(taken[1:]))
        return Record(None, line, record.fault)
    return record


def _judged(fields: list[str], text: str, dialect: Dialect) -> Record:
    width = len(dialect.names)
    if len(fields) == width + 1 and not fields[-1]:
        fields = fields[:-1]  # some programs end each line with a delimiter
    if len(fields) != width:
        return Record(
            None, text, f"The line has {len(fields)} field(s) where the file has {width} column(s)."
        )
    if not text.isascii() and _has_surrogates(text):
        return Record(None, text, "The line is not UTF-8 text.")
    return Record(fields, text)


def _has_surrogates(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _is_no_record(line: str, comment: str) -> bool:
    return not line.strip() or (bool(comment) and line.startswith(comment))


def _likely_delimiter(lines: list[str], quote: str) -> str:
    return max(DELIMITERS, key=lambda delimiter: _fit(lines, delimiter, quote))


def _fit(lines: list[str], delimiter: str, quote: str) -> float:
    """How well a delimiter splits the lines into many equal columns."""
    dialect = Dialect(delimiter, quote, quote, "", (), 0)
    widths = [len(row) for row in islice(dialect.reader(lines, is_strict=False), SNIFFED_RECORDS)]
    filled = [width for width in widths if width]
    return filled.count(filled[0]) / len(filled) * (filled[0] - 1)


def _header(lines: list[str], dialect: Dialect) -> tuple[list[str], int]:
    """Return the names in the first record, and how many lines it takes."""
    if dialect.delimiter == WHITESPACE:
        return lines[0].split(), 1
    taken = 0

    def counted() -> Iterator[str]:
        nonlocal taken
        for line in lines:
            taken += 1
            yield line

    return next(dialect.reader(counted(), is_strict=False)), taken


def _distinct(names: list[str]) -> Iterator[str]:
    """Yield names such that none is empty or comes twice."""
    seen: set[str] = set()
    for position, name in enumerate(names, start=1):
        readable = name.encode("utf-8", "replace").decode().strip() or f"column_{position}"
        distinct, again = readable, 2
        while distinct in seen:
            distinct, again = f"{readable}_{again}", again + 1
        seen.add(distinct)
        yield distinct


def head_of(path: Path) -> str:
    """Return the first lines of a text file."""
    with path.open("rb") as source, text_of(source) as text:
        return text.read(HEAD_CHARACTERS)
