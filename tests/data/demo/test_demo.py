"""The demo history: AWS's shapes and rules, published latencies, each thing it should show."""

import csv
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import botocore.session
import numpy as np
import orjson
import pytest
from botocore.model import ListShape, Shape, StructureShape
from botocore.validate import ParamValidator

from data.demo.history import demo_jsonl, demo_records

ROOT = Path(__file__).parents[3]
UNKNOWN_STATUS = "WaitingForMoonlight"
# members of DescribeTrainingJob's answer that a result of Search lacks
ONLY_IN_DESCRIBE = {"ServerlessJobConfig", "BillableTokenCount"}
NEVER = datetime.max.replace(tzinfo=UTC)
KINDS = {
    "InstanceGroups": "heterogeneous",
    "TuningJobArn": "tuning",
    "ServerlessJobConfig": "serverless",
    "TrainingPlanArn": "training_plan",
    "InstancePreferences": "preferences",
}


def instant(text: str | None) -> datetime:
    return datetime.fromisoformat(text) if text else NEVER


def seconds(duration: timedelta) -> float:
    return duration / timedelta(milliseconds=1) / 1000


@dataclass(frozen=True, eq=False)
class Job:
    """One record of the demo, read back; an instant that did not come is NEVER."""

    record: dict[str, Any]

    @cached_property
    def name(self) -> str:
        return str(self.record["TrainingJobName"])

    @cached_property
    def pool(self) -> str:
        return re.sub(r"^demo-|-\d{4}-[\d-]+$", "", self.name)

    @cached_property
    def created_at(self) -> datetime:
        return instant(self.record["CreationTime"])

    @cached_property
    def started_at(self) -> datetime:
        return instant(self.record.get("TrainingStartTime"))

    @cached_property
    def ended_at(self) -> datetime:
        return instant(self.record.get("TrainingEndTime"))

    @cached_property
    def has_started(self) -> bool:
        return self.started_at < NEVER

    @cached_property
    def statuses(self) -> list[str]:
        return [visit["Status"] for visit in self.record["SecondaryStatusTransitions"]]

    @cached_property
    def provisioning_s(self) -> float:
        return seconds(self.started_at - self.created_at)

    @cached_property
    def startup_latency_s(self) -> float:
        first = self.statuses.index("Training")
        training = self.record["SecondaryStatusTransitions"][first]
        return seconds(instant(training["StartTime"]) - self.created_at)

    @cached_property
    def resources(self) -> dict[str, Any]:
        return dict(self.record.get("ResourceConfig", {}))

    @cached_property
    def keep_alive(self) -> timedelta:
        return timedelta(seconds=self.resources.get("KeepAlivePeriodInSeconds", 0))

    @cached_property
    def warm_pool(self) -> dict[str, Any]:
        return dict(self.record.get("WarmPoolStatus", {}))

    @cached_property
    def reused_by(self) -> str:
        return str(self.warm_pool.get("ReusedByJob", ""))

    @cached_property
    def retained_s(self) -> int | None:
        return self.warm_pool.get("ResourceRetainedBillableTimeInSeconds")

    @cached_property
    def kind(self) -> str:
        """Why it cannot use a pool, or `eligible`."""
        if self.record["EnableManagedSpotTraining"]:
            return "spot"
        names = {**self.record, **self.resources}
        return next((kind for member, kind in KINDS.items() if member in names), "eligible")

    @cached_property
    def is_warm(self) -> bool:
        return outcomes().get(self.name) in ("confirmed", "inferred")

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """Account and region, then the nine fields."""
        vpc = self.record.get("VpcConfig", {})
        fields = ("InstanceCount", "InstanceType", "VolumeKmsKeyId", "VolumeSizeInGB")
        return (
            *self.record["TrainingJobArn"].split(":")[3:5],
            self.record["RoleArn"],
            *(self.resources.get(field, "") for field in fields),
            frozenset(vpc.get("SecurityGroupIds", [])),
            frozenset(vpc.get("Subnets", [])),
            self.record["EnableInterContainerTrafficEncryption"],
            self.record["EnableNetworkIsolation"],
        )

    @cached_property
    def input_mode(self) -> str:
        modes = {
            channel["DataSource"].get("FileSystemDataSource", {}).get("FileSystemType")
            or channel["InputMode"]
            for channel in self.record.get("InputDataConfig", [])
        }
        return "mixed" if len(modes) > 1 else next(iter(modes), "none")


@cache
def demo_jobs() -> list[Job]:
    return [Job(orjson.loads(line)["TrainingJob"]) for line in demo_jsonl().splitlines()]


@cache
def donors() -> dict[str, Job]:
    """The donor of each confirmed hit."""
    return {job.reused_by: job for job in demo_jobs() if job.reused_by}


