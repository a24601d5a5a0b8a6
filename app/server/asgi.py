"""The dashboard as an ASGI app: pages, the command route, security headers, start and stop."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from streamlit import net_util
from streamlit.runtime import get_instance

from app.cli.running_server import HOST, PATH, PORT_VARIABLE, publish, withdraw
from app.server.commands_route import command_route
from app.server.gate import Gate
from app.server.security import SecurityHeaders
from app.server.sessions import end_left_sessions
from app.server.store_holder import demo_store, held_store, withdraw_demo
from app.server.tokens import COMMAND_TOKEN, DEMO_COMMAND_TOKEN, LINK_TOKEN, this_server
from app.server.warmup import warm_up
from data import background

# what Streamlit would else ask a host outside of this machine for
net_util._external_ip = HOST


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Own the database while the dashboard runs."""
    end_left_sessions(get_instance())
    store = held_store()
    port = os.environ.get(PORT_VARIABLE)  # without it nobody knows where we listen
    server = this_server(int(port)) if port else None
    if server:
        publish(store.home, server)
    background.start("warm-up", warm_up, store)
    try:
        yield
    finally:
        if server:
            withdraw(store.home, server)
            withdraw_demo(server.port)


app = st.App(
    Path(__file__).parent.with_name("dashboard.py"),
    lifespan=lifespan,
    routes=[command_route({COMMAND_TOKEN: held_store, DEMO_COMMAND_TOKEN: demo_store})],
    middleware=[
        Middleware(SecurityHeaders),
        Middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"], www_redirect=False),
        Middleware(Gate, token=LINK_TOKEN, own_paths=frozenset({PATH})),
    ],
)
