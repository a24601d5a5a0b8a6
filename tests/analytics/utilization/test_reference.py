"""Utilization against a slow reference: each moment of each host, looked at by itself."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.derived.derive import derive
from analytics.query import Filters
from data.ingest.home_store import open_home
from data.store.home import Home
from data.store.store import Store
from tests.analytics.utilization.records import Job, Sample, take_jobs, take_samples
from tests.conftest import T0, ask

STEP_S = 20
# vCPUs and GPUs, as EC2 lists them; None: no such type is known
TYPES = {
    "ml.g5.12xlarge": (48, 4),
    "ml.g5.2xlarge": (8, 1),
    "ml.c5.xlarge": (4, 0),
    "a100-node": (None, None),
}
METRICS = ("GPUUtilization", "CPUUtilization", "MemoryUtilization")
IDLE_BELOW = 0.05
numbers = count()


def units_of(job: Job, metric: str) -> float | None:
    vcpu_count, gpu_count = TYPES[job.instance_type]
    units = {"GPUUtilization": gpu_count, "CPUUtilization": vcpu_count}
    return units.get(metric, 1)


def reference(
    jobs: list[Job], samples: list[Sample], group: Callable[[Job, int], str]
) -> dict[str, dict[str, float | None]]:
    """Return the sums of each group, from what each host's metrics were in each step of time."""
    by_series = defaultdict(list)
    for sample in samples:
        by_series[sample.job, sample.host, sample.metric].append(sample)
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    covered: dict[tuple[str, str, int, int, str], float] = defaultdict(float)
    for job in jobs:
        gpu_count = TYPES[job.instance_type][1]
        for host in range(1, job.instance_count + 1):
            for now_s in range(int(job.start_s), int(job.end_s), STEP_S):
                name = group(job, now_s)
                found = sums[name]
                found["held_host_s"] += STEP_S
                found["held_gpu_s"] += STEP_S * (gpu_count or 0)
                for metric in METRICS:
                    units = units_of(job, metric)
                    holding = [
                        sample
                        for sample in by_series[job.name, host, metric]
                        if sample.at_s <= now_s < sample.at_s + sample.period_s
                        and (units is None or sample.value <= 100 * units)
                    ]
                    if not holding:
                        continue
                    best = min(holding, key=lambda sample: (sample.period_s, -sample.at_s))
                    covered[name, job.name, host, now_s // 3600, metric] += STEP_S
                    if not units:
                        continue
                    ratio = best.value / (100 * units)
                    found[f"{metric} used"] += ratio * units * STEP_S
                    found[f"{metric} units"] += units * STEP_S
                    if metric == "GPUUtilization" and ratio < IDLE_BELOW:
                        found["idle_gpu_s"] += units * STEP_S
    longest: dict[tuple[str, str, int, int], float] = defaultdict(float)
    for (name, job_name, host, hour, _), seconds in covered.items():
        key = (name, job_name, host, hour)
        longest[key] = max(longest[key], seconds)
    for (name, *_), seconds in longest.items():
        sums[name]["covered_s"] += seconds

    def ratio_of(found: dict[str, float], metric: str) -> float | None:
        units = found[f"{metric} units"]
        return found[f"{metric} used"] / units if units else None

    return {
        name: {
            "host_h": found["covered_s"] / 3600,
            "allocated_host_h": found["held_host_s"] / 3600,
            "coverage_ratio": found["covered_s"] / found["held_host_s"],
            "gpu_utilization_ratio": ratio_of(found, "GPUUtilization"),
            "cpu_utilization_ratio": ratio_of(found, "CPUUtilization"),
            "memory_utilization_ratio": ratio_of(found, "MemoryUtilization"),
            "allocated_gpu_h": found["held_gpu_s"] / 3600,
            "measured_gpu_h": found["GPUUtilization units"] / 3600,
            "idle_gpu_h": found["idle_gpu_s"] / 3600 if found["GPUUtilization units"] else None,
        }
        for name, found in sums.items()
    }


def hour_of(_: Job, now_s: int) -> str:
    return (T0 + timedelta(seconds=now_s // 3600 * 3600)).strftime("%Y-%m-%dT%H:%M:%SZ")


GROUPS: dict[str, Callable[[Job, int], str]] = {
    "all": lambda *_: "all",
    "job_name": lambda job, _: job.name,
    "share_name": lambda job, _: job.share,
    "instance_type": lambda job, _: job.instance_type,
    "hour": hour_of,
}
OF_UTILIZATION = ("host_h", "allocated_host_h", "coverage_ratio", "gpu_utilization_ratio",
                  "cpu_utilization_ratio", "memory_utilization_ratio")  # fmt: skip
OF_WASTE = ("allocated_gpu_h", "measured_gpu_h", "idle_gpu_h", "gpu_utilization_ratio")


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Job], list[Sample]]:
    """Draw jobs, and samples of several periods with gaps, overlaps and impossible values."""
    mark = f"h{next(numbers)}"
    jobs = [
        Job(
            f"{mark}-{number}",
            start_s := STEP_S * draw(st.integers(0, 300)),
            start_s + STEP_S * draw(st.integers(1, 400)),
            draw(st.sampled_from(list(TYPES))),
            draw(st.integers(1, 2)),
            share=draw(st.sampled_from(["one", "two"])),
            queue=mark,
        )
        for number in range(draw(st.integers(1, 3)))
    ]
    samples: dict[tuple[object, ...], Sample] = {}
    for _ in range(draw(st.integers(0, 6))):
        job = draw(st.sampled_from(jobs))
        host, metric = draw(st.integers(1, job.instance_count)), draw(st.sampled_from(METRICS))
        period_s = draw(st.sampled_from([60, 300, 3600]))
        first_s = STEP_S * draw(st.integers(-10, 300))
        if draw(st.booleans()):
            first_s -= first_s % period_s
        most = 110 * (units_of(job, metric) or 1)
        chance = random.Random(draw(st.integers(0, 2**32)))
        for place in range(draw(st.integers(1, 70))):
            if chance.random() < 0.8:
                at_s = first_s + place * period_s
                value = chance.choice([0.0, 0.05 * most, chance.uniform(0, most)])
                if metric == "MemoryUtilization":
                    value = min(value, 100.0)
                samples[job.name, host, metric, period_s, at_s] = Sample(
                    job.name, host, at_s, value, metric, period_s
                )
    return jobs, list(samples.values())


@pytest.fixture(scope="module")
def one_store(new_home: Callable[[], Home]) -> Iterator[Store]:
    """One store for all histories: each is a queue of its own."""
    store = open_home(new_home(), derivation=derive)
    yield store
    store.close()


def answers(store: Store, queue: str, by: str) -> dict[str, dict[str, float | None]]:
    filters = Filters(where=(("queue_name", queue),))
    found: dict[str, dict[str, float | None]] = defaultdict(dict)
    for name, columns in (("gpu_waste", OF_WASTE), ("utilization", OF_UTILIZATION)):
        for row in ask(store, name, filters, by=by).to_dict("records"):
            found[row["group_value"]] |= {
                column: None if pd.isna(row[column]) else row[column] for column in columns
            }
    return found


def agree(
    found: dict[str, dict[str, float | None]], expected: dict[str, dict[str, float | None]]
) -> None:
    assert set(found) == set(expected)
    for name, columns in expected.items():
        for column, value in columns.items():
            if column in OF_WASTE and column not in found[name]:
                assert not value or column == "gpu_utilization_ratio"  # a group without GPUs
            elif value is None:
                assert found[name][column] is None, column
            else:
                assert found[name][column] == pytest.approx(value, abs=1e-9), (name, column)


SLOW = settings(
    max_examples=3, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture,
                           HealthCheck.data_too_large],
)  # fmt: skip


