"""AWS's JSON: describe, list and Search answers and EventBridge events become landed records.

A landed file has one record a line: `{"line": n, "as": kind, "record": {...}}`, where n counts the
records of the source from 1. What is not JSON lands as its length and SHA-256 only.
"""

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, BinaryIO

import duckdb
import orjson
import pyarrow as pa

from data.datasets.training_jobs.aws_record import RECORD, TEXT, misfit, sql_type
from data.raw.redaction import redact_line

CHUNK_BYTES = 8 * 2**20
DEEPEST_LIST = 4
UNUSABLE = ("other", "other_event")
EVENT_TYPE = "SageMaker Training Job State Change"

ENVELOPE = {"account": TEXT, "region": TEXT, "time": TEXT, "resources": [TEXT]}
LONGEST_LINE_BYTES = 2**27

_DESCRIBE_ONLY = ("RoleArn", "AlgorithmSpecification", "ResourceConfig", "ServerlessJobConfig")


@dataclass(slots=True)
class Landed:
    """What was written: how many records, and whether they are job exports with own columns."""

    record_count: int = 0
    is_export: bool = False
    file_name: str | None = None


class Bundle(io.RawIOBase):
    """Several JSON files taken in as one: `members` are (name, how to open)."""

    def __init__(self, members: list[tuple[str, Callable[[], BinaryIO]]]) -> None:
        self.members = members

    def read(self, amount: int = -1) -> bytes:
        """Return the beginning of the first member, to tell the format by."""
        with self.members[0][1]() as opened:
            return opened.read(amount)


def write_landed(
    source: BinaryIO | Bundle,
    target: BinaryIO,
    *,
    is_export: bool = False,
    keep_secrets: bool = False,
) -> Landed:
    """Write the records of `source` (JSON lines, or documents) as landed lines."""
    landed = Landed(is_export=is_export)
    if isinstance(source, Bundle):
        for name, opening in source.members:
            landed.file_name = name
            with opening() as opened:
                _write_file(opened, target, landed, keep_secrets=keep_secrets)
    else:
        _write_file(source, target, landed, keep_secrets=keep_secrets)
    return landed


def _write_file(source: BinaryIO, target: BinaryIO, landed: Landed, *, keep_secrets: bool) -> None:
    head = source.read(CHUNK_BYTES).removeprefix(b"\xef\xbb\xbf")
    first_line = next((line for line in head.split(b"\n") if line.strip()), b"")
    is_one_a_line = _is_json(first_line) or not first_line.lstrip().startswith((b"{", b"["))
    if not is_one_a_line:
        # written over many lines, or broken: a document is read as a whole
        head += source.read()
        documents = _documents(head)
        if documents:
            chunks: Iterable[list[bytes]] = [documents]
        else:
            chunks = [head.split(b"\n") if _has_json_line(head) else [head]]
    else:
        chunks = (chunk.split(b"\n") for chunk in _chunks(head, source))
    for texts in chunks:
        lines: list[bytes] = []
        for text in texts:
            _land_text(text, lines, landed, keep_secrets=keep_secrets)
        target.write(b"".join(lines))


def _chunks(head: bytes, source: BinaryIO) -> Iterator[bytes]:
    """Yield runs of whole lines."""
    rest = b""
    content = head
    while content:
        end = content.rfind(b"\n")
        if end < 0:
            rest += content
        else:
            yield rest + content[:end]
            rest = content[end + 1 :]
        content = source.read(CHUNK_BYTES)
    if rest:
        yield rest


def _has_json_line(content: bytes) -> bool:
    """Whether some line is a JSON object: then the lines are records, and some are broken."""
    return any(line.startswith(b"{") and _is_json(line) for line in content.split(b"\n"))


def _is_json(text: bytes) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def _documents(text: bytes) -> list[bytes]:
    """Return the JSON documents that stand one after the other, or nothing if they do not."""
    if _is_json(text):
        return [text]
    decoder = json.JSONDecoder()
    try:
        content = text.decode()
        position, documents = 0, []
        while position < len(content):
            if content[position].isspace():
                position += 1
                continue
            _, end = decoder.raw_decode(content, position)
            documents.append(content[position:end].encode())
            position = end
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        return []
    return documents


