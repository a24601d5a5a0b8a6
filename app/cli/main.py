"""The `stoker` command: runs a command here, or in the dashboard that owns the database."""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.arguments import parsed
from app.cli.invocation import DONE, Call, tell_error, terminal_call
from app.cli.retry import waiting
from app.cli.running_server import OwnerGoneError, forward, living_owner
from data.errors import StokerError
from data.store.home import Home, home_folder

if TYPE_CHECKING:
    from data.store.store import Store

INTERRUPTED = 130


def main(argv: list[str] | None = None) -> int:
    """Run a command line; return its exit status."""
    given = sys.argv[1:] if argv is None else argv
    arguments = parsed(given)
    home = home_folder(arguments.home)
    call = terminal_call()
    try:
        status = _run(given, arguments, home, call)
        sys.stdout.flush()
    except StokerError as error:
        return tell_error(error, call.err)
    except BrokenPipeError:
        # the reader has what it wanted; without this, Python would complain at exit
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        call.err.write("\nStopped.\n")
        return INTERRUPTED
    return status


def _run(argv: list[str], arguments: argparse.Namespace, home: Home, call: Call) -> int:
    """Run a command where it belongs. What is imported only here takes long to import."""
    if arguments.command == "serve":
        from app.server.serve import serve

        return serve(home, arguments, call)
    if arguments.command == "rebuild":
        from app.cli.rebuild import rebuild_home

        return rebuild_home(home, call)
    if arguments.command == "ask" and (arguments.columns or not arguments.name):
        from app.cli.query_list import write_questions

        return write_questions(arguments, call)
    with _with_stdin(home, arguments, call) as spooled:
        return _run_on_store(argv, arguments, home, spooled)


def _run_on_store(argv: list[str], arguments: argparse.Namespace, home: Home, call: Call) -> int:
    """Run a command through the owner of the database; without one, on our own."""

    def attempt() -> "Store | int":
        owner = living_owner(home)
        if owner is not None:
            with suppress(OwnerGoneError):
                return forward(owner, argv, call)
        from analytics.derived.derive import derive
        from data.ingest.home_store import open_home

        return open_home(home, derivation=derive)

    opened = waiting(attempt, say=call.err.write)
    if isinstance(opened, int):
        return opened
    from app.cli import commands

    try:
        return commands.run(opened, arguments, call)
    finally:
        opened.close()


@contextmanager
def _with_stdin(home: Home, arguments: argparse.Namespace, call: Call) -> Iterator[Call]:
    """Give the call with standard input in a file, where the command reads it."""
    given = getattr(arguments, "paths", None) or [getattr(arguments, "statement", None)]
    if "-" not in given:
        yield call
        return
    home.create()
    handle, name = tempfile.mkstemp(prefix="stdin-", dir=home.scratch)
    try:
        with os.fdopen(handle, "wb") as spool:
            shutil.copyfileobj(sys.stdin.buffer, spool)
        yield Call(call.out, call.err, call.cwd, Path(name), call.out_width, call.err_width)
    finally:
        os.unlink(name)


if __name__ == "__main__":
    sys.exit(main())
