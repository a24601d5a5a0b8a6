"""`stoker rebuild`: makes the database anew, when nobody else has it open."""

from contextlib import suppress

import duckdb

from app.cli.ingest import told
from app.cli.invocation import DONE, Call
from app.cli.progress import ProgressBar
from app.cli.retry import is_locked, waiting
from app.cli.running_server import living_owner
from data.errors import StokerError
from data.ingest.pipeline import rebuild
from data.store.home import Home
from data.store.store import Store


def rebuild_home(home: Home, call: Call) -> int:
    """Make the database of `home` anew and tell what became of each landed file.

    Raises:
        StokerError: a dashboard or another command has the database open.
    """
    owner = living_owner(home)
    if owner is not None:
        raise StokerError(
            f"The dashboard at {owner.address} has the database open.",
            next_action="Stop it (Ctrl-C where it runs), rebuild, and start it again.",
        )
    _wait_until_free(home, call)
    bar = ProgressBar(call, "rebuild")
    try:
        results = rebuild(home, bar)
    finally:
        bar.close()
    for result in results:
        call.out.write(told(result) + "\n")
    call.out.write(f"Rebuilt from {len(results)} landed file(s).\n")
    return DONE


def _wait_until_free(home: Home, call: Call) -> None:
    """Return once nobody has the database open, whatever state it is in."""
    with suppress(duckdb.Error):  # a damaged file is what a rebuild is for
        try:
            waiting(lambda: Store.open(home), say=call.err.write).close()
        except StokerError as error:
            if is_locked(error):
                raise
