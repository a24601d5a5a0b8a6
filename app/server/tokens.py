"""The secrets of this process: one opens its pages, another runs commands; new at each start."""

import os
import secrets

from app.cli.running_server import RunningServer
from pages.kit.demo import YES
from pages.kit.visit import DEMO

LINK_TOKEN = secrets.token_urlsafe(32)
COMMAND_TOKEN = secrets.token_urlsafe(32)
DEMO_COMMAND_TOKEN = secrets.token_urlsafe(32)
"""Runs commands on the demo beside the home."""


def this_server(port: int) -> RunningServer:
    """Return how this process is reached."""
    return RunningServer(port, COMMAND_TOKEN, os.getpid(), LINK_TOKEN)


def demo_server(port: int) -> RunningServer:
    """Return how the demo is reached that this process has open beside its home."""
    return RunningServer(port, DEMO_COMMAND_TOKEN, os.getpid(), LINK_TOKEN, f"&{DEMO}={YES}")
