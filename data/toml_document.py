"""TOML that a user wrote, read into a declared shape; what does not fit is named by its key."""

import re
import tomllib
from typing import Any, TypeVar

import msgspec

Shape = TypeVar("Shape")


class MisfitError(Exception):
    """A key that does not exist, or whose value does not fit; `key` is its dotted path."""

    def __init__(self, key: str, value: Any, problem: str, *, is_unknown: bool) -> None:
        super().__init__(f"{key}: {problem}")
        self.key = key
        self.value = value
        self.problem = problem
        self.is_unknown = is_unknown


def parse_toml(text: str, shape: type[Shape]) -> Shape:
    """Return TOML as a `shape`, which is a msgspec Struct.

    >>> class Shown(msgspec.Struct, forbid_unknown_fields=True):
    ...     width: int = 80
    >>> parse_toml("width = 3", Shown)
    Shown(width=3)
    >>> parse_toml("width = 'wide'", Shown)
    Traceback (most recent call last):
    data.toml_document.MisfitError: width: expected `int`, got `str`

    Raises:
        tomllib.TOMLDecodeError: it is no TOML.
        MisfitError: it has another shape.
    """
    document = tomllib.loads(text)
    try:
        return msgspec.convert(document, shape)
    except msgspec.ValidationError as error:
        raise _misfit(str(error), document) from error


def _misfit(message: str, document: dict[str, Any]) -> MisfitError:
    """Return what msgspec says, `Expected X, got Y - at $.some.key[0]`, with the value itself."""
    problem, _, path = message.partition(" - at `$")
    steps = re.findall(r"\.([^.\[\]`]+)|\[(\d+|\.\.\.)\]", path)
    unknown = re.fullmatch(r"Object contains unknown field `(.+)`", problem)
    if unknown:
        steps.append((unknown[1], ""))
    value: Any = document
    key = ""
    for name, position in steps:
        key = f"{key}.{name}".lstrip(".") if name else f"{key}[{position}]"
        try:
            value = value[name or int(position)]
        except (KeyError, TypeError, ValueError):  # msgspec writes [...] for any key of a table
            value = None
    return MisfitError(
        key, value, problem[:1].lower() + problem[1:], is_unknown=unknown is not None
    )
