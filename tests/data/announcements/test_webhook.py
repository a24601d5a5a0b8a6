"""The webhook: what is posted where, and what is said of an answer, or of none."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from data.announcements.webhook import MaybeDeliveredError, NotDeliveredError, check, send
from data.errors import StokerError


class Hook:
    """A webhook on this machine, which keeps what was posted, and answers as it is told."""

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []
        self.status, self.location, self.wait_s = 200, "", 0.0
        self.arrived = threading.Event()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.posts.append(
                    {"path": self.path, "type": self.headers["Content-Type"], **json.loads(body)}
                )
                hook.arrived.set()
                time.sleep(hook.wait_s)
                self.send_response(hook.status)
                if hook.location:
                    self.send_header("Location", hook.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/services/T/B/secret"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def texts(self) -> list[str]:
        return [post["text"] for post in self.posts]


@pytest.fixture
def hook() -> Iterator[Hook]:
    opened = Hook()
    yield opened
    opened.server.shutdown()
    opened.server.server_close()


def test_the_body_is_the_one_that_slack_takes(hook: Hook) -> None:
    send(hook.url, "a\nb")
    assert hook.posts == [
        {"path": "/services/T/B/secret", "type": "application/json", "text": "a\nb"}
    ]


def test_a_redirect_is_not_followed(hook: Hook) -> None:
    hook.status, hook.location = 307, hook.url.replace("secret", "elsewhere")
    with pytest.raises(NotDeliveredError, match="status 307"):
        send(hook.url, "a")
    assert len(hook.posts) == 1


def test_errors_say_what_happened_and_never_the_address(hook: Hook) -> None:
    hook.status = 404
    with pytest.raises(NotDeliveredError, match="status 404") as refused:
        send(hook.url, "a")
    hook.wait_s = 1.0
    with pytest.raises(MaybeDeliveredError, match="did not answer") as slow:
        send(hook.url, "a", within_s=0.2)
    hook.server.shutdown()
    hook.server.server_close()
    with pytest.raises(NotDeliveredError, match="not reached") as gone:
        send(hook.url, "a")
    for error in (refused, slow, gone):
        assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook", "http://192.168.0.1/", "ftp://127.0.0.1/", "file:///etc/passwd",
        "http://127.0.0.1.example.org/", "https://", "//127.0.0.1/", "http://[::2]/", "hook",
        "http://127.0.0.1@example.org/", "https://host:port/",
    ],
)  # fmt: skip
def test_only_https_and_this_machine_are_posted_to(url: str) -> None:
    with pytest.raises(StokerError, match="webhook_url"):
        send(url, "a")


@pytest.mark.parametrize(
    "url",
    ["https://hooks.slack.com/services/a", "http://localhost:9/x", "http://[::1]:9/",
     "http://127.8.0.1/"],
)  # fmt: skip
def test_https_and_this_machine_may_be_used(url: str) -> None:
    check(url)
