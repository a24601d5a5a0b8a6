"""The SQL of questions and examples runs as it stands, and gives what the question gives."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from analytics.adhoc.query_sql import query_sql
from analytics.adhoc.statements import examples, run, tables
from analytics.catalog import queries
from analytics.query import Filters
from data.errors import StokerError
from data.store.reader import Reader
from data.store.store import Store
from tests.conftest import ask

# nothing is rejected, no capacity is given by hand, and nothing of it is read from AWS
NOT_IN_THE_DEMO = (
    "advice",
    "rejected_rows",
    "capacity",
    "announcements",
    "pools_now",
    "service_quotas",
    "training_plans",
)

# `columns` reads the catalog; a pool's timeline has the pool's key in the question
CATALOG = {"columns"}
FILTERS = Filters(
    since=datetime(2026, 9, 1, tzinfo=UTC),
    until=datetime(2026, 11, 1, tzinfo=UTC),
    where=(("region", "us-east-1"), ("user_name", "it's"), ("user_name", "ada"), ("user_name", "")),
)


def given_for(store: Store, name: str) -> dict[str, str]:
    if name.startswith("pool_timeline"):
        return {"pool_key": str(ask(store, "pools")["pool_key"].iloc[0])}
    return {}


def one_queue(name: str) -> Filters:
    """Return the filters without which a question has no answer: a replay is of one queue."""
    is_replay = queries()[name].package.endswith("share_replay")
    return Filters(where=(("queue_name", "demo-training"),) if is_replay else ())


def filters_for(name: str) -> Filters:
    """Return the filters, but for columns that the rows of the question do not have."""
    relation = queries()[name].relation
    columns = relation.columns if relation else ()
    where = tuple(term for term in FILTERS.where if term[0] in columns)
    return replace(FILTERS, where=one_queue(name).where or where)


@pytest.mark.parametrize("name", [name for name in queries() if name not in CATALOG])
def test_the_sql_of_a_question_runs_as_it_stands(demo_store: Store, name: str) -> None:
    given = given_for(demo_store, name)
    whole = query_sql(Reader(demo_store), name, one_queue(name), given)
    rows = run(Reader(demo_store), whole.sql, most_rows=10).frame
    assert len(rows) or name in NOT_IN_THE_DEMO
    filtered = query_sql(Reader(demo_store), name, filters_for(name), given)
    assert not re.search(r"\$[a-z]", filtered.sql)
    run(Reader(demo_store), filtered.sql, most_rows=10)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("costs", {"by": "day"}),
        ("costs", {"by": "user_name", "attribute_to": "half"}),
        ("warm_pool_hit_rate", {"by": "day"}),
        ("startup_phases", {}),
        ("eligibility", {}),
    ],
)
def test_the_rows_are_those_of_the_question(
    demo_store: Store, name: str, given: dict[str, str]
) -> None:
    answer = ask(demo_store, name, FILTERS, **given)
    rows = run(
        Reader(demo_store),
        query_sql(Reader(demo_store), name, FILTERS, given).sql,
        most_rows=100_000,
    ).frame
    assert len(rows) == len(answer) > 0
    for column in rows:
        assert rows[column].isna().tolist() == answer[column].isna().tolist(), column
        for value, wanted in zip(rows[column].dropna(), answer[column].dropna(), strict=True):
            assert value == wanted or value == pytest.approx(wanted), column


def test_a_question_that_python_finishes_says_so(demo_store: Store) -> None:
    assert "Python" in query_sql(Reader(demo_store), "startup_latency", Filters()).finish
    assert query_sql(Reader(demo_store), "costs", Filters()).finish == ""


def test_what_cannot_be_told_says_why(demo_store: Store) -> None:
    with pytest.raises(StokerError, match="no question 'nonsense'"):
        query_sql(Reader(demo_store), "nonsense", Filters())
    with pytest.raises(StokerError, match="'by' cannot be 'x'"):
        query_sql(Reader(demo_store), "costs", Filters(), {"by": "x"})


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_an_example_runs_and_has_a_title(demo_store: Store, example: object) -> None:
    assert run(Reader(demo_store), example.sql, most_rows=10).frame.size  # type: ignore[attr-defined]
    assert 3 < len(example.title) < 30  # type: ignore[attr-defined]


def test_examples_run_on_an_empty_store(store: Store) -> None:
    for example in examples():
        assert run(Reader(store), example.sql, most_rows=10).frame.empty


def test_every_table_has_a_comment_and_derived_ones_are_there(store: Store) -> None:
    found = tables(Reader(store))
    assert found["comment"].notna().all()
    assert {"training_jobs", "job_facts", "pools", "status_transitions"} <= set(found["table_name"])
