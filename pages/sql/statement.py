"""The statement of the SQL page: where it comes from, and whether it has run.

A statement that comes by link is shown and waits for a click: a link on any website may hold one.
Once it has run, the URL holds it (`sql`), for others to read and run. `query`, `set` and the
filters name a query of Stoker's own, whose SQL is meant.
"""

from dataclasses import dataclass

from analytics.adhoc.query_sql import query_sql
from analytics.adhoc.statements import examples
from analytics.relations import JOBS
from data.store.reader import Reader
from pages.kit import filters
from pages.kit.canvas import Canvas

MEMORY = "stoker_sql"
MOST_URL_CHARACTERS = 6000
PARAMS = ("query", "set", "sql", "since", "until", *JOBS.columns)


@dataclass
class Statement:
    """What a session remembers of the SQL page, since the controls of a page left are forgotten."""

    text: str
    is_new: bool = True
    """Whether the editor does not have it yet, since it was not typed there."""

    is_waiting: bool = False
    """Whether it came by link, and nobody here has run it."""

    run_text: str | None = None
    """What was run last, and whose rows are shown."""

    run_number: int = 0
    query: str = ""
    finish: str = ""
    """What Python does to the rows of the query."""

    seen_params: tuple[tuple[str, tuple[str, ...]], ...] = ()


def arrive(canvas: Canvas, reader: Reader) -> Statement:
    """Return the session's statement, with what the URL brings.

    Raises:
        StokerError: the URL names a query that there is not.
    """
    statement = remembered(canvas)
    params = _params(canvas)
    if params == statement.seen_params:
        return statement  # what was typed since stays
    if not params:  # back by the navigation, whose links carry nothing
        if statement.run_text is not None or statement.is_waiting:
            _write_url(canvas, statement)
        return statement
    statement.seen_params = params
    if query := canvas.param("query"):
        parameters = dict(
            pair.partition("=")[::2] for pair in canvas.params.get("set", []) if "=" in pair
        )
        captured = query_sql(reader, query, filters.of_url(canvas), parameters)
        _bring(statement, captured.sql, query, captured.finish)
    elif sql := canvas.param("sql"):
        _bring(statement, sql)
    return statement


def remembered(canvas: Canvas) -> Statement:
    """Return the session's statement; at first an example."""
    statement: Statement = canvas.visit.memory.setdefault(MEMORY, Statement(examples()[0].sql))
    return statement


def run_typed(canvas: Canvas, text: str) -> None:
    """Have a statement run that somebody here has seen, and put it into the URL."""
    statement = remembered(canvas)
    if text != statement.text:
        statement.query = statement.finish = ""
    statement.text = statement.run_text = text
    statement.is_waiting = False
    statement.run_number += 1
    if not statement.query:
        _write_url(canvas, statement)


def run_example(canvas: Canvas, text: str) -> None:
    """Have an example run, and show it in the editor."""
    run_typed(canvas, text)
    remembered(canvas).is_new = True


def _bring(statement: Statement, text: str, query: str = "", finish: str = "") -> None:
    statement.text, statement.query, statement.finish = text, query, finish
    statement.is_new = statement.is_waiting = True
    statement.run_text = None


def _write_url(canvas: Canvas, statement: Statement) -> None:
    """Put the statement into the URL, if it is short enough for one."""
    for name, _ in _params(canvas):
        canvas.write(name, None)
    if len(statement.text) <= MOST_URL_CHARACTERS:
        canvas.write("sql", statement.text)
    statement.seen_params = _params(canvas)


def _params(canvas: Canvas) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((name, tuple(canvas.params[name])) for name in PARAMS if name in canvas.params)