@cache
def pools() -> dict[tuple[Any, ...], list[Job]]:
    """The eligible jobs that got instances, by pool key and in the order of requests."""
    members: dict[tuple[Any, ...], list[Job]] = defaultdict(list)
    for job in demo_jobs():
        if job.kind == "eligible" and job.has_started:
            members[job.key].append(job)
    return members


@cache
def outcomes() -> dict[str, str]:
    """Tell `confirmed`, `inferred` or a miss reason by the rules of the pool ledger."""
    told: dict[str, str] = {}
    for members in pools().values():
        # the others with a keep-alive are reported as reused or gone
        unread = [job for job in members if job.warm_pool.get("Status") in ("InUse", "Available")]
        cold_s = median(
            job.provisioning_s
            for job in members
            if job.name not in donors() and not any(is_free(donor, job) for donor in unread)
        )
        taken: set[str] = set()
        for job in members:
            donor = donors().get(job.name)
            told[job.name] = "confirmed"
            if not donor and job.provisioning_s <= cold_s / 2:
                donor = max(
                    (other for other in unread if is_free(other, job) and other.name not in taken),
                    key=lambda other: other.ended_at,
                )
                told[job.name] = "inferred"
            if donor:
                taken.add(donor.name)
            else:
                told[job.name] = miss_reason(job, members, taken)
    return told


def miss_reason(job: Job, members: list[Job], taken: set[str]) -> str:
    if job is members[0]:
        return "key_changed" if free_neighbours(job) else "first_of_key"
    untaken = [other for other in members if other.name not in taken]
    if any(
        job.created_at < other.ended_at <= job.started_at and other.keep_alive and other.retained_s
        for other in untaken
    ):
        return "too_early"
    released = [other for other in untaken if other.ended_at <= job.created_at]
    if not released:
        return "all_busy"
    newest = max(released, key=lambda other: other.ended_at)
    gap = job.created_at - newest.ended_at
    if not newest.keep_alive:
        return "not_kept"
    if newest.retained_s == 0:
        return "not_provisioned"
    if gap >= newest.keep_alive:
        return "expired"
    return "ended_early" if (newest.retained_s or 0) < seconds(gap) else "unknown"


def is_free(donor: Job, job: Job) -> bool:
    """Whether the keep-alive of a donor covers the request of a job."""
    return timedelta(0) < job.created_at - donor.ended_at < donor.keep_alive


def free_neighbours(job: Job) -> list[Job]:
    """Return donors whose free cluster differed from what `job` asked for in one or two fields."""
    return [
        other
        for key, members in pools().items()
        if key[:2] == job.key[:2]
        and 0 < sum(mine != theirs for mine, theirs in zip(job.key, key, strict=True)) <= 2
        for other in members
        if is_free(other, job)
        and (other.retained_s or 0) > seconds(job.created_at - other.ended_at)
    ]


def latencies_s(input_mode: str, start_kind: str) -> list[float]:
    return [
        job.startup_latency_s
        for job in demo_jobs()
        if "Training" in job.statuses
        and job.input_mode == input_mode
        and job.is_warm == (start_kind == "warm")
    ]


def published_p90s() -> list[dict[str, str]]:
    path = ROOT / "tests" / "golden" / "published_results.csv"
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    return [row for row in csv.DictReader(lines) if row["quantity"] == "startup_latency_p90"]


@pytest.mark.parametrize("row", published_p90s(), ids=lambda row: row["id"])
def test_startup_latency_p90_is_exactly_as_published(row: dict[str, str]) -> None:
    _, mode, start_kind = row["id"].split("-")
    input_mode = {"fsx": "FSxLustre", "fastfile": "FastFile", "file": "File"}[mode]
    found_s = latencies_s(input_mode, start_kind)
    assert len(found_s) > 100
    assert np.percentile(found_s, 90) == float(row["exact"])


def test_six_p90s_are_published() -> None:
    assert len(published_p90s()) == 6


@pytest.mark.parametrize("input_mode", ["EFS", "Pipe", "mixed", "none"])
def test_other_input_modes_have_enough_cold_starts(input_mode: str) -> None:
    assert len(latencies_s(input_mode, "cold")) >= 12


def test_two_calls_give_the_same_bytes() -> None:
    assert demo_jsonl() == demo_jsonl()
    assert demo_jsonl().splitlines() == [orjson.dumps(record) for record in demo_records()]


def test_demo_is_made_in_under_2_s() -> None:
    began_s = time.process_time()
    demo_jsonl()
    assert time.process_time() - began_s < 2


