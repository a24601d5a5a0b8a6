"""Named pipes, and those that a shell makes of `<(command)`: read once, as far as they go."""

import os
import select
from pathlib import Path
from typing import BinaryIO

from data.errors import StokerError

WRITER_WITHIN_S = 10.0


def open_pipe(path: Path) -> BinaryIO:
    """Open a pipe once something writes to it.

    Raises:
        StokerError: nothing does.
    """
    # to open it plainly would wait for a writer, for ever
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    waiting = select.poll()
    waiting.register(handle, select.POLLIN)
    if not waiting.poll(WRITER_WITHIN_S * 1000):
        os.close(handle)
        raise StokerError(
            f"{path} is a pipe, and nothing was written to it for {WRITER_WITHIN_S:.0f} s.",
            next_action="Start what writes to it first.",
        )
    os.set_blocking(handle, True)
    return os.fdopen(handle, "rb")
