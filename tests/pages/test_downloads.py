"""What a page gives to download is, byte for byte, what the command line gives."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.derived.derive import derive
from data.ingest.home_store import open_home
from data.store.home import Home
from data.store.store import Store
from pages.kit.downloads import FORMS
from tests.app.conftest import Stoker, run
from tests.chains import history
from tests.conftest import describe_job, lines
from tests.pages.running import collected_view

__all__ = ["run"]  # a fixture

# page, file, and what the command line is asked
DOWNLOADS = [
    ("overview", "cost_by_day", ["costs", "--set", "by=day"]),
    ("warm_pools", "warm_pool_misses", ["warm_pool_misses"]),
    ("warm_pools", "warm_pool_hit_rate_per_day", ["warm_pool_hit_rate", "--set", "by=day"]),
    ("warm_pools", "pools", ["pools"]),
    ("warm_pools", "eligibility", ["eligibility"]),
    ("startup_latency", "startup_latency", ["startup_latency"]),
    ("startup_latency", "startup_phases", ["startup_phases"]),
    ("data", "coverage", ["coverage"]),
    ("data", "imports", ["imports"]),
    ("data", "rejected_rows", ["rejected_rows"]),
    ("definitions", "columns", ["columns"]),
    ("definitions", "prices", ["prices"]),
    ("definitions", "instance_types", ["instance_types"]),
]
BAD = {"TrainingJobName": "=no-times()"}


@pytest.fixture
def answers(run: Stoker, tmp_path: Path) -> dict[str, bytes]:
    """What the command line says of a history, by file; the home is closed again."""
    jobs = history(days=12) + [describe_job("cheap", EnableManagedSpotTraining=True), BAD]
    (tmp_path / "jobs.jsonl").write_bytes(lines(*jobs))
    run("ingest", str(tmp_path / "jobs.jsonl"))
    return {
        file_name: run("ask", *asked, "--format", "csv").out.encode()
        for _, file_name, asked in DOWNLOADS
    }


@pytest.fixture
def opened(answers: dict[str, bytes], tmp_path: Path) -> Iterator[Store]:
    opened = open_home(Home(tmp_path / "home"), derivation=derive)
    yield opened
    opened.close()


def test_a_csv_of_a_page_is_that_of_the_command_line(
    answers: dict[str, bytes], opened: Store
) -> None:
    csv = next(form for form in FORMS if form.ending == "csv")
    for page, file_name, _ in DOWNLOADS:
        rows = collected_view(page, opened).downloads()[file_name]
        assert answers[file_name].count(b"\n") > 1, file_name
        assert csv.write(rows()) == answers[file_name], file_name


def test_the_rows_of_a_filtered_page_are_those_of_the_filtered_query(
    run: Stoker, tmp_path: Path
) -> None:
    (tmp_path / "jobs.jsonl").write_bytes(lines(*history(days=12)))
    run("ingest", str(tmp_path / "jobs.jsonl"))
    said = run("ask", "jobs", "--since", "2026-03-05", "--where", "region=us-east-1",
               "--format", "json")  # fmt: skip
    assert json.loads(said.out)
    store = open_home(Home(tmp_path / "home"), derivation=derive)
    key = json.loads(said.out)[0]["pool_key"]
    view = collected_view("warm_pools", store, since="2026-03-05", region="us-east-1", pool=key)
    assert len(view.downloads()["jobs_of_pool"]()) == len(json.loads(said.out))
    store.close()
