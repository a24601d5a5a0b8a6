"""Removal of the values that may hold secrets: hyperparameters and environment variables."""

from typing import Any

import orjson

SECRET_KEYS = frozenset({"hyperparameters", "environment"})
PAYLOAD_KEY = "servicerequestpayload"


def redact_line(text: bytes, document: Any) -> Any:
    """Return `document`, read from `text`, redacted; quick where secrets are top-level only."""
    lowered = text.lower()
    mention_count = lowered.count(b"hyperparameters") + lowered.count(b"environment")
    if b"\\u" not in lowered and PAYLOAD_KEY.encode() not in lowered:
        if mention_count == 0:
            return document
        if isinstance(document, dict):
            named = [key for key in document if key.casefold() in SECRET_KEYS]
            for key in named:
                document[key] = {} if isinstance(document[key], dict) else None
            if len(named) == mention_count:
                return document
    return redact(document)


def redact(document: Any) -> Any:
    """Return `document` with the values under SECRET_KEYS emptied, at any depth, in place.

    A `serviceRequestPayload` is a JSON text: it is redacted inside, and emptied if it is no JSON.

    >>> redact({"a": [{"Environment": {"TOKEN": "x"}}]})
    {'a': [{'Environment': {}}]}
    """
    pending = [document]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending.extend(item for item in node if isinstance(item, dict | list))
            continue
        if not isinstance(node, dict):
            continue
        for key, value in node.items():
            folded = key.casefold()
            if folded in SECRET_KEYS:
                node[key] = {} if isinstance(value, dict) else None
            elif folded == PAYLOAD_KEY and isinstance(value, str):
                node[key] = _redacted_payload(value)
            elif isinstance(value, dict | list):
                pending.append(value)
    return document


def _redacted_payload(text: str) -> str | None:
    try:
        payload = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return orjson.dumps(redact(payload)).decode()
