"""`stoker ask`: which columns and rows, in which order, the sums below them, and since when."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from app.cli.main import main
from tests.app.conftest import Stoker


def test_columns_sort_and_limit_choose_what_is_written(filled: Stoker) -> None:
    every = json.loads(filled("ask", "jobs", "--format", "json").out)
    ran = filled("ask", "jobs", "--format", "json", "--columns", "job_name, created_at",
                 "--sort", "region", "--sort", "job_name:desc", "--limit", "2")  # fmt: skip
    expected = sorted(every, key=lambda job: job["job_name"], reverse=True)
    expected = sorted(expected, key=lambda job: job["region"])[:2]
    found = json.loads(ran.out)
    assert found == [{name: job[name] for name in ("job_name", "created_at")} for job in expected]
    assert f"2 of {len(every)} rows." in ran.err


def test_a_column_that_is_not_there_names_a_close_one(filled: Stoker) -> None:
    for option in ("--columns", "--sort"):
        ran = filled("ask", "jobs", option, "job_nam")
        assert ran.status == 2
        assert "Did you mean 'job_name'?" in ran.err
    assert "is no order" in filled("ask", "jobs", "--sort", "job_name:down").err


def test_costs_end_with_their_sum_in_a_table_and_only_there(filled: Stoker) -> None:
    rows = json.loads(filled("ask", "costs", "--set", "by=region", "--format", "json").out)
    table = filled("ask", "costs", "--set", "by=region", "--columns", "group_value,job_count",
                   "--limit", "1").out.splitlines()  # fmt: skip
    assert table[-1].split() == ["total", str(sum(row["job_count"] for row in rows))]
    assert len(rows) == len({row["group_value"] for row in rows}) == 2


def test_since_may_be_so_long_ago(filled: Stoker) -> None:
    first = datetime(2026, 3, 2, tzinfo=UTC)
    days = (datetime.now(UTC) - first) // timedelta(days=1)
    assert json.loads(filled("ask", "jobs", "--since", "1d", "--format", "json").out) == []
    assert json.loads(filled("ask", "jobs", "--since", f"{days + 1}d", "--format", "json").out)
    assert "7d for seven days ago" in filled("ask", "jobs", "--since", "7x").err


def test_where_compares_numbers_as_numbers(filled: Stoker) -> None:
    def names(*terms: str) -> list[str]:
        options = [word for term in terms for word in ("--where", term)]
        ran = filled("ask", "jobs", "--format", "json", *options)
        return sorted(job["job_name"] for job in json.loads(ran.out))

    assert names("instance_count=1") == names("instance_count=1.0") != []
    assert names("instance_count=01", "instance_count=") == names("instance_count=1")
    ran = filled("ask", "jobs", "--where", "instance_count=one")
    assert (ran.status, "'one' is not a number" in ran.err) == (2, True)


def test_an_ending_that_says_no_format_is_refused(filled: Stoker) -> None:
    ran = filled("ask", "jobs", "--out", "jobs.xlsx")
    assert ran.status == 2
    assert "'.xlsx' says no format" in ran.err


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out.startswith("Usage: stoker")


def test_a_shell_completes_questions(run: Stoker) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert "_STOKER_COMPLETE" in run("completion", shell).out
