"""`stoker ask NAME`: answers a question."""

import argparse

from analytics.asking import Filters, ask
from app.call import DONE, Call
from app.output import write_answer
from app.questions_list import question_named
from data.store import Store


def answer(store: Store, arguments: argparse.Namespace, call: Call) -> int:
    """Answer a question."""
    question = question_named(arguments.name)
    filters = Filters(arguments.since, arguments.until, tuple(arguments.where))
    write_answer(
        ask(store, question, filters, **dict(arguments.settings)),
        call,
        given=arguments.format,
        out=arguments.out,
    )
    return DONE
