"""Published figures of heterogeneous clusters come out of the advice, and it comes at once."""

import time

import pytest

from analytics.catalog import query_named
from analytics.instance_groups.advice_rows import advices
from analytics.query import Filters
from data.store.reader import Reader
from data.store.store import Store
from tests.conftest import ask
from tests.golden.published import exact
from tests.runs import HETERO, P4D, run, take_runs


def test_eight_gpus_that_need_160_vcpus_are_said_to_be_60_per_cent_busy_on_96(store: Store) -> None:
    busy = exact("hetero-gpu-cap")
    take_runs(store, run("now", P4D, 100, cpu_utilization_ratio=1.0, gpu_utilization_ratio=busy))
    rows = ask(store, "instance_group_advice").set_index("candidate")
    own = rows.loc[P4D]
    assert own.predicted_gpu_utilization_ratio == pytest.approx(busy)
    assert own.needed_vcpu_count == pytest.approx(160)
    assert "To keep 8 accelerators busy takes 160 vCPUs; there are 96" in own.rationale
    assert rows.loc[HETERO, "cluster_vcpu_count"] == exact("hetero-vcpu-total")
    # with 240 vCPUs the accelerators are the limit
    assert rows.loc[HETERO, "predicted_gpu_utilization_ratio"] == pytest.approx(1)


def test_the_network_that_remote_preprocessing_needs_stands_beside_what_there_is(
    store: Store,
) -> None:
    take_runs(store, run("now", P4D, 192, cpu_utilization_ratio=1.0, gpu_utilization_ratio=0.45))
    without = ask(store, "instance_group_advice").set_index("candidate").loc[HETERO]
    assert without.network_needed_gbit_per_s != without.network_needed_gbit_per_s  # unknown
    row = ask(store, "instance_group_advice", mb_per_step="500").set_index("candidate").loc[HETERO]
    # 144 of 240 vCPUs are remote: 300 MB a step, of 8 bits a byte
    needed = 500 * 144 / 240 * 8 / row.predicted_step_time_ms
    assert row.network_needed_gbit_per_s == pytest.approx(needed)
    assert row.network_gbit_per_s == 400
    assert row.network_needed_gbit_per_s < row.network_gbit_per_s


def test_all_candidates_are_searched_within_half_a_second(store: Store) -> None:
    # ml.g4dn.xlarge has most larger hosts to combine with CPU hosts
    g4dn = "ml.g4dn.xlarge x1"
    take_runs(store, run("now", g4dn, 900, cpu_utilization_ratio=1.0, gpu_utilization_ratio=0.3))
    values = query_named("instance_group_advice").values({})
    times_s = []
    for _ in range(3):
        began = time.process_time()
        ((_, advice, _),) = advices(Reader(store), Filters(), values)
        times_s.append(time.process_time() - began)
    assert len(advice.candidates) > 6000
    assert min(times_s) < 0.5