def test_history_has_the_rhythm_of_90_days_of_work() -> None:
    days = Counter(job.created_at.date() for job in demo_jobs() if job.pool != "nightly-retrain")
    nights = Counter(job.created_at.date() for job in demo_jobs() if job.pool == "nightly-retrain")
    assert 3000 <= len(demo_jobs()) <= 4500
    assert (min(days), max(days)) == (date(2026, 8, 17), date(2026, 11, 15))
    assert len(nights) == 91
    weekend = sum(count for day, count in days.items() if day.weekday() >= 5)
    assert 0 < weekend < 0.1 * days.total()


def test_every_name_says_demo_and_stands_for_one_job() -> None:
    arns = [job.record["TrainingJobArn"] for job in demo_jobs()]
    assert len(set(arns)) == len(arns)
    for job in demo_jobs():
        image = job.record.get("AlgorithmSpecification", {}).get("TrainingImage", "/demo-")
        assert job.name.startswith("demo-")
        assert ":role/demo-" in job.record["RoleArn"]
        assert "/demo-" in image
        assert job.record["OutputDataConfig"]["S3OutputPath"].startswith("s3://demo-")
        assert {"Key": "demo", "Value": "true"} in job.record["Tags"]


def test_eight_users_work_in_four_teams() -> None:
    tags = [{tag["Key"]: tag["Value"] for tag in job.record["Tags"]} for job in demo_jobs()]
    assert len({tag["user"] for tag in tags}) == 8
    assert len({tag["team"] for tag in tags}) == 4


def test_accounts_and_regions() -> None:
    places = Counter(tuple(job.record["TrainingJobArn"].split(":")[3:5]) for job in demo_jobs())
    assert set(places) == {
        ("us-east-1", "123456789012"),
        ("us-west-2", "123456789012"),
        ("eu-west-1", "210987654321"),
    }


def test_a_cluster_goes_to_one_later_job_of_the_same_key_within_the_keep_alive() -> None:
    jobs = {job.name: job for job in demo_jobs()}
    names = [job.reused_by for job in demo_jobs() if job.reused_by]
    assert len(set(names)) == len(names) > 1000
    for name, donor in donors().items():
        gap = jobs[name].created_at - donor.ended_at
        assert jobs[name].key == donor.key
        assert is_free(donor, jobs[name])
        assert donor.retained_s == int(seconds(gap))


def test_retained_time_never_exceeds_the_keep_alive() -> None:
    for job in demo_jobs():
        assert (job.retained_s or 0) <= seconds(job.keep_alive)
        assert bool(job.warm_pool) <= bool(job.keep_alive)


def test_records_have_the_shapes_of_the_api_model() -> None:
    model = botocore.session.get_session().get_service_model("sagemaker")
    searched = model.shape_for("SearchResponse")
    described = model.shape_for("DescribeTrainingJobResponse")
    seen: dict[tuple[str, str], Any] = {}
    for result in demo_records():
        job = result["TrainingJob"]
        assert {*described.required_members} <= {*job}
        shape, value = searched, {"Results": [result]}
        if ONLY_IN_DESCRIBE & {*job}:
            shape, value = described, {key: job[key] for key in job if key != "Tags"}
        report = ParamValidator().validate(value, shape)
        assert not report.has_errors(), report.generate_report()
        seen |= {(leaf.name, text): leaf for text, leaf in texts(shape, value)}
    for (_, text), leaf in seen.items():
        assert text in [*(leaf.enum or [text]), UNKNOWN_STATUS]
        # Python's patterns do not know the classes of letters, separators and digits
        pattern = re.sub(r"\\p{[LZN]}", r"\\w", leaf.metadata.get("pattern", ".*"))
        assert re.fullmatch(pattern, text), leaf


