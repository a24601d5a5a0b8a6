"""Standard input, kept so that it can be read again."""

import io

from app.cli.invocation import Invocation
from data.raw.inputs import InputFile, spool
from data.store.home import Home

NAME = "standard input"


def standard_input(invocation: Invocation, home: Home) -> InputFile:
    """Return standard input as a file; of what does not fit into memory, noise lies on disk."""
    if isinstance(invocation.stdin, InputFile):
        return invocation.stdin
    return spool(invocation.stdin or io.BytesIO(), home, NAME)
