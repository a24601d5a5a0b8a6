"""The demo history: made-up SageMaker training jobs, as `Search` would return them.

Its startup latencies have exactly the P90s that the AWS ML blog "Best practices for SageMaker
Training Managed Warm Pools" gives for FSx for Lustre, Fast File and File mode.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from data.demo.pools import (
    APART,
    APART_STREAM,
    AS_OF_MS,
    FAILED_DOWNLOAD,
    NEVER_STARTED,
    PENDING,
    POOLS,
    Job,
    demo_jobs,
    generator,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# cold, warm; the first three are published, the others are made up
STARTUP_LATENCY_P90_S = {
    "FSxLustre": (136, 19),
    "FastFile": (143, 21),
    "File": (176, 70),
    "EFS": (139, 24),
    "Pipe": (131, 20),
    "mixed": (168, 58),
    "none": (104, 15),
}

FAILURES = (
    'AlgorithmError: ExecuteUserScriptError: ExitCode 1 ErrorMessage "CUDA out of memory"',
    "AlgorithmError: ExecuteUserScriptError: ExitCode 1 ErrorMessage \"KeyError: 'label'\"",
    'AlgorithmError: ExecuteUserScriptError: ExitCode 137 ErrorMessage "Killed"',
)
NO_CAPACITY = "CapacityError: Unable to provision requested ML compute capacity."
NO_DATA = "ClientError: Data download failed: no objects found under the demo S3 prefix."
NOT_RETAINED = "Instances not retained as a result of warmpool resource limits being exceeded"
MESSAGES = {
    "Starting": "Starting the training job",
    "Pending": "Preparing the instances for training",
    "Downloading": "Downloading the training image",
    "Training": "Training image download completed. Training in progress.",
    "Interrupted": "The instances were reclaimed",
    "Restarting": "Restarting the training job",
    "Stopping": "Stopping the training job",
    "Uploading": "Uploading generated training model",
    "Completed": "Training job completed",
    "Stopped": "Training job stopped",
}

STOPPING = {"MaxRuntimeInSeconds": 86_400}
JOB_STATUSES = {NEVER_STARTED: "Failed", FAILED_DOWNLOAD: "Failed", PENDING: "InProgress"}

Record = dict[str, Any]
Visit = tuple[str, int]


def demo_jsonl() -> bytes:
    """Return the demo history as JSON lines, the same bytes at every call."""
    return b"".join(
        orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE) for record in demo_records()
    )


def demo_records() -> Iterator[Record]:
    """Yield the demo history as results of `Search`, by creation time."""
    jobs = demo_jobs()
    rng = generator(len(POOLS) + 1)
    own_rng = generator(APART_STREAM + 11)
    latencies_ms = _startup_latencies_ms([job for job in jobs if job.pool not in APART], rng)
    # two samples with one P90 have it together, too
    latencies_ms |= _startup_latencies_ms([job for job in jobs if job.pool in APART], own_rng)
    for job in jobs:
        drawn = own_rng if job.pool in APART else rng
        yield {"TrainingJob": _training_job(job, latencies_ms.get(job), drawn)}


def _startup_latencies_ms(jobs: list[Job], rng: np.random.Generator) -> dict[Job, int]:
    """Draw the time from creation to the first `Training` for each job that reached it."""
    groups: dict[tuple[str, bool], list[Job]] = {}
    for job in jobs:
        if job.ending not in (NEVER_STARTED, FAILED_DOWNLOAD, PENDING):
            groups.setdefault((job.input_mode, job.donor is not None), []).append(job)
    latencies_ms: dict[Job, int] = {}
    for (input_mode, is_warm), members in groups.items():
        p90_ms = STARTUP_LATENCY_P90_S[input_mode][is_warm] * 1000
        drawn = _skewed_ms(len(members), p90_ms, 0.45 if is_warm else 0.6, rng)
        latencies_ms.update(zip(members, drawn.tolist(), strict=True))
    return latencies_ms


def _skewed_ms(
    count: int, p90_ms: int, least_ratio: float, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw right-skewed whole milliseconds whose interpolated P90 is exactly `p90_ms`."""
    normal = np.sort(rng.standard_normal(count))
    rank = 9 * (count - 1) // 10
    least_ms = least_ratio * p90_ms
    drawn = least_ms + (p90_ms - least_ms) * np.exp(0.5 * (normal - normal[rank]))
    drawn_ms = np.minimum(drawn.round(), round(1.7 * p90_ms)).astype(np.int64)
    # one below as well: 0.9 x (count - 1) in floating point may fall just short of a whole rank
    drawn_ms[max(rank - 1, 0) : rank + 2] = p90_ms
    return rng.permutation(drawn_ms)


