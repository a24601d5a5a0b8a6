"""Trying again while another process holds the database."""

import time
from collections.abc import Callable
from typing import TypeVar

from data.errors import StokerError

PATIENCE_S = 10.0
RETRY_S = 0.2

Result = TypeVar("Result")


def retry_while_locked(attempt: Callable[[], Result], *, say: Callable[[str], object]) -> Result:
    """Return what `attempt` returns; try for ten seconds while another process holds the file.

    Raises:
        StokerError: it is still held, or cannot be opened for another reason.
    """
    give_up_at = time.monotonic() + PATIENCE_S
    has_said = False
    while True:
        try:
            return attempt()
        except StokerError as error:
            if not is_locked(error) or time.monotonic() > give_up_at:
                raise
        if not has_said:
            say(f"Another command is using the database; waiting for up to {PATIENCE_S:.0f} s.\n")
            has_said = True
        time.sleep(RETRY_S)


def is_locked(error: StokerError) -> bool:
    """Whether a store could not be opened because another process holds its file."""
    from duckdb import IOException  # takes a while, and is only needed when something went wrong

    cause = error.__cause__
    return isinstance(cause, IOException) and "lock" in str(cause).lower()
