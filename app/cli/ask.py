"""`stoker ask NAME`: answers a question."""

import argparse

from analytics.query import Filters, ask
from app.cli.invocation import DONE, Call
from app.cli.output import write_answer
from app.cli.query_list import question_named
from data.store.store import Store


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
