"""Hosts of heterogeneous clusters: which group each belongs to, by its series alone."""

from typing import Any

import pandas as pd
import pytest

from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.store import Store
from tests.analytics.utilization.records import Sample, minutes, take_samples
from tests.conftest import ask, describe_job, lines

# vCPUs: 96 with 8 GPUs; 36; 72
GPU, SMALL, LARGE = "ml.p4d.24xlarge", "ml.c5.9xlarge", "ml.c5.18xlarge"


def take_cluster(store: Store, *groups: tuple[str, int], **fields: Any) -> None:
    """Import a job of an hour with these instance types and counts; its samples begin at 90 s."""
    members = [
        {"InstanceGroupName": f"g{number}", "InstanceType": name, "InstanceCount": count}
        for number, (name, count) in enumerate(groups)
    ]
    resources = {"InstanceType": None, "InstanceCount": 0, "InstanceGroups": members}
    job = describe_job("a", provisioning=0, download=0, run=3600, ResourceConfig=resources)
    ingest(store, uploaded("jobs.jsonl", lines(job | fields)))


def cpu(host: int, value: float) -> list[Sample]:
    return minutes("a", host, [value] * 60, metric="CPU")


def gpu(host: int, value: float) -> list[Sample]:
    return minutes("a", host, [value] * 60)


def types(store: Store) -> list[str | None]:
    found = ask(store, "job_hosts")["instance_type"]
    return [None if pd.isna(name) else name for name in found]


def test_a_gpu_series_tells_the_gpu_host_from_the_others(store: Store) -> None:
    take_cluster(store, (LARGE, 2), (GPU, 1))
    take_samples(store, *cpu(1, 3600), *cpu(2, 4800), *gpu(2, 400), *cpu(3, 3600))
    assert types(store) == [LARGE, GPU, LARGE]
    by_type = ask(store, "utilization", by="instance_type").set_index("group_value")
    assert by_type.loc[LARGE, "cpu_utilization_ratio"] == pytest.approx(0.5)  # of 72 vCPUs
    assert by_type.loc[GPU, "cpu_utilization_ratio"] == pytest.approx(0.5)  # of 96
    assert by_type["coverage_ratio"].tolist() == [1, 1]
    whole = ask(store, "gpu_waste").iloc[0]
    assert (whole.allocated_gpu_h, whole.measured_gpu_h) == pytest.approx((8, 8))
    assert whole.gpu_utilization_ratio == pytest.approx(0.5)


def test_where_two_cpu_groups_fit_no_host_is_averaged(store: Store) -> None:
    take_cluster(store, (SMALL, 1), (LARGE, 1), (GPU, 1))
    take_samples(store, *gpu(1, 800), *cpu(1, 9600), *cpu(2, 1000), *cpu(3, 3000))
    assert types(store) == [GPU, None, None]
    used = ask(store, "utilization").iloc[0]
    assert used.cpu_utilization_ratio == 1  # of the GPU host alone
    assert used.unresolved_host_h == pytest.approx(2)
    assert used.coverage_ratio == 1
    by_type = ask(store, "utilization", by="instance_type").set_index("group_value")
    assert pd.isna(by_type.loc["unresolved", "cpu_utilization_ratio"])
    assert by_type.loc["unresolved", "host_h"] == pytest.approx(2)
    unresolved = ask(store, "job_hosts", hosts="unresolved")
    assert unresolved["host_name"].tolist() == ["a/algo-2", "a/algo-3"]


def test_a_value_that_only_the_larger_reaches_settles_both(store: Store) -> None:
    # one is above 3,600 = 36 vCPUs, and there is one large instance: the other is the small one
    take_cluster(store, (SMALL, 1), (LARGE, 1), (GPU, 1))
    take_samples(store, *gpu(1, 800), *cpu(2, 1800), *cpu(3, 3700))
    assert types(store) == [GPU, SMALL, LARGE]
    by_type = ask(store, "utilization", by="instance_type").set_index("group_value")
    assert by_type.loc[SMALL, "cpu_utilization_ratio"] == pytest.approx(0.5)


def test_one_large_of_two_leaves_the_others_open(store: Store) -> None:
    take_cluster(store, (SMALL, 1), (LARGE, 2))
    take_samples(store, *cpu(1, 100), *cpu(2, 3700), *cpu(3, 200))
    assert types(store) == [None, LARGE, None]


def test_without_any_gpu_series_a_low_host_may_be_of_any_group(store: Store) -> None:
    take_cluster(store, (SMALL, 1), (GPU, 1))
    take_samples(store, *cpu(1, 100), *cpu(2, 200))
    assert types(store) == [None, None]


def test_series_that_contradict_the_record_settle_nothing(store: Store) -> None:
    take_cluster(store, (SMALL, 1), (GPU, 1))
    take_samples(store, *gpu(1, 100), *gpu(2, 100))
    assert types(store) == [None, None]


def test_two_gpu_types_are_told_apart_by_what_they_reach(store: Store) -> None:
    take_cluster(store, ("ml.g5.12xlarge", 1), (GPU, 1))
    take_samples(store, *gpu(1, 10), *gpu(2, 500))
    assert types(store) == ["ml.g5.12xlarge", GPU]
    waste = ask(store, "gpu_waste", by="instance_type").set_index("group_value")
    # 10 of 400 is idle, 500 of 800 is not: each by its own GPUs
    assert waste.loc["ml.g5.12xlarge", "idle_gpu_h"] == pytest.approx(4)
    assert waste.loc[GPU, "idle_gpu_h"] == 0
    assert waste.loc[GPU, "gpu_utilization_ratio"] == pytest.approx(500 / 800)


def test_an_idle_gpu_of_a_mixed_cluster_costs_what_its_own_type_costs(store: Store) -> None:
    price = "instance_type,region,list_unit_price_usd_per_h,effective_from\n"
    rows = f"{GPU},us-east-1,40,2020-01-01\n{LARGE},us-east-1,4,2020-01-01\n"
    ingest(store, uploaded("prices.csv", (price + rows).encode()))
    take_cluster(store, (LARGE, 2), (GPU, 1))
    take_samples(store, *gpu(1, 0))
    waste = ask(store, "gpu_waste").iloc[0]
    assert waste.idle_gpu_h == pytest.approx(8)
    assert waste.idle_cost_usd == pytest.approx(40)
