"""`stoker rebuild`: makes the database anew, when nobody else has it open."""

from contextlib import suppress

import click

from app.cli.invocation import DONE, Invocation
from app.cli.options import command
from app.cli.retry import is_locked, retry_while_locked
from app.cli.running_server import running_server
from data.errors import StokerError
from data.store.home import Home


@command("rebuild", "Rebuild the database from the landed files.")
@click.option(
    "--accept-loss",
    is_flag=True,
    help="Rebuild even if some landed files are missing or damaged: their imports are given up.",
)
def rebuild(invocation: Invocation, home: Home, *, accept_loss: bool) -> int:
    """Rebuilds the database from the landed files alone, as they were imported. Stop the dashboard
    first.
    """
    from analytics.derived.derive import derive
    from app.cli.imports import result_line
    from app.cli.progress import ProgressBar
    from data.ingest.rebuild import rebuild as rebuild_home

    server = running_server(home)
    if server is not None:
        raise StokerError(
            f"The dashboard at {server.address} has the database open.",
            next_action="Stop it (Ctrl-C where it runs), rebuild, and start it again.",
        )
    _wait_until_free(home, invocation)
    with ProgressBar(invocation, "rebuild") as bar:
        results = rebuild_home(home, derivation=derive, progress=bar, accept_loss=accept_loss)
    for result in results:
        invocation.out.write(result_line(result) + "\n")
    invocation.out.write(f"Rebuilt from {len(results)} landed file(s).\n")
    return DONE


def _wait_until_free(home: Home, invocation: Invocation) -> None:
    """Return once nobody has the database open, whatever state it is in."""
    import duckdb

    from data.store.store import Store

    with suppress(duckdb.Error):  # a damaged file is what a rebuild is for
        try:
            retry_while_locked(lambda: Store.open(home), say=invocation.err.write).close()
        except StokerError as error:
            if is_locked(error):
                raise
