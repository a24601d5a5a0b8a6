"""What can be asked, as text or data: the questions, their grain, columns and settings."""

import argparse

import pandas as pd

from analytics.catalog import queries, query_named
from analytics.parameters import described, written
from analytics.query import Query
from app.cli.invocation import DONE, Call
from app.cli.output import chosen_format, write_answer
from data.tables import description

MARGIN = 2
WIDTH = 100
UNITS = """\
Units are in the names: _s seconds, _h hours, _usd US dollars, _ratio 0 to 1, _count a number,
_at an instant in UTC. What a question's columns and settings mean: stoker ask NAME --columns
"""


def write_questions(arguments: argparse.Namespace, call: Call) -> int:
    """Write every question, or what one question's columns and settings mean."""
    if arguments.name:
        question = query_named(arguments.name)
        explain(question, call, given=arguments.format, out=arguments.out)
    else:
        list_questions(call, given=arguments.format, out=arguments.out)
    return DONE


def list_questions(call: Call, *, given: str | None, out: str | None) -> None:
    """Write every question; as data, one row a column."""
    if chosen_format(given, out) != "table" or out:
        write_answer(_rows(list(queries().values())), call, given=given, out=out)
        return
    for question in queries().values():
        call.out.write(f"{question.name}\n")
        call.out.write(f"{' ' * MARGIN}one row per: {question.grain.removeprefix('one ')}\n")
        call.out.write(_wrapped("columns: ", list(question.columns)))
        if question.parameters:
            settings = [
                f"{name}={written(item.default)}" for name, item in question.parameters.items()
            ]
            call.out.write(_wrapped("settings: ", settings))
        call.out.write("\n")
    call.out.write(UNITS)


def explain(question: Query, call: Call, *, given: str | None, out: str | None) -> None:
    """Write what a question's columns and settings mean."""
    if chosen_format(given, out) != "table" or out:
        write_answer(_rows([question]), call, given=given, out=out)
        return
    call.out.write(f"{question.name}: one row per {question.grain.removeprefix('one ')}\n\n")
    width = max(len(name) for name in (*question.columns, *question.parameters))
    call.out.write("columns\n")
    for name in question.columns:
        call.out.write(f"{' ' * MARGIN}{name:<{width}}  {description(name)}\n")
    if question.parameters:
        call.out.write("\nsettings, given as --set name=value\n")
    for name, parameter in question.parameters.items():
        call.out.write(f"{' ' * MARGIN}{name:<{width}}  {described(parameter)}\n")


def _rows(questions: list[Query]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (question.name, question.grain, kind, name, meaning)
            for question in questions
            for kind, name, meaning in (
                *(("column", name, description(name)) for name in question.columns),
                *(("setting", name, described(item)) for name, item in question.parameters.items()),
            )
        ],
        columns=["question", "grain", "kind", "name", "meaning"],
    )


def _wrapped(label: str, words: list[str]) -> str:
    lines, line = [], label
    for number, word in enumerate(words):
        piece = word + (", " if number + 1 < len(words) else "")
        if MARGIN + len(line) + len(piece) > WIDTH:
            lines.append(line)
            line = " " * len(label)
        line += piece
    return "".join(f"{' ' * MARGIN}{text}".rstrip() + "\n" for text in (*lines, line))
