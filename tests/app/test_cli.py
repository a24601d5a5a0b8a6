"""The command line on its own: commands, formats, exit statuses."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from analytics.questions import QUESTIONS
from app.arguments import KINDS
from app.cli import main
from data import ingest
from tests.app.dashboard import Ran, stoker
from tests.conftest import describe_job, lines

Stoker = Callable[..., Ran]
JOBS = [
    describe_job("cold", ResourceConfig={"KeepAlivePeriodInSeconds": 900}),
    describe_job("warm", created=1000, provisioning=2, download=1),
    describe_job("elsewhere", created=2000, region="eu-west-1"),
    describe_job("never-started", created=3000, provisioning=None),
]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Stoker:
    """Run a command line in this process, on a home of its own."""

    def running(*arguments: str) -> Ran:
        try:
            status = main([arguments[0], "--home", str(tmp_path / "home"), *arguments[1:]])
        except SystemExit as stop:
            status = int(stop.code or 0)
        captured = capsys.readouterr()
        return Ran(status, captured.out, captured.err)

    return running


@pytest.fixture
def jobs_file(tmp_path: Path) -> Path:
    path = tmp_path / "jobs.jsonl"
    path.write_bytes(lines(*JOBS))
    return path


@pytest.fixture
def filled(run: Stoker, jobs_file: Path) -> Stoker:
    assert run("ingest", str(jobs_file)).status == 0
    return run


def test_ingest_tells_what_became_of_each_file(run: Stoker, jobs_file: Path) -> None:
    first = run("ingest", str(jobs_file))
    assert (first.status, first.out) == (
        0,
        "jobs.jsonl: 4 accepted, 0 unchanged, 0 rejected (jobs)\n",
    )
    again = run("ingest", str(jobs_file))
    assert again.status == 0
    assert "0 accepted, 4 unchanged, 0 rejected (jobs; this file was taken in before)" in again.out


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


def test_where_filters_and_repeating_a_column_adds_values(filled: Stoker) -> None:
    def names(*where: str) -> set[str]:
        options = [word for term in where for word in ("--where", term)]
        return {job["job_name"] for job in json.loads(
            filled("ask", "jobs", "--format", "json", *options).out)}  # fmt: skip

    assert names("region=eu-west-1") == {"elsewhere"}
    assert names("job_name=cold", "job_name=warm") == {"cold", "warm"}
    assert names("region=us-east-1", "job_name=elsewhere") == set()
    assert names("training_started_at=") == {"never-started"}


def test_since_is_included_and_until_is_not(filled: Stoker) -> None:
    window = ("--since", "2026-03-02T08:00:00", "--until", "2026-03-02T09:16:40+01:00")
    jobs = json.loads(filled("ask", "jobs", "--format", "json", *window).out)
    assert [job["job_name"] for job in jobs] == ["cold"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask", "nonsense"),
        ("ask", "jobs", "--where", "nonsense=1"),
        ("ask", "jobs", "--where", "nonsense"),
        ("ask", "jobs", "--set", "nonsense=1"),
        ("ask", "costs", "--set", "by=nonsense"),
        ("ask", "jobs", "--since", "yesterday"),
        ("ask", "jobs", "--since", "2026-02-01", "--until", "2026-01-01"),
        ("ask", "jobs", "--format", "parquet"),
        ("ask", "jobs", "--format", "xml"),
        ("ask", "--columns"),
        ("ingest",),
        ("ingest", "x", "--kind", "nonsense"),
        ("serve", "--port", "70000"),
        ("nonsense",),
    ],
)
def test_wrong_use_exits_2_and_says_why(run: Stoker, arguments: tuple[str, ...]) -> None:
    ran = run(*arguments)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err
    assert "Traceback" not in ran.err


def test_an_unknown_question_names_the_known_ones(run: Stoker) -> None:
    ran = run("ask", "nonsense")
    assert "There is no question 'nonsense'." in ran.err
    assert all(name in ran.err for name in QUESTIONS)


def test_ask_without_a_name_lists_every_question_with_grain_and_columns(run: Stoker) -> None:
    listed = run("ask").out
    for question in QUESTIONS.values():
        assert f"\n{question.name}\n" in f"\n{listed}"
        assert question.grain.removeprefix("one ") in listed
        assert all(column in listed for column in question.columns)
    rows = json.loads(run("ask", "--format", "json").out)
    assert {row["question"] for row in rows} == set(QUESTIONS)


def test_columns_explains_each_column_and_setting(run: Stoker) -> None:
    explained = run("ask", "costs", "--columns").out
    question = QUESTIONS["costs"]
    assert all(meaning in explained for meaning in question.columns.values())
    assert all(name in explained for name in question.parameters)


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_answers_on_an_empty_home_with_its_columns(run: Stoker, name: str) -> None:
    ran = run("ask", name, "--format", "csv")
    assert ran.status == 0, ran.err
    header = ran.out.splitlines()[0].split(",")
    assert set(QUESTIONS[name].columns) <= set(header)


def test_demo_fills_an_empty_home_once_and_marks_it(run: Stoker, tmp_path: Path) -> None:
    first = run("demo")
    assert first.status == 0
    assert "demo-history.jsonl: " in first.out
    assert (tmp_path / "home" / "DEMO").exists()
    assert run("demo").out == "The demo history is there already.\n"
    assert json.loads(run("status", "--format", "json").out)["is_demo"] is True


def test_demo_refuses_a_home_with_real_data(filled: Stoker, tmp_path: Path) -> None:
    ran = filled("demo")
    assert ran.status == 1
    assert "holds 1 real file" in ran.err
    assert not (tmp_path / "home" / "DEMO").exists()


def test_rebuild_brings_the_same_answers_from_the_landing_alone(
    filled: Stoker, tmp_path: Path
) -> None:
    before = filled("ask", "jobs", "--format", "csv").out
    (tmp_path / "home" / "stoker.duckdb").unlink()
    ran = filled("rebuild")
    assert (ran.status, ran.err) == (0, "")
    assert "Rebuilt from 1 landed file(s)." in ran.out
    assert filled("ask", "jobs", "--format", "csv").out == before


def test_rebuild_replaces_a_damaged_database(filled: Stoker, tmp_path: Path) -> None:
    (tmp_path / "home" / "stoker.duckdb").write_bytes(b"not a database" * 1000)
    ran = filled("rebuild")
    assert ran.status == 0, ran.err
    assert len(json.loads(filled("ask", "jobs", "--format", "json").out)) == len(JOBS)


def test_status_tells_what_is_there(filled: Stoker, tmp_path: Path) -> None:
    state = json.loads(filled("status", "--format", "json").out)
    assert state["home"] == str(tmp_path / "home")
    assert (state["job_count"], state["ingested_file_count"], state["dashboard"]) == (4, 1, None)
    assert filled("status").out.splitlines()[0].split() == ["home", str(tmp_path / "home")]


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


def test_the_kinds_offered_are_the_kinds_taken_in() -> None:
    assert KINDS == ingest.KINDS


def test_a_name_cannot_steer_the_terminal(run: Stoker, tmp_path: Path) -> None:
    path = tmp_path / "evil.jsonl"
    path.write_bytes(lines({**JOBS[0], "TrainingJobName": "evil\x1b[2J"}))
    run("ingest", str(path))
    assert "\x1b" not in run("ask", "jobs").out + run("ask", "rejected_rows").out
