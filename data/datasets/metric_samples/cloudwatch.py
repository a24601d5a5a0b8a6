"""Answers of CloudWatch's get-metric-data: series of samples, and the queries that say of what.

An answer names its series by `Id` and `Label` only. Host and metric come from the queries: in the
same document, in a file beside the answer, or from a label such as `job/algo-1 GPUUtilization`.
"""

import re
from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import Any

import orjson

from data.datasets.dataset import RecordForm
from data.errors import StokerError
from data.raw.inputs import InputFile
from data.raw.json_landing import DEEPEST_LIST, LandedRecord, Splitter
from data.store.home import Home

LARGEST_QUERY_FILE_BYTES = 8 * 2**20
RESULTS, QUERIES = "MetricDataResults", "MetricDataQueries"
# whose answer it is: `stoker sync` writes it down beside the queries
PLACE = ("AccountId", "Region")
_HOST = re.compile(r"\S+/algo-\d+")
_METRIC = re.compile(r"[A-Za-z][\w:.-]*")

_QUERY_TYPE = (
    'struct("AccountId" varchar, "Label" varchar, "Period" varchar, "MetricStat" struct('
    '"Metric" struct("Namespace" varchar, "MetricName" varchar,'
    ' "Dimensions" struct("Name" varchar, "Value" varchar)[]),'
    ' "Period" varchar, "Stat" varchar, "Unit" varchar))'
)
RECORD_TYPE = (
    'struct("Id" varchar, "Label" varchar, "StatusCode" varchar, "Timestamps" varchar[],'
    ' "Values" varchar[], "Host" varchar, "MetricName" varchar, "AccountId" varchar,'
    f' "Region" varchar, "Query" {_QUERY_TYPE})'
)

Queries = dict[str, Any]


def split(file: InputFile) -> Splitter:
    """Return what tells the series of a document, with the queries beside the file."""
    beside: list[Queries] = []

    def series(document: Any, depth: int = 0) -> Iterator[LandedRecord]:
        if isinstance(document, list) and depth < DEEPEST_LIST and not is_queries(document):
            for item in document:
                yield from series(item, depth + 1)
        elif isinstance(document, dict) and isinstance(document.get(RESULTS), list):
            results = document[RESULTS]
            own = queries_of(document)
            if not own and not beside:
                beside.extend(_queries_beside(file))
            queries = own or _fitting(results, beside)
            place = {key: document[key] for key in PLACE if isinstance(document.get(key), str)}
            for result in results:
                yield _series(result, queries, place)
        elif not is_queries(document):
            yield LandedRecord("other", document, is_usable=False)

    return series


def is_answer(document: Any) -> bool:
    """Whether a document is an answer of get-metric-data, or its queries."""
    if isinstance(document, list) and document and not is_queries(document):
        document = document[0]
    return is_queries(document) or (isinstance(document, dict) and RESULTS in document)


def is_queries(document: Any) -> bool:
    """Whether a document is the queries of an answer, and nothing else."""
    if isinstance(document, dict):
        return RESULTS not in document and isinstance(document.get(QUERIES), list)
    return isinstance(document, list) and any(_is_query(item) for item in document)


def queries_of(document: Any) -> Queries:
    """Return the queries in a document by their ids."""
    found = document.get(QUERIES, []) if isinstance(document, dict) else document
    if not isinstance(found, list):
        return {}
    return {str(query["Id"]): query for query in found if _is_query(query)}


def _is_query(item: Any) -> bool:
    return (
        isinstance(item, dict) and "Id" in item and ("MetricStat" in item or "Expression" in item)
    )


def _series(result: Any, queries: Queries, place: dict[str, str]) -> LandedRecord:
    if not isinstance(result, dict):
        return LandedRecord("other", result, is_usable=False)
    query = queries.get(str(result.get("Id")))
    host, metric = _labelled(str(result.get("Label") or ""))
    record = {
        **{key: result.get(key) for key in ("Id", "Label", "StatusCode", "Timestamps", "Values")},
        "Host": host,
        "MetricName": metric,
        **place,
        "Query": query,
    }
    timestamps = result.get("Timestamps")
    sample_count = len(timestamps) if isinstance(timestamps, list) else 1
    return LandedRecord("series", record, row_count=sample_count)


def _labelled(label: str) -> tuple[str | None, str | None]:
    """Return the host and the metric that a label carries."""
    host = _HOST.search(label)
    if host is None:
        return None, None
    rest = label[: host.start()] + " " + label[host.end() :]
    metrics = _METRIC.findall(rest)
    return host[0], metrics[0] if len(metrics) == 1 else None


def _queries_beside(file: InputFile) -> Iterator[Queries]:
    """Yield what lies beside an answer and holds queries: of its own name first."""
    stem = re.sub(r"(\.json)?(\.gz)?$", "", file.name.rsplit("/", 1)[-1])
    candidates = [
        other
        for other in file.beside().values()
        if ".json" in other.name and (other.size or 0) <= LARGEST_QUERY_FILE_BYTES
    ]
    candidates.sort(
        key=lambda other: (not other.name.rsplit("/", 1)[-1].startswith(stem), other.name)
    )
    for other in candidates:
        try:
            with other.open() as opened:
                document = orjson.loads(opened.read(LARGEST_QUERY_FILE_BYTES))
        except (OSError, ValueError, EOFError, StokerError):
            continue
        if is_queries(document):
            yield queries_of(document)


def _fitting(results: Iterable[Any], beside: list[Queries]) -> Queries:
    """Return the first queries that know every series of an answer."""
    ids = {str(result.get("Id")) for result in results if isinstance(result, dict)}
    return next((queries for queries in beside if ids <= set(queries)), {})


def _misfit(landed: dict[str, Any]) -> str | None:
    record = landed.get("record")
    if not isinstance(record, dict):
        return None
    for key in ("Timestamps", "Values"):
        if not isinstance(record.get(key), list):
            return key
    query = record.get("Query")
    if query is None:
        return None
    stat = query.get("MetricStat") if isinstance(query, dict) else None
    metric = stat.get("Metric") if isinstance(stat, dict) else None
    dimensions = metric.get("Dimensions", []) if isinstance(metric, dict) else None
    is_sound = stat is None or (
        isinstance(dimensions, list) and all(isinstance(item, dict) for item in dimensions)
    )
    return None if is_sound else "Query"


def _rows(home: Home) -> tuple[str, dict[str, Any]]:
    script = files("data.datasets.metric_samples") / "cloudwatch.sql"
    return script.read_text(encoding="utf-8"), {}


CLOUDWATCH = RecordForm(
    name="cloudwatch",
    split=split,
    is_own=is_answer,
    record_type=RECORD_TYPE,
    rows=_rows,
    misfit=_misfit,
)
