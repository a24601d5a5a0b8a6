"""Amazon CloudWatch: samples of hosts and of algorithm metrics, as long as they are kept."""

import csv
import re
from functools import cache
from pathlib import Path
from zlib import crc32

import numpy as np

from tests.aws_server.errors import AwsError
from tests.aws_server.history import AwsHistory
from tests.aws_server.knobs import Knobs
from tests.aws_server.training import Document, TrainingJob

NAMESPACE = "/aws/sagemaker/TrainingJobs"
MOST_QUERIES, MOST_POINTS = 500, 100_800
DAY_S = 86400
# younger than so many days at StartTime: the smallest period that has data
PERIODS = ((15, 60), (63, 300), (455, 3600))
SPECS = Path(__file__).parents[2] / "data" / "reference" / "instance_specs.csv"
# metric -> how busy, as a ratio, and of what it is the sum
HOST_METRICS = {
    "CPUUtilization": (0.55, "vcpu"),
    "GPUUtilization": (0.7, "accelerator_count"),
    "GPUMemoryUtilization": (0.6, "accelerator_count"),
    "MemoryUtilization": (0.4, None),
    "DiskUtilization": (0.2, None),
}
_ID = re.compile(r"[a-z][a-zA-Z0-9_]*")

Series = tuple[np.ndarray, np.ndarray]
NOTHING: Series = (np.empty(0), np.empty(0))


@cache
def specs() -> dict[str, Document]:
    """Return virtual CPUs and accelerators of each instance type."""
    with SPECS.open() as file:
        return {row["instance_type"]: row for row in csv.DictReader(file)}


class CloudWatch:
    """Answers for one account and region."""

    def __init__(self, history: AwsHistory, knobs: Knobs) -> None:
        self.history, self.knobs = history, knobs

    def get_metric_data(self, request: Document, now: float) -> Document:
        """Return a page of series; a series that is cut is partial and goes on in the next."""
        queries = request["MetricDataQueries"]
        ids = [query["Id"] for query in queries]
        if len(queries) > MOST_QUERIES or len(set(ids)) < len(ids):
            raise AwsError("ValidationError", "At most 500 queries, each with an id of its own")
        if not all(_ID.fullmatch(name) for name in ids):
            raise AwsError("ValidationError", "An id begins with a lower-case letter")
        if request["EndTime"] <= request["StartTime"]:
            raise AwsError("ValidationError", "EndTime must be after StartTime")
        first, skipped = (int(part) for part in request.get("NextToken", "0-0").split("-"))
        left = min(request.get("MaxDatapoints", MOST_POINTS), MOST_POINTS)
        if self.knobs.largest_page:
            left = min(left, self.knobs.largest_page)
        is_ascending = request.get("ScanBy") == "TimestampAscending"
        results: list[Document] = []
        answer: Document = {"MetricDataResults": results, "Messages": []}
        for position in range(first, len(queries)):
            query = queries[position]
            if left == 0:
                answer["NextToken"] = f"{position}-{skipped}"
                break
            times, values = self.series(query, request["StartTime"], request["EndTime"], now)
            if not is_ascending:
                times, values = times[::-1], values[::-1]
            times, values = times[skipped:], values[skipped:]
            is_cut = len(times) > left
            metric = query["MetricStat"]["Metric"]["MetricName"]
            results.append(
                {
                    "Id": query["Id"],
                    "Label": query.get("Label", metric),
                    "Timestamps": times[:left].tolist(),
                    "Values": values[:left].tolist(),
                    "StatusCode": "PartialData" if is_cut else "Complete",
                }
            )
            if is_cut:
                answer["NextToken"] = f"{position}-{skipped + left}"
                break
            left -= len(times)
            skipped = 0
        return answer

    def series(self, query: Document, start: float, end: float, now: float) -> Series:
        """Return times and values of one query, ascending."""
        stat = query["MetricStat"]
        period, metric = stat["Period"], stat["Metric"]
        if period < 60 or period % 60:
            raise AwsError("ValidationError", f"No metric here has a period of {period} s")
        age = (now - start) / DAY_S
        smallest = next((least for days, least in PERIODS if age < days), None)
        if metric["Namespace"] != NAMESPACE or smallest is None or period < smallest:
            return NOTHING
        times, values = self._minutes(metric)
        start -= start % smallest
        within = (times >= start) & (times < min(end, now))
        times, values = times[within], values[within]
        if not len(times):
            return NOTHING
        buckets, begins = np.unique(times // period * period, return_index=True)
        counts = np.diff(np.append(begins, len(times)))
        sums = np.add.reduceat(values, begins)
        statistics = {
            "Average": lambda: sums / counts,
            "Sum": lambda: sums,
            "SampleCount": lambda: counts.astype(float),
            "Minimum": lambda: np.minimum.reduceat(values, begins),
            "Maximum": lambda: np.maximum.reduceat(values, begins),
        }
        if stat["Stat"] not in statistics:
            raise AwsError("ValidationError", f"{stat['Stat']} is not played")
        return buckets, statistics[stat["Stat"]]()

    def _minutes(self, metric: Document) -> Series:
        """Return a metric's samples, one a minute while its job is on its instances."""
        dimensions = {part["Name"]: part["Value"] for part in metric.get("Dimensions", [])}
        name = metric["MetricName"]
        if set(dimensions) == {"Host"}:
            job_name, _, host = dimensions["Host"].partition("/algo-")
            job = self.history.training_job(job_name, float("inf"))
            hosts = hosts_of(job) if job else ()
            if name in HOST_METRICS and host.isdigit() and 1 <= int(host) <= len(hosts):
                ratio, counted = HOST_METRICS[name]
                units = float(specs()[hosts[int(host) - 1]][counted]) if counted else 1.0
                return _samples(job, f"{name}/{host}", ratio * 100 * units, 100 * units)
        elif set(dimensions) == {"TrainingJobName"}:
            job = self.history.training_job(dimensions["TrainingJobName"], float("inf"))
            if job and name in job.family.metrics:
                return _samples(job, name, 0.25 if "time" in name else 1200.0, float("inf"))
        return NOTHING


def hosts_of(job: TrainingJob) -> tuple[str, ...]:
    """Return the instance type of algo-1 and so on: of several groups in no order."""
    hosts = job.family.hosts
    turn = crc32(job.name.encode()) % len(hosts)
    return hosts[turn:] + hosts[:turn]


def _samples(job: TrainingJob | None, key: str, level: float, most: float) -> Series:
    if job is None or job.started is None or level == 0:
        return NOTHING
    times = np.arange(job.started // 60 * 60, job.ended, 60.0)
    rng = np.random.default_rng(crc32(f"{job.name}/{key}".encode()))
    values = level * rng.uniform(0.8, 1.2) * rng.uniform(0.8, 1.1, len(times))
    return times, np.round(np.clip(values, 0, most), 4)
