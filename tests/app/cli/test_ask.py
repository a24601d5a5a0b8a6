"""`stoker ask`: answers, filters, and lists of what there is to ask."""

import json

import pytest

from analytics.catalog import queries
from data.tables import description
from tests.app.conftest import Stoker


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


@pytest.mark.thorough
@pytest.mark.parametrize("name", queries())
def test_every_question_answers_on_an_empty_home_with_its_columns(run: Stoker, name: str) -> None:
    ran = run("ask", name, "--format", "csv")
    assert ran.status == 0, ran.err
    header = ran.out.splitlines()[0].split(",")
    assert set(queries()[name].columns) <= set(header)
