"""The gate before every page: it opens to who came by the link that `stoker serve` gives.

The link's token becomes a cookie. Who has neither, or comes from a page of another origin, gets
nothing: no page, no file, no socket. Streamlit never hears of them, which for a foreign origin
would ask the internet for its own address.
"""

import hmac
from urllib.parse import urlencode

from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.cli.running_server import LINK_TOKEN as TOKEN

REFUSED, POLICY_VIOLATION = 403, 1008
READING = ("GET", "HEAD")
OWN_SITE = (None, "same-origin", "none")  # none: typed, or opened from outside of the browser

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Stoker</title>{head}
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<style>body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto;
padding: 0 1rem }}</style></head><body><main>{body}</main></body></html>
"""
CLOSED = """<h1>This dashboard opens by its link</h1>
<p>Each start of <code>stoker serve</code> makes a new link and prints it; links and open windows of
an earlier start no longer work.</p>
<p>Open the link from the terminal where it runs. To see it again, run
<code>stoker serve</code> once more: it says where the dashboard is.</p>"""


class Gate:
    """Middleware that lets pass who has the cookie, and makes it of the link's token."""

    def __init__(self, app: ASGIApp, *, token: str, own_paths: frozenset[str]) -> None:
        self._app, self._token = app, token
        self._own_paths = own_paths  # which ask for a token of their own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        answer = self._answer(HTTPConnection(scope))
        if answer is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        else:
            await answer(scope, receive, send)

    def _answer(self, asked: HTTPConnection) -> Response | None:
        """Return the answer to who may not pass; None lets pass."""
        scope = asked.scope
        is_opening = _is_opening(asked)
        if not (is_opening or _is_from_here(asked)):
            return PlainTextResponse("Another origin.", REFUSED)
        if scope["path"] in self._own_paths:
            return None
        is_reading = scope.get("method") in READING
        if is_reading and TOKEN in asked.query_params:
            if self._is_known(asked.query_params[TOKEN]):
                return self._welcome(asked)
        elif self._is_known(asked.cookies.get(cookie_name(asked), "")):
            return None
        elif is_opening and asked.headers.get("sec-fetch-site") not in OWN_SITE:
            # a link on another site: the browser keeps the cookie back, but not from our own page
            return _page('<meta http-equiv="refresh" content="0">', "", 200)
        if is_reading and "text/html" in asked.headers.get("accept", ""):
            return _page("", CLOSED, REFUSED)
        return PlainTextResponse("Open the dashboard by its link.", REFUSED)

    def _is_known(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self._token.encode())

    def _welcome(self, asked: HTTPConnection) -> Response:
        """Return the way to the same page without the token, which the cookie has from now on."""
        others = [
            (name, value) for name, value in asked.query_params.multi_items() if name != TOKEN
        ]
        # a path that begins with two slashes would name another host
        target = "/" + asked.url.path.lstrip("/\\") + ("?" + urlencode(others) if others else "")
        answer = RedirectResponse(target, 303)
        answer.set_cookie(cookie_name(asked), self._token, httponly=True, samesite="strict")
        return answer


def cookie_name(asked: HTTPConnection) -> str:
    """Return the cookie's name: ports of one host share their cookies."""
    return f"stoker-{asked.url.port or 80}"


def _is_from_here(asked: HTTPConnection) -> bool:
    """Whether a request is from our own page, or from no page."""
    site = asked.headers.get("sec-fetch-site")
    origin = asked.headers.get("origin")
    if site not in OWN_SITE:
        return False
    if origin == "null":  # what a browser may make of it where no referrer is sent
        return site == "same-origin"
    return origin is None or origin == f"http://{asked.headers.get('host', '')}"


def _is_opening(asked: HTTPConnection) -> bool:
    """Whether a window opens the page, from wherever: that page cannot look into it."""
    headers = asked.headers
    return (
        asked.scope.get("method") == "GET"
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
        and "origin" not in headers
    )


def _page(head: str, body: str, status: int) -> Response:
    return HTMLResponse(PAGE.format(head=head, body=body), status, {"Cache-Control": "no-store"})