@pytest.mark.thorough
@SLOW
@given(histories())
def test_every_moment_counts_once_by_its_finest_sample(
    one_store: Store, history: tuple[list[Job], list[Sample]]
) -> None:
    jobs, samples = history
    take_jobs(one_store, *jobs)
    if samples:
        take_samples(one_store, *samples)
    for by, group in GROUPS.items():
        agree(answers(one_store, jobs[0].queue, by), reference(jobs, samples, group))


@SLOW
@given(histories(), st.randoms(use_true_random=False))
def test_laws_of_ratios_sums_windows_and_repeated_samples(
    one_store: Store, history: tuple[list[Job], list[Sample]], chance: random.Random
) -> None:
    jobs, samples = history
    queue = jobs[0].queue
    take_jobs(one_store, *jobs)
    if samples:
        take_samples(one_store, *samples)
    whole = answers(one_store, queue, "all")["all"]
    for by in ("instance_type", "hour"):
        rows = answers(one_store, queue, by).values()
        for row in rows:
            for column, value in row.items():
                if column.endswith("_ratio") and value is not None:
                    assert 0 <= value <= 1
        for column in ("allocated_gpu_h", "measured_gpu_h", "idle_gpu_h", "host_h"):
            parts = [row.get(column) or 0 for row in rows]
            assert sum(parts) == pytest.approx(whole.get(column) or 0, abs=1e-9)
    narrow = Filters(
        since=T0 + timedelta(seconds=600),
        until=T0 + timedelta(seconds=3600),
        where=(("queue_name", queue),),
    )
    wide = replace(narrow, until=T0 + timedelta(seconds=7200))
    for column in ("allocated_gpu_h", "measured_gpu_h", "idle_gpu_h"):
        less, more = (
            ask(one_store, "gpu_waste", filters)[column].fillna(0).sum()
            for filters in (narrow, wide)
        )
        assert less <= more + 1e-9
    if samples:
        before = answers(one_store, queue, "hour")
        again = [replace(sample, statistic="") for sample in samples]
        chance.shuffle(again)
        take_samples(one_store, *again)
        agree(answers(one_store, queue, "hour"), before)
