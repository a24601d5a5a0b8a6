"""Commands through a running dashboard: the same as alone, and alive while they are silent."""

import asyncio
import io
import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest

from app.cli.invocation import INTERRUPTED, Invocation
from app.cli.main import main, run
from app.cli.running_server import (
    PATH,
    TOKEN_HEADER,
    running_server,
)
from app.server import commands_route
from data import background
from data.store.home import Home
from data.store.store import Store
from tests.app.conftest import TWO_JOBS
from tests.app.dashboard import Dashboard, Ran, running_dashboard, stoker, wait_until
from tests.conftest import describe_job, lines

pytestmark = pytest.mark.thorough

COMMANDS = [
    (("ask", "jobs", "--format", "csv"), 0),
    (("ask", "jobs", "--format", "json", "--where", "job_name=one"), 0),
    (("ask", "warm_pool_hit_rate", "--set", "by=region"), 0),
    (("ask", "jobs", "--since", "2030-01-01"), 0),
    (("ask", "nonsense"), 2),
    (("sql", "select job_name, created_at from job_facts order by 1"), 0),
    (("sql", "delete from training_jobs"), 1),
    (("ask", "keep_alive_curve", "--set", "at=nonsense"), 2),
    (("ingest", "absent.jsonl"), 1),
    (("ingest", "jobs.jsonl"), 0),
    (("ingest", "broken.jsonl"), 3),
]