def _provisioning_ms(job: Job, latency_ms: int | None, rng: np.random.Generator) -> int:
    if job.donor:
        longest_ms = 9000 if latency_ms is None else min(9000, round(0.6 * latency_ms))
        return int(rng.integers(3000, longest_ms + 1))
    if latency_ms is None:
        return int(rng.integers(55_000, 110_001))
    share_ms = round(latency_ms * rng.uniform(0.5, 0.75))
    return min(max(share_ms, 55_000), 110_000, latency_ms - 7000)


def _training_job(job: Job, latency_ms: int | None, rng: np.random.Generator) -> Record:
    pool = job.pool
    started_ms = job.created_ms + _provisioning_ms(job, latency_ms, rng)
    training_ms = None if latency_ms is None else job.created_ms + latency_ms
    visits = _visits(job, started_ms, training_ms, rng)
    failure = _failure(job, rng)
    arn = f"arn:aws:sagemaker:{pool.region}:{pool.account_id}"
    record: Record = {
        "TrainingJobName": job.name,
        "TrainingJobArn": f"{arn}:training-job/{job.name}",
        "TrainingJobStatus": JOB_STATUSES.get(job.ending, job.ending),
        "SecondaryStatus": visits[-1][0],
        "ModelArtifacts": {
            "S3ModelArtifacts": f"s3://demo-{pool.team}-models/{job.name}/output/model.tar.gz"
        },
        "RoleArn": f"arn:aws:iam::{pool.account_id}:role/demo-{job.role}",
        "OutputDataConfig": {"S3OutputPath": f"s3://demo-{pool.team}-models/"},
        "StoppingCondition": dict(STOPPING),
        "CreationTime": instant(job.created_ms),
        "LastModifiedTime": instant(visits[-1][1]),
        "SecondaryStatusTransitions": _transitions(job, visits, failure),
        "EnableNetworkIsolation": pool.is_isolated,
        "EnableInterContainerTrafficEncryption": pool.is_encrypted,
        "EnableManagedSpotTraining": pool.kind == "spot",
        "Tags": [
            {"Key": "demo", "Value": "true"},
            {"Key": "team", "Value": pool.team},
            {"Key": "user", "Value": job.user},
        ],
    }
    if failure:
        record["FailureReason"] = failure
    record |= _asked_for(job, arn, rng)
    if job.ending not in (NEVER_STARTED, PENDING):
        record["TrainingStartTime"] = instant(started_ms)
        if job.ending != "InProgress":
            record["TrainingEndTime"] = instant(job.ended_ms)
            record |= _billed(pool.kind, job.ended_ms - started_ms, rng)
    if warm_pool := _warm_pool_status(job):
        record["WarmPoolStatus"] = warm_pool
    return record


def instant(at_ms: int) -> str:
    """Return an instant in ISO 8601."""
    return (EPOCH + timedelta(milliseconds=at_ms)).isoformat(timespec="milliseconds")


def _failure(job: Job, rng: np.random.Generator) -> str:
    if job.ending == "Failed":
        return FAILURES[rng.integers(len(FAILURES))]
    return {NEVER_STARTED: NO_CAPACITY, FAILED_DOWNLOAD: NO_DATA}.get(job.ending, "")


