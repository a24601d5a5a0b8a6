"""What the dashboard tells browsers to refuse, on every kind of answer."""

import http.client
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import app
from app.server.asgi import HOST
from app.server.security import content_security_policy
from tests.app.dashboard import Dashboard

ANSWERS = {
    "/": 200,
    "/warm-pools": 200,
    "/_stcore/health": 200,
    "/_stcore/host-config": 200,
    "/warm-pools/_stcore/health": 404,
    "/media/absent": 404,
}


def _headers(dashboard: Dashboard, path: str, **headers: str) -> tuple[int, dict[str, str]]:
    where = urlsplit(dashboard.address)
    connection = http.client.HTTPConnection(str(where.hostname), where.port)
    try:
        connection.request("GET", path, headers={"Cookie": dashboard.cookie, **headers})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}
    finally:
        connection.close()


@pytest.mark.parametrize(("path", "status"), ANSWERS.items())
def test_every_answer_has_the_headers(dashboard: Dashboard, path: str, status: int) -> None:
    found, headers = _headers(dashboard, path)
    assert found == status
    assert headers["content-security-policy"] == content_security_policy()
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "server" not in headers


def test_the_policy_names_no_other_host_and_allows_no_foreign_script() -> None:
    rules = {rule.split()[0]: rule.split()[1:] for rule in content_security_policy().split("; ")}
    assert "'unsafe-inline'" not in rules["script-src"]
    assert "'unsafe-eval'" not in rules["script-src"]
    assert rules["frame-ancestors"] == rules["object-src"] == ["'none'"]
    addresses = [word for words in rules.values() for word in words if "//" in word]
    assert addresses == ["ws://127.0.0.1:*", "ws://localhost:*"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1"])
def test_a_foreign_host_is_refused_everywhere(dashboard: Dashboard, host: str) -> None:
    for path in ("/", "/_stcore/health", "/stoker/command"):
        status, headers = _headers(dashboard, path, Host=host)
        assert status == 400
        assert headers["x-content-type-options"] == "nosniff"


def test_the_hosts_of_both_checks_are_the_same() -> None:
    text = (Path(app.__path__[0]) / ".streamlit" / "config.toml").read_text()
    settings = tomllib.loads(text)
    assert settings["server"]["allowedHosts"] == [HOST, "localhost"]
    assert settings["server"]["address"] == HOST
    assert settings["browser"]["gatherUsageStats"] is False
