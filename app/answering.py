"""`stoker ask NAME`: answers a question."""

import argparse
from collections.abc import Mapping

from analytics.asking import Filters, Question, ask
from app.call import DONE, Call, WrongUseError
from app.output import write_answer
from app.questions_list import question_named
from data.errors import StokerError
from data.store import Store


def answer(store: Store, arguments: argparse.Namespace, call: Call) -> int:
    """Answer a question."""
    question = question_named(arguments.name)
    filters = Filters(arguments.since, arguments.until, tuple(arguments.where))
    settings = dict(arguments.settings)
    check(question, filters, settings)
    write_answer(
        ask(store, question, filters, **settings),
        call,
        given=arguments.format,
        out=arguments.out,
    )
    return DONE


def check(question: Question, filters: Filters, settings: Mapping[str, str]) -> None:
    """Refuse what the command line got wrong before any work is done."""
    unknown = [name for name in settings if name not in question.parameters]
    if unknown:
        raise WrongUseError(
            f"'{question.name}' has no setting '{unknown[0]}'.",
            next_action=f"It has: {', '.join(question.parameters) or 'none'}.",
        )
    for name, value in settings.items():
        choices = question.parameters[name].choices
        if choices and value not in choices:
            raise WrongUseError(
                f"'{name}' cannot be '{value}'.", next_action=f"Use one of: {', '.join(choices)}."
            )
    try:
        filters.condition()
    except StokerError as error:
        raise WrongUseError(error.what, next_action=error.next_action) from error
