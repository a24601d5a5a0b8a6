"""What a foreign file holds, and how a mapping would read it, before anything of it is kept.

A copy of the file's beginning lies in a folder of its own for as long as it is looked at, redacted
as a landed file is; the hardened parser sees nothing else.
"""

import io
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeVar

import duckdb
import orjson
import pandas as pd

from data.datasets.catalog import LIKELIEST, dataset_named, recognised
from data.errors import StokerError
from data.files import export
from data.files.codes import known_values, unknown_values
from data.files.guess import guess_mapping, has_local_times, warnings_of
from data.files.landing_form import landed_form
from data.files.mapping import FileFormat, Mapping, Rule
from data.files.values import CODES, ValueKind
from data.ingest.land import head_of
from data.raw.inputs import InputFile
from data.raw.json_landing import write_landed
from data.raw.other_files import refuse_other_formats
from data.raw.parser import parser
from data.store.home import Home
from data.tables import column

HEAD_BYTES = 65_536
LOOKED_AT_BYTES = 8 * 2**20
DEADLINE_S = 60.0
Result = TypeVar("Result")
Reading = Callable[[duckdb.DuckDBPyConnection, Path, str], Result]


def columns_to_map(
    home: Home, file: InputFile, *, kind: str = LIKELIEST, has_header: bool = True
) -> pd.DataFrame | None:
    """Return the columns of a file that needs a mapping to be read as this kind; None for others.

    `has_header` is whether the first line of a delimited text names them.

    Raises:
        StokerError: the file cannot be read.
    """
    content = file.head()
    if not content.strip():
        return None
    refuse_other_formats(file.name, content)
    head = head_of(file, content, export.sniff(content))
    if recognised(head).kind != kind:
        return None

    def columns(connection: duckdb.DuckDBPyConnection, path: Path, form: str) -> pd.DataFrame:
        layout = None if has_header else Mapping("no header", format=FileFormat(header=False))
        return export.source_columns(connection, path, file_format=form, mapping=layout)

    found = _looked_at(home, file, kind, columns)
    if found is None:
        return None
    names = {str(name).strip().casefold() for name in found["name"]}
    is_canonical = names.issuperset(required_columns(kind))
    return None if is_canonical and not needs_answers(found, kind) else found


def needs_answers(columns: pd.DataFrame, kind: str = LIKELIEST) -> bool:
    """Whether a file with canonical names cannot be read without a zone, or has unknown codes."""
    target = dataset_named(kind).target
    spelled = {str(name).strip().casefold(): str(name) for name in columns["name"]}
    rules = {name: Rule((spelled[name],)) for name in target.kinds if name in spelled}
    mapping = Mapping("canonical", rules, kind=kind)
    return bool(zone_columns(columns, mapping)) or bool(questions(columns, mapping))


class Question(NamedTuple):
    """A value of a code that is not known: what it may mean, and what it may be translated to."""

    canonical: str
    value: str
    near: tuple[str, ...]
    options: tuple[str, ...]


def questions(columns: pd.DataFrame, mapping: Mapping) -> list[Question]:
    """Return the values that a mapping would not read: each is to be translated.

    What is translated already is among them, so that the answer can be changed.
    """
    found = []
    values = dict(zip(columns["name"], columns["values"], strict=True))
    kinds = dataset_named(mapping.kind).target.kinds
    for canonical, rule in mapping.columns.items():
        kind = kinds[canonical]
        if kind not in CODES or len(rule.columns) != 1 or rule.pattern:
            continue
        texts = tuple(text for text in values.get(rule.columns[0], ()) if text.strip())
        for value, near in unknown_values(kind, texts).items():
            if not any(key.endswith("*") and value.startswith(key[:-1]) for key, _ in rule.values):
                found.append(Question(canonical, value, near, known_values(kind)))
    return found


def zone_columns(columns: pd.DataFrame, mapping: Mapping) -> list[str]:
    """Return the columns whose times need a zone to be read."""
    kinds = dataset_named(mapping.kind).target.kinds
    described = {str(column["name"]): dict(column) for column in columns.to_dict("records")}
    return [
        name
        for canonical, rule in mapping.columns.items()
        for name in rule.columns
        if kinds[canonical] is ValueKind.INSTANT
        and not rule.unit
        and name in described
        and has_local_times(described[name])
    ]


