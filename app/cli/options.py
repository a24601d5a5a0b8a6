"""What commands share: the form of their help, common options, and the values that these take.

Nothing here, and nothing at the top of a command's module, may take long to import: help and
lists come at once. What a command needs to do its work it imports when it does it.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from data.store.clock import now_of
from data.store.home import Home, home_folder

Work = TypeVar("Work", bound=Callable[..., Any])

FORMATS = ("table", "csv", "json", "parquet")
SUFFIXES = {".csv": "csv", ".json": "json", ".parquet": "parquet", ".txt": "table"}
HELP_WIDTH = 100


class Help(click.Command):
    """A command whose help ends with examples, which stand as they were written."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they are."""
        if self.epilog:
            formatter.write_paragraph()
            formatter.write(self.epilog.strip("\n") + "\n")


def command(name: str, summary: str, examples: str = "") -> Callable[[Callable[..., int]], Help]:
    """Make a function a command of `stoker`; its docstring is the help."""

    def decorate(function: Callable[..., int]) -> Help:
        with_home = home_option(click.pass_obj(function))
        return click.command(name, cls=Help, short_help=summary, epilog=examples)(with_home)

    return decorate


class Instant(click.ParamType[datetime | timedelta]):
    """A date or an instant, UTC where it has no offset; or so long ago."""

    name = "T"
    _UNITS = {"h": "hours", "d": "days", "w": "weeks"}

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime | timedelta:
        """Return the instant that a text names, or how long ago it is."""
        ago = re.fullmatch(r"([0-9]{1,5})([hdw])", value)
        if ago:
            return timedelta(**{self._UNITS[ago[2]]: int(ago[1])})
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f"'{value}' is not a date or an instant; write it like 2026-10-01,"
                " 2026-10-01T08:00Z, or 7d for seven days ago.",
                param,
                ctx,
            )
        return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


class Pair(click.ParamType[tuple[str, str]]):
    """A name and its value, with a = between them."""

    name = "NAME=VALUE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Return the name and the value of a text."""
        name, sign, rest = value.partition("=")
        if not sign or not name:
            self.fail(f"'{value}' is not of the form name=value.", param, ctx)
        return name.strip(), rest


def home_option(function: Work) -> Work:
    """Add --home, which every command has."""

    def folder(_: click.Context, __: click.Parameter, value: str | None) -> Home:
        return home_folder(value)

    return click.option(
        "--home",
        metavar="DIR",
        callback=folder,
        help="Where Stoker keeps its data (default: STOKER_HOME, else the platform's data folder).",
    )(function)


def filter_options(function: Callable[..., int]) -> Callable[..., int]:
    """Add the options that choose which jobs count: --since, --until and --where."""

    @wraps(function)
    def checked(*arguments: Any, **options: Any) -> int:
        for name in ("since", "until"):
            if isinstance(options[name], timedelta):
                options[name] = now_of(options["home"]) - options[name]
        since, until = options["since"], options["until"]
        if since and until and since >= until:
            message = "--since must be before --until."
            raise click.UsageError(message)
        return function(*arguments, **options)

    since = click.option(
        "--since",
        type=Instant(),
        help="Jobs created at or after this date or instant, ISO 8601, UTC where it has no offset;"
        " or 12h, 7d, 4w for so long ago (in the demo: before it ends).",
    )
    until = click.option(
        "--until",
        type=Instant(),
        help="Jobs created before it; a date means midnight UTC.",
    )
    where = click.option(
        "--where",
        type=Pair(),
        multiple=True,
        metavar="COLUMN=VALUE",
        help="Only jobs with this value (an empty one is unknown); repeat a column for more"
        " values.",
    )
    return since(until(where(checked)))


def text_format_option(function: Work) -> Work:
    """Add --format for what is shown as lines, or given as JSON to programs."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(("table", "json")),
        default="table",
        help="Lines to read, or JSON for programs (default: table).",
    )(function)


def _form_of(out: str | None) -> str:
    suffix = Path(out or "").suffix.lower()
    if suffix and suffix not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        message = (
            f"'{suffix}' says no format of --out: it may end in {known}; for any other name, say"
            " --format too."
        )
        raise click.UsageError(message)
    return SUFFIXES.get(suffix, "table")


def output_options(function: Callable[..., int]) -> Callable[..., int]:
    """Add the options that say how rows are written: --format and --out."""

    @wraps(function)
    def checked(*arguments: Any, **options: Any) -> int:
        if options["form"] is None:
            options["form"] = _form_of(options["out"])
        if options["form"] == "parquet" and not options["out"]:
            message = "--format parquet needs --out FILE: it is not text."
            raise click.UsageError(message)
        return function(*arguments, **options)

    form = click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        help="Default: by the ending of --out, else table.",
    )
    out = click.option("--out", metavar="FILE", help="Write to a file (parquet needs it).")
    return form(out(checked))
