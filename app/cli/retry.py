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
    give_up_at: float | None = None
    while True:
        try:
            return attempt()
        except LockedError:
            # from the first refusal on: on a busy machine the first try alone may take long
            if give_up_at is None:
                give_up_at = time.monotonic() + PATIENCE_S
                say(
                    "Another command is using the database; waiting for up to"
                    f" {PATIENCE_S:.0f} s.\n"
                )
            elif time.monotonic() > give_up_at:
                raise
        time.sleep(RETRY_S)