def texts(shape: Shape, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(shape, StructureShape):
        for key, member in value.items():
            yield from texts(shape.members[key], member)
    elif isinstance(shape, ListShape):
        for member in value:
            yield from texts(shape.member, member)
    elif shape.type_name == "string":
        yield value, shape


@pytest.mark.parametrize(
    ("reason", "least"),
    [
        ("first_of_key", 12),
        ("key_changed", 8),
        ("all_busy", 40),
        ("too_early", 20),
        ("not_kept", 300),
        ("not_provisioned", 20),
        ("expired", 400),
        ("ended_early", 20),
    ],
)
def test_every_miss_reason_is_there(reason: str, least: int) -> None:
    assert Counter(outcomes().values())[reason] >= least


def test_no_miss_is_unexplained() -> None:
    assert "unknown" not in outcomes().values()


def test_some_hits_of_one_pool_can_only_be_inferred() -> None:
    inferred = [job for job in demo_jobs() if outcomes().get(job.name) == "inferred"]
    assert {job.pool for job in inferred} == {"vision-tune"}
    hits = [job for job in demo_jobs() if job.pool == "vision-tune" and job.provisioning_s < 10]
    assert 0.02 <= len(inferred) / len(hits) <= 0.08


@pytest.mark.parametrize("pool", ["tabular", "speech"])
def test_pairs_that_differ_in_one_field_miss_each_others_clusters(pool: str) -> None:
    members = [job for job in demo_jobs() if job.pool == pool and job.has_started]
    missed = [job for job in members if not job.is_warm and free_neighbours(job)]
    assert len({job.key for job in members}) == 2
    assert len(missed) > 50


def test_too_long_and_too_short_keep_alives() -> None:
    def shares(pool: str, reason: str) -> float:
        told = [outcomes()[job.name] for job in demo_jobs() if job.pool == pool and job.has_started]
        return told.count(reason) / len(told)

    assert shares("vision-tune", "confirmed") > 0.6
    assert shares("ranking-iterate", "expired") > 0.7
    assert shares("language-pretrain", "confirmed") < 0.4
    assert shares("language-iterate", "not_kept") > 0.9


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        ("spot", 20),
        ("heterogeneous", 20),
        ("tuning", 20),
        ("serverless", 3),
        ("training_plan", 3),
        ("preferences", 3),
    ],
)
def test_jobs_that_cannot_use_a_pool_are_there(kind: str, least: int) -> None:
    jobs = [job for job in demo_jobs() if job.kind == kind]
    assert len(jobs) >= least
    assert not any(job.warm_pool for job in jobs)


def test_spot_jobs_pay_for_less_time_and_some_are_interrupted() -> None:
    spot = [job for job in demo_jobs() if job.kind == "spot" and job.has_started]
    assert all(
        job.record["BillableTimeInSeconds"] < job.record["TrainingTimeInSeconds"] for job in spot
    )
    assert any({"Interrupted", "Restarting"} <= set(job.statuses) for job in spot)


def test_phases_add_up() -> None:
    for job in demo_jobs():
        visits = job.record["SecondaryStatusTransitions"]
        for visit, following in pairwise(visits):
            assert visit["StartTime"] <= visit["EndTime"] == following["StartTime"]
        assert visits[-1]["Status"] == job.record["SecondaryStatus"]
        if job.has_started:
            downloading = visits[job.statuses.index("Downloading")]
            assert downloading["StartTime"] == job.record["TrainingStartTime"]
        if job.ended_at < NEVER and job.kind not in ("spot", "serverless"):
            run_s = seconds(job.ended_at - job.started_at)
            assert abs(job.record["BillableTimeInSeconds"] - run_s) <= 0.5


def test_warm_provisioning_is_clearly_below_half_of_cold() -> None:
    warm_s: list[float] = []
    cold_s: list[float] = []
    for job in demo_jobs():
        if job.has_started:
            (warm_s if job.is_warm else cold_s).append(job.provisioning_s)
    assert 3 <= min(warm_s) <= max(warm_s) <= 9
    assert 55 <= min(cold_s) <= max(cold_s) <= 110


def test_jobs_that_never_started_have_neither_start_nor_bill() -> None:
    jobs = [job for job in demo_jobs() if "Downloading" not in job.statuses]
    failed = [job for job in jobs if job.record["TrainingJobStatus"] == "Failed"]
    assert len(failed) >= 10
    for job in failed:
        assert job.record["FailureReason"]
        assert not {"TrainingStartTime", "TrainingEndTime", "BillableTimeInSeconds"} & {*job.record}


def test_failed_and_stopped_and_open_jobs_are_there() -> None:
    statuses = Counter(job.record["TrainingJobStatus"] for job in demo_jobs())
    assert statuses["Failed"] >= 100
    assert statuses["Stopped"] >= 50
    assert statuses["InProgress"] in (2, 3)
    assert any(job.warm_pool.get("Status") == "Available" for job in demo_jobs())
    assert sum(UNKNOWN_STATUS in job.statuses for job in demo_jobs()) == 1


def test_quota_refusals_say_so() -> None:
    refused = [job for job in demo_jobs() if job.warm_pool and job.retained_s == 0]
    refused = [job for job in refused if job.warm_pool["Status"] == "Terminated"]
    for job in refused:
        message = job.record["SecondaryStatusTransitions"][-1]["StatusMessage"]
        assert message.startswith("Instances not retained as a result of warmpool resource limits")
    assert {job.pool for job in refused} == {"forecast"}


def test_one_job_runs_on_a_type_without_a_price() -> None:
    text = (ROOT / "data" / "reference" / "prices.csv").read_text(encoding="utf-8")
    priced = {row["instance_type"] for row in csv.DictReader(text.splitlines())}
    types = Counter(job.resources.get("InstanceType") for job in demo_jobs())
    unpriced = {name: count for name, count in types.items() if name and name not in priced}
    assert unpriced == {"ml.trn2.48xlarge": 1}
