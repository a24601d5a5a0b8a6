"""`stoker sql`: rows in every format, from an argument or standard input, and what is refused."""

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.app.conftest import JOBS, Stoker
from tests.app.dashboard import Dashboard, stoker
from tests.conftest import lines

COUNT = "select region, count(*) as job_count from job_facts group by region order by region"


def test_rows_come_as_a_table_as_csv_and_as_json(filled: Stoker) -> None:
    table = filled("sql", COUNT)
    assert table.status == 0
    assert [line.split() for line in table.out.splitlines()[2:]] == [
        ["eu-west-1", "1"], ["us-east-1", "3"],
    ]  # fmt: skip
    as_csv = filled("sql", COUNT, "--format", "csv").out
    assert as_csv == "region,job_count\neu-west-1,1\nus-east-1,3\n"
    assert json.loads(filled("sql", COUNT, "--format", "json").out)[0] == {
        "region": "eu-west-1",
        "job_count": 1,
    }


def test_times_are_utc_and_unknown_is_null(filled: Stoker) -> None:
    sql = "select created_at, training_started_at from job_facts order by 1 desc limit 1"
    (row,) = json.loads(filled("sql", sql, "--format", "json").out)
    assert row == {"created_at": "2026-03-02T08:50:00Z", "training_started_at": None}


def test_parquet_goes_to_a_file(filled: Stoker, tmp_path: Path) -> None:
    target = tmp_path / "jobs.parquet"
    ran = filled("sql", "select * from training_jobs", "--out", str(target))
    assert (ran.status, ran.out) == (0, "")
    assert pq.read_table(target).num_rows == len(JOBS)


def test_csv_disarms_cells_and_headings(filled: Stoker) -> None:
    sql = """select '=cmd()' as "=evil", -1 as number, '-2' as digits"""
    rows = list(csv.reader(io.StringIO(filled("sql", sql, "--format", "csv").out)))
    assert rows == [["'=evil", "number", "digits"], ["'=cmd()", "-1", "-2"]]


def test_rows_beyond_the_limit_are_left_out_and_said(filled: Stoker) -> None:
    ran = filled("sql", "from job_facts", "--limit", "2", "--format", "json")
    assert len(json.loads(ran.out)) == 2
    assert ran.err == "Only the first 2 rows; there are more. All: --limit 0\n"
    everything = filled("sql", "from range(30000)", "--limit", "0", "--format", "csv")
    assert (len(everything.out.splitlines()), everything.err) == (30_001, "")


def test_without_a_statement_it_lists_tables_and_columns(filled: Stoker) -> None:
    listed = filled("sql").out
    assert "training_jobs: One row a training job" in listed
    assert "\n  created_at " in listed
    assert "migrations:" not in listed
    rows = json.loads(filled("sql", "--format", "json").out)
    assert {"table_name", "column_name", "comment"} <= set(rows[0])


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("delete from training_jobs", "Only SELECT runs here; this is DELETE."),
        ("commit; delete from training_jobs", "There are 2 statements"),
        ("select * from read_text('/etc/passwd')", "'read_text' is not a table"),
        ("select nonsense from job_facts", 'Referenced column "nonsense" not found'),
        ("", "There is no statement."),
    ],
)
def test_what_does_not_run_says_why(filled: Stoker, sql: str, words: str) -> None:
    ran = filled("sql", sql)
    assert (ran.status, ran.out) == (1, "")
    assert words in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    "options",
    [("--limit", "many"), ("--limit", "-1"), ("--format", "parquet"), ("--format", "xml")],
)
def test_wrong_use_exits_2(run: Stoker, options: tuple[str, ...]) -> None:
    assert run("sql", "select 1", *options).status == 2


@pytest.mark.thorough
def test_the_statement_comes_from_standard_input_alone_and_through_a_dashboard(
    dashboard: Dashboard, tmp_path: Path
) -> None:
    for home in (tmp_path / "home", dashboard.home):
        (tmp_path / "jobs.jsonl").write_bytes(lines(*JOBS))
        assert stoker("ingest", str(tmp_path / "jobs.jsonl"), "--home", str(home)).status == 0
        ran = stoker("sql", "-", "--format", "csv", "--home", str(home), stdin=COUNT.encode())
        assert (ran.status, ran.err) == (0, "")
        assert ran.out == "region,job_count\neu-west-1,1\nus-east-1,3\n"
