"""The model of a step: laws that hold for every workload, and the published cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.instance_groups.fit import Measured, fit
from analytics.instance_groups.model import Clusters, StepModel, measured_model

UNKNOWN = float("nan")
ratios = st.floats(0.05, 1.0)
efficiencies = st.floats(0.3, 3.0)
saturations = st.floats(0.0, 0.5)
sizes = st.integers(0, 800)
steps_ms = st.floats(1.0, 10_000.0)


def clusters(
    local: object, remote: object, accelerators: object, gbit: object = UNKNOWN
) -> Clusters:
    rows = np.broadcast_arrays(*(np.atleast_1d(one) for one in (local, remote, accelerators, gbit)))
    return Clusters(*(row.astype(float) for row in rows))


def measured(step_ms: float, cpu: float, gpu: float, *cluster: float) -> Measured:
    return Measured(step_ms, cpu, gpu, clusters(*cluster))


TENSORFLOW = measured(192, 1.0, 0.45, 96, 0, 8)
PYTORCH = measured(1193, 1.0, UNKNOWN, 8, 0, 1)


def test_eight_gpus_that_need_20_vcpus_each_are_60_per_cent_busy_on_96() -> None:
    # seed 003, published as hetero-gpu-cap: 160 vCPUs are needed
    model = StepModel(cpu_demand_ms=160 * 100, accelerator_demand_ms=8 * 100)
    on = clusters(96, [0, 64, 144], 8)
    busy = model.parts(on).accelerator_ms / model.step_ms(on)
    assert busy.tolist() == pytest.approx([0.6, 1.0, 1.0])
    assert model.needed_vcpu(np.array([8.0])).tolist() == [160]


def test_the_measured_step_of_the_tensorflow_case_is_predicted_within_10_per_cent() -> None:
    predicted = fit(TENSORFLOW, []).model.step_ms(clusters(96, 144, 8))[0]
    assert predicted == pytest.approx(86, rel=0.1)


def test_the_measured_step_of_the_pytorch_case_is_predicted_within_25_per_cent() -> None:
    predicted = fit(PYTORCH, []).model.step_ms(clusters(8, 36, 1))[0]
    assert predicted == pytest.approx(184, rel=0.25)
    assert predicted == pytest.approx(1193 * 8 / 44)


@given(steps_ms, ratios, ratios, st.integers(1, 500), st.integers(1, 16), saturations)
def test_a_measured_step_comes_out_as_it_was_measured(
    step_ms: float, cpu: float, gpu: float, vcpu: int, accelerators: int, saturation: float
) -> None:
    own = clusters(vcpu, 0, accelerators)
    model = measured_model(step_ms, cpu, gpu, own, saturation=saturation)
    assert model.step_ms(own)[0] == pytest.approx(step_ms)


@given(
    steps_ms, ratios, ratios, st.integers(1, 500), st.integers(1, 16),
    st.tuples(sizes, sizes), st.tuples(sizes, sizes),
    efficiencies, saturations, st.floats(0.1, 500) | st.just(UNKNOWN),
)  # fmt: skip
def test_more_cpu_is_never_predicted_to_be_slower(
    step_ms: float,
    cpu: float,
    gpu: float,
    vcpu: int,
    accelerators: int,
    local: tuple[int, int],
    remote: tuple[int, int],
    efficiency: float,
    saturation: float,
    mb_per_step: float,
) -> None:
    own = clusters(vcpu, 0, accelerators)
    model = measured_model(
        step_ms, cpu, gpu, own,
        efficiency=efficiency, saturation=saturation, mb_per_step=mb_per_step,
    )  # fmt: skip
    on = clusters(1 + np.sort(local), np.sort(remote), accelerators, 10)
    few, many = model.step_ms(on)
    assert many <= few * (1 + 1e-12)


@given(
    steps_ms, ratios, ratios, st.integers(1, 500), st.integers(1, 16),
    sizes, sizes, st.integers(1, 16), efficiencies, saturations,
)  # fmt: skip
def test_no_prediction_beats_the_demand_of_either_side(
    step_ms: float,
    cpu: float,
    gpu: float,
    vcpu: int,
    accelerators: int,
    local: int,
    remote: int,
    more_accelerators: int,
    efficiency: float,
    saturation: float,
) -> None:
    own = clusters(vcpu, 0, accelerators)
    model = measured_model(step_ms, cpu, gpu, own, efficiency=efficiency, saturation=saturation)
    total = accelerators + more_accelerators
    predicted_ms = model.step_ms(clusters(1 + local, remote, total))[0]
    cpu_bound_ms = cpu * step_ms * vcpu / (1 + local + efficiency * remote)
    accelerator_bound_ms = gpu * step_ms * accelerators / total
    assert predicted_ms >= max(cpu_bound_ms, accelerator_bound_ms) * (1 - 1e-12)


def test_the_network_bounds_what_remote_hosts_can_do() -> None:
    # 1000 vCPU-ms, 10 local: 100 ms alone; at 8 Gbit/s 1 MB takes 1 ms, so remote hosts do no
    # more than 1 / 50 of a step in a millisecond, if a step sends 50 MB
    model = StepModel(cpu_demand_ms=1000, accelerator_demand_ms=0, mb_per_step=50)
    steps = model.step_ms(clusters(10, [0, 10, 1000], 1, 8))
    assert steps.tolist() == pytest.approx([100, 1 / (1 / 100 + 1 / 100), 1 / (1 / 100 + 1 / 50)])


def test_time_that_neither_side_explains_is_not_shortened_by_more_cpu() -> None:
    model = fit(measured(100, 0.6, 0.2, 10, 0, 1), []).model
    # 60 ms of CPU on 10 vCPUs, 40 ms of rest; on 20 vCPUs 30 and 40
    assert model.step_ms(clusters(20, 0, 1))[0] == pytest.approx(70)


def test_two_configurations_fix_the_efficiency_of_remote_preprocessing() -> None:
    found = fit(PYTORCH, [measured(184, UNKNOWN, UNKNOWN, 8, 36, 1)])
    # 1193 x 8 = 184 x (8 + 36 e): e = 1.2186, newer cores
    assert found.model.efficiency == pytest.approx((1193 * 8 / 184 - 8) / 36, rel=1e-3)
    assert found.low < found.model.efficiency < found.high
    assert found.high - found.low < 0.5


def test_a_second_configuration_that_the_accelerators_limit_tells_only_a_lower_bound() -> None:
    found = fit(TENSORFLOW, [measured(86.4, UNKNOWN, UNKNOWN, 96, 144, 8)])
    assert found.model.efficiency == pytest.approx(1, abs=1e-3)
    # at less than (18432 / 86.4 / 1.05 - 96) / 144 the CPUs would have been slower by over 5 %
    assert found.low == pytest.approx((18432 / 86.4 / 1.05 - 96) / 144, abs=0.02)
    assert found.high == 1.25


@pytest.mark.parametrize("efficiency", [0.7, 1.0, 1.6])
@pytest.mark.parametrize("saturation", [0.0, 0.25])
def test_three_configurations_give_back_what_they_were_made_from(
    efficiency: float, saturation: float
) -> None:
    base = measured(1000, 1.0, 0.3, 16, 0, 4)
    made = measured_model(
        1000, 1.0, 0.3, base.cluster, efficiency=efficiency, saturation=saturation
    )
    others = [
        measured(made.step_ms(clusters(16, remote, 4))[0], UNKNOWN, UNKNOWN, 16, remote, 4)
        for remote in (16, 32, 96)
    ]
    found = fit(base, others)
    assert found.model.efficiency == pytest.approx(efficiency, rel=0.02)
    assert found.model.saturation == pytest.approx(saturation, abs=0.051)
    assert found.error < 0.1


def test_the_error_is_that_of_configurations_left_out() -> None:
    base = measured(1000, 1.0, 0.1, 10, 0, 1)
    assert np.isnan(fit(base, [measured(500, UNKNOWN, UNKNOWN, 10, 10, 1)]).error)
    found = fit(
        base,
        [measured(500, UNKNOWN, UNKNOWN, 10, 10, 1), measured(400, UNKNOWN, UNKNOWN, 10, 10, 1)],
    )
    # each is predicted from the other: 500 as 400 and 400 as 500
    assert found.error == pytest.approx((0.2 + 0.25) / 2, rel=0.02)
