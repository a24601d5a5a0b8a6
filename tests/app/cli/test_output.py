"""How answers are written: table, CSV, JSON, Parquet, and the progress bar beside them."""

import csv
import io
import json
import os
import stat
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from analytics.derived.derive import derive
from app.cli.invocation import Invocation
from app.cli.progress import ProgressBar
from app.cli.table import write_table
from data.ingest.home_store import open_home
from data.serialize.rows import as_bytes
from data.store.home import Home
from tests.app.conftest import JOBS, Stoker
from tests.conftest import ask, lines

pytestmark = pytest.mark.thorough


def test_json_gives_null_for_unknown_and_instants_in_utc(filled: Stoker) -> None:
    jobs = {
        job["job_name"]: job for job in json.loads(filled("ask", "jobs", "--format", "json").out)
    }
    assert len(jobs) == len(JOBS)
    never = jobs["never-started"]
    for name in ("training_started_at", "startup_latency_s", "provisioning_s", "user_name"):
        assert never[name] is None, name
    assert jobs["cold"]["created_at"] == "2026-03-02T08:00:00Z"
    assert datetime.fromisoformat(jobs["cold"]["training_started_at"]).utcoffset() is not None
    assert jobs["cold"]["instance_count"] == 1
    assert jobs["cold"]["is_price_estimated"] in (True, False)


def test_json_of_no_rows_is_an_empty_list(filled: Stoker) -> None:
    ran = filled("ask", "jobs", "--format", "json", "--since", "2030-01-01")
    assert (json.loads(ran.out), ran.err) == ([], "No rows.\n")


def test_csv_leaves_unknown_empty_and_numbers_whole(filled: Stoker) -> None:
    rows = list(csv.DictReader(io.StringIO(filled("ask", "jobs", "--format", "csv").out)))
    never = next(row for row in rows if row["job_name"] == "never-started")
    assert never["training_started_at"] == never["provisioning_s"] == ""
    assert {row["instance_count"] for row in rows} == {"1"}
    assert {row["provisioning_s"] for row in rows} == {"60", "2", ""}


def test_csv_disarms_text_that_a_spreadsheet_would_run(run: Stoker, tmp_path: Path) -> None:
    names = ["=cmd()", "+1+1", "@x", "-2", "-x", "plain"]
    (tmp_path / "bad.csv").write_text(
        "job_name,account_id,region,created_at,user_name\n"
        + "".join(f"job-{i},1,here,2026-03-02T08:00:00Z,{name}\n" for i, name in enumerate(names))
    )
    assert run("ingest", str(tmp_path / "bad.csv")).status == 0
    answer = run("ask", "jobs", "--format", "csv").out
    found = [row["user_name"] for row in csv.DictReader(io.StringIO(answer))]
    assert sorted(found) == sorted(["'=cmd()", "'+1+1", "'@x", "-2", "'-x", "plain"])
    as_json = json.loads(run("ask", "jobs", "--format", "json").out)
    assert sorted(row["user_name"] for row in as_json) == sorted(names)


def test_parquet_goes_to_a_file_with_the_same_rows(filled: Stoker, tmp_path: Path) -> None:
    target = tmp_path / "jobs.parquet"
    ran = filled("ask", "jobs", "--out", str(target))
    assert (ran.status, ran.out) == (0, "")
    table = pq.read_table(target)
    assert table.num_rows == len(JOBS)
    assert str(table.schema.field("created_at").type) == "timestamp[us, tz=UTC]"
    assert not list(tmp_path.glob(".jobs.parquet.*"))
    mask = os.umask(0o077)
    os.umask(mask)
    assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~mask


def test_the_format_follows_the_name_of_the_file(filled: Stoker, tmp_path: Path) -> None:
    assert filled("ask", "jobs", "--out", str(tmp_path / "jobs.json")).status == 0
    assert len(json.loads((tmp_path / "jobs.json").read_text())) == len(JOBS)
    assert filled("ask", "jobs", "--out", str(tmp_path / "jobs.txt")).status == 0
    assert (tmp_path / "jobs.txt").read_text().startswith("job_name")


def test_table_is_aligned_and_leaves_unknown_empty(filled: Stoker) -> None:
    header, rule, *rows = filled("ask", "warm_pool_hit_rate", "--set", "by=region").out.splitlines()
    assert {row.split()[0] for row in rows} == {"eu-west-1", "us-east-1"}
    end = header.index(" job_count") + len(" job_count")
    assert all(row[:end][-1].isdigit() and row[end] == " " for row in rows)
    assert set(rule) == {"-", " "}


def test_a_reader_that_stops_early_is_no_error(filled: Stoker, tmp_path: Path) -> None:
    asking = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "ask", "prices", "--home", str(tmp_path / "home")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert asking.stdout is not None
    assert asking.stderr is not None
    asking.stdout.read(10)
    asking.stdout.close()
    assert asking.stderr.read() == b""
    asking.stderr.close()
    assert asking.wait() == 0


def test_progress_is_drawn_on_a_terminal_and_nowhere_else(tmp_path: Path) -> None:
    for width, expected in ((60, True), (None, False)):
        err = io.StringIO()
        bar = ProgressBar(
            Invocation((), io.StringIO(), err, tmp_path, err_width=width), "jobs.jsonl"
        )
        bar("Landing", 0.5)
        bar("Merging", 0.0)
        bar.close()
        assert ("50%" in err.getvalue()) is expected
        assert ("jobs.jsonl" in err.getvalue()) is expected
        assert all(len(line) < 70 for line in err.getvalue().split("\r"))


def test_a_wide_table_comes_in_blocks_that_fit_the_terminal() -> None:
    out = io.StringIO()
    answer = pd.DataFrame({"key": ["a", "b"], **{f"column_{i}": [i, None] for i in range(9)}})
    write_table(answer, out, width=40)
    blocks = [block.splitlines() for block in out.getvalue().split("\n\n")]
    assert len(blocks) > 1
    assert all(len(line) <= 40 for block in blocks for line in block)
    assert all([line[:1] for line in block] == ["k", "-", "a", "b"] for block in blocks)


def test_a_name_cannot_steer_the_terminal(run: Stoker, tmp_path: Path) -> None:
    path = tmp_path / "evil.jsonl"
    path.write_bytes(lines({**JOBS[0], "TrainingJobName": "evil\x1b[2J"}))
    run("ingest", str(path))
    assert "\x1b" not in run("ask", "jobs").out + run("ask", "rejected_rows").out


def test_csv_is_byte_for_byte_what_a_page_offers_for_download(
    filled: Stoker, tmp_path: Path
) -> None:
    opened = open_home(Home(tmp_path / "home"), derivation=derive)
    rows = ask(opened, "jobs")
    opened.close()
    assert filled("ask", "jobs", "--format", "csv").out.encode() == as_bytes(rows, "csv")
