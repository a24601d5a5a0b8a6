"""What can be asked, as text or as rows: the questions, their grain, columns and parameters."""

from difflib import get_close_matches

from analytics.catalog import QUESTIONS
from analytics.query import Parameter, Question
from app.cli.invocation import Invocation
from app.cli.terms import MARGIN, write_terms
from data.errors import WrongUseError

WIDTH = 100
UNITS = """\
Units are in the names: _s seconds, _h hours, _usd US dollars, _ratio 0 to 1, _count a number,
_at an instant in UTC. What a question's columns and parameters mean: stoker ask NAME --columns
"""


def known_query(name: str) -> Question:
    """Return a query by its name.

    Raises:
        WrongUseError: there is none of that name.
    """
    if name not in QUESTIONS:
        close = get_close_matches(name, QUESTIONS, n=1)
        hint = f" Did you mean '{close[0]}'?" if close else ""
        raise WrongUseError(
            f"There is no question '{name}'.{hint}",
            next_action=f"Ask one of: {', '.join(QUESTIONS)}.",
        )
    return QUESTIONS[name]


def list_queries(invocation: Invocation, *, form: str, out: str | None) -> None:
    """Write every query; as rows, one a column or parameter."""
    if form != "table" or out:
        _write_rows(list(QUESTIONS.values()), invocation, form=form, out=out)
        return
    for query in QUESTIONS.values():
        invocation.out.write(f"{query.name}\n")
        invocation.out.write(f"{' ' * MARGIN}one row per: {query.grain.removeprefix('one ')}\n")
        invocation.out.write(_wrapped("columns: ", list(query.columns)))
        if query.parameters:
            pairs = [f"{name}={item.default}" for name, item in query.parameters.items()]
            invocation.out.write(_wrapped("parameters: ", pairs))
        invocation.out.write("\n")
    invocation.out.write(UNITS)


def explain(query: Question, invocation: Invocation, *, form: str, out: str | None) -> None:
    """Write what a query's columns and parameters mean."""
    if form != "table" or out:
        _write_rows([query], invocation, form=form, out=out)
        return
    invocation.out.write(f"{query.name}: one row per {query.grain.removeprefix('one ')}\n\n")
    invocation.out.write("columns\n")
    write_terms(query.columns.items(), invocation)
    if query.parameters:
        invocation.out.write("\nparameters, given as --set name=value\n")
        write_terms(
            [(name, _meaning(parameter)) for name, parameter in query.parameters.items()],
            invocation,
        )


def _meaning(parameter: Parameter) -> str:
    choices = f"; one of: {', '.join(parameter.choices)}" if parameter.choices else ""
    default = f"; default: {parameter.default}" if parameter.default else ""
    return f"{parameter.help}{choices}{default}"


def _write_rows(
    listed: list[Question], invocation: Invocation, *, form: str, out: str | None
) -> None:
    import pandas as pd

    from app.cli.output import write_rows

    rows = pd.DataFrame(
        [
            (query.name, query.grain, kind, name, meaning)
            for query in listed
            for kind, name, meaning in (
                *(("column", name, meaning) for name, meaning in query.columns.items()),
                *(("parameter", name, _meaning(item)) for name, item in query.parameters.items()),
            )
        ],
        columns=["question", "grain", "kind", "name", "meaning"],
    )
    write_rows(rows, invocation, form=form, out=out)


def _wrapped(label: str, words: list[str]) -> str:
    lines, line = [], label
    for number, word in enumerate(words):
        piece = word + (", " if number + 1 < len(words) else "")
        if MARGIN + len(line) + len(piece) > WIDTH:
            lines.append(line)
            line = " " * len(label)
        line += piece
    return "".join(f"{' ' * MARGIN}{text}".rstrip() + "\n" for text in (*lines, line))