def test_output_and_status_are_the_same_through_a_dashboard(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    alone = []
    for words, _ in COMMANDS:
        status = main([*words, "--home", "home"])
        captured = capsys.readouterr()
        alone.append(Ran(status, captured.out, captured.err))
    assert [ran.status for ran in alone] == [status for _, status in COMMANDS]
    with running_dashboard(folder / "home"):
        assert [stoker(*words, "--home", "home", cwd=folder) for words, _ in COMMANDS] == alone


def test_paths_and_standard_input_are_the_callers(dashboard: Dashboard, tmp_path: Path) -> None:
    home = ("--home", str(dashboard.home))
    (tmp_path / "here.jsonl").write_bytes(lines(describe_job("here", created=5000)))
    assert stoker("ingest", "here.jsonl", *home, cwd=tmp_path).status == 0
    piped = stoker("ingest", "-", *home, stdin=lines(describe_job("piped", created=6000)))
    assert piped.out == "standard input: 1 accepted, 0 unchanged, 0 rejected (jobs)\n"
    assert stoker("ask", "jobs", "--out", "out.parquet", *home, cwd=tmp_path).status == 0
    assert (tmp_path / "out.parquet").exists()
    names = stoker("ask", "jobs", "--format", "json", *home).out
    assert {"here", "piped"} <= {job["job_name"] for job in json.loads(names)}


def test_status_names_the_dashboard(dashboard: Dashboard) -> None:
    state = json.loads(stoker("status", "--format", "json", "--home", str(dashboard.home)).out)
    assert state["dashboard"] == dashboard.address


@pytest.mark.parametrize("token", [None, "", "wrong", "ä" * 43])
def test_a_wrong_token_is_refused(dashboard: Dashboard, token: str | None) -> None:
    assert _posted(dashboard, token) == 403


def test_a_foreign_host_is_refused_even_with_the_token(dashboard: Dashboard) -> None:
    server = running_server(Home(dashboard.home))
    assert server is not None
    assert _posted(dashboard, server.token, Host="evil.example") == 400
    assert _posted(dashboard, server.token) == 200


def test_rebuild_is_refused_while_a_dashboard_runs(dashboard: Dashboard) -> None:
    ran = stoker("rebuild", "--home", str(dashboard.home))
    assert (ran.status, ran.out) == (1, "")
    assert f"The dashboard at {dashboard.address} has the database open." in ran.err
    assert "Stop it" in ran.err


def _posted(dashboard: Dashboard, token: str | None, **headers: str) -> int:
    """Return the status of a command sent with a token and headers of our choice."""
    call = {"argv": ["ask", "coverage"], "cwd": "/", "has_stdin": False, "out_width": None,
            "err_width": None, "file_mode": 0o600}  # fmt: skip
    if token is not None:
        headers[TOKEN_HEADER] = token.encode().decode("latin-1")
    request = urllib.request.Request(
        dashboard.address + PATH, json.dumps(call).encode() + b"\n", headers, method="POST"
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return int(error.code)


def test_a_silent_command_shows_that_it_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands_route, "HEARTBEAT_S", 0.05)

    async def chunks() -> list[bytes]:
        loop = asyncio.get_running_loop()
        reply = commands_route.Reply(loop)

        def work() -> None:
            time.sleep(0.3)
            reply.send("out", "done")
            reply.close()

        worker = loop.run_in_executor(None, work)
        lines = [line async for line in reply.lines()]
        await worker
        return lines

    sent = asyncio.run(chunks())
    assert sent[0] == commands_route.HEARTBEAT, "the headers leave with it"
    end = sent.index(json.dumps({"out": "done"}).encode() + b"\n")
    assert set(sent[:end]) == {commands_route.HEARTBEAT}
    assert end > 3
    assert set(sent[end + 1 :]) <= {commands_route.HEARTBEAT}


def test_a_large_standard_input_arrives_whole_and_its_secrets_do_not_stay(
    dashboard: Dashboard,
) -> None:
    count, secret = 3000, b"hunter2-never-to-be-found"
    content = lines(
        *(
            describe_job(f"large-{number}", HyperParameters={"password": secret.decode()})
            for number in range(count)
        )
    )
    assert len(content) > 3 * 2**20
    ran = stoker("ingest", "-", "--home", str(dashboard.home), stdin=content)
    assert ran.out == f"standard input: {count} accepted, 0 unchanged, 0 rejected (jobs)\n"
    files = [path for path in dashboard.home.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if secret in path.read_bytes()]


def test_asking_does_not_wait_for_a_writer(store: Store, tmp_path: Path) -> None:
    out, err = io.StringIO(), io.StringIO()
    ask = Invocation(("ask", "instance_types", "--format", "json"), out, err, tmp_path, store=store)
    with store.transaction() as cursor:
        cursor.execute("delete from instance_types")
        with ThreadPoolExecutor(1) as reading:
            assert reading.submit(run, ask).result(20) == 0
    assert len(json.loads(out.getvalue())) > 100, "what was there before"


def test_an_import_ends_when_its_caller_has_gone(store: Store, tmp_path: Path) -> None:
    class Left:
        is_abandoned = True
        sent: ClassVar[dict[str, Any]] = {}

        def send(self, kind: str, value: Any) -> None:
            self.sent[kind] = value

    (tmp_path / "jobs.jsonl").write_bytes(TWO_JOBS)
    call = {"argv": ["ingest", "jobs.jsonl"], "cwd": str(tmp_path), "out_width": None,
            "err_width": None, "file_mode": 0o600}  # fmt: skip
    reply, task = Left(), background.Task("stoker ingest")
    commands_route._run_and_send(call, store, None, cast(commands_route.Reply, reply), task)
    assert task.is_cancelled
    assert reply.sent == {"err": "Stopped.\n", "status": INTERRUPTED}
    assert store.scalar("select count(*) from training_jobs") == 0


def test_ctrl_c_and_a_closed_pipe_end_with_the_same_status_and_stop_the_work(
    folder: Path,
) -> None:
    endless = "select count(*) from range(10000000) a, range(10000000) b where a.range = -b.range"

    def interrupted() -> int:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "sql", endless, "--home", "home"], cwd=folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # whoever runs us
        )  # fmt: skip
        assert wait_until(lambda: bool(list(scratch.glob("sql-*"))), within_s=60)
        process.send_signal(signal.SIGINT)
        status = process.wait(25)
        assert wait_until(lambda: not list(scratch.glob("sql-*")), within_s=25)
        return status

    def cut_off() -> tuple[int, bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "sql", "from range(300000)", "--limit", "0",
             "--format", "csv", "--home", "home"],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        first = process.stdout.readline()
        process.stdout.close()
        assert process.stderr is not None
        assert (first, process.stderr.read()) == (b"range\n", b"")
        process.stderr.close()
        return process.wait(60), first

    scratch = Home(folder / "home").scratch
    alone = interrupted(), cut_off()
    with running_dashboard(folder / "home"):
        assert (interrupted(), cut_off()) == alone
    assert alone[0] == INTERRUPTED
