"""What limits each job: utilization normalised by devices, coverage, and what idling costs."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics.instance_groups.diagnosis import diagnose
from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.store import Store
from tests.conftest import ask, describe_job, lines

RUN_S = 630  # download and run of describe_job, from 08:01


def take(store: Store, *jobs: dict[str, Any], samples: str = "") -> None:
    ingest(store, uploaded("jobs.jsonl", lines(*jobs)))
    if samples:
        header = "host_name,metric_name,sampled_at,metric_value,period_s\n"
        ingest(store, uploaded("samples.csv", (header + samples).encode()))


def sample(host: str, metric: str, value: float, period_s: int = RUN_S) -> str:
    return f"{host},{metric},2026-03-02T08:01:00Z,{value},{period_s}\n"


def found(store: Store) -> pd.DataFrame:
    return ask(store, "bottlenecks").set_index("job_name")


def test_utilization_is_of_all_devices_of_a_host(store: Store) -> None:
    take(
        store,
        describe_job("j", ResourceConfig={"InstanceType": "ml.g5.12xlarge"}),
        samples=sample("j/algo-1", "CPUUtilization", 4560)
        + sample("j/algo-1", "GPUUtilization", 180),
    )
    row = found(store).loc["j"]
    assert row.cpu_utilization_ratio == pytest.approx(0.95)  # of 48 vCPUs
    assert row.accelerator_utilization_ratio == pytest.approx(0.45)  # of 4 GPUs
    assert row.coverage_ratio == pytest.approx(1)
    assert row.diagnosis == "cpu_bound"
    assert row.rationale.startswith("CPU 95 %, accelerators 45 %, measured for 100 % of the time.")
    # an hour's price for the time that the accelerators waited
    assert row.bottleneck_usd == pytest.approx(0.55 * row.list_cost_usd)


def test_hosts_of_a_heterogeneous_cluster_are_told_apart_by_their_gpu_series(store: Store) -> None:
    groups = [
        {"InstanceGroupName": "d", "InstanceType": "ml.c5.18xlarge", "InstanceCount": 2},
        {"InstanceGroupName": "g", "InstanceType": "ml.p4d.24xlarge", "InstanceCount": 1},
    ]
    take(
        store,
        describe_job(
            "j", ResourceConfig={"InstanceType": None, "InstanceCount": 0, "InstanceGroups": groups}
        ),
        samples=sample("j/algo-2", "GPUUtilization", 720)
        + sample("j/algo-2", "CPUUtilization", 4800)
        + sample("j/algo-1", "CPUUtilization", 7200)
        + sample("j/algo-3", "CPUUtilization", 3600),
    )
    row = found(store).loc["j"]
    assert row.accelerator_utilization_ratio == pytest.approx(0.9)
    assert row.cpu_utilization_ratio == pytest.approx((48 + 72 + 36) / 240)


def test_hosts_that_could_be_of_two_types_have_no_utilization(store: Store) -> None:
    groups = [
        {"InstanceGroupName": name, "InstanceType": instance_type, "InstanceCount": 1}
        for name, instance_type in (
            ("a", "ml.c5.18xlarge"), ("b", "ml.c5.9xlarge"), ("g", "ml.p3.2xlarge"),
        )
    ]  # fmt: skip
    take(
        store,
        describe_job(
            "j", ResourceConfig={"InstanceType": None, "InstanceCount": 0, "InstanceGroups": groups}
        ),
        samples=sample("j/algo-1", "CPUUtilization", 3000)
        + sample("j/algo-2", "GPUUtilization", 50)
        + sample("j/algo-2", "CPUUtilization", 400),
    )
    row = found(store).loc["j"]
    assert np.isnan(row.cpu_utilization_ratio)
    assert row.accelerator_utilization_ratio == pytest.approx(0.5)
    assert row.diagnosis == "unclear"


def test_half_measured_is_unclear(store: Store) -> None:
    take(
        store,
        describe_job("j", ResourceConfig={"InstanceType": "ml.g5.12xlarge"}),
        samples=sample("j/algo-1", "CPUUtilization", 4800, 300)
        + sample("j/algo-1", "GPUUtilization", 100, 300),
    )
    row = found(store).loc["j"]
    assert row.coverage_ratio == pytest.approx(300 / RUN_S)
    assert row.diagnosis == "unclear"
    assert np.isnan(row.bottleneck_usd)


def test_without_accelerators_no_cost_of_their_waiting_is_known(store: Store) -> None:
    take(
        store,
        describe_job("j", ResourceConfig={"InstanceType": "ml.c5.18xlarge"}),
        samples=sample("j/algo-1", "CPUUtilization", 7000),
    )
    row = found(store).loc["j"]
    assert row.diagnosis == "cpu_bound"
    assert np.isnan(row.bottleneck_usd)


def test_a_job_that_nothing_was_measured_of_is_left_out(store: Store) -> None:
    take(store, describe_job("j"))
    assert len(found(store)) == 0


def test_the_costliest_bottleneck_comes_first(store: Store) -> None:
    rows = [
        {
            "job_name": name,
            "created_at": "2026-03-02T08:00:00Z",
            "training_started_at": "2026-03-02T08:00:00Z",
            "training_ended_at": "2026-03-02T09:00:00Z",
            "status": "Completed",
            "instance_type": instance_type,
            "instance_count": 1,
            "cpu_utilization_ratio": 1.0,
            "gpu_utilization_ratio": gpu,
        }
        for name, instance_type, gpu in (
            ("cheap", "ml.g5.2xlarge", 0.1),
            ("busy", "ml.p4d.24xlarge", 0.95),
            ("dear", "ml.p4d.24xlarge", 0.1),
        )
    ]
    ingest(store, uploaded("export.jsonl", lines(*rows)))
    jobs = found(store)
    assert list(jobs.index) == ["dear", "cheap", "busy"]
    assert jobs.loc["busy", "bottleneck_usd"] == 0
    # all in one instant: the least window is a day, and a month has 730 h
    assert jobs.loc["dear", "bottleneck_usd_per_month"] == pytest.approx(
        jobs.loc["dear", "bottleneck_usd"] * 730 / 24
    )


@pytest.mark.parametrize(
    ("cpu", "gpu", "coverage", "diagnosis"),
    [
        # models.md section 7
        (0.9, 0.69, 1, "cpu_bound"),
        (0.69, 0.9, 1, "accelerator_bound"),
        (0.7, 0.7, 1, "balanced"),
        (0.49, 0.49, 1, "input_bound"),
        (0.6, 0.6, 1, "unclear"),
        (0.9, 0.3, 0.49, "unclear"),
        (0.9, 0.3, np.nan, "cpu_bound"),
        (np.nan, 0.3, 1, "unclear"),
        (0.9, np.nan, 1, "unclear"),
    ],
)
def test_the_diagnosis_has_fixed_limits(
    cpu: float, gpu: float, coverage: float, diagnosis: str
) -> None:
    found = diagnose(np.array([cpu]), np.array([gpu]), np.array([True]), np.array([coverage]))
    assert found[0] == diagnosis
