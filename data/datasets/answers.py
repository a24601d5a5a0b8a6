"""AWS's JSON answers: the records in their pages and events, the fields that are read, misfits."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from importlib.resources import files
from typing import Any

from data.datasets.dataset import RecordForm
from data.raw.inputs import InputFile
from data.raw.json_landing import DEEPEST_LIST, LandedRecord, Splitter
from data.store.home import Home
from data.store.settings import load_settings

TEXT = "varchar"
JSON = "json"

# where several events or answers are one document
FREE_TEXTS = frozenset({"FailureReason", "StatusMessage"})
COLLECTIONS = ("Events", "Records", "Responses")
ENVELOPE: dict[str, Any] = {"account": TEXT, "region": TEXT, "time": TEXT, "resources": [TEXT]}


def sql_type(spec: Any) -> str:
    """Return the DuckDB type of a field.

    >>> sql_type({"Subnets": ["varchar"]})
    'struct("Subnets" varchar[])'
    """
    if isinstance(spec, dict):
        return "struct(" + ", ".join(f'"{key}" {sql_type(spec[key])}' for key in spec) + ")"
    if isinstance(spec, list):
        return f"{sql_type(spec[0])}[]"
    return str(spec)


def misfit(value: Any, spec: Any, path: str = "") -> str | None:
    """Return the path of the first object or list that is none, or None where all fit.

    >>> misfit({"VpcConfig": {"Subnets": "subnet-1"}}, {"VpcConfig": {"Subnets": ["varchar"]}})
    'VpcConfig.Subnets'
    """
    if value is None or isinstance(spec, str):
        return None
    if isinstance(spec, list):
        if not isinstance(value, list):
            return path
        return next((found for item in value if (found := misfit(item, spec[0], path))), None)
    if not isinstance(value, dict):
        return path
    below = (misfit(value.get(key), spec[key], f"{path}.{key}".lstrip(".")) for key in spec)
    return next((found for found in below if found), None)


# PowerShell 7 writes a constant as {"Value":"Failed"}, PowerShell 5 a time as {"value":"/Date(0)/"}
WRAPPINGS = (b'":{"Value":', b'":{"value":', b'"/Date(')


def plain_sql(spec: Any, value: str, depth: int = 0) -> str:
    """Return SQL for a record with every text, number and time as a plain text.

    >>> plain_sql({"Name": "varchar"}, "record")
    'case when record is not null then struct_pack("Name" := aws_time(aws_text(record."Name"))) end'
    """
    if isinstance(spec, dict):
        below = {key: plain_sql(spec[key], f'{value}."{key}"', depth) for key in spec}
        fields = ", ".join(f'"{key}" := {sql}' for key, sql in below.items())
        return f"case when {value} is not null then struct_pack({fields}) end"
    if isinstance(spec, list):
        item = f"item{depth}"
        return f"list_transform({value}, lambda {item}: {plain_sql(spec[0], item, depth + 1)})"
    return f"aws_time(aws_text({value}))" if spec == TEXT else value


def structure_sql(spec: Any, value: str) -> str:
    """Return SQL for the path of the first text of a record that is an object or a list; or null.

    What AWS words freely is left out.

    >>> structure_sql({"A": "varchar", "B": {"C": "varchar"}}, "record")
    'first_structure([record."A", record."B"."C"], [\\'A\\', \\'B.C\\'])'
    """
    texts, lists = list[tuple[str, str]](), list[tuple[str, str, Any]]()
    _gather(spec, value, "", texts, lists)
    found = []
    if texts:
        values, paths = (
            ", ".join(sql for _, sql in texts),
            ", ".join(f"'{path}'" for path, _ in texts),
        )
        found.append(f"first_structure([{values}], [{paths}])")
    for number, (path, sql, item) in enumerate(lists):
        name = f"item{number}"
        if below := structure_sql(item, name):
            # a text of an entry is known by the path of the list
            cases = f"list_transform({sql}, lambda {name}: {below})"
            found.append(
                f"case when len(list_filter({cases}, lambda found: found is not null)) > 0"
                f" then '{path}' end"
            )
    return found[0] if len(found) == 1 else f"coalesce({', '.join(found)})" if found else ""


def _gather(
    spec: Any,
    value: str,
    path: str,
    texts: list[tuple[str, str]],
    lists: list[tuple[str, str, Any]],
) -> None:
    """Gather the texts of a record, and its lists, with their paths."""
    if isinstance(spec, dict):
        for key in spec:
            if key not in FREE_TEXTS:
                _gather(spec[key], f'{value}."{key}"', f"{path}.{key}".lstrip("."), texts, lists)
    elif isinstance(spec, list):
        lists.append((path, value, spec[0]))
    elif spec == TEXT:
        texts.append((path, value))


@dataclass(frozen=True, slots=True)
class Answer:
    """An AWS Batch call whose answers are imported.

    `wrappers` hold the records of a page. `record_kind` says what an object is that may be one;
    None for what is none. `event` is the `detail-type` of events that carry a record.
    `record` are the fields that are read; `sql` is the query that types them, of the package that
    declares the dataset: a row of `answered`, without its `envelope`, with its `faults`.
    """

    what: str
    command: str
    wrappers: tuple[str, ...]
    record_kind: Callable[[dict[str, Any]], str | None]
    record: dict[str, Any]
    package: str
    sql: str
    sql_words: Mapping[str, str] = field(default_factory=dict)
    """What `{names}` in the query stand for: SQL, never from outside."""
    event: str = ""
    prepare: Callable[[InputFile, dict[str, Any]], dict[str, Any]] = lambda file, record: record
    """Adds what only the file's name says."""
    reads_settings: bool = False
    """Whether the query takes the names of tags that name a user."""

    @property
    def form(self) -> RecordForm:
        """The form of JSON that these answers have."""
        return RecordForm(
            name="aws",
            split=self._split,
            is_own=self._is_own,
            record_type=sql_type(self.record),
            envelope_type=sql_type(ENVELOPE),
            check=self._check,
            misfit=self._misfit,
        )

    def _split(self, file: InputFile) -> Splitter:
        def split(document: Any) -> Iterator[LandedRecord]:
            for record in self.records(document):
                if record.is_usable:
                    yield record._replace(record=self.prepare(file, record.record))
                else:
                    yield record

        return split

    def records(
        self, document: Any, depth: int = 0, envelope: dict[str, Any] | None = None
    ) -> Iterator[LandedRecord]:
        """Yield each record in a document, with the time of the answer or the event around it."""
        if isinstance(document, list) and depth < DEEPEST_LIST:
            for item in document:
                yield from self.records(item, depth + 1, envelope)
            return
        if not isinstance(document, dict):
            yield LandedRecord("other", document, is_usable=False)
            return
        if answered_at := _answered_at(document):
            envelope = {"time": answered_at}
        if "detail-type" in document:
            yield self._event(document)
            return
        for wrapper in (*self.wrappers, *COLLECTIONS):
            items = document.get(wrapper)
            if isinstance(items, list) and depth < DEEPEST_LIST:
                for item in items:
                    yield from self.records(item, depth + 1, envelope)
                return
        kind = self.record_kind(document)
        if kind:
            yield LandedRecord(kind, document, envelope=envelope)
        else:
            yield LandedRecord("other", document, is_usable=False)

    def _event(self, document: dict[str, Any]) -> LandedRecord:
        detail = document.get("detail")
        is_of_kind = self.event and document["detail-type"] == self.event
        if not is_of_kind or not isinstance(detail, dict):
            return LandedRecord("other_event", document, is_usable=False)
        envelope = {key: value for key, value in document.items() if key != "detail"}
        return LandedRecord("event", detail, envelope=envelope)

    def _is_own(self, document: Any) -> bool:
        first = next(self.records(document), None)
        return first is None or first.is_usable or not _has_own_columns(first.record)

    def _misfit(self, landed: dict[str, Any]) -> str | None:
        return misfit(landed.get("record"), self.record) or misfit(landed.get("envelope"), ENVELOPE)

    def _check(self, home: Home, _: bool) -> tuple[str, dict[str, Any]]:
        def text(package: str, name: str) -> str:
            return (files(package) / name).read_text(encoding="utf-8")

        typed = text(self.package, self.sql)
        for name, words in self.sql_words.items():
            typed = typed.replace("{" + name + "}", words)
        judged = text("data.datasets", "answers.sql").replace("{typed}", typed)
        parameters: dict[str, Any] = {"what": self.what, "command": self.command}
        if self.reads_settings:
            parameters["user_tags"] = load_settings(home).user_tags
        return judged, parameters


def _answered_at(document: dict[str, Any]) -> str | None:
    """Return when AWS gave an answer, where the whole answer was written down."""
    metadata = document.get("ResponseMetadata")
    headers = metadata.get("HTTPHeaders") if isinstance(metadata, dict) else None
    date = headers.get("date") if isinstance(headers, dict) else None
    if not isinstance(date, str):
        return None
    try:
        answered_at = parsedate_to_datetime(date)
    except ValueError:
        return None
    return answered_at.isoformat() if answered_at.tzinfo else None


def _has_own_columns(record: Any) -> bool:
    """Whether a record is a row of an export, with columns of Stoker's own."""
    return isinstance(record, dict) and any("_" in key for key in record)
