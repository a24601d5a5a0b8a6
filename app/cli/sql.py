"""`stoker sql`: runs one SELECT, or lists the tables."""

import argparse

import pandas as pd

from analytics.adhoc.statements import run, tables
from analytics.catalog import query_named
from analytics.query import run_query
from app.cli.invocation import DONE, Call
from app.cli.output import chosen_format, write_answer
from data.errors import WrongUseError
from data.store.reader import Reader
from data.store.store import Store

STDIN = "-"
ALL_ROWS = 2**62
MARGIN = 2
HINT = """\
Times are UTC. Units are in the names: _s seconds, _usd US dollars, _ratio 0 to 1, _count a number,
_at an instant. An example: stoker sql "select status, count(*) from job_facts group by all"
"""


def run_sql(store: Store, arguments: argparse.Namespace, call: Call) -> int:
    """Write the rows of the statement; without one, the tables that there are."""
    if arguments.statement is None:
        _list_tables(store, call, given=arguments.format, out=arguments.out)
        return DONE
    limit = arguments.limit or ALL_ROWS
    selected = run(Reader(store), _statement(arguments.statement, call), most_rows=limit)
    write_answer(selected.frame, call, given=arguments.format, out=arguments.out)
    if selected.is_capped:
        call.err.write(f"Only the first {limit:,} rows; there are more. All: --limit 0\n")
    return DONE


def _statement(given: str, call: Call) -> str:
    if given != STDIN or call.stdin is None:
        return given
    try:
        return call.stdin.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise WrongUseError(
            "Standard input is no text.", next_action="Give the statement as UTF-8."
        ) from error


def _list_tables(store: Store, call: Call, *, given: str | None, out: str | None) -> None:
    found = tables(Reader(store))
    columns = run_query(Reader(store), query_named("columns"))
    if chosen_format(given, out) != "table" or out:
        write_answer(columns, call, given=given, out=out)
        return
    for name, comment in zip(found["table_name"], found["comment"], strict=True):
        call.out.write(f"{name}: {comment}\n{_column_lines(columns, name)}\n")
    call.out.write(HINT)


def _column_lines(columns: pd.DataFrame, table: str) -> str:
    of_table = columns[columns["table_name"] == table]
    width = of_table["column_name"].str.len().max()
    return "".join(
        f"{' ' * MARGIN}{name:<{width}}  {comment}\n"
        for name, comment in zip(of_table["column_name"], of_table["comment"], strict=True)
    )