def _visits(
    job: Job, started_ms: int, training_ms: int | None, rng: np.random.Generator
) -> list[Visit]:
    """Return the secondary statuses in the order in which they began."""
    visits = [("Starting", job.created_ms), ("Pending", job.created_ms + 800)]
    if job.ending == PENDING:
        return visits
    if job.ending == NEVER_STARTED:
        return [*visits, ("Failed", job.ended_ms)]
    if job.pool.name == "moonlight":
        visits.append(("WaitingForMoonlight", job.created_ms + 21_000))
    visits.append(("Downloading", started_ms))
    if training_ms is None:
        return [*visits, ("Failed", job.ended_ms)]
    visits.append(("Training", training_ms))
    if job.ending == "InProgress":
        return visits
    if job.ending == "Failed":
        return [*visits, ("Failed", job.ended_ms)]
    upload_ms = job.ended_ms - int(rng.integers(4000, 16_000))
    if job.pool.kind == "spot" and rng.random() < 0.4:
        cut_ms = (upload_ms - training_ms) // 10
        again = ("Interrupted", "Restarting", "Downloading", "Training")
        visits += [(again[i], training_ms + (4 + i) * cut_ms) for i in range(len(again))]
    if job.ending != "Completed":
        visits.append(("Stopping", upload_ms - 1500))
    return [*visits, ("Uploading", upload_ms), (job.ending, job.ended_ms)]


def _transitions(job: Job, visits: list[Visit], failure: str) -> list[Record]:
    transitions: list[Record] = [
        {
            "Status": status,
            "StartTime": instant(began_ms),
            "StatusMessage": MESSAGES.get(status, failure or "Waiting"),
        }
        for status, began_ms in visits
    ]
    for transition, (_, next_ms) in zip(transitions, visits[1:], strict=False):
        transition["EndTime"] = instant(next_ms)
    if job.ended_ms <= AS_OF_MS:
        transitions[-1]["EndTime"] = transitions[-1]["StartTime"]
        if job.keep_alive_s and not job.kept_s and job.ending != NEVER_STARTED:
            transitions[-1]["StatusMessage"] = NOT_RETAINED
    return transitions


def _billed(kind: str, run_ms: int, rng: np.random.Generator) -> Record:
    if kind == "serverless":  # billed by tokens
        return {"BillableTokenCount": int(rng.integers(2_000_000, 40_000_000))}
    run_s = (run_ms + 500) // 1000
    paid_ratio = rng.uniform(0.28, 0.45) if kind == "spot" else 1.0
    return {"TrainingTimeInSeconds": run_s, "BillableTimeInSeconds": int(run_s * paid_ratio)}


def _warm_pool_status(job: Job) -> Record:
    if not job.keep_alive_s or job.ending in (NEVER_STARTED, PENDING):
        return {}
    if job.ending == "InProgress" or job.is_link_lost:
        return {"Status": "InUse"}
    if job.reused_by:
        return {
            "Status": "Reused",
            "ResourceRetainedBillableTimeInSeconds": (
                (job.reused_by.created_ms - job.ended_ms) // 1000
            ),
            "ReusedByJob": job.reused_by.name,
        }
    if job.ended_ms + job.kept_s * 1000 > AS_OF_MS:
        return {"Status": "Available"}
    return {"Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": job.kept_s}


