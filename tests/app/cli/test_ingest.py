"""`stoker ingest`: what becomes of each file, and what goes on after one that fails."""

import json
import re
from pathlib import Path

from data.datasets.catalog import datasets
from tests.app.conftest import JOBS, Stoker
from tests.app.dashboard import stoker
from tests.conftest import lines


def test_ingest_tells_what_became_of_each_file(run: Stoker, jobs_file: Path) -> None:
    first = run("ingest", str(jobs_file))
    assert (first.status, first.out) == (
        0,
        "jobs.jsonl: 4 accepted, 0 unchanged, 0 rejected (jobs)\n",
    )
    again = run("ingest", str(jobs_file))
    assert again.status == 0
    assert "0 accepted, 4 unchanged, 0 rejected (jobs; this file was imported before)" in again.out


def test_ingest_exits_3_when_rows_were_rejected_and_says_where_they_are(
    run: Stoker, tmp_path: Path
) -> None:
    path = tmp_path / "mixed.jsonl"
    path.write_bytes(lines(JOBS[0], {"TrainingJobName": "no-times"}) + b"{broken\n")
    ran = run("ingest", str(path))
    assert ran.status == 3
    assert "1 accepted, 0 unchanged, 2 rejected" in ran.out
    assert "stoker ask rejected_rows" in ran.err
    rejected = json.loads(run("ask", "rejected_rows", "--format", "json").out)
    assert len(rejected) == 2
    assert all(row["reason"] and row["next_action"] for row in rejected)


def test_ingest_goes_on_after_a_file_that_fails(
    run: Stoker, jobs_file: Path, tmp_path: Path
) -> None:
    ran = run("ingest", str(tmp_path / "absent.json"), str(jobs_file))
    assert ran.status == 1
    assert "absent.json does not exist.\nCheck the path.\n" in ran.err
    assert "jobs.jsonl: 4 accepted" in ran.out
    assert "Traceback" not in ran.err


def test_ingest_reads_standard_input(tmp_path: Path) -> None:
    home = ("--home", str(tmp_path / "home"))
    ran = stoker("ingest", "-", *home, stdin=lines(*JOBS))
    assert (ran.status, ran.err) == (0, "")
    assert ran.out == "standard input: 4 accepted, 0 unchanged, 0 rejected (jobs)\n"
    assert not list((tmp_path / "home" / "scratch").glob("stdin-*"))


def test_ingest_uses_a_mapping(run: Stoker, tmp_path: Path) -> None:
    (tmp_path / "sacct.csv").write_text("jobid,submit\n17,2026-03-02T08:00:00Z\n")
    (tmp_path / "sacct.toml").write_text(
        '[columns]\njob_name = "jobid"\ncreated_at = "submit"\n'
        'account_id = { constant = "1" }\nregion = { constant = "here" }\n'
    )
    ran = run("ingest", str(tmp_path / "sacct.csv"), "--mapping", str(tmp_path / "sacct.toml"))
    assert ran.status == 0, ran.err
    (job,) = json.loads(run("ask", "jobs", "--format", "json").out)
    assert (job["job_name"], job["created_at"]) == ("17", "2026-03-02T08:00:00Z")


def test_ingest_says_when_the_mapping_is_missing(run: Stoker, jobs_file: Path) -> None:
    ran = run("ingest", str(jobs_file), "--mapping", "absent.toml")
    assert ran.status == 1
    assert ran.err.startswith("stoker: absent.toml cannot be read: No such file")


def test_the_kinds_offered_are_those_that_datasets_declare(run: Stoker) -> None:
    offered = re.search(r"--kind KIND .*?One\s+of:(.*?)\.", run("ingest", "--help").out, re.DOTALL)
    assert offered
    assert set(re.findall(r"\w+", offered[1])) == set(datasets())
