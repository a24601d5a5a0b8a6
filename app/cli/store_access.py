"""How a command reaches the store of a home: here, or in the dashboard that has it open."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from app.cli.invocation import Invocation
from app.cli.retry import retry_while_locked
from app.cli.running_server import ServerGoneError, forward, running_server
from data.errors import StokerError
from data.store.home import Home

if TYPE_CHECKING:
    from data.store.reader import Reader
    from data.store.store import Store


def run_on_reader(
    invocation: Invocation,
    home: Home,
    work: Callable[["Reader"], int],
    *,
    reads_stdin: bool = False,
) -> int:
    """Do as `run_on_store` for work that only reads.

    Raises:
        StokerError: another process holds the database, or the dashboard does not answer.
    """

    def read(store: "Store") -> int:
        from data.store.reader import Reader

        return work(Reader(store))

    return run_on_store(invocation, home, read, reads_stdin=reads_stdin)


def run_on_store(
    invocation: Invocation,
    home: Home,
    work: Callable[["Store"], int],
    *,
    reads_stdin: bool = False,
) -> int:
    """Return the exit status of `work` on the store of `home`.

    Where a dashboard has the store open, it runs the whole invocation and what it writes is
    passed on; `work` is then called there.

    Raises:
        StokerError: another process holds the database, or the dashboard does not answer.
    """
    if invocation.store is not None:
        return work(invocation.store)

    def attempt() -> "Store | int":
        server = running_server(home)
        if server is not None:
            with suppress(ServerGoneError):
                return forward(server, invocation, sends_stdin=reads_stdin)
        return open_with_progress(invocation, home)

    with full_disk_told(home):
        store = retry_while_locked(attempt, say=invocation.err.write)
        if isinstance(store, int):  # the status of a dashboard that ran it
            return store
        try:
            return work(store)
        finally:
            store.close()


@contextmanager
def full_disk_told(home: Home) -> Iterator[None]:
    """Say what to do where the disk is full, whoever met it.

    Raises:
        StokerError: it is.
    """
    try:
        yield
    except (StokerError, BrokenPipeError):
        raise
    except Exception as error:
        from data.store.database import disk_is_full, is_full

        if is_full(error):
            raise disk_is_full(home) from error
        raise


def open_with_progress(invocation: Invocation, home: Home) -> "Store":
    """Open the store of `home`; where it has to be rebuilt first, show the progress.

    Raises:
        StokerError: another process holds the database, or it cannot be rebuilt.
    """
    from analytics.derived.derive import derive
    from app.cli.progress import ProgressBar
    from data.ingest.home_store import open_home

    with ProgressBar(invocation, "database") as bar:
        return open_home(home, derivation=derive, progress=bar)
