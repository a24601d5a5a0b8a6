"""Which function a command is; each is imported only when it is called, since some take long."""

import argparse

from app.cli.invocation import Call, tell_error
from data.errors import StokerError
from data.store.store import Store


def run(store: Store, arguments: argparse.Namespace, call: Call) -> int:
    """Run a command on the open store and return its exit status; an error is told, not raised."""
    try:
        return _run(store, arguments, call)
    except StokerError as error:
        return tell_error(error, call.err)


def _run(store: Store, arguments: argparse.Namespace, call: Call) -> int:
    match arguments.command:
        case "ask":
            from app.cli.ask import answer

            return answer(store, arguments, call)
        case "sql":
            from app.cli.sql import run_sql

            return run_sql(store, arguments, call)
        case "advise":
            from app.cli.advise import advise

            return advise(store, arguments, call)
        case "ingest":
            from app.cli.ingest import take_in

            return take_in(store, arguments, call)
        case "demo":
            from app.cli.demo import write_demo

            return write_demo(store, call)
        case "status":
            from app.cli.status import write_state

            return write_state(store, arguments, call)
        case other:
            message = f"{other!r} does not work on an open store"
            raise ValueError(message)
