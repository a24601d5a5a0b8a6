"""Benchmark runs: their files are recognised, read in every format, and checked row by row."""

import io
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics.derived.derive import derive
from data.files.mapping import Mapping
from data.ingest.home_store import open_home
from data.ingest.pipeline import ingest
from data.ingest.rebuild import rebuild
from data.raw.inputs import uploaded
from data.store.reader import Reader
from data.store.store import Store
from tests.conftest import ask
from tests.data.files.reading import EXAMPLES, SHARED
from tests.golden.published import exact, places
from tests.runs import HETERO, P4D, run, take_runs


def stored(store: Store) -> pd.DataFrame:
    return Reader(store).frame("select * from benchmark_runs order by step_time_ms", {})


def as_parquet(rows: pd.DataFrame) -> bytes:
    written = io.BytesIO()
    rows.to_parquet(written)
    return written.getvalue()


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_runs_are_recognised_in_every_format(store: Store, form: str) -> None:
    rows = pd.DataFrame(
        [
            run("p4d", P4D, 192, gpu_utilization_ratio=0.45, step_count=500),
            run("p4d + c5", HETERO, 86, gpu_utilization_ratio=None, step_count=None),
        ]
    )
    content = {
        "csv": rows.to_csv(index=False).encode(),
        "jsonl": rows.to_json(orient="records", lines=True).encode(),
        "parquet": as_parquet(rows),
    }[form]
    result = ingest(store, uploaded(f"runs.{form}", content))
    assert (result.kind, result.accepted_count, result.rejected_count) == ("benchmark_runs", 2, 0)
    second, first = stored(store).to_dict("records")
    assert first["gpu_utilization_ratio"] == 0.45
    assert pd.isna(second["gpu_utilization_ratio"])
    assert [(one["instance_type"], one["instance_count"]) for one in second["instance_groups"]] == [
        ("ml.p4d.24xlarge", 1),
        ("ml.c5.18xlarge", 2),
    ]


@pytest.mark.parametrize(
    ("change", "reason", "next_action"),
    [
        (
            {"instance_groups": "ml.p4d.24xlage x1"},
            "close to it: ml.p4d.24xlarge, ml.p4de.24xlarge",
            "stoker ask instance_types",
        ),
        (
            {"instance_groups": "ml.p4d.24xlarge x1 + ml.c5.19xlarge x2"},
            "ml.c5.19xlarge is not an instance type of SageMaker training; close to it: ml.c5.",
            "stoker ask instance_types",
        ),
        ({"instance_groups": "ml.p4d.24xlarge x0"}, "is not instance groups", "ml.c5.18xlarge x2"),
        ({"instance_groups": ""}, "has no instance_groups", "ml.c5.18xlarge x2"),
        ({"workload": ""}, "has no workload", "compared with each other"),
        ({"step_time_ms": 0}, "more than 0 ms", "Correct the number"),
        ({"step_time_ms": -5}, "is negative", "Correct the number"),
        ({"step_time_ms": "fast"}, "is not a number", "Correct the number"),
        ({"step_count": 0}, "is less than 1", "Correct the number"),
        ({"gpu_utilization_ratio": 45}, "is not from 0 to 1", "scale = 0.01"),
    ],
)
def test_a_bad_row_is_rejected_with_its_reason_and_what_to_do(
    store: Store, change: dict[str, Any], reason: str, next_action: str
) -> None:
    result = take_runs(store, run("good", P4D, 192), {**run("bad", P4D, 192), **change})
    assert (result.accepted_count, result.rejected_count) == (1, 1)
    rejected = Reader(store).frame("select * from rejected_rows", {}).iloc[0]
    assert reason in rejected["reason"]
    assert next_action in rejected["next_action"]


def test_an_export_of_jobs_that_also_has_step_times_holds_jobs(store: Store) -> None:
    job = {"job_name": "j", "created_at": "2026-03-02T08:00:00Z"}
    assert take_runs(store, {**run("a", P4D, 100), **job}).kind == "jobs"
    found = Reader(store).frame("select * from step_times", {})
    assert list(found["job_name"]) == ["j"]
    assert list(found["step_time_ms"]) == [100]


def test_the_same_file_twice_changes_nothing_and_a_rebuild_keeps_the_runs(store: Store) -> None:
    take_runs(store, run("a", P4D, 100))
    take_runs(store, run("a", P4D, 100))
    assert len(stored(store)) == 1
    home = store.home
    store.close()
    rebuild(home, derivation=derive)
    reopened = open_home(home, derivation=derive)
    assert len(stored(reopened)) == 1
    reopened.close()


PUBLIC_LOG = SHARED / "sagemaker_runs" / "hetero_step_times.csv"
# Made up, in the form of the log of aws/amazon-sagemaker-examples (Apache-2.0), hetero-tensorflow-
# restnet50.ipynb, whose own rows are not ours to hand on: three runs, their mean that of
# hetero-tf-base-step in tests/golden/published_results.csv, epochs printed twice, no rank.
MADE_UP_LOG = Path(__file__).with_name("notebook_step_times.csv")


@pytest.mark.parametrize(
    "path",
    [
        MADE_UP_LOG,
        pytest.param(
            PUBLIC_LOG,
            marks=pytest.mark.skipif(not PUBLIC_LOG.exists(), reason="no shared data"),
        ),
    ],
    ids=["made up", "public"],
)
def test_step_times_that_a_notebook_logged_are_imported(store: Store, path: Path) -> None:
    recipe = Mapping.parse(Path(EXAMPLES / "hetero_step_times.toml").read_text(), "hetero")
    result = ingest(store, uploaded(path.name, path.read_bytes()), mapping=recipe)
    source = pd.read_csv(path)
    assert (result.accepted_count, result.rejected_count) == (len(source), 0)
    assert stored(store)["step_time_ms"].sum() == source["ms_per_step"].sum()
    assert stored(store)["ran_at"].nunique() == 3
    assert {len(groups) for groups in stored(store)["instance_groups"]} == {1}


def test_runs_of_a_logged_notebook_are_told_apart_and_compared(store: Store) -> None:
    recipe = Mapping.parse(Path(EXAMPLES / "hetero_step_times.toml").read_text(), "hetero")
    ingest(store, uploaded(MADE_UP_LOG.name, MADE_UP_LOG.read_bytes()), mapping=recipe)
    row = ask(store, "price_performance").iloc[0]
    assert (row.sample_count, row.step_count, row.run_count) == (18, 9000, 3)
    # every run has the published mean: between them there is no spread
    assert row.step_time_ms == exact("hetero-tf-base-step")
    assert row.step_time_high_ms == pytest.approx(row.step_time_low_ms)
    assert row.list_unit_price_usd_per_h == exact("hetero-tf-base-price")
    cost = row.list_cost_per_100_steps_usd
    assert cost == pytest.approx(exact("hetero-tf-base-cost"), abs=places("hetero-tf-base-cost"))
