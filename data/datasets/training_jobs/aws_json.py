"""AWS's JSON: the training job records in describe, list and Search answers and in events."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from data.datasets.answers import WRAPPINGS, misfit, plain_sql, sql_type, structure_sql
from data.datasets.dataset import RecordForm
from data.datasets.training_jobs.aws_record import ENVELOPE, RECORD
from data.raw.json_landing import DEEPEST_LIST, LandedRecord
from data.store.home import Home
from data.store.settings import load_settings

EVENT_TYPE = "SageMaker Training Job State Change"
WRAPPERS = ("TrainingJobSummaries", "Results", "TrainingJobs", "Events", "Records")
_DESCRIBE_ONLY = ("RoleArn", "AlgorithmSpecification", "ResourceConfig", "ServerlessJobConfig")


def records(document: Any, depth: int = 0) -> Iterator[LandedRecord]:
    """Yield each record in a document: what kind of answer it is, and the envelope of an event."""
    if isinstance(document, list) and depth < DEEPEST_LIST:
        for item in document:
            yield from records(item, depth + 1)
        return
    if not isinstance(document, dict):
        yield LandedRecord("other", document, is_usable=False)
        return
    for wrapper in WRAPPERS:
        items = document.get(wrapper)
        if isinstance(items, list) and depth < DEEPEST_LIST:
            for item in items:
                yield from records(item, depth + 1)
            return
    if isinstance(document.get("TrainingJob"), dict):
        yield LandedRecord("search", document["TrainingJob"])
    elif "detail-type" in document or "detail" in document:
        yield _event(document)
    elif "TrainingJobName" in document or "TrainingJobArn" in document:
        is_full = any(key in document for key in _DESCRIBE_ONLY)
        yield LandedRecord("describe" if is_full else "summary", document)
    else:
        yield LandedRecord("other", document, is_usable=False)


def _event(document: dict[str, Any]) -> LandedRecord:
    detail = document.get("detail")
    if document.get("detail-type") != EVENT_TYPE or not isinstance(detail, dict):
        return LandedRecord("other_event", document, is_usable=False)
    envelope = {key: value for key, value in document.items() if key != "detail"}
    return LandedRecord("event", detail, envelope=envelope)


def is_aws(document: Any) -> bool:
    """Whether a document is AWS's and no row of an export with columns of Stoker's own."""
    first = next(records(document), None)
    return first is None or first.is_usable or not _has_own_columns(first.record)


def _has_own_columns(record: Any) -> bool:
    return isinstance(record, dict) and "job_name" in record


def _misfit(landed: dict[str, Any]) -> str | None:
    return misfit(landed.get("record"), RECORD) or misfit(landed.get("envelope"), ENVELOPE)


def _check(home: Home, has_wrapped: bool) -> tuple[str, dict[str, Any]]:
    # here: lists and help declare datasets, and need not wait for what reads mappings
    from data.datasets.training_jobs.words import known_words

    script = files("data.datasets.training_jobs") / "aws_json.sql"
    query = script.read_text(encoding="utf-8")
    plain = f"landed.* replace ({plain_sql(RECORD, 'record')} as record)"
    query = query.replace("{landed_columns}", plain if has_wrapped else "landed.*")
    query = query.replace("{structure}", structure_sql(RECORD, "record"))
    return query, {"user_tags": load_settings(home).user_tags, **known_words()}


AWS_JSON = RecordForm(
    name="aws",
    split=lambda file: records,
    is_own=is_aws,
    record_type=sql_type(RECORD),
    envelope_type=sql_type(ENVELOPE),
    check=_check,
    wrappings=WRAPPINGS,
    misfit=_misfit,
)
