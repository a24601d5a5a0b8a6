"""The parameters of queries: each reads its own value from text, or says what it expects."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from data.errors import WrongUseError

LONGEST_PERIOD_S = 10**9
LEAST_GAIN_USD = 1.0


class Parameter(Protocol):
    """One parameter of a query: `--set name=value`."""

    @property
    def help(self) -> str:
        """What it is, in a few words."""

    @property
    def default(self) -> Any:
        """Its value where none is given; None where the query decides."""

    @property
    def choices(self) -> tuple[str, ...]:
        """The values it can have; empty where they cannot be listed."""

    def parse(self, name: str, text: str) -> Any:
        """Return the value that a text gives.

        Raises:
            WrongUseError: it is none of this parameter's values.
        """


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words. A word may stand for SQL of ours: `{name}` in the query's file."""

    help: str
    options: tuple[str, ...] | Mapping[str, str]
    default: str

    @property
    def choices(self) -> tuple[str, ...]:
        """The words."""
        return tuple(self.options)

    @property
    def sql(self) -> Mapping[str, str]:
        """The SQL that the words stand for, if any."""
        return self.options if isinstance(self.options, Mapping) else {}

    def parse(self, name: str, text: str) -> str:
        """Return the word."""
        if text not in self.options:
            raise WrongUseError(
                f"'{name}' cannot be '{text}'.",
                next_action=f"Use one of: {', '.join(self.options)}.",
            )
        return text


@dataclass(frozen=True, slots=True)
class Number:
    """A number of 0 or more, up to `highest`."""

    help: str
    default: float | None = None
    is_whole: bool = False
    choices: tuple[str, ...] = ()
    highest: float = float("inf")

    def parse(self, name: str, text: str) -> float | int | None:
        """Return the number; an empty text is the default."""
        if not text:
            return self.default
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        is_in_range = 0 <= value < float("inf") and value <= self.highest
        if not is_in_range or (self.is_whole and value != int(value)):
            kind = "a whole number" if self.is_whole else "a number"
            bounds = (
                "of 0 or more" if self.highest == float("inf") else f"from 0 to {self.highest:g}"
            )
            raise WrongUseError(
                f"'{name}' cannot be '{text}'.", next_action=f"Give {kind} {bounds}."
            )
        return int(value) if self.is_whole else value


@dataclass(frozen=True, slots=True)
class Periods:
    """Whole seconds, several with commas between; sorted, each once."""

    help: str
    default: tuple[int, ...] | None = None
    choices: tuple[str, ...] = ()

    def parse(self, name: str, text: str) -> tuple[int, ...] | None:
        """Return the periods; an empty text is the default."""
        if not text:
            return self.default
        try:
            periods_s = sorted({int(part) for part in text.split(",")})
        except ValueError:
            periods_s = [-1]
        if periods_s[0] < 0 or periods_s[-1] > LONGEST_PERIOD_S:
            raise WrongUseError(
                f"'{name}' cannot be '{text}'.",
                next_action=f"Give whole seconds, as in --set {name}=300,600,3600.",
            )
        return tuple(periods_s)


@dataclass(frozen=True, slots=True)
class Period:
    """One period in whole seconds."""

    help: str
    default: int | None = None
    choices: tuple[str, ...] = ()

    def parse(self, name: str, text: str) -> int | None:
        """Return the period; an empty text is the default."""
        if not text:
            return self.default
        if not text.isdecimal() or int(text) > LONGEST_PERIOD_S:
            raise WrongUseError(
                f"'{name}' cannot be '{text}'.",
                next_action=f"Give whole seconds, as in --set {name}=600.",
            )
        return int(text)


@dataclass(frozen=True, slots=True)
class Instant:
    """A date or an instant, ISO 8601; UTC where it has no offset."""

    help: str
    default: datetime | None = None
    choices: tuple[str, ...] = ()

    def parse(self, name: str, text: str) -> datetime | None:
        """Return the instant; an empty text is the default."""
        if not text:
            return self.default
        try:
            instant = datetime.fromisoformat(text)
        except ValueError as error:
            raise WrongUseError(
                f"'{name}' cannot be '{text}'.",
                next_action="Give a date or an instant such as 2026-10-01 or 2026-10-01T08:00Z.",
            ) from error
        return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Text:
    """Any text."""

    help: str
    default: str = ""
    choices: tuple[str, ...] = ()

    def parse(self, name: str, text: str) -> str:  # noqa: ARG002  # as all parameters do
        """Return the text."""
        return text


@dataclass(frozen=True, slots=True)
class Words:
    """Words with white space between, of any kind."""

    help: str
    default: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()

    def parse(self, name: str, text: str) -> tuple[str, ...]:  # noqa: ARG002  # as all parameters do
        """Return the words."""
        return tuple(text.split())


@dataclass(frozen=True, slots=True)
class FileText:
    """The text of a file. Whoever asks reads the file, so that a query opens none.

    On the command line the value is the path of the file.
    """

    help: str
    default: str | None = None
    choices: tuple[str, ...] = ()

    def parse(self, name: str, text: str) -> str:  # noqa: ARG002  # as all parameters do
        """Return the text of the file."""
        return text


COST_OF_DELAY = Number("cost of delay, USD per hour; empty: the setting, else 60 is assumed")
LONGEST_PERIOD = Number("longest period allowed, s; empty: the setting, else 3600")
P90_TARGET = Number("P90 startup latency to reach, s; empty: none")
LEAST_GAIN = Number("least gain that justifies a change, USD", LEAST_GAIN_USD)
"""What advisors weigh, whatever they are about."""


def described(parameter: Parameter) -> str:
    """Return what a parameter is, its choices and its default, in one line."""
    choices = f"; one of: {', '.join(parameter.choices)}" if parameter.choices else ""
    default = written(parameter.default)
    return f"{parameter.help}{choices}{f'; default: {default}' if default else ''}"


def written(value: Any) -> str:
    """Return a parameter's value as `--set` takes it.

    >>> written((0, 600)), written(1.0), written(None)
    ('0,600', '1', '')
    """
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
