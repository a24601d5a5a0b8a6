"""What was measured on the hosts of the demo's queues: whom it shows idle, and what is missing."""

from collections import Counter
from datetime import datetime, timedelta
from functools import cache

import numpy as np

from tests.data.demo.reading import CHANGED, HOUR, SINCE, UNTIL, attempts, files

GPUS = {"ml.g6.12xlarge": 4, "ml.g6.2xlarge": 1}
VCPUS = {"ml.g6.12xlarge": 48, "ml.g6.2xlarge": 8}

Series = dict[tuple[str, str], list[float]]


@cache
def series() -> Series:
    """The values of each host and metric."""
    found: Series = {}
    for answer in files()["demo-metrics.jsonl"]:
        for query, result in zip(
            answer["MetricDataQueries"], answer["MetricDataResults"], strict=True
        ):
            metric = query["MetricStat"]["Metric"]
            (dimension,) = metric["Dimensions"]
            assert metric["Namespace"] == "/aws/sagemaker/TrainingJobs"
            found[dimension["Value"], metric["MetricName"]] = result["Values"]
    return found


@cache
def types() -> dict[str, str]:
    """The instance type of each training job; of one with groups, that of its GPUs."""
    return {
        one.training_job["TrainingJobName"]: one.training_job["ResourceConfig"].get(
            "InstanceType", "ml.g6.2xlarge"
        )
        for one in attempts()
    }


def gpu_count(host: str) -> int:
    return GPUS[types()[host.split("/")[0]]]


def vcpu_count(host: str) -> int:
    return VCPUS[types()[host.split("/")[0]]]


def hosts_of(name_part: str) -> list[str]:
    return sorted({host for host, _ in series() if name_part in host})


def test_samples_lie_within_the_training_of_their_jobs() -> None:
    jobs = {one.training_job["TrainingJobName"]: one for one in attempts()}
    for answer in files()["demo-metrics.jsonl"]:
        for query, result in zip(
            answer["MetricDataQueries"], answer["MetricDataResults"], strict=True
        ):
            host = query["MetricStat"]["Metric"]["Dimensions"][0]["Value"]
            attempt = jobs[host.split("/")[0]]
            moments = [datetime.fromisoformat(moment) for moment in result["Timestamps"]]
            started = datetime.fromisoformat(attempt.training_job["TrainingStartTime"])
            assert started < moments[0]
            assert moments[-1] + timedelta(minutes=5) <= attempt.released
            assert all(one.minute % 5 == one.second == 0 for one in moments)


def test_values_are_sums_over_the_devices_and_within_their_maximum() -> None:
    highest: Counter[str] = Counter()
    for (host, metric), values in series().items():
        count = {"GPUUtilization": gpu_count, "GPUMemoryUtilization": gpu_count}.get(metric)
        most = 100 * count(host) if count else 100
        if metric == "CPUUtilization":
            most = 100 * (72 if "research" in host else vcpu_count(host))
        assert 0 <= min(values) <= max(values) <= most
        highest[metric] = max(highest[metric], max(values))
    assert highest["GPUUtilization"] > 350
    assert highest["CPUUtilization"] > 4500


def test_samples_of_most_earlier_jobs_are_missing() -> None:
    measured = {host.split("/")[0] for host, _ in series()}
    long = [one for one in attempts() if one.released - one.allocated > timedelta(minutes=15)]

    def measured_ratio(since: datetime, until: datetime) -> float:
        chosen = [one for one in long if since <= one.allocated < until]
        return sum(one.training_job["TrainingJobName"] in measured for one in chosen) / len(chosen)

    assert 0.25 < measured_ratio(SINCE, CHANGED) < 0.45
    assert measured_ratio(UNTIL - timedelta(days=7), UNTIL - HOUR) == 1


def test_one_forgotten_job_holds_its_gpus_for_days_below_5_percent() -> None:
    idle_h: Counter[str] = Counter()
    for (host, metric), values in series().items():
        if metric == "GPUUtilization":
            gpus = gpu_count(host)
            idle_h[host.split("/")[0]] += sum(value < 5 * gpus for value in values) * gpus / 12
    (name, forgotten_h), (_, second_h) = idle_h.most_common(2)
    assert forgotten_h > 400
    assert second_h < 0.05 * forgotten_h
    (forgotten,) = [one for one in attempts() if one.training_job["TrainingJobName"] == name]
    assert forgotten.released - forgotten.allocated == timedelta(hours=63)
    assert forgotten.job["tags"]["user"] == "margaret"


def test_some_jobs_wait_for_their_cpus() -> None:
    waiting = [
        host
        for host, metric in series()
        if metric == "GPUUtilization"
        and np.mean(series()[host, metric]) < 60 * gpu_count(host)
        and np.mean(series()[host, "CPUUtilization"]) > 90 * vcpu_count(host)
    ]
    assert len(waiting) >= 20


def test_of_the_cluster_of_three_types_one_cpu_host_is_told_apart_and_the_others_are_not() -> None:
    (mixed,) = [one for one in attempts() if "InstanceGroups" in one.training_job["ResourceConfig"]]
    groups = mixed.training_job["ResourceConfig"]["InstanceGroups"]
    types = {group["InstanceType"]: group["InstanceCount"] for group in groups}
    assert types == {"ml.g6.2xlarge": 2, "ml.c5.9xlarge": 2, "ml.c5.18xlarge": 2}
    hosts = hosts_of(mixed.training_job["TrainingJobName"])
    assert len(hosts) == 6
    assert sum((host, "GPUUtilization") in series() for host in hosts) == 2
    without = [host for host in hosts if (host, "GPUUtilization") not in series()]
    highest = [max(series()[host, "CPUUtilization"]) for host in without]
    assert sum(value > 100 * 36 for value in highest) == 1
    assert sum(value <= 100 * 36 for value in highest) == 3
