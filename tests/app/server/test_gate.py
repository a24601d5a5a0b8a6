"""Who gets past the gate: who came by the link, from our own pages; and nobody else anything."""

import http.client
import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from app.server.sessions import MOST_KEPT
from tests.app.dashboard import STOP_WITHIN_S, Dashboard, running_dashboard, visit, wait_until

FROM_A_LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate",
               "Sec-Fetch-Dest": "document"}  # fmt: skip
PAGE = {"Accept": "text/html"}
PATHS = ["/", "/warm-pools", "/favicon.png", "/_stcore/health", "/_stcore/host-config",
         "/_stcore/metrics", "/_stcore/agent/openapi.json", "/media/absent", "/component/absent",
         "/_stcore/upload_file/a/b", "/static/js/absent.js"]  # fmt: skip


@pytest.fixture(scope="module")
def asked_of_the_world() -> Iterator[list[str]]:
    """What a proxy is asked for: all that would leave the machine."""
    asked: list[str] = []

    class Recorder(http.server.BaseHTTPRequestHandler):
        def _record(self) -> None:
            asked.append(self.requestline)
            self.send_error(502)

        do_GET = do_POST = do_CONNECT = do_HEAD = _record

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{proxy.server_port}"
        with pytest.MonkeyPatch.context() as patch:
            for name in ("http_proxy", "https_proxy", "all_proxy"):
                patch.setenv(name, address)
                patch.setenv(name.upper(), address)
            patch.setenv("no_proxy", "127.0.0.1,localhost")
            yield asked
        proxy.shutdown()


@pytest.fixture(scope="module")
def dashboard(
    tmp_path_factory: pytest.TempPathFactory, asked_of_the_world: list[str]
) -> Iterator[Dashboard]:
    """A dashboard whose requests to the world, if there were any, would be seen."""
    with running_dashboard(tmp_path_factory.mktemp("gate") / "home") as running:
        yield running


def asked(
    dashboard: Dashboard, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], str]:
    where = urlsplit(dashboard.address)
    connection = http.client.HTTPConnection(str(where.hostname), where.port)
    try:
        connection.request(
            method, path, headers={k.replace("_", "-"): v for k, v in headers.items()}
        )
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, found, answer.read().decode(errors="replace")
    finally:
        connection.close()


def test_who_has_no_cookie_gets_nothing(dashboard: Dashboard) -> None:
    name = dashboard.cookie.partition("=")[0]
    for path in PATHS:
        for headers in (
            {},
            {"Cookie": f"{name}=wrong"},
            {"Cookie": f"{name}=\u00e4".encode().decode("latin-1")},
        ):
            status, answered, text = asked(dashboard, path, **headers)
            assert (status, text) == (403, "Open the dashboard by its link."), path
            assert "set-cookie" not in answered
    for method in ("PUT", "POST", "DELETE", "OPTIONS", "HEAD"):
        assert asked(dashboard, "/_stcore/upload_file/a/b", method)[0] == 403


def test_the_link_gives_a_cookie_that_scripts_and_other_sites_do_not_see(
    dashboard: Dashboard,
) -> None:
    status, headers, _ = asked(dashboard, dashboard.link.removeprefix(dashboard.address))
    assert (status, headers["location"]) == (303, "/")
    cookie, *attributes = headers["set-cookie"].split("; ")
    assert cookie == dashboard.cookie
    assert {word.lower() for word in attributes} == {"httponly", "samesite=strict", "path=/"}
    status, _, text = asked(dashboard, "/", Cookie=cookie)
    assert status == 200
    assert "Streamlit" in text
    token = dashboard.link.partition("?")[2]
    deep = asked(dashboard, f"/warm-pools?region=a%26b&{token}")
    assert deep[1]["location"] == "/warm-pools?region=a%26b"
    assert asked(dashboard, f"//evil.example/?{token}")[1]["location"] == "/evil.example/"


