"""A mapping's document as TOML text, the part of TOML that mappings need."""

import re
from typing import Any

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SHORT_ESCAPES = {"\b": r"\b", "\t": r"\t", "\n": r"\n", "\f": r"\f", "\r": r"\r"}


def toml_document(document: dict[str, Any], *, table: str) -> str:
    """Return `document` as TOML: one line a key, and the dictionary under `table` as a table.

    >>> print(toml_document({"kind": "jobs", "columns": {"job_name": "id"}}, table="columns"))
    kind = "jobs"
    <BLANKLINE>
    [columns]
    job_name = "id"
    <BLANKLINE>
    """
    lines = [f"{_key(key)} = {_value(document[key])}" for key in document if key != table]
    rows = [f"{_key(key)} = {_value(value)}" for key, value in document.get(table, {}).items()]
    if rows:
        lines += ["", f"[{_key(table)}]", *rows] if lines else [f"[{_key(table)}]", *rows]
    return "".join(f"{line}\n" for line in lines)


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _text(key)


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return _text(value)
        case list() | tuple():
            return "[" + ", ".join(_value(item) for item in value) + "]"
        case dict():
            inner = ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items())
            return f"{{ {inner} }}" if inner else "{}"
    raise TypeError(f"TOML has no form for {value!r}")


def _text(text: str) -> str:
    # a pattern reads best unescaped
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    escaped = (_escaped(character) for character in text.replace("\\", "\\\\"))
    return '"' + "".join(escaped) + '"'


def _escaped(character: str) -> str:
    if character == '"':
        return r"\""
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    code = ord(character)
    return f"\\u{code:04X}" if code < 0x20 or code == 0x7F else character