def live_warnings(columns: pd.DataFrame, mapping: Mapping) -> list[str]:
    """Return what to look at in a mapping as it stands."""
    return warnings_of(columns, mapping, dataset_named(mapping.kind).target)


def is_delimited(file: InputFile) -> bool:
    """Whether a file is delimited text."""
    return export.sniff(file.head()) == "delimited"


def rows_as_read(home: Home, file: InputFile, mapping: Mapping) -> pd.DataFrame:
    """Return the first rows as the mapping would read them, each with the reason if it is bad.

    Raises:
        StokerError: the mapping does not fit the file.
    """
    target = dataset_named(mapping.kind).target

    def rows(connection: duckdb.DuckDBPyConnection, path: Path, form: str) -> pd.DataFrame:
        return export.preview(connection, path, file_format=form, target=target, mapping=mapping)

    found = _looked_at(home, file, mapping.kind, rows)
    return pd.DataFrame() if found is None else found


def first_mapping(
    columns: pd.DataFrame, name: str, *, kind: str = LIKELIEST
) -> tuple[Mapping, list[str]]:
    """Return a first mapping for a file's columns, and what to look at."""
    return guess_mapping(columns, name, dataset_named(kind).target, kind=kind)


def guessed_rule(
    columns: pd.DataFrame, canonical: str, source: str, *, kind: str = LIKELIEST
) -> Rule:
    """Return how a column of the file would be read as a canonical one: with its unit, if any."""
    described = columns[columns["name"] == source].assign(name=canonical)
    mapping, _ = first_mapping(described, "guess", kind=kind)
    return replace(mapping.columns.get(canonical, Rule()), columns=(source,), plus_s=())


def readable_columns(kind: str = LIKELIEST) -> dict[str, str]:
    """Return the columns that a file may bring, each with what it holds."""
    found: dict[str, str] = {}
    for name, value_kind in dataset_named(kind).target.kinds.items():
        known = column(name)
        found[name] = f"{known.description}: {value_kind.value}" if known else value_kind.value
    return found


def required_columns(kind: str = LIKELIEST) -> tuple[str, ...]:
    """Return the columns that a file must bring."""
    return dataset_named(kind).target.required


def _looked_at(home: Home, file: InputFile, kind: str, reading: Reading[Result]) -> Result | None:
    """Read the beginning of a file with the parser; None if it has a form of the dataset's own."""
    with _folder(home) as place:
        path = place.landing / "looked-at"
        form = _copy(file, kind, path)
        if form is None:
            return None
        with parser(place, deadline_s=DEADLINE_S) as connection:
            return reading(connection, path, form)


@contextmanager
def _folder(home: Home) -> Iterator[Home]:
    home.scratch.mkdir(parents=True, exist_ok=True)
    root = Path(tempfile.mkdtemp(dir=home.scratch, prefix="look-"))
    try:
        yield Home(root).create()
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _copy(file: InputFile, kind: str, path: Path) -> str | None:
    """Copy the beginning of a file as it would be landed; return the form, or None."""
    form = export.sniff(file.head())
    if form == "parquet":
        with path.open("wb") as target:
            landed_form(file.open, target, form)
        return form
    with file.open() as opened:
        beginning = opened.read(LOOKED_AT_BYTES)
    if len(beginning) == LOOKED_AT_BYTES and b"\n" in beginning:
        beginning = beginning[: beginning.rfind(b"\n") + 1]
    if form == "json":
        return "json" if _copy_json(file, beginning, kind, path) else None
    if b"\0" in beginning[:HEAD_BYTES]:
        raise StokerError(
            f"{file.name} is neither text nor Parquet.",
            next_action="Export the records as CSV, JSON or Parquet.",
        )
    with path.open("wb") as target:
        landed_form(lambda: io.BytesIO(beginning), target, form)
    return form


def _copy_json(file: InputFile, beginning: bytes, kind: str, path: Path) -> bool:
    """Copy JSON records; return whether they are rows, and not a form of the dataset's own."""
    for form in dataset_named(kind).forms:
        first = io.BytesIO()
        write_landed(io.BytesIO(beginning), first, form.split(file))
        line = next(iter(first.getvalue().splitlines()), b"{}")
        if "unusable" not in orjson.loads(line):
            return False
    with path.open("wb") as target:
        write_landed(io.BytesIO(beginning), target)
    return True
