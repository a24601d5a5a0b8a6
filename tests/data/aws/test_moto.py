"""An AWS that nobody here wrote: moto's server, with jobs, samples and STS; SIGKILL included."""

import random
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from moto.server import ThreadedMotoServer

from data.aws.sync import sync
from data.ingest.home_store import open_home
from data.store.home import Home
from data.store.store import Store
from tests.data.aws.conftest import FAST, facts
from tests.kills.contents import stray_parts, torn_imports
from tests.kills.zygote import Zygote

JOBS, SAMPLED_EVERY, MINUTES, KILLS = 110, 10, 3, 2
METRICS = {"CPUUtilization": 350.0, "GPUUtilization": 71.0}
NAMESPACE = "/aws/sagemaker/TrainingJobs"
SOURCES = ("jobs", "metrics")


@pytest.fixture(scope="module")
def began_at() -> Iterator[datetime]:
    """Fill a running moto, for boto's variables; when its jobs were created, to the second."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CONFIG_FILE": "/nonexistent",
            "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
        }.items():
            patch.setenv(name, value)
        patch.delenv("AWS_PROFILE", raising=False)
        began = datetime.now(UTC)
        fill(began)
        yield began
    server.stop()


def fill(began: datetime) -> None:
    """Create jobs and put their samples."""
    session = botocore.session.get_session()
    sagemaker = session.create_client("sagemaker")
    for number in range(JOBS):
        sagemaker.create_training_job(
            TrainingJobName=f"Job-{number:03d}",
            AlgorithmSpecification={"TrainingImage": "image:1", "TrainingInputMode": "File"},
            RoleArn="arn:aws:iam::123456789012:role/Trainer",
            OutputDataConfig={"S3OutputPath": "s3://models"},
            ResourceConfig={
                "InstanceType": "ml.g5.xlarge",
                "InstanceCount": 1,
                "VolumeSizeInGB": 30,
                "KeepAlivePeriodInSeconds": 600,
            },
            StoppingCondition={"MaxRuntimeInSeconds": 3600},
            Tags=[{"Key": "team", "Value": f"team-{number % 3}"}],
        )
    cloudwatch = session.create_client("cloudwatch")
    first = began.replace(second=0, microsecond=0)
    for number in range(0, JOBS, SAMPLED_EVERY):
        data: list[dict[str, Any]] = [
            {
                "MetricName": metric,
                "Dimensions": [{"Name": "Host", "Value": f"Job-{number:03d}/algo-1"}],
                "Timestamp": first + timedelta(minutes=minute),
                "Value": value + minute,
                "Unit": "Percent",
            }
            for metric, value in METRICS.items()
            for minute in range(MINUTES)
        ]
        cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=data)


def new_home(empty_database: Path, folder: Path) -> Home:
    home = Home(folder).create()
    shutil.copy(empty_database, home.database)
    (home.root / "stoker.toml").write_text(FAST)
    return home


def samples_of(store: Store) -> list[Any]:
    with store.cursor() as cursor:
        return cursor.execute(
            "select job_name, metric_name, sampled_at::varchar, metric_value"
            " from metric_samples order by all"
        ).fetchall()


def test_jobs_and_samples_come_whole_though_the_sync_is_killed(
    began_at: datetime, empty_database: Path, tmp_path: Path
) -> None:
    now = datetime.now(UTC) + timedelta(hours=1)
    whole = new_home(empty_database, tmp_path / "whole")
    killed = new_home(empty_database, tmp_path / "killed")
    with Zygote() as zygote:
        begun = time.monotonic()
        with closing(open_home(whole)) as store:
            report = sync(store, sources=SOURCES, now=now)
            duration_s = time.monotonic() - begun
            assert report.problems == []
            assert store.scalar("select count(*) from training_jobs") == JOBS
            assert store.scalar("select count(distinct account_id) from training_jobs") == 1
            assert store.scalar("select max(account_id) from training_jobs") == "123456789012"
            assert (
                store.scalar(
                    "select count(*) from training_jobs where keep_alive_period_s = 600"
                    " and len(tags) = 1 and job_name like 'Job-%'"
                )
                == JOBS
            )
            # a job of moto ends in the minute in which it begins
            samples = samples_of(store)
            assert len(samples) == JOBS // SAMPLED_EVERY * len(METRICS)
            expected = facts(store)
        moments = random.Random(5)
        ends = [
            zygote.run(
                "sync_from_aws", killed.root, kill_after_s=duration_s * moments.uniform(0.05, 0.6)
            )
            for _ in range(KILLS)
        ]
    assert any(end.is_killed for end in ends)
    assert torn_imports(killed) == []
    with closing(open_home(killed)) as store:
        assert sync(store, sources=SOURCES, now=now).problems == []
        assert facts(store) == expected
        assert stray_parts(store) == set()
        assert samples_of(store) == samples
