"""One process owns the database: the command line works through a running dashboard."""

import asyncio
import io
import json
import os
import signal
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest

from analytics.derived.derive import derive
from app.cli import retry
from app.cli import running_server as running_server_module
from app.cli.invocation import INTERRUPTED, Invocation
from app.cli.main import main, run
from app.cli.retry import is_locked
from app.cli.running_server import (
    PATH,
    TOKEN_HEADER,
    RunningServer,
    publish,
    running_server,
    withdraw,
)
from app.server import background, commands_route
from data.errors import StokerError
from data.ingest.home_store import open_home
from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.home import Home
from data.store.store import Store
from tests.app.dashboard import STOP_WITHIN_S, Dashboard, Ran, running_dashboard, stoker
from tests.conftest import describe_job, lines

JOBS = lines(describe_job("one"), describe_job("two", created=900, provisioning=None))
BROKEN = lines(describe_job("three", created=1800), {"TrainingJobName": "no-times"})
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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with files to import, and a home that holds them."""
    (tmp_path / "jobs.jsonl").write_bytes(JOBS)
    (tmp_path / "broken.jsonl").write_bytes(BROKEN)
    store = open_home(Home(tmp_path / "home"), derivation=derive)
    for content in (JOBS, BROKEN):
        ingest(store, uploaded("jobs.jsonl", content))
    store.close()
    return tmp_path


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


def test_the_address_file_is_for_this_user_only(dashboard: Dashboard) -> None:
    owner_file = Home(dashboard.home).owner
    assert stat.S_IMODE(owner_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(dashboard.home.stat().st_mode) == 0o700


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


def test_a_second_dashboard_on_the_home_is_refused(dashboard: Dashboard) -> None:
    ran = stoker("serve", "--no-browser", "--home", str(dashboard.home))
    assert ran.status == 1
    assert f"Open {dashboard.address}" in ran.err


def test_a_port_that_is_taken_is_an_error(dashboard: Dashboard, tmp_path: Path) -> None:
    port = dashboard.address.rpartition(":")[2]
    ran = stoker("serve", "--no-browser", "--port", port, "--home", str(tmp_path / "other"))
    assert ran.status == 1
    assert f"Port {port} is taken." in ran.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_dashboard_cleanly(folder: Path, number: signal.Signals) -> None:
    with running_dashboard(folder / "home") as running:
        running.process.send_signal(number)
        assert running.process.wait(STOP_WITHIN_S) == 0
        assert not Home(folder / "home").owner.exists()


def test_the_command_line_works_after_the_dashboard_was_killed(folder: Path) -> None:
    home = Home(folder / "home")
    with running_dashboard(home.root) as running:
        running.process.kill()
        running.process.wait()
        assert home.owner.exists(), "a killed process cannot tidy up"
        ran = stoker("ask", "jobs", "--format", "json", "--home", "home", cwd=folder)
        assert (ran.status, ran.err) == (0, "")
        assert len(json.loads(ran.out)) == 3


def test_an_address_file_that_points_nowhere_is_ignored(folder: Path) -> None:
    home = Home(folder / "home")
    publish(home, RunningServer(port=1, token="old", pid=os.getpid()))
    assert running_server(home) is None
    assert main(["ask", "jobs", "--home", str(home.root)]) == 0
    home.owner.write_text("{half")
    assert running_server(home) is None


def test_a_server_only_withdraws_its_own_address(tmp_path: Path) -> None:
    home = Home(tmp_path).create()
    first, second = RunningServer(1, "first", os.getpid()), RunningServer(1, "second", os.getpid())
    publish(home, first)
    publish(home, second)
    withdraw(home, first)
    assert home.owner.exists()
    withdraw(home, second)
    assert not home.owner.exists()


def test_a_command_waits_for_another_that_has_the_database_open(folder: Path) -> None:
    holder = open_home(Home(folder / "home"))
    with subprocess.Popen(
        [sys.executable, "-m", "app.cli", "ask", "coverage", "--home", str(folder / "home")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as asking:
        assert asking.stderr is not None
        first_message = asking.stderr.readline()
        holder.close()
        out, rest = asking.communicate()
    assert first_message == "Another command is using the database; waiting for up to 10 s.\n"
    assert (asking.returncode, rest) == (0, "")
    assert out.startswith("source")


def test_retrying_ends_with_an_error_that_says_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "PATIENCE_S", 0.3)
    home = Home(folder / "home")
    said: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD.format(home=str(home.root))], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        started_at = time.monotonic()
        with pytest.raises(StokerError) as raised:
            retry.retry_while_locked(lambda: open_home(home), say=said.append)
        waited_s = time.monotonic() - started_at
        holder.kill()
    assert is_locked(raised.value)
    assert raised.value.next_action
    assert len(said) == 1
    assert waited_s >= 0.3


_HOLD = """
from pathlib import Path
import time
from data.store.home import Home
from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.ingest.home_store import open_home
store = open_home(Home(Path({home!r})))
print("open", flush=True)
time.sleep(60)
"""


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

    first, *beats, last = asyncio.run(chunks())
    assert first == commands_route.HEARTBEAT, "the headers leave with it"
    assert set(beats) == {commands_route.HEARTBEAT}
    assert len(beats) >= 3
    assert json.loads(last) == {"out": "done"}


def test_a_dashboard_that_hangs_does_not_answer(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = ("--home", str(dashboard.home))
    monkeypatch.setattr(running_server_module, "SILENCE_S", 0.5)
    dashboard.process.send_signal(signal.SIGSTOP)
    try:
        assert main(["ask", "coverage", *home]) == 1
    finally:
        dashboard.process.send_signal(signal.SIGCONT)
    assert f"process {dashboard.process.pid}) does not answer." in capsys.readouterr().err


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

    (tmp_path / "jobs.jsonl").write_bytes(JOBS)
    call = {"argv": ["ingest", "jobs.jsonl"], "cwd": str(tmp_path), "out_width": None,
            "err_width": None, "file_mode": 0o600}  # fmt: skip
    reply, task = Left(), background.Task("stoker ingest")
    commands_route._run_and_send(call, store, None, cast(commands_route.Reply, reply), task)
    assert task.is_cancelled
    assert reply.sent == {"err": "Stopped.\n", "status": INTERRUPTED}
    assert store.scalar("select count(*) from training_jobs") == 0
