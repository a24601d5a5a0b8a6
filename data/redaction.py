"""Removal of the values that may hold secrets: hyperparameters and environment variables."""

from typing import Any

import orjson

SECRET_KEYS = frozenset({"hyperparameters", "environment"})
PAYLOAD_KEY = "servicerequestpayload"


def may_hold_secrets(line: bytes) -> bool:
    """Whether a JSON text could name a secret key; an escaped key counts as one."""
    lowered = line.lower()
    return b"hyperparameters" in lowered or b"environment" in lowered or b"\\u" in lowered


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
