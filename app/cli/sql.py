"""`stoker sql`: runs one SELECT, or lists the tables."""

from typing import TYPE_CHECKING

import click

from app.cli.invocation import DONE, Invocation
from app.cli.options import command, output_options
from app.cli.store_access import run_on_reader
from data.errors import WrongUseError
from data.store.home import Home

if TYPE_CHECKING:
    from data.store.reader import Reader

STDIN = "-"
FIRST_ROWS = 10_000
ALL_ROWS = 2**62
EXAMPLES = """\
Examples:
  stoker sql                                        the tables and their columns
  stoker sql "select job_name, list_cost_usd from job_facts order by 2 desc" --limit 10
  stoker sql "from prices where instance_type = 'ml.g5.xlarge'" --format csv
  stoker sql "from job_facts" --limit 0 --out jobs.parquet
  stoker sql - < costs.sql                          from standard input

Nothing can be changed, and no file or address can be read. A statement is stopped after 30 seconds,
or when it takes too much memory. Times are UTC; units are in the names of columns, as for stoker
ask. The statement behind each chart: "Show the SQL" on the dashboard's pages.
"""
HINT = """\
Times are UTC. Units are in the names: _s seconds, _usd US dollars, _ratio 0 to 1, _count a number,
_at an instant. An example: stoker sql "select status, count(*) from job_facts group by all"
"""


@command("sql", "Run a SELECT of your own; without one, list the tables.", EXAMPLES)
@click.argument(
    "statement",
    required=False,
    metavar="[SELECT]",
    help="The statement; '-' reads it from standard input.",
)
@output_options
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=FIRST_ROWS,
    metavar="N",
    help=f"At most so many rows (default: {FIRST_ROWS}; 0: all).",
)
def sql(
    invocation: Invocation,
    home: Home,
    *,
    statement: str | None,
    form: str,
    out: str | None,
    limit: int,
) -> int:
    """Runs one SELECT on the tables that the dashboard reads, and writes its rows. Without a
    statement, lists the tables, their columns and what each holds. The dialect is DuckDB's.
    """

    def work(reader: "Reader") -> int:
        if statement is None:
            _list_tables(reader, invocation, form=form, out=out)
            return DONE
        text = _standard_input(invocation, reader) if statement == STDIN else statement
        _write_selected(reader, text, invocation, limit=limit or ALL_ROWS, form=form, out=out)
        return DONE

    return run_on_reader(invocation, home, work, reads_stdin=statement == STDIN)


def _standard_input(invocation: Invocation, reader: "Reader") -> str:
    from app.cli.stdin import standard_input

    with standard_input(invocation, reader.home).open() as file:
        try:
            return file.read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise WrongUseError(
                "Standard input is not text.", next_action="Provide the statement as UTF-8."
            ) from error


def _write_selected(
    reader: "Reader", text: str, invocation: Invocation, *, limit: int, form: str, out: str | None
) -> None:
    from analytics.adhoc.statements import run
    from app.cli.output import write_rows

    selection = run(reader, text, most_rows=limit)
    write_rows(selection.frame, invocation, form=form, out=out)
    if selection.is_capped:
        invocation.err.write(f"Only the first {limit:,} rows; there are more. All: --limit 0\n")


def _list_tables(reader: "Reader", invocation: Invocation, *, form: str, out: str | None) -> None:
    from analytics.adhoc.statements import tables
    from analytics.catalog import query_named
    from analytics.query import run_query
    from app.cli.output import write_rows
    from app.cli.terms import write_terms

    with reader.snapshot():
        columns, listed = run_query(reader, query_named("columns")), tables(reader)
    if form != "table" or out:
        write_rows(columns, invocation, form=form, out=out)
        return
    for name, comment in zip(listed["table_name"], listed["comment"], strict=True):
        invocation.out.write(f"{name}: {comment}\n")
        of_table = columns[columns["table_name"] == name]
        write_terms(zip(of_table["column_name"], of_table["comment"], strict=True), invocation)
        invocation.out.write("\n")
    invocation.out.write(HINT)
