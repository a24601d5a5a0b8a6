"""`stoker serve`: opens the dashboard."""

import click

from app.cli.invocation import Invocation
from app.cli.options import command
from app.cli.running_server import FIRST_PORT
from data.store.home import Home

EXAMPLES = """\
Examples:
  stoker serve --demo                a look around, with made-up jobs
  stoker serve                       on your own jobs
  stoker serve --no-browser --port 9000
"""


@command("serve", "Open the dashboard.", EXAMPLES)
@click.option("--demo", is_flag=True, help="On the demo history, in <home>/demo.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    help=f"Listen here (default: the first free one from {FIRST_PORT}; 0: any free one).",
)
@click.option("--no-browser", is_flag=True, help="Print the address, open no browser.")
def serve(
    invocation: Invocation, home: Home, *, demo: bool, port: int | None, no_browser: bool
) -> int:
    """Opens the dashboard on this machine's own address, 127.0.0.1: no other machine can reach it.
    While it runs, the other commands work through it. Ctrl-C stops it.
    """
    from app.server.serve import serve_home

    return serve_home(home, invocation, is_demo=demo, port=port, opens_browser=not no_browser)
