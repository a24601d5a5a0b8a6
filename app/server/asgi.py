"""The dashboard as an ASGI app: pages, the command route, security headers, start and stop."""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from app.cli.running_server import HOST, PORT_VARIABLE, RunningServer, publish, withdraw
from app.server.commands_route import command_route
from app.server.security import SecurityHeaders
from app.server.store_holder import held_store
from app.server.warmup import warm_up
from data import background

_token = secrets.token_urlsafe(32)


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Own the database while the dashboard runs."""
    store = held_store()
    port = os.environ.get(PORT_VARIABLE)  # without it nobody knows where we listen
    server = RunningServer(int(port), _token, os.getpid()) if port else None
    if server:
        publish(store.home, server)
    background.start("warm-up", warm_up, store)
    try:
        yield
    finally:
        if server:
            withdraw(store.home, server)


app = st.App(
    Path(__file__).parent.with_name("dashboard.py"),
    lifespan=lifespan,
    routes=[command_route(_token)],
    middleware=[
        Middleware(SecurityHeaders),
        Middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"]),
    ],
)
