"""The command line on its own: what each command does, and its exit statuses."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics.catalog import queries
from data.datasets.catalog import datasets
from data.tables import description
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
    assert all(name in ran.err for name in queries())


def test_ask_without_a_name_lists_every_question_with_grain_and_columns(run: Stoker) -> None:
    listed = run("ask").out
    for question in queries().values():
        assert f"\n{question.name}\n" in f"\n{listed}"
        assert question.grain.removeprefix("one ") in listed
        assert all(column in listed for column in question.columns)
    rows = json.loads(run("ask", "--format", "json").out)
    assert {row["question"] for row in rows} == set(queries())


def test_columns_explains_each_column_and_setting(run: Stoker) -> None:
    explained = run("ask", "costs", "--columns").out
    question = queries()["costs"]
    assert all(description(name) in explained for name in question.columns)
    assert all(name in explained for name in question.parameters)


@pytest.mark.parametrize("name", queries())
def test_every_question_answers_on_an_empty_home_with_its_columns(run: Stoker, name: str) -> None:
    ran = run("ask", name, "--format", "csv")
    assert ran.status == 0, ran.err
    header = ran.out.splitlines()[0].split(",")
    assert set(queries()[name].columns) <= set(header)


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


def test_the_kinds_offered_are_those_that_datasets_declare(run: Stoker) -> None:
    offered = re.search(r"--kind \[(.*?)\]", run("ingest", "--help").out)
    assert offered
    assert set(offered[1].split("|")) == set(datasets())


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
    assert f"short.parquet: {failed['reason']}" in filled("status").out
    assert state["ingested_file_count"] == 1


def test_status_says_as_of_when_answers_are(filled: Stoker) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    as_of = datetime.fromisoformat(
        json.loads(filled("status", "--format", "json").out)["answers_as_of"]
    )
    assert before - timedelta(minutes=5) < as_of <= datetime.now(UTC)