def test_a_link_or_cookie_of_an_earlier_start_says_what_to_do(dashboard: Dashboard) -> None:
    for path, headers in (
        ("/?token=of-an-earlier-start", PAGE),
        ("/costs", {**PAGE, "Cookie": dashboard.cookie[:-1]}),
    ):
        status, answered, text = asked(dashboard, path, **headers)
        assert status == 403
        assert "stoker serve" in text
        assert "link" in text
        assert answered["cache-control"] == "no-store"
        assert "script" not in text


def test_a_link_on_another_site_opens_the_page_for_who_has_the_cookie(
    dashboard: Dashboard,
) -> None:
    status, _, text = asked(dashboard, "/sql?sql=select+1", **PAGE, **FROM_A_LINK)
    assert (status, 'http-equiv="refresh"' in text) == (200, True)
    assert "Streamlit" not in text
    again = {**FROM_A_LINK, "Sec-Fetch-Site": "same-origin"}
    assert asked(dashboard, "/sql?sql=select+1", **PAGE, **again)[0] == 403
    assert asked(dashboard, "/sql", **PAGE, **again, Cookie=dashboard.cookie)[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
        {**FROM_A_LINK, "Sec-Fetch-Dest": "iframe"},
        {**FROM_A_LINK, "Sec-Fetch-Dest": "document", "Origin": "http://evil.example"},
    ],
)
def test_another_origin_gets_nothing_even_with_the_cookie(
    dashboard: Dashboard, headers: dict[str, str]
) -> None:
    for path in ("/", "/_stcore/health", "/stoker/command", "/favicon.png"):
        status, answered, text = asked(dashboard, path, Cookie=dashboard.cookie, **headers)
        assert (status, text) == (403, "Another origin."), path
        assert not [name for name in answered if name.startswith("access-control")]


def test_a_websocket_opens_to_our_own_page_and_nothing_leaves_the_machine(
    dashboard: Dashboard, asked_of_the_world: list[str]
) -> None:
    where = f"{dashboard.address.replace('http', 'ws')}/_stcore/stream"
    cookie = {"Cookie": dashboard.cookie}
    for headers, origin in (
        ({}, dashboard.address),
        ({}, None),
        ({"Cookie": dashboard.cookie[:-1]}, dashboard.address),
        (cookie, "http://evil.example"),
        (cookie, "http://localhost:3000"),
        (cookie, "https://127.0.0.1"),
        (cookie, "null"),
        ({**cookie, "Host": "evil.example"}, "http://evil.example"),
    ):
        with pytest.raises(InvalidStatus) as refused:
            connect(where, additional_headers=headers, origin=origin, proxy=None)  # type: ignore[arg-type]
        assert refused.value.response.status_code in (400, 403)
    for page in ("", "data", "sql", "definitions"):
        visit(dashboard, page)
    assert asked(dashboard, "/_stcore/health", Cookie=dashboard.cookie,
                 Origin="http://evil.example")[0] == 403  # fmt: skip
    assert asked_of_the_world == []


def test_browsers_that_go_away_give_their_file_handles_back(dashboard: Dashboard) -> None:
    handles = Path(f"/proc/{dashboard.process.pid}/fd")
    if not handles.exists():
        pytest.skip("the handles of a process are counted in /proc")
    visit(dashboard, "definitions")
    before = len(os.listdir(handles))
    for _ in range(30):
        visit(dashboard, "definitions")
    most = before + 3 * (MOST_KEPT + 1)
    assert wait_until(lambda: len(os.listdir(handles)) <= most)


def test_the_next_start_has_another_link(dashboard: Dashboard) -> None:
    dashboard.process.terminate()
    dashboard.process.wait(STOP_WITHIN_S)
    port = dashboard.address.rpartition(":")[2]
    with running_dashboard(dashboard.home, "--port", port) as running:
        assert running.address == dashboard.address
        assert running.link != dashboard.link
        assert asked(running, "/", Cookie=dashboard.cookie, **PAGE)[0] == 403
