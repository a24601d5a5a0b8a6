"""`stoker rebuild`: rebuilds the database, when nobody else has it open."""

from typing import TYPE_CHECKING

import click

from app.cli.invocation import DONE, Invocation
from app.cli.options import command
from app.cli.retry import retry_while_locked
from app.cli.running_server import running_server
from app.cli.store_access import full_disk_told
from data.errors import StokerError
from data.store.home import Home

if TYPE_CHECKING:
    from pathlib import Path

    from data.ingest.results import Outcome

EXAMPLES = """\
Examples:
  stoker rebuild                     after a damaged database, or to check that the landing is whole
  stoker rebuild --accept-loss       when landed files are lost, and there is no backup of them

A database that holds more than the landed files can give back is left as it is.
"""


@command("rebuild", "Rebuild the database from the landed files.", EXAMPLES)
@click.option(
    "--accept-loss",
    is_flag=True,
    help="Rebuild even if landed files are missing or damaged: their data is lost.",
)
def rebuild(invocation: Invocation, home: Home, *, accept_loss: bool) -> int:
    """Rebuilds the database from the landed files alone: the files as they were imported, which are
    kept below the home folder. Stop the dashboard first.
    """
    from app.cli.imports import result_line
    from app.cli.progress import ProgressBar
    from data.ingest.results import ImportFailure

    server = running_server(home)
    if server is not None:
        raise StokerError(
            f"The dashboard at {server.address} has the database open.",
            next_action="Stop it (Ctrl-C where it runs), rebuild, and start it again.",
        )
    was_kept = _damaged(home).exists()
    with ProgressBar(invocation, "rebuild") as bar:

        def attempt() -> "list[Outcome]":
            from analytics.derived.derive import derive
            from data.ingest.rebuild import rebuild as rebuild_home

            return rebuild_home(home, derivation=derive, progress=bar, accept_loss=accept_loss)

        with full_disk_told(home):
            outcomes = retry_while_locked(attempt, say=invocation.err.write)
    for outcome in outcomes:
        invocation.out.write(result_line(outcome) + "\n")
    failed_count = sum(isinstance(outcome, ImportFailure) for outcome in outcomes)
    without = f"; {failed_count} failed" if failed_count else ""
    invocation.out.write(f"Rebuilt from {len(outcomes) - failed_count} landed file(s){without}.\n")
    if not was_kept and _damaged(home).exists():
        invocation.err.write(
            f"The damaged database is kept as {_damaged(home)}. Delete it if you miss nothing.\n"
        )
    return DONE


def _damaged(home: Home) -> "Path":
    from data.ingest.rebuild import DAMAGED

    return home.root / DAMAGED
