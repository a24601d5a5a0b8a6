"""Serving a home: opens its database, listens on this machine's own address, runs the dashboard."""

import errno
import os
import shlex
import signal
import socket
import sys
import threading
import time
import webbrowser
from types import FrameType
from typing import NoReturn

import uvicorn

from app.cli.invocation import DONE, Invocation
from app.cli.progress import ProgressBar
from app.cli.retry import retry_while_locked
from app.cli.running_server import FIRST_PORT, HOST, PORT_VARIABLE, running_server
from app.cli.store_access import open_with_progress
from app.server.store_holder import close_store, hold
from app.server.tokens import this_server
from data.demo.filling import fill_demo
from data.errors import StokerError
from data.store.home import Home

PORTS_TO_TRY = 20
LAST_REQUESTS_S = 3
LARGEST_MESSAGE_BYTES = 200 * 2**20  # Streamlit's server.maxMessageSize


def serve_home(
    home: Home, invocation: Invocation, *, is_demo: bool, port: int | None, opens_browser: bool
) -> NoReturn:
    """Run the dashboard until it is stopped; then end the process.

    Raises:
        StokerError: the home or the port is taken.
    """
    home = home.demo if is_demo else home
    server = running_server(home)
    if server is not None:
        raise StokerError(
            f"A dashboard on {home.root} is running already.",
            next_action=f"Open {server.link} , or stop it first (Ctrl-C where it runs).",
        )
    with _listening(port) as listening:
        store = retry_while_locked(
            lambda: open_with_progress(invocation, home), say=invocation.err.write
        )
        hold(store)
        if is_demo:
            with ProgressBar(invocation, "demo history") as bar:
                fill_demo(store, bar)
        port = int(listening.getsockname()[1])
        os.environ["STOKER_HOME"] = str(home.root)
        os.environ[PORT_VARIABLE] = str(port)
        link = this_server(port).link
        invocation.out.write(f"Stoker is at {link}\n")
        invocation.out.write(f"Its data is in {home.root}. Ctrl-C stops it.\n")
        if is_demo:
            invocation.out.write(
                f"From another terminal: stoker ask --home {shlex.quote(str(home.root))}\n"
            )
        sys.stdout.flush()
        try:
            _run(listening, link if opens_browser else None)
        finally:
            close_store()
    _leave()


def _listening(port: int | None) -> socket.socket:
    """Return a socket that listens on this machine's own address."""
    ports = range(FIRST_PORT, FIRST_PORT + PORTS_TO_TRY) if port is None else [port]
    for number in ports:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, number))
        except OSError as error:
            listening.close()
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
        else:
            listening.listen()  # from now on a caller waits instead of being refused
            return listening
    tried = f"Port {port}" if port is not None else f"Every port from {ports[0]} to {ports[-1]}"
    raise StokerError(f"{tried} is taken.", next_action="Give another one: stoker serve --port N")


def _run(listening: socket.socket, address: str | None) -> None:
    server = uvicorn.Server(
        uvicorn.Config(
            "app.server.asgi:app",
            log_level="warning",
            access_log=False,
            server_header=False,
            ws="websockets-sansio",  # as Streamlit's own server would choose, here and below
            ws_max_size=LARGEST_MESSAGE_BYTES,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=LAST_REQUESTS_S,
        )
    )
    if address and _has_display():
        threading.Thread(target=_open_browser, args=(server, address), daemon=True).start()
    # uvicorn raises the signal again when it has shut down: we are not done then
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _ignore)
    server.run(sockets=[listening])


def _leave() -> NoReturn:
    """End the process at once: a thread that is still in a query would abort an orderly end."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(DONE)


def _open_browser(server: uvicorn.Server, address: str) -> None:
    while not server.started:
        time.sleep(0.05)
    webbrowser.open(address)


def _has_display() -> bool:
    """Whether a browser would open in a window; without one it could occupy the terminal."""
    if sys.platform in ("darwin", "win32"):
        return "SSH_CONNECTION" not in os.environ
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _ignore(number: int, frame: FrameType | None) -> None:
    pass
