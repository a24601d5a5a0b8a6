"""The secrets of this process: one opens its pages, another runs commands; new at each start."""

import os
import secrets

from app.cli.running_server import RunningServer

LINK_TOKEN = secrets.token_urlsafe(32)
COMMAND_TOKEN = secrets.token_urlsafe(32)


def this_server(port: int) -> RunningServer:
    """Return how this process is reached."""
    return RunningServer(port, COMMAND_TOKEN, os.getpid(), LINK_TOKEN)
