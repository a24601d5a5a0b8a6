"""Trying again while another process holds the database."""

import time
from collections.abc import Callable
from typing import TypeVar

from data.errors import LockedError

PATIENCE_S = 10.0
RETRY_S = 0.2

Result = TypeVar("Result")


def retry_while_locked(attempt: Callable[[], Result], *, say: Callable[[str], object]) -> Result:
    """Return what `attempt` returns; try for ten seconds while another process holds the file.

    Raises:
        LockedError: it is still held.
    """
    give_up_at = time.monotonic() + PATIENCE_S
    has_said = False
    while True:
        try:
            return attempt()
        except LockedError:
            if time.monotonic() > give_up_at:
                raise
        if not has_said:
            say(f"Another command is using the database; waiting for up to {PATIENCE_S:.0f} s.\n")
            has_said = True
        time.sleep(RETRY_S)
