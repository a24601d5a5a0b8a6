"""Sends a text to a webhook, in the body that Slack takes: over https, or to this machine.

A webhook's address is a secret: whoever has it may post. No message of ours holds it.
"""

import ipaddress
import json
import ssl
from http.client import HTTPException
from typing import Any, NoReturn
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from data.errors import StokerError

ANSWER_WITHIN_S = 5.0
SETTING = "webhook_url"


class NotDeliveredError(StokerError):
    """The webhook did not take the text; it may be sent again."""


class MaybeDeliveredError(StokerError):
    """Nobody knows whether the webhook took the text: it is not to be sent again."""


class _NoRedirects(HTTPRedirectHandler):
    """Leaves a redirect as the answer: what is announced goes where the user said, only."""

    def redirect_request(self, *_: Any) -> None:
        return None


def send(url: str, text: str, *, within_s: float = ANSWER_WITHIN_S) -> None:
    """Post `{"text": text}` to a webhook.

    Raises:
        StokerError: the address is not one that may be used.
        NotDeliveredError: the webhook refused it, or was not reached.
        MaybeDeliveredError: it was sent, and no answer came in time.
    """
    check(url)
    request = Request(  # noqa: S310  # checked above: https, or this machine
        url,
        data=json.dumps({"text": text}).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    handlers: list[Any] = [_NoRedirects()]
    if _is_this_machine(urlsplit(url).hostname):
        handlers.append(ProxyHandler({}))
    try:
        with build_opener(*handlers).open(request, timeout=within_s):
            pass
    except HTTPError as error:
        error.close()
        _refuse(f"The webhook answered with status {error.code}.", error)
    except URLError as error:
        # raised before the request is out: no connection, no such host, no valid certificate
        is_certificate = isinstance(error.reason, ssl.SSLError)
        what = "has no valid certificate" if is_certificate else "was not reached"
        _refuse(f"The webhook {what}.", error)
    except (OSError, HTTPException) as error:
        raise MaybeDeliveredError(
            f"The webhook did not answer within {within_s:g} s, or not in HTTP.",
            next_action="It is not sent again, since it may have arrived.",
        ) from error


def check(url: str) -> None:
    """Refuse an address that is neither https nor of this machine.

    Raises:
        StokerError: it is not.
    """
    try:
        parts = urlsplit(url)
        is_usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    else:
        is_usable = is_usable and (
            parts.scheme == "https"
            or (parts.scheme == "http" and _is_this_machine(parts.hostname))
        )  # fmt: skip
    if not is_usable:
        raise StokerError(
            f"The setting '{SETTING}' is not an address that may be used.",
            next_action="Write https://..., or http:// with 127.0.0.1 or localhost.",
        )


def _is_this_machine(host: str | None) -> bool:
    if host is None:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _refuse(what: str, error: Exception) -> NoReturn:
    raise NotDeliveredError(
        what, next_action=f"It is sent again with the next sync; see '{SETTING}' in settings.toml."
    ) from error
