"""Standard input for an import: kept in a file below the home while the command runs."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.store.home import Home


@contextmanager
def spooled_input(home: Home) -> Iterator[Path]:
    """Give the path of a file with what comes by standard input."""
    home.create()
    handle, name = tempfile.mkstemp(prefix="stdin-", dir=home.scratch)
    try:
        with os.fdopen(handle, "wb") as spool:
            shutil.copyfileobj(sys.stdin.buffer, spool)
        yield Path(name)
    finally:
        os.unlink(name)
