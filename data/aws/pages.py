"""What a source hands over: pages to land, and the steps that it is going to take."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Page:
    """Answers of AWS as they are landed: a file of a kind, whose content is JSON or JSON lines.

    `on_merged` is called once the page is merged, and never before: it says how far was read.
    """

    kind: str
    name: str
    content: bytes
    on_merged: Callable[[], None] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a synchronisation: what it reads, in how many requests, at what cost."""

    what: str
    request_count: int
    cost_usd: float = 0.0
    seconds: float = 0.0
    is_least: bool = False
    """Whether there may be more: only AWS knows how much there is."""


def json_lines(answers: list[dict[str, Any]]) -> bytes:
    """Return answers as they are landed, one a line.

    >>> json_lines([{"jobId": "a"}])
    b'{"jobId":"a"}\\n'
    """
    return b"".join(orjson.dumps(answer) + b"\n" for answer in answers)


def timed(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer with its time, and nothing else of how it was transmitted.

    >>> timed({"a": 1, "ResponseMetadata": {"RequestId": "r", "HTTPHeaders": {"date": "D"}}})
    {'a': 1, 'ResponseMetadata': {'HTTPHeaders': {'date': 'D'}}}
    """
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    kept = {key: value for key, value in answer.items() if key != "ResponseMetadata"}
    if "date" in headers:
        kept["ResponseMetadata"] = {"HTTPHeaders": {"date": headers["date"]}}
    return kept


def bare(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without how it was transmitted: equal answers are one.

    >>> bare({"a": 1, "ResponseMetadata": {"RequestId": "r"}})
    {'a': 1}
    """
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}
