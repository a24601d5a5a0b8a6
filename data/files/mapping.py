"""A mapping: which column of a foreign export becomes which canonical column, and by what rule."""

import hashlib
import json
import tomllib
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import tomlkit

from data.datasets.catalog import LIKELIEST, dataset_named, datasets
from data.errors import StokerError
from data.files import mapping_schema as reading


@dataclass(frozen=True, slots=True)
class Rule:
    """How the values of one canonical column come about.

    In this order: the column (several are joined with "|"), else its fallbacks; null values become
    null; the pattern's first group; `values`; `default` where nothing is left; then, once typed,
    the scale, or the added seconds (whose columns the scale is for then).
    """

    columns: tuple[str, ...] = ()
    constant: str | None = None
    fallback: tuple[str, ...] = ()
    null_values: tuple[str | float, ...] = ()
    pattern: str | None = None
    values: tuple[tuple[str, str], ...] = ()
    default: str | None = None
    unit: str | None = None
    scale: float | None = None
    plus_s: tuple[str | float, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """The source columns that the rule reads."""
        added = (item for item in self.plus_s if isinstance(item, str))
        return (*self.columns, *self.fallback, *added)

    def document(self) -> Any:
        """Return the rule as it stands in TOML, in its shortest form."""
        if self == Rule(columns=self.columns):
            return self.columns[0] if len(self.columns) == 1 else list(self.columns)
        fields: dict[str, Any] = {
            "column": _shortest(self.columns),
            "constant": self.constant,
            "fallback": _shortest(self.fallback),
            "null_values": list(self.null_values),
            "pattern": self.pattern,
            "values": dict(self.values),
            "default": self.default,
            "unit": self.unit,
            "scale": self.scale,
            "plus_s": _shortest(self.plus_s),
        }
        return {key: value for key, value in fields.items() if value not in (None, [], {})}


@dataclass(frozen=True, slots=True)
class LeaveOut:
    """Rows that are not read: those whose column has one of the values, or matches the pattern."""

    column: str
    values: tuple[str, ...] = ()
    pattern: str | None = None

    def document(self) -> Any:
        """Return it as it stands in TOML."""
        return {"pattern": self.pattern} if self.pattern is not None else _shortest(self.values)


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How a file is written; what is None is told from it.

    `rows` is for JSON, the key below which the rows lie; the others are for delimited text.
    """

    delimiter: str | None = None
    header: bool | None = None
    columns: tuple[str, ...] = ()
    quote: str | None = None
    escape: str | None = None
    comment: str | None = None
    skip: int = 0
    decimal: str | None = None
    rows: str | None = None

    @property
    def has_header(self) -> bool:
        """Whether the first line names the columns."""
        return not self.columns if self.header is None else self.header

    def document(self) -> dict[str, Any]:
        """Return the format as it stands in TOML."""
        fields: dict[str, Any] = {
            "delimiter": self.delimiter,
            "header": self.header,
            "columns": list(self.columns),
            "quote": self.quote,
            "escape": self.escape,
            "comment": self.comment,
            "skip": self.skip or None,
            "decimal": self.decimal,
            "rows": self.rows,
        }
        return {key: value for key, value in fields.items() if value not in (None, [])}


@dataclass(frozen=True, slots=True)
class Mapping:
    """How one kind of foreign file is read."""

    name: str
    columns: dict[str, Rule] = field(default_factory=dict)
    format: FileFormat = FileFormat()
    time_zone: str | None = None
    kind: str = LIKELIEST
    leave_out: tuple[LeaveOut, ...] = ()

    @classmethod
    def parse(cls, text: str, name: str, *, kind: str | None = None) -> Self:
        """Read a mapping from TOML; `kind` is what it is for where it does not say so itself.

        Raises:
            StokerError: something in it is wrong; the key at fault is named.
        """
        try:
            document = tomllib.loads(text)
        except ValueError as error:
            raise StokerError(
                f"The mapping {name} is not TOML: {error}.",
                next_action="Correct that line; docs/examples has mappings to start from.",
            ) from error
        reader = reading.Reader(name)
        reader.refuse_unknown(document, ("format", "time_zone", "kind", "columns", "leave_out"), "")
        kind = reader.kind(document.get("kind"), datasets(), kind or LIKELIEST)
        reader = reading.Reader(name, dataset_named(kind).target)
        return cls(
            name=name,
            columns={
                column: Rule(**reader.rule(column, rule))
                for column, rule in reader.table(document, "columns").items()
            },
            format=FileFormat(**reader.file_format(reader.table(document, "format"))),
            time_zone=reader.time_zone(document.get("time_zone")),
            kind=kind,
            leave_out=tuple(
                LeaveOut(column, **reader.leave_out(column, given))
                for column, given in reader.table(document, "leave_out").items()
            ),
        )

    @property
    def hash(self) -> str:
        """The SHA-256 of what the mapping does, however it is written."""
        meaning = asdict(self)
        # the name stands in the account of jobs, unless the mapping says the account
        is_named = dataset_named(self.kind).target.is_named_by_mapping
        if "account_id" in self.columns or not is_named:
            del meaning["name"]
        return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()

    def to_toml(self) -> str:
        """Return the mapping as TOML that `parse` reads back."""
        return tomlkit.dumps(self._document())

    def _document(self) -> dict[str, Any]:
        document: dict[str, Any] = {"kind": self.kind}
        if self.format.document():
            document["format"] = self.format.document()
        if self.time_zone:
            document["time_zone"] = self.time_zone
        rules = ((name, rule.document()) for name, rule in self.columns.items())
        document["columns"] = {name: _on_one_line(rule) for name, rule in rules}
        if self.leave_out:
            document["leave_out"] = {
                one.column: _on_one_line(one.document()) for one in self.leave_out
            }
        return document


def _on_one_line(rule: Any) -> Any:
    """Return a rule for TOML as people write it: a table in braces, a pattern without escapes."""
    match rule:
        case dict():
            table = tomlkit.inline_table()
            table.update({name: _on_one_line(item) for name, item in rule.items()})
            return table
        case str() if "\\" in rule and "'" not in rule and rule.isprintable():
            return tomlkit.string(rule, literal=True)
    return rule


def _shortest(items: tuple[str | float, ...]) -> Any:
    return items[0] if len(items) == 1 else list(items)
