"""One training job of the history: when it does what, and what AWS says of it at a time.

Everything that will happen to a job is decided beforehand; an answer is what of it has happened.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

Document = dict[str, Any]


class Settled(dict[str, Any]):
    """A record that will not change any more."""


@dataclass(frozen=True)
class Family:
    """What jobs of one kind have in common."""

    name: str
    instance_type: str = "ml.g5.2xlarge"
    instance_count: int = 1
    groups: tuple[tuple[str, str, int], ...] = ()
    keep_alive_s: int = 0
    input_mode: str = "File"
    is_spot: bool = False
    has_vpc: bool = False
    has_file_system: bool = False
    tuning_job: str | None = None
    plan: str | None = None
    metrics: tuple[str, ...] = ()
    user: str = "ana"
    team: str = "vision"
    volume_gb: int = 50
    cold_start_s: float = 150
    warm_start_s: float = 12
    run_s: float = 2400

    @property
    def hosts(self) -> tuple[str, ...]:
        """The instance type of each host."""
        groups = self.groups or (("", self.instance_type, self.instance_count),)
        return tuple(kind for _, kind, count in groups for _ in range(count))


@dataclass
class TrainingJob:
    """A training job. Times are seconds since 1970; None never happens."""

    name: str
    family: Family
    account: str
    region: str
    created: float
    started: float | None
    trained: float | None
    uploaded: float | None
    ended: float
    status: str = "Completed"
    reason: str | None = None
    interrupted: tuple[float, float] | None = None
    billed_ratio: float = 1.0
    reused_by: str | None = None
    pool_ended: float | None = None
    tags: dict[str, str] = field(default_factory=dict)

    def shift(self, seconds: float) -> None:
        """Let everything happen so much later."""
        for name in ("created", "started", "trained", "uploaded", "ended", "pool_ended"):
            at = getattr(self, name)
            if at is not None:
                setattr(self, name, at + seconds)
        if self.interrupted:
            self.interrupted = (self.interrupted[0] + seconds, self.interrupted[1] + seconds)

    @property
    def arn(self) -> str:
        """The ARN, in lower case as AWS writes it."""
        return f"arn:aws:sagemaker:{self.region}:{self.account}:training-job/{self.name.lower()}"

    @property
    def has_pool(self) -> bool:
        """Whether its instances are kept after it."""
        return self.family.keep_alive_s > 0

    @property
    def settled(self) -> float:
        """When the last thing happens to it."""
        return max(self.ended, self.pool_ended or 0)

    @cached_property
    def phases(self) -> list[tuple[str, float]]:
        """Each secondary status and when it begins, in order."""
        phases = [("Starting", self.created), ("Pending", min(self.created + 2, self.ended))]
        if self.started is not None:
            phases.append(("Downloading", self.started))
        if self.trained is not None:
            phases.append(("Training", self.trained))
        if self.interrupted:
            phases.append(("Interrupted", self.interrupted[0]))
            phases.append(("Restarting", self.interrupted[1]))
            phases.append(("Training", self.interrupted[1] + 30))
        if self.uploaded is not None:
            phases.append(("Uploading", self.uploaded))
        phases.append((self.status, self.ended))
        return phases

    def described(self, now: float) -> Document:
        """Return the answer of describe-training-job."""
        return self._settled["described"] if now >= self.settled else self._described(now)

    def found(self, now: float) -> Document:
        """Return the job as a result of search."""
        return self._settled["found"] if now >= self.settled else self._found(now)

    def summary(self, now: float) -> Document:
        """Return the job as list-training-jobs has it."""
        return self._settled["summary"] if now >= self.settled else self._summary(now)

    @cached_property
    def _settled(self) -> dict[str, Settled]:
        now = self.settled
        return {
            "described": Settled(self._described(now)),
            "found": Settled(self._found(now)),
            "summary": Settled(self._summary(now)),
        }

    def modified(self, now: float) -> float:
        """Return when its status last changed; the end of its pool does not count."""
        if now >= self.ended:
            return self.ended
        return max(start for _, start in self.phases if start <= now)

    def _summary(self, now: float) -> Document:
        whole = self._described(now)
        names = (
            "TrainingJobName", "TrainingJobArn", "CreationTime", "TrainingEndTime",
            "LastModifiedTime", "TrainingJobStatus", "SecondaryStatus", "WarmPoolStatus",
        )  # fmt: skip
        summary = {name: whole[name] for name in names if name in whole}
        if self.family.plan:
            summary["TrainingPlanArn"] = self.family.plan
        return summary

    def _found(self, now: float) -> Document:
        tags = [{"Key": key, "Value": value} for key, value in self.tags.items()]
        return {"TrainingJob": {**self._described(now), "Tags": tags}}

    def _described(self, now: float) -> Document:
        family = self.family
        past = [(name, start) for name, start in self.phases if start <= now]
        has_ended = now >= self.ended
        transitions: list[Document] = []
        for position, (name, start) in enumerate(past):
            entry: Document = {"Status": name, "StartTime": start, "StatusMessage": f"{name} ..."}
            if position + 1 < len(past):
                entry["EndTime"] = past[position + 1][1]
            elif has_ended:
                entry["EndTime"] = start
            transitions.append(entry)
        document: Document = {
            "TrainingJobName": self.name,
            "TrainingJobArn": self.arn,
            "ModelArtifacts": {"S3ModelArtifacts": f"s3://models/{self.name}/model.tar.gz"},
            "TrainingJobStatus": self.status if has_ended else "InProgress",
            "SecondaryStatus": past[-1][0],
            "HyperParameters": {"learning-rate": "0.1", "api_key": "not-to-be-kept"},
            "AlgorithmSpecification": {
                "TrainingImage": f"{self.account}.dkr.ecr.{self.region}.amazonaws.com/train:1",
                "TrainingInputMode": family.input_mode,
                "MetricDefinitions": [
                    {"Name": name, "Regex": f"{name}=([0-9.]+)"} for name in family.metrics
                ],
            },
            "RoleArn": f"arn:aws:iam::{self.account}:role/{family.name}-trainer",
            "InputDataConfig": [self._channel()],
            "OutputDataConfig": {"S3OutputPath": "s3://models/"},
            "ResourceConfig": self._resources(),
            "StoppingCondition": {"MaxRuntimeInSeconds": 86400},
            "CreationTime": self.created,
            "LastModifiedTime": past[-1][1],
            "SecondaryStatusTransitions": transitions,
            "EnableNetworkIsolation": False,
            "EnableInterContainerTrafficEncryption": False,
            "EnableManagedSpotTraining": family.is_spot,
        }
        if family.has_vpc:
            document["VpcConfig"] = {
                "SecurityGroupIds": ["sg-0123456789abcdef0"],
                "Subnets": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
            }
        if family.tuning_job:
            document["TuningJobArn"] = (
                f"arn:aws:sagemaker:{self.region}:{self.account}"
                f":hyper-parameter-tuning-job/{family.tuning_job}"
            )
        if self.started is not None and now >= self.started:
            document["TrainingStartTime"] = self.started
        if has_ended and self.started is not None:
            seconds = max(1, int(self.ended - self.started))
            document["TrainingEndTime"] = self.ended
            document["TrainingTimeInSeconds"] = seconds
            document["BillableTimeInSeconds"] = max(1, int(seconds * self.billed_ratio))
        if has_ended and self.reason:
            document["FailureReason"] = self.reason
        if family.metrics and has_ended and self.trained is not None:
            document["FinalMetricDataList"] = [
                {"MetricName": name, "Value": 1.5, "Timestamp": self.ended}
                for name in family.metrics
            ]
        pool = self._pool(now)
        if pool:
            document["WarmPoolStatus"] = pool
        return document

    def _pool(self, now: float) -> Document | None:
        if not self.has_pool or self.started is None or now < self.started:
            return None
        if now < self.ended:
            return {"Status": "InUse"}
        if self.pool_ended is None or now < self.pool_ended:
            return {"Status": "Available"}
        pool: Document = {
            "Status": "Reused" if self.reused_by else "Terminated",
            "ResourceRetainedBillableTimeInSeconds": int(self.pool_ended - self.ended),
        }
        if self.reused_by:
            pool["ReusedByJob"] = self.reused_by
        return pool

    def _channel(self) -> Document:
        if self.family.has_file_system:
            source: Document = {
                "FileSystemDataSource": {
                    "FileSystemId": "fs-0123456789abcdef0",
                    "FileSystemAccessMode": "ro",
                    "FileSystemType": "FSxLustre",
                    "DirectoryPath": "/data",
                }
            }
        else:
            source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data/train"}}
        return {"ChannelName": "train", "DataSource": source}

    def _resources(self) -> Document:
        family = self.family
        resources: Document = {"VolumeSizeInGB": family.volume_gb}
        if family.groups:
            resources["InstanceGroups"] = [
                {"InstanceGroupName": name, "InstanceType": kind, "InstanceCount": count}
                for name, kind, count in family.groups
            ]
        else:
            resources["InstanceType"] = family.instance_type
            resources["InstanceCount"] = family.instance_count
        if family.keep_alive_s:
            resources["KeepAlivePeriodInSeconds"] = family.keep_alive_s
        if family.plan:
            resources["TrainingPlanArn"] = family.plan
        return resources
