"""`stoker ask`: answers a question, explains one, or lists them all."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from app.cli.invocation import DONE, Invocation
from app.cli.options import Pair, command, filter_options, output_options
from app.cli.store_access import run_on_reader
from data.store.home import Home

if TYPE_CHECKING:
    from data.store.reader import Reader

EXAMPLES = """\
Examples:
  stoker ask                                            the questions
  stoker ask costs --columns                            what its columns and parameters mean
  stoker ask costs --set by=user_name --since 30d --sort total_usd:desc --limit 10
  stoker ask jobs --where outcome=miss --where region=us-east-1 --where region=eu-west-1
  stoker ask jobs --format json | jq '.[0]'
  stoker ask jobs --out jobs.parquet

Units are in the names of columns: _s seconds, _h hours, _usd US dollars, _ratio 0 to 1, _count a
number of things, _at an instant in UTC.
Unknown values are empty in table and csv, null in json and parquet; never 0.
In csv, text that a spreadsheet would run as a formula (it begins with = + - @, a tab or a line
break, and is not a number) gets a leading apostrophe; json and parquet keep it as it is.
"""


def _questions(begun: str) -> list[str]:
    from analytics.catalog import queries

    return [name for name in queries() if name.startswith(begun)]


@command("ask", "Answer a question about the jobs; without one, list the questions.", EXAMPLES)
@click.argument(
    "name",
    required=False,
    help="The question; without one: list them.",
    shell_complete=lambda ctx, argument, begun: _questions(begun),
)
@filter_options
@click.option(
    "--set",
    "parameters",
    type=Pair(),
    multiple=True,
    help="A parameter of the question; repeat it for others.",
)
@output_options
@click.option(
    "--columns",
    is_flag=False,
    flag_value="",
    metavar="[NAME,NAME...]",
    help="Only these columns, in this order. Without names: explain the question.",
)
@click.option(
    "--sort",
    multiple=True,
    metavar="COLUMN[:desc]",
    help="Order of the rows; repeat it for ties. Unknown values come last.",
)
@click.option("--limit", type=click.IntRange(min=1), help="At most so many rows.")
def ask(
    invocation: Invocation,
    home: Home,
    *,
    name: str | None,
    since: datetime | None,
    until: datetime | None,
    where: tuple[tuple[str, str], ...],
    parameters: tuple[tuple[str, str], ...],
    form: str,
    out: str | None,
    columns: str | None,
    sort: tuple[str, ...],
    limit: int | None,
) -> int:
    """Answers a question about the jobs, with the same numbers as on the dashboard's pages.
    Without a name, lists the questions.
    """
    if name is None:
        if columns is not None:
            message = "--columns needs the name of a question."
            raise click.UsageError(message)
        from app.cli.query_list import list_queries

        list_queries(invocation, form=form, out=out)
        return DONE
    from analytics.catalog import query_named

    query = query_named(name)
    if columns == "":
        from app.cli.query_list import explain

        explain(query, invocation, form=form, out=out)
        return DONE

    def answer(reader: "Reader") -> int:
        from analytics.parameters import FileText
        from analytics.query import Filters, run_query
        from app.cli.output import write_rows
        from app.cli.row_choice import chosen, total

        given = dict(parameters)
        for name, parameter in query.parameters.items():
            if isinstance(parameter, FileText) and name in given:
                given[name] = invocation.read_text(given[name])
        rows = run_query(reader, query, Filters(since, until, where), **given)
        sums = total(rows, query.sums) if form == "table" else None
        found = chosen(rows, columns=columns, sort=sort, limit=limit)
        write_rows(found, invocation, form=form, out=out, footer=sums)
        if len(found) < len(rows):
            invocation.err.write(f"{len(found):,} of {len(rows):,} rows.\n")
        return DONE

    return run_on_reader(invocation, home, answer)