def _land_text(text: bytes, lines: list[bytes], landed: Landed, *, keep_secrets: bool) -> None:
    if not text or text.isspace():
        return
    named = b',"file":%s' % orjson.dumps(landed.file_name) if landed.file_name else b""
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        landed.record_count += 1
        lines.append(
            b'{"line":%d%s,"unparsed":{"bytes":%d,"sha256":"%s"}}\n'
            % (
                landed.record_count,
                named,
                len(text),
                hashlib.sha256(text).hexdigest().encode(),
            )
        )
        return
    if not keep_secrets:
        document = redact_line(text, document)
    for kind, record, envelope in _records(document, landed):
        landed.record_count += 1
        extra = b',"envelope":%s' % orjson.dumps(envelope) if envelope else b""
        lines.append(
            b'{"line":%d%s,"as":"%s"%s,"%s":%s}\n'
            % (
                landed.record_count,
                named,
                kind.encode(),
                extra,
                b"unusable" if kind in UNUSABLE else b"record",
                orjson.dumps(record),
            )
        )


def _records(
    document: Any, landed: Landed, depth: int = 0
) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Yield (kind, record, the envelope of an event) for each record in a document."""
    if isinstance(document, list) and depth < DEEPEST_LIST:
        for item in document:
            yield from _records(item, landed, depth + 1)
        return
    if not isinstance(document, dict):
        yield "other", document, {}
        return
    if landed.is_export:
        yield "export", document, {}
        return
    for wrapper in ("TrainingJobSummaries", "Results", "TrainingJobs", "Events", "Records"):
        items = document.get(wrapper)
        if isinstance(items, list) and depth < DEEPEST_LIST:
            for item in items:
                yield from _records(item, landed, depth + 1)
            return
    if isinstance(document.get("TrainingJob"), dict):
        record = document["TrainingJob"]
        yield "search", record, {}
        return
    if "detail-type" in document or "detail" in document:
        detail = document.get("detail")
        if document.get("detail-type") != EVENT_TYPE or not isinstance(detail, dict):
            yield "other_event", document, {}
            return
        envelope = {key: value for key, value in document.items() if key != "detail"}
        yield "event", detail, envelope
        return
    if "TrainingJobName" in document or "TrainingJobArn" in document:
        is_full = any(key in document for key in _DESCRIBE_ONLY)
        yield ("describe" if is_full else "summary"), document, {}
        return
    if landed.record_count == 0 and "job_name" in document:
        landed.is_export = True
        yield "export", document, {}
        return
    yield "other", document, {}


def stage(connection: duckdb.DuckDBPyConnection, path: Path, *, user_tags: list[str]) -> None:
    """Type the landed records at `path` into the parser's table `checked`."""
    connection.execute("create temp table misfits (line bigint, field varchar)")
    try:
        connection.execute(_read(ignore_errors=False), {"path": str(path)})
    except duckdb.InvalidInputException:
        # some field has a JSON type that is not AWS's: find which, then read the rest
        with path.open("rb") as opened:
            misfits = [found for line in opened if (found := _misfit(line))]
        connection.register(
            "found_misfits",
            pa.table({"line": [n for n, _ in misfits], "field": [f for _, f in misfits]}),
        )
        connection.execute("insert into misfits select line, field from found_misfits")
        connection.unregister("found_misfits")
        connection.execute(_read(ignore_errors=True), {"path": str(path)})
    script = (files("data.datasets.training_jobs") / "aws_json.sql").read_text(encoding="utf-8")
    connection.execute(script, {"user_tags": user_tags})


def _read(*, ignore_errors: bool) -> str:
    return f"""
        create temp table landed as
        select * from read_json(
            $path,
            format = 'newline_delimited',
            maximum_object_size = {LONGEST_LINE_BYTES},
            ignore_errors = {ignore_errors},
            columns = {{
                line: 'bigint',
                file: 'varchar',
                "as": 'varchar',
                unparsed: 'struct(bytes bigint, sha256 varchar)',
                unusable: 'json',
                envelope: '{sql_type(ENVELOPE)}',
                record: '{sql_type(RECORD)}'
            }}
        )"""


def _misfit(line: bytes) -> tuple[int, str] | None:
    landed = orjson.loads(line)
    field = misfit(landed.get("record")) or misfit(landed.get("envelope"), ENVELOPE)
    return (landed["line"], field) if field else None
