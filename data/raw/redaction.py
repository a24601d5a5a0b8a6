"""Removal of values that may hold secrets, at any depth, in JSON inside JSON text too."""

import json
from typing import Any

import orjson

from data.raw.secrets import (
    fingerprint,
    is_payload,
    is_secret,
    is_secret_structure,
    may_mention,
    mentions,
    word_count,
)

# {"Name": "Environment", "Value": ...} is an entry as {"Environment": ...} is
_NAME_KEYS = frozenset({"name", "key", "variable", "field", "label"})
_VALUE_KEYS = frozenset({"value", "values", "stringvalue", "text"})
SHORTEST_MENTION = 6


def redact_line(text: bytes, document: Any) -> Any:
    """Return `document`, read from `text`, redacted; quick where secrets are top-level only."""
    mention_count = word_count(text)
    if mention_count == 0:
        return document
    if isinstance(document, dict):
        named = [key for key in document if is_secret(key)]
        for key in named:
            document[key] = _emptied(document[key])
        if sum(word_count(key.encode()) for key in named) == mention_count:
            return document
    return redact(document)


def redact(document: Any) -> Any:
    """Return `document` with every value that may hold a secret emptied, in place.

    >>> redact({"a": [{"Environment": {"TOKEN": "x"}}], "b": '{"hyper_parameters": {"k": "x"}}'})
    {'a': [{'Environment': {}}], 'b': '{"hyper_parameters":{}}'}
    """
    if isinstance(document, str):
        return redact_text(document)
    pending = [document]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            for place, item in enumerate(node):
                if isinstance(item, dict | list):
                    pending.append(item)
                elif isinstance(item, str):
                    node[place] = redact_text(item)
        elif isinstance(node, dict):
            _redact_entries(node, pending)
    return document


def redact_text(text: str) -> str:
    """Return a text redacted: JSON inside, a text that mentions a secret as its fingerprint."""
    if len(text) < SHORTEST_MENTION:
        return text
    content = text.encode("utf-8", "surrogatepass")
    if not may_mention(content):
        return text
    if text.lstrip()[:1] in ("{", "[", '"'):
        try:
            document = _loaded(text)
        except (ValueError, RecursionError):
            pass
        else:
            redacted = redact(document)
            return _dumped(redacted)
    return fingerprint(content) if mentions(text) else text


def _redact_entries(node: dict[Any, Any], pending: list[Any]) -> None:
    is_secret_pair = any(
        isinstance(value, str) and key.casefold() in _NAME_KEYS and is_secret(value)
        for key, value in node.items()
    )
    renamed = [key for key in node if mentions(key)]
    for key in renamed:
        node[fingerprint(key.encode("utf-8", "surrogatepass"))] = None
        del node[key]
    for key, value in node.items():
        if is_secret(key) or (is_secret_pair and key.casefold() in _VALUE_KEYS):
            node[key] = _emptied(value)
        elif is_payload(key) and isinstance(value, str):
            node[key] = _redacted_payload(value)
        elif isinstance(value, dict | list):
            if is_secret_structure(key):
                node[key] = _emptied(value)
            else:
                pending.append(value)
        elif isinstance(value, str):
            node[key] = redact_text(value)


def _emptied(value: Any) -> Any:
    return {} if isinstance(value, dict) else None


def _redacted_payload(text: str) -> str | None:
    """Return a request in JSON, redacted; what is no JSON is emptied."""
    try:
        payload = _loaded(text)
    except (ValueError, RecursionError):
        return None
    return None if isinstance(payload, str) else _dumped(redact(payload))


def _loaded(text: str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError:
        # NaN, and whole numbers of any length
        return json.loads(text)


def _dumped(document: Any) -> str:
    try:
        return orjson.dumps(document).decode()
    except (TypeError, UnicodeEncodeError):
        return json.dumps(document, separators=(",", ":"))