def _asked_for(job: Job, arn: str, rng: np.random.Generator) -> Record:
    """Return image, data and resources of a job, in the form that its kind has."""
    pool = job.pool
    channels = _channels(job)
    asked: Record = {"InputDataConfig": channels} if channels else {}
    if pool.kind == "serverless":
        return asked | {
            "ServerlessJobConfig": {
                "BaseModelArn": (
                    f"arn:aws:sagemaker:{pool.region}:aws:hub-content/"
                    "SageMakerPublicHub/Model/demo-base-model"
                ),
                "AcceptEula": True,
                "JobType": "FineTuning",
                "CustomizationTechnique": "SFT",
            }
        }
    asked["AlgorithmSpecification"] = {
        "TrainingImage": (
            f"{pool.account_id}.dkr.ecr.{pool.region}.amazonaws.com/demo-{pool.team}:1.4"
        ),
        "TrainingInputMode": (job.input_mode if job.input_mode in ("FastFile", "Pipe") else "File"),
    }
    asked["ResourceConfig"] = _resources(job, arn, rng)
    if pool.input_mode in ("FSxLustre", "EFS"):
        asked["VpcConfig"] = {
            "SecurityGroupIds": [f"sg-demo-{pool.team}"],
            "Subnets": ["subnet-demo-a", "subnet-demo-b"],
        }
    if pool.kind == "spot":
        asked["StoppingCondition"] = STOPPING | {"MaxWaitTimeInSeconds": 172_800}
        asked["CheckpointConfig"] = {"S3Uri": f"s3://demo-{pool.team}-checkpoints/{job.name}"}
    if pool.kind == "tuning":
        day = (EPOCH + timedelta(milliseconds=job.created_ms)).strftime("%Y%m%d")
        asked["TuningJobArn"] = f"{arn}:hyper-parameter-tuning-job/demo-tuning-{day}"
    return asked


def _resources(job: Job, arn: str, rng: np.random.Generator) -> Record:
    pool = job.pool
    resources: Record = {"VolumeSizeInGB": job.volume_gib}
    if pool.kind == "heterogeneous":
        groups = (
            ("data_group", "ml.c5.18xlarge", int(rng.integers(1, 3))),
            ("dnn_group", pool.instance_type, pool.instance_count),
        )
        resources["InstanceGroups"] = [
            {"InstanceGroupName": name, "InstanceType": instance_type, "InstanceCount": count}
            for name, instance_type, count in groups
        ]
        return resources
    if pool.kind == "preferences":
        wanted = (pool.instance_type, "ml.g5.xlarge")
        resources["InstancePreferences"] = [
            {"InstanceType": instance_type, "InstanceCount": pool.instance_count}
            for instance_type in wanted
        ]
        resources["SelectedInstanceType"] = wanted[rng.integers(len(wanted))]
        resources["SelectedInstanceCount"] = pool.instance_count
        return resources
    resources |= {"InstanceType": pool.instance_type, "InstanceCount": pool.instance_count}
    if pool.has_volume_key:
        resources["VolumeKmsKeyId"] = f"alias/demo-{pool.team}"
    if job.keep_alive_s:
        resources["KeepAlivePeriodInSeconds"] = job.keep_alive_s
    if pool.kind == "training_plan":
        resources["TrainingPlanArn"] = f"{arn}:training-plan/demo-plan"
    return resources


def _channels(job: Job) -> list[Record]:
    pool = job.pool
    if pool.input_mode == "none":
        return []
    if pool.input_mode in ("FSxLustre", "EFS"):
        file_system = {
            "FileSystemId": "fs-0de300000000000a1",
            "FileSystemType": pool.input_mode,
            "FileSystemAccessMode": "ro",
            "DirectoryPath": f"/demo/{pool.name}",
        }
        return [{"ChannelName": "train", "DataSource": {"FileSystemDataSource": file_system}}]
    wanted = {"train": "FastFile", "labels": "File"}
    modes = wanted if pool.input_mode == "mixed" else {"train": job.input_mode}
    return [
        {
            "ChannelName": channel,
            "InputMode": mode,
            "DataSource": {
                "S3DataSource": {
                    "S3DataType": "S3Prefix",
                    "S3Uri": f"s3://demo-{pool.team}-data/{pool.name}/{channel}/",
                    "S3DataDistributionType": "FullyReplicated",
                }
            },
        }
        for channel, mode in modes.items()
    ]
