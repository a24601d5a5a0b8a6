"""Homes and files in odd places: read-only, full, oddly named, left behind; said in a sentence."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from app.cli.main import main
from app.cli.running_server import RunningServer, publish
from data.ingest import apart
from data.raw import landing
from data.store import home as homes
from data.store.home import Home
from tests.app.conftest import TWO_JOBS, Stoker
from tests.app.dashboard import Ran
from tests.conftest import at

ODD = "lock #&%41'\";]{a,b}=é $HOME"
SAMPLES = "host_name,metric_name,sampled_at,metric_value\n" + "".join(
    f"a/algo-1,GPUUtilization,{at(60 * n)},{n}\n" for n in range(3)
)
NO_SPACE = OSError(28, "No space left on device")


@pytest.fixture
def at_home(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run a command line on some home."""

    def running(home: Path, *arguments: str) -> Ran:
        status = main([arguments[0], "--home", str(home), *arguments[1:]])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return Ran(status, captured.out, captured.err)

    return running


def test_a_home_may_have_any_name(tmp_path: Path, at_home: Callable[..., Ran]) -> None:
    home, out = tmp_path / ODD, tmp_path / f"{ODD}.parquet"
    jobs, samples = tmp_path / f"{ODD}.jsonl", tmp_path / f"{ODD}.csv"
    jobs.write_bytes(TWO_JOBS)
    samples.write_text(SAMPLES)
    ran = at_home(home, "ingest", str(jobs), str(samples))
    assert (ran.status, ran.out.count(" accepted")) == (0, 2), ran
    assert "2 accepted" in ran.out
    assert "3 accepted" in ran.out
    assert at_home(home, "rebuild").status == 0
    counts = 'select (select count(*) from training_jobs) || "-" || count(*) from metric_samples'
    told = at_home(home, "sql", counts.replace('"', "'"), "--format", "csv")
    assert told.out.splitlines()[-1] == "2-3", told
    assert at_home(home, "ask", "jobs", "--out", str(out)).status == 0
    assert out.stat().st_size
    # damaged, not locked, whatever its path says
    (home / "stoker.duckdb").write_bytes(b"not a database" * 1000)
    ran = at_home(home, "ask", "jobs")
    assert "stoker rebuild" in ran.err
    assert "Another" not in ran.err
    assert at_home(home, "rebuild").status == 0


def test_a_home_that_cannot_be_made_is_said_to(
    tmp_path: Path, at_home: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    # DuckDB cannot have the last four in a path
    names = ("file", "file/below", "x" * 300, "a\\b", "a?b", "a*b", "a[b")
    for home in (tmp_path / name for name in names):
        ran = at_home(home, "ask", "jobs")
        assert ran.status == 1
        assert "cannot be used as a home" in ran.err
        assert "--home" in ran.err

    def read_only(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(homes.Path, "mkdir", read_only)
    assert "Read-only file system" in at_home(tmp_path / "new", "ask", "jobs").err


def test_a_full_disk_is_said_and_the_next_command_works(
    filled: Stoker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = filled("ask", "jobs", "--format", "csv").out.count("\n")
    file = tmp_path / "more.jsonl"
    file.write_bytes(TWO_JOBS)

    def full(*_: object, **__: object) -> None:
        raise NO_SPACE

    def duck_full(*_: object, **__: object) -> None:
        message = "IO Error: Could not write all bytes to file: No space left on device"
        raise duckdb.IOException(message)

    for place, name, failing in (
        (landing, "_publish", full),
        (landing, "_created", full),
        (apart, "merge_records", duck_full),
        (apart, "merge_records", full),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(place, name, failing)
            ran = filled("ingest", str(file))
        assert (ran.status, ran.out) == (1, "")
        assert "is full, or cannot be written to.\nFree some space" in ran.err
        # what was landed by then is merged by the next command
        assert filled("ask", "jobs", "--format", "csv").out.count("\n") in (rows, rows + 2)
    assert filled("ingest", str(file)).status == 0
    assert not json.loads(filled("status", "--format", "json").out)["failed_imports"]


@pytest.mark.parametrize(
    "owner",
    [
        '{"port": 1, "token": "x", "pid": 999999999}',
        f'{{"port": 1, "token": "x", "pid": {os.getpid()}}}',
        '{"port": 1, "token": "x", "pid": 0}',
        '{"port": 99999999, "token": "x", "pid": 1}',
        '{"port": -1, "token": "x", "pid": 1e400}',
        "[]",
        "{",
        "",
        "\udcff",
    ],
    ids=range(9),
)
def test_an_address_that_was_left_behind_does_not_matter(
    filled: Stoker, tmp_path: Path, owner: str
) -> None:
    (tmp_path / "home" / "owner.json").write_bytes(owner.encode("utf-8", "surrogateescape"))
    ran = filled("ask", "jobs", "--format", "csv")
    assert (ran.status, len(ran.out.splitlines())) == (0, 5), ran


def test_another_server_at_the_address_is_not_taken_for_ours(
    filled: Stoker, tmp_path: Path
) -> None:
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        server = RunningServer(other.server_port, "x", os.getpid())
        publish(Home(tmp_path / "home"), server)
        ran = filled("ask", "jobs", "--format", "csv")
        other.shutdown()
    assert (ran.status, len(ran.out.splitlines())) == (0, 5), ran


def test_out_replaces_regular_files_only(filled: Stoker, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    for name, target in (("to-pipe", "pipe.csv"), ("to-folder", "folder.csv")):
        (tmp_path / f"{name}.csv").symlink_to(tmp_path / target)
    (tmp_path / "to-device.csv").symlink_to("/dev/null")
    for name in ("pipe", "folder", "to-pipe", "to-folder", "to-device", "loop", "none/x"):
        ran = filled("ask", "jobs", "--out", str(tmp_path / f"{name}.csv"))
        assert (ran.status, ran.out) == (1, ""), name
        assert "so nothing is written there" in ran.err or "cannot be written" in ran.err
        assert "Traceback" not in ran.err
    assert filled("ask", "jobs", "--out", "/dev/null").status == 1
    assert stat.S_ISFIFO((tmp_path / "pipe.csv").stat().st_mode)
    assert (tmp_path / "to-device.csv").is_symlink()
    within = tmp_path / "home" / "jobs.csv"
    mask = os.umask(0o022)
    try:
        assert filled("ask", "jobs", "--out", str(within)).status == 0
    finally:
        os.umask(mask)
    assert stat.S_IMODE(within.stat().st_mode) == 0o600
