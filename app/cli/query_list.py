"""What can be asked, as text or as rows: the questions, their grain, columns and parameters."""

from analytics.catalog import queries
from analytics.parameters import described, written
from analytics.query import Query
from app.cli.invocation import Invocation
from app.cli.terms import MARGIN, write_terms
from data.tables import description

WIDTH = 100
UNITS = """\
Units are in the names: _s seconds, _h hours, _usd US dollars, _ratio 0 to 1, _count a number,
_at an instant in UTC. What a question's columns and parameters mean: stoker ask NAME --columns
"""


def list_queries(invocation: Invocation, *, form: str, out: str | None) -> None:
    """Write every query; as rows, one a column or parameter."""
    if form != "table" or out:
        _write_rows(list(queries().values()), invocation, form=form, out=out)
        return
    for query in queries().values():
        invocation.out.write(f"{query.name}\n")
        invocation.out.write(f"{' ' * MARGIN}one row per: {query.grain.removeprefix('one ')}\n")
        invocation.out.write(_wrapped("columns: ", list(query.columns)))
        if query.parameters:
            pairs = [f"{name}={written(item.default)}" for name, item in query.parameters.items()]
            invocation.out.write(_wrapped("parameters: ", pairs))
        invocation.out.write("\n")
    invocation.out.write(UNITS)


def explain(query: Query, invocation: Invocation, *, form: str, out: str | None) -> None:
    """Write what a query's columns and parameters mean."""
    if form != "table" or out:
        _write_rows([query], invocation, form=form, out=out)
        return
    invocation.out.write(f"{query.name}: one row per {query.grain.removeprefix('one ')}\n\n")
    invocation.out.write("columns\n")
    write_terms(_column_terms(query), invocation)
    if query.parameters:
        invocation.out.write("\nparameters, given as --set name=value\n")
        write_terms(
            [(name, described(parameter)) for name, parameter in query.parameters.items()],
            invocation,
        )


def _write_rows(listed: list[Query], invocation: Invocation, *, form: str, out: str | None) -> None:
    import pandas as pd

    from app.cli.output import write_rows

    rows = pd.DataFrame(
        [
            (query.name, query.grain, kind, name, meaning)
            for query in listed
            for kind, name, meaning in (
                *(("column", name, meaning) for name, meaning in _column_terms(query)),
                *(("parameter", name, described(item)) for name, item in query.parameters.items()),
            )
        ],
        columns=["question", "grain", "kind", "name", "meaning"],
    )
    write_rows(rows, invocation, form=form, out=out)


def _column_terms(query: Query) -> list[tuple[str, str]]:
    from data.datasets.catalog import datasets

    datasets()  # declares the columns that datasets bring with them
    return [(name, description(name)) for name in query.columns]


def _wrapped(label: str, names: list[str]) -> str:
    lines, line = [], label
    for number, name in enumerate(names):
        piece = name + (", " if number + 1 < len(names) else "")
        if MARGIN + len(line) + len(piece) > WIDTH:
            lines.append(line)
            line = " " * len(label)
        line += piece
    return "".join(f"{' ' * MARGIN}{text}".rstrip() + "\n" for text in (*lines, line))
