"""Which function a command is; each is imported only when it is called, since some take long."""

import argparse

from app.call import Call, tell_error
from data.errors import StokerError
from data.store import Store


def run(store: Store, arguments: argparse.Namespace, call: Call) -> int:
    """Run a command on the open store and return its exit status; an error is told, not raised."""
    try:
        return _run(store, arguments, call)
    except StokerError as error:
        return tell_error(error, call.err)


def _run(store: Store, arguments: argparse.Namespace, call: Call) -> int:
    match arguments.command:
        case "ask":
            from app.answering import answer

            return answer(store, arguments, call)
        case "sql":
            from app.sql import run_sql

            return run_sql(store, arguments, call)
        case "advise":
            from app.advising import advise

            return advise(store, arguments, call)
        case "ingest":
            from app.taking_in import take_in

            return take_in(store, arguments, call)
        case "demo":
            from app.demo_home import write_demo

            return write_demo(store, call)
        case "status":
            from app.state import write_state

            return write_state(store, arguments, call)
        case other:
            message = f"{other!r} does not work on an open store"
            raise ValueError(message)
