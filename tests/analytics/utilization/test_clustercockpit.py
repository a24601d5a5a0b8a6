"""Utilization of a real export that is not AWS's, against sums made of the file itself."""

import json
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from data.files.mapping import Mapping
from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.store import Store
from tests.conftest import ask
from tests.data.files.reading import EXAMPLES, SHARED

FILE = SHARED / "clustercockpit_jobs" / "jobs.parquet"


def by_hand(path: Path) -> pd.DataFrame:
    """Return what each job of the file held, and the mean that was measured of it."""
    jobs = duckdb.sql(
        f"select job_id, hpc_user, project, num_acc, num_nodes, duration, footprint from '{path}'"
    ).df()
    means = [json.loads(text).get("acc_utilization_avg") for text in jobs["footprint"]]
    jobs["mean"] = pd.Series(means, dtype="float64") / 100
    jobs["gpu_h"] = jobs["num_acc"] * jobs["duration"] / 3600
    return jobs[(jobs["gpu_h"] > 0)]


@pytest.mark.skipif(not FILE.exists(), reason="no shared data")
def test_gpu_waste_of_clustercockpits_jobs_is_that_of_the_file(store: Store) -> None:
    mapping = Mapping.parse((EXAMPLES / "clustercockpit.toml").read_text(), "clustercockpit")
    ingest(store, uploaded("jobs.parquet", FILE.read_bytes()), mapping=mapping)
    jobs = by_hand(FILE)
    measured = jobs.dropna(subset=["mean"])
    idle = measured[measured["mean"] < 0.05]
    assert len(measured) > 100
    found = ask(store, "gpu_waste").iloc[0]
    assert found.job_count == len(jobs)
    assert found.allocated_gpu_h == pytest.approx(jobs["gpu_h"].sum())
    assert found.measured_gpu_h == pytest.approx(measured["gpu_h"].sum())
    used = (measured["mean"] * measured["gpu_h"]).sum()
    assert found.gpu_utilization_ratio == pytest.approx(used / measured["gpu_h"].sum())
    assert found.idle_gpu_h == pytest.approx(idle["gpu_h"].sum())
    assert pd.isna(found.idle_cost_usd)  # no list price of another cluster's nodes
    for by, column in (("user_name", "hpc_user"), ("share_name", "project")):
        groups = ask(store, "gpu_waste", by=by).set_index("group_value")
        expected = idle.groupby(column)["gpu_h"].sum()
        for name, gpu_h in expected.items():
            assert groups.loc[name, "idle_gpu_h"] == pytest.approx(gpu_h)
        assert groups["allocated_gpu_h"].sum() == pytest.approx(jobs["gpu_h"].sum())
    named = ask(store, "idle_gpu_jobs")
    long_idle = idle[idle["duration"] > 3600]
    assert set(named["job_name"]) == set(long_idle["job_id"].astype(str))
    users = dict(zip(long_idle["job_id"].astype(str), long_idle["hpc_user"], strict=True))
    assert dict(zip(named["job_name"], named["user_name"], strict=True)) == users
