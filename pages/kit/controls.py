"""The controls of a page as data: each shows a value, and says what to do with another one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Slider:
    """A number to slide."""

    label: str
    key: str
    value: float
    on_change: Callable[[float], None]
    highest: float
    step: float
    help: str | None = None


@dataclass(frozen=True, slots=True)
class NumberField:
    """A whole number to type; None is no number."""

    label: str
    key: str
    value: int | None
    on_change: Callable[[int | None], None]
    lowest: int = 0
    highest: int | None = None
    step: int = 1
    placeholder: str | None = None
    help: str | None = None
    width: int | None = None


@dataclass(frozen=True, slots=True)
class Segments:
    """A few options side by side, one of which is always chosen."""

    label: str
    key: str
    value: str
    on_change: Callable[[str], None]
    options: Mapping[str, str]
    help: str | None = None
    is_label_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Select:
    """A list of options; None is none of them."""

    label: str
    key: str
    value: str | None
    on_change: Callable[[str | None], None]
    options: Mapping[str, str]
    placeholder: str | None = None
    help: str | None = None
    width: int | None = None
    is_label_hidden: bool = False


@dataclass(frozen=True, slots=True)
class MultiSelect:
    """A list of options, any number of which can be chosen."""

    label: str
    key: str
    values: Sequence[str]
    on_change: Callable[[list[str]], None]
    options: Mapping[str, str]
    placeholder: str | None = None
    help: str | None = None


@dataclass(frozen=True, slots=True)
class Toggle:
    """A switch."""

    label: str
    key: str
    value: bool
    on_change: Callable[[bool], None]


@dataclass(frozen=True, slots=True)
class SearchField:
    """A text to look for."""

    label: str
    key: str
    value: str
    on_change: Callable[[str], None]
    placeholder: str | None = None
    width: int | None = None


@dataclass(frozen=True, slots=True)
class DateField:
    """A day to choose."""

    label: str
    key: str
    value: date
    on_change: Callable[[date], None]
    width: int | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """Something to do at a click."""

    label: str
    key: str
    on_click: Callable[[], None]
    icon: str | None = None
    help: str | None = None
    is_quiet: bool = False
    is_disabled: bool = False


Control = (
    Slider
    | NumberField
    | Segments
    | Select
    | MultiSelect
    | Toggle
    | SearchField
    | DateField
    | Button
)
