"""`stoker ask NAME`: answers a question."""

import argparse

from analytics.catalog import query_named
from analytics.query import Filters, run_query
from app.cli.invocation import DONE, Call
from app.cli.output import write_answer
from data.store.reader import Reader
from data.store.store import Store


def answer(store: Store, arguments: argparse.Namespace, call: Call) -> int:
    """Answer a question."""
    question = query_named(arguments.name)
    filters = Filters(arguments.since, arguments.until, tuple(arguments.where))
    write_answer(
        run_query(Reader(store), question, filters, **dict(arguments.settings)),
        call,
        given=arguments.format,
        out=arguments.out,
    )
    return DONE
