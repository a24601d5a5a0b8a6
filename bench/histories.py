"""Made-up histories of any size, for benchmarks: describe-like JSON lines and Parquet exports."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from analytics.derived.derive import derive
from data.ingest.home_store import open_home
from data.ingest.pipeline import ingest
from data.raw.inputs import input_files
from data.store.home import Home
from data.store.store import Store

DAY_S = 86_400
START_S = 1_735_689_600  # 2025-01-01

# jobs of 10,000 keys, skewed: a few keys have most jobs
_JOBS = """
select
    i,
    least(floor(pow(random(), 3) * {keys})::integer, {keys} - 1) as key,
    {start} + floor(random() * {days} * 86400)::bigint as created_s,
    55 + floor(random() * 60)::bigint as provisioning_s,
    30 + floor(random() * 60)::bigint as download_s,
    60 + floor(pow(random(), 2) * 7200)::bigint as run_s,
    ['File', 'FastFile', 'FSxLustre'][1 + (i % 3)] as input_mode
from range({jobs}) as t(i)
"""


@contextmanager
def made_store(jobs: int, *, keys: int = 10_000, days: int = 365) -> Iterator[Store]:
    """Give an open store with so many jobs, and its derived tables, in a passing home."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "jobs.parquet"
        write_parquet_export(path, jobs=jobs, keys=keys, days=days)
        home = Home(Path(folder) / "home").create()
        store = open_home(home)
        (source,) = input_files(path)
        ingest(store, source)
        derive(store)
        yield store
        store.close()


def _seeded() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})  # one thread: the same numbers every time
    connection.execute("select setseed(0.42)")
    connection.execute("set timezone = 'UTC'")
    return connection


def write_describe_lines(path: Path, *, jobs: int, keys: int = 10_000, days: int = 365) -> None:
    """Write describe-like JSON lines, about 1.8 kB each, with hyperparameters and transitions."""
    source = _JOBS.format(keys=keys, days=days, jobs=jobs, start=START_S)
    iso = "strftime(to_timestamp({}), '%Y-%m-%dT%H:%M:%S.000Z')"
    created = iso.format("created_s")
    started = iso.format("created_s + provisioning_s")
    trained = iso.format("created_s + provisioning_s + download_s")
    ended = iso.format("created_s + provisioning_s + download_s + run_s")
    with _seeded() as connection:
        connection.execute(
            f"""
            copy (
                select
                    'job-' || i as "TrainingJobName",
                    'arn:aws:sagemaker:us-east-1:123456789012:training-job/job-' || i
                        as "TrainingJobArn",
                    'Completed' as "TrainingJobStatus",
                    'Completed' as "SecondaryStatus",
                    {{'lr': '0.001', 'epochs': '10', 'token': 'secret-' || i}} as "HyperParameters",
                    {{'TrainingImage': '123456789012.dkr.ecr.us-east-1.amazonaws.com/image:' || key,
                      'TrainingInputMode': input_mode}} as "AlgorithmSpecification",
                    'arn:aws:iam::123456789012:role/role-' || key as "RoleArn",
                    [{{'ChannelName': 'train', 'InputMode':
                        case input_mode when 'FSxLustre' then 'File' else input_mode end,
                      'DataSource': {{'S3DataSource': {{'S3DataType': 'S3Prefix',
                        'S3Uri': 's3://bucket/data-' || key,
                        'S3DataDistributionType': 'FullyReplicated'}}}}}}] as "InputDataConfig",
                    {{'InstanceType': 'ml.g5.2xlarge', 'InstanceCount': 1 + key % 4,
                      'VolumeSizeInGB': 30, 'KeepAlivePeriodInSeconds': 600}} as "ResourceConfig",
                    {{'Status': 'Terminated', 'ResourceRetainedBillableTimeInSeconds': 600}}
                        as "WarmPoolStatus",
                    {created} as "CreationTime",
                    {started} as "TrainingStartTime",
                    {ended} as "TrainingEndTime",
                    {ended} as "LastModifiedTime",
                    [
                        {{'Status': 'Starting', 'StartTime': {created}, 'EndTime': {started},
                          'StatusMessage': 'Preparing the instances for training'}},
                        {{'Status': 'Downloading', 'StartTime': {started}, 'EndTime': {trained},
                          'StatusMessage': 'Downloading the training image'}},
                        {{'Status': 'Training', 'StartTime': {trained}, 'EndTime': {ended},
                          'StatusMessage': 'Training image download completed.'}},
                        {{'Status': 'Completed', 'StartTime': {ended}, 'EndTime': {ended},
                          'StatusMessage': 'Training job completed'}}
                    ] as "SecondaryStatusTransitions",
                    false as "EnableNetworkIsolation",
                    false as "EnableManagedSpotTraining",
                    download_s + run_s as "TrainingTimeInSeconds",
                    download_s + run_s as "BillableTimeInSeconds"
                from ({source})
            ) to '{path}' (format json)
            """
        )


def write_parquet_export(path: Path, *, jobs: int, keys: int = 10_000, days: int = 365) -> None:
    """Write an export with canonical column names."""
    source = _JOBS.format(keys=keys, days=days, jobs=jobs, start=START_S)
    with _seeded() as connection:
        connection.execute("set preserve_insertion_order = true")
        connection.execute(
            f"""
            copy (
                select
                    'job-' || i as job_name,
                    to_timestamp(created_s) as created_at,
                    to_timestamp(created_s + provisioning_s) as training_started_at,
                    to_timestamp(created_s + provisioning_s + download_s) as first_training_at,
                    to_timestamp(created_s + provisioning_s + download_s + run_s)
                        as training_ended_at,
                    'Completed' as status,
                    'ml.g5.2xlarge' as instance_type,
                    1 + key % 4 as instance_count,
                    input_mode,
                    600 as keep_alive_period_s,
                    'key-' || key as pool_key,
                    'user-' || key % 200 as user_name
                from ({source})
            ) to '{path}' (format parquet)
            """
        )
