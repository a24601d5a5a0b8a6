"""`stoker status`: what is in the home."""

import io
import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.cli.invocation import Invocation
from app.cli.main import run
from data import background
from data.store.store import Store
from tests.app.conftest import Stoker


def test_status_tells_what_is_there(filled: Stoker, tmp_path: Path) -> None:
    state = json.loads(filled("status", "--format", "json").out)
    assert state["home"] == str(tmp_path / "home")
    assert (state["job_count"], state["ingested_file_count"], state["dashboard"]) == (4, 1, None)
    assert filled("status").out.splitlines()[0].split() == ["home", str(tmp_path / "home")]


def test_status_names_imports_that_failed_and_why(filled: Stoker, tmp_path: Path) -> None:
    (tmp_path / "short.parquet").write_bytes(b"PAR1 and no more")
    ran = filled("ingest", str(tmp_path / "short.parquet"), str(tmp_path / "jobs.jsonl"))
    assert ran.status == 1
    assert ran.err.startswith("stoker: short.parquet")
    assert "jobs.jsonl: 0 accepted, 4 unchanged" in ran.out, "the rest goes on"
    state = json.loads(filled("status", "--format", "json").out)
    (failed,) = state["failed_imports"]
    assert failed["file_name"] == "short.parquet"
    assert failed["reason"]
    assert failed["next_action"]
    shown = filled("status").out
    assert failed["reason"] in shown
    assert shown.count("short.parquet") == 1
    assert state["ingested_file_count"] == 1


def test_status_says_as_of_when_answers_are(filled: Stoker) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    as_of = datetime.fromisoformat(
        json.loads(filled("status", "--format", "json").out)["answers_as_of"]
    )
    assert before - timedelta(minutes=5) < as_of <= datetime.now(UTC)


def test_status_says_what_a_dashboard_is_at_work_on(store: Store, tmp_path: Path) -> None:
    has_begun, may_end = threading.Event(), threading.Event()

    def work(task: background.Task) -> None:
        task.report("Merging", 0.5)
        has_begun.set()
        may_end.wait(20)

    background.start("stoker ingest", work)
    assert has_begun.wait(20)
    out = io.StringIO()
    assert run(Invocation(("status",), out, io.StringIO(), tmp_path, store=store)) == 0
    may_end.set()
    assert background.end_within(20)
    (line,) = (line for line in out.getvalue().splitlines() if line.startswith("at work "))
    assert line.split(maxsplit=2)[2] == "stoker ingest: Merging 50%"


WAITS = "job_name,queue_name,share_name,created_at,scheduled_at,training_started_at\n" + "".join(
    f"job-{number},main,research,2026-03-02T0{hour}:00Z,2026-03-02T12:00Z,2026-03-02T12:00Z\n"
    for number, hour in enumerate([1] * 12)
)


def test_status_exits_4_and_says_why_when_a_threshold_is_crossed(
    run: Stoker, tmp_path: Path
) -> None:
    path = tmp_path / "jobs.csv"
    path.write_text(WAITS)
    run("ingest", str(path))
    ran = run("status")
    assert ran.status == 4
    assert "share research in queue main waited longer than 11 h in the last 7 days" in ran.out
    found = json.loads(run("status", "--format", "json").out)["alerts"]
    assert [row["alert"] for row in found] == ["long_wait"]


def test_status_exits_0_when_a_threshold_is_set_higher(run: Stoker, tmp_path: Path) -> None:
    path = tmp_path / "jobs.csv"
    path.write_text(WAITS)
    run("ingest", str(path))
    (tmp_path / "home" / "settings.toml").write_text("long_wait_p90_h = 12\n")
    assert run("status").status == 0
