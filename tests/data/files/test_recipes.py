"""The recipes of docs/examples read the files they were written for, and lose no row."""

import io
import subprocess
import sys
from bisect import bisect_right, insort
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from data.files.mapping import Mapping
from data.store.home import Home
from tests.data.files.reading import EXAMPLES, SHARED, Checked, checked

RECIPES = sorted(EXAMPLES.glob("*.toml"))
shared = pytest.mark.skipif(not SHARED.exists(), reason="no shared data")


def recipe(name: str) -> Mapping:
    return Mapping.parse((EXAMPLES / f"{name}.toml").read_text(), name)


@pytest.mark.parametrize("path", RECIPES, ids=[path.stem for path in RECIPES])
def test_recipe_says_what_it_is_for_and_can_be_read(path: Path) -> None:
    assert path.read_text().startswith("# ")
    assert Mapping.parse(recipe(path.stem).to_toml(), path.stem) == recipe(path.stem)
    assert f"({path.name})" in (EXAMPLES / "README.md").read_text()


@pytest.fixture
def nasa(home: Home) -> Checked:
    content = (SHARED / "nasa_ipsc_1993" / "jobs.parquet").read_bytes()
    return checked(home, content, recipe("nasa_ipsc_1993"))


@shared
def test_nasa_log_gives_the_published_number_of_cold_starts(nasa: Checked) -> None:
    assert (len(nasa.good), len(nasa.bad)) == (18_239, 0)
    assert nasa.value("created_at") == pd.Timestamp("1993-10-01T07:00:03Z")
    expected = pd.read_csv(SHARED / "nasa_ipsc_1993" / "expected_keep_alive.csv")
    for row in expected.itertuples():
        assert cold_starts(nasa.good, row.keep_alive_s) == row.cold_most_recently_freed


def cold_starts(jobs: pd.DataFrame, keep_alive_s: float) -> int:
    """Count starts that find no cluster of their key freed within the period, newest first."""
    ordered = jobs.sort_values(["training_started_at", "input_seq"], kind="stable")
    cold = 0
    freed: dict[str, list[float]] = defaultdict(list)
    for key, start_s, end_s in zip(
        ordered["pool_key"],
        ordered["training_started_at"].astype("int64") / 1e6,
        ordered["training_ended_at"].astype("int64") / 1e6,
        strict=True,
    ):
        waiting = freed[key]
        newest = bisect_right(waiting, start_s) - 1
        if newest >= 0 and start_s - waiting[newest] < keep_alive_s:
            del waiting[newest]
        else:
            cold += 1
        insort(waiting, end_s)
    return cold


@shared
def test_clustercockpit_gives_gpu_utilisation_as_a_ratio(home: Home) -> None:
    content = (SHARED / "clustercockpit_jobs" / "jobs.parquet").read_bytes()
    found = checked(home, content, recipe("clustercockpit"))
    assert (len(found.good), len(found.bad)) == (544, 0)
    assert (found.good["created_at"] == found.good["training_started_at"]).all()
    with_gpus = found.good[found.good["accelerator_count"] > 0]
    assert with_gpus["gpu_utilization_ratio"].between(0, 1).sum() > 100
    assert set(found.good["status"]) <= {"Completed", "Failed", "Stopped", "InProgress"}


@shared
def test_sacct_lines_keep_jobs_that_never_started(home: Home) -> None:
    content = (SHARED / "slurm_phillips" / "phillips.log.gz").read_bytes()
    found = checked(home, content, recipe("slurm_sacct"))
    assert (len(found.good), len(found.bad)) == (4_285, 0)
    never = found.good[found.good["training_started_at"].isna()]
    assert len(never) == 239
    assert never["training_ended_at"].isna().all()
    assert set(never["status"]) == {"Stopped"}
    assert dict(found.good["status"].value_counts()) == {
        "Completed": 2324,
        "Failed": 1718,
        "Stopped": 243,
    }
    assert (found.good["accelerator_count"] == 2).sum() == 2
    first = found.good.iloc[0]
    assert first["training_ended_at"] - first["training_started_at"] == timedelta(
        days=10, hours=13, minutes=27, seconds=6
    )


@pytest.fixture(scope="module")
def joined() -> "subprocess.CompletedProcess[bytes]":
    files = [SHARED / "sagemaker_runs" / name for name in ("jobs.csv.gz", "status_lines.csv.gz")]
    script = EXAMPLES / "sagemaker_status_lines.py"
    return subprocess.run([sys.executable, script, *files], capture_output=True, check=True)


@shared
def test_status_lines_give_the_real_warm_pair(
    home: Home, joined: "subprocess.CompletedProcess[bytes]"
) -> None:
    assert b"left out: 11 prints of old jobs, 0 later runs of one name" in joined.stderr
    found = checked(home, joined.stdout, recipe("sagemaker_status_lines"))
    assert (len(found.good), len(found.bad)) == (215, 0)
    is_pair = found.good["job_name"].str.startswith("huggingface-dataset-workertest-")
    pair = found.good[is_pair & (found.good["created_at"] < pd.Timestamp("2024-04-20T00:00Z"))]
    latency = (pair["first_training_at"] - pair["created_at"]).dt.total_seconds()
    assert list(latency) == [122, 10]
    assert list(pair["provisioning_s"]) == [52, 10]
    assert pair["pool_key"].nunique() == 1
    assert list(pair["keep_alive_period_s"]) == [600, 600]
    assert set(pair["input_mode"]) == {"FSxLustre"}
    assert list(pair["billable_s"]) == [337, 272]


@shared
def test_billable_seconds_of_status_lines_are_for_one_instance(
    joined: "subprocess.CompletedProcess[bytes]",
) -> None:
    runs = pd.read_csv(SHARED / "sagemaker_runs" / "jobs.csv.gz").set_index("run_id")
    printed = runs.loc["r0304"]
    assert (printed["instance_count"], printed["billable_seconds"]) == (1, 1178)
    job = pd.read_csv(io.BytesIO(joined.stdout)).set_index("job_name").loc[printed["job_name"]]
    assert (job["instance_count"], job["billable_s"]) == (2, 589)
