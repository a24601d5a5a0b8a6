"""What is killed: imports of files and of AWS, derivations and a rebuild, each on a home."""

import csv
import io
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import numpy as np

from analytics.derived import derive as derived
from analytics.derived import facts, key_diff
from analytics.derived.definition import definition_hash
from analytics.derived.derive import derive
from data.aws.accounts import Account, new_session
from data.aws.sync import sync
from data.datasets.catalog import datasets
from data.files.mapping import Mapping
from data.ingest import pipeline
from data.ingest.forget import forget
from data.ingest.home_store import open_home
from data.ingest.pipeline import ingest_files
from data.ingest.rebuild import rebuild
from data.ingest.results import ImportFailure
from data.raw.inputs import InputFile, uploaded
from data.raw.landing import landed_records
from data.store.home import Home
from data.store.settings import Settings
from data.store.store import Store
from tests.conftest import at, describe_job, lines
from tests.data.datasets import batch

FIRST_RULES = """
time_zone = "UTC"
[columns]
job_name = "id"
created_at = "submitted"
instance_type = "type"
"""
CORRECTED_RULES = f"""{FIRST_RULES}
training_started_at = "began"
training_ended_at = "finished"
role_arn = {{ constant = "role/batch" }}
"""
FAILING = ("empty.jsonl", "no-table.csv")
HAS_SAMPLES = "metrics" in datasets()
POOLS = ("trainer", "tuner", "tester")


def warm_up() -> None:
    """Load what each child would load anew, without a thread: a fork would lose it."""
    definition_hash(Settings())  # reads the code
    # what any kernel needs of numba
    none = np.empty(0, np.int64)
    key_diff._nearest_free(none, none, none, none, none, np.empty((0, 10), np.int64))
    # what botocore knows of the services
    for service in ("sts", "sagemaker", "batch"):
        new_session(Account("any")).create_client(service, region_name="us-east-1")


def import_first(home: Home) -> Store:
    """Import what a home has before anything is killed: jobs, a mapped file, one that fails."""
    store = open_home(home, derivation=derive)
    _import(store, [_page(0), uploaded("empty.jsonl", b" ")])
    _import(store, [_table()], Mapping.parse(FIRST_RULES, "first"))
    return store


def import_more(home: Home) -> None:
    """Import pages that bring new jobs and newer records, prices, and a corrected mapping."""
    import_all(home).close()


def import_all(home: Home) -> Store:
    """Import everything into a home that has what is first."""
    store = open_home(home, derivation=derive)
    _import_more(store)
    return store


def truncate(home: Home) -> Store:
    """Lose the end of a landed payload."""
    record = next(one for one in landed_records(home) if one.file_name == "page-3.jsonl")
    payload = record.payload(home)
    content = payload.read_bytes()
    payload.write_bytes(b"".join(content.splitlines(keepends=True)[:5]))
    return open_home(home)


def merge_more(home: Home) -> Store:
    """Import more, but derive only from what was first: the other jobs are stale."""
    store = open_home(home)
    _import(store, [_page(1)])
    return store


def redefine(home: Home) -> Store:
    """Leave derived tables that were made by other definitions."""
    store = open_home(home)
    with store.transaction() as cursor:
        cursor.execute("update store_state set derived_hash = 'another'")
    return store


def derive_stale(home: Home) -> None:
    """Derive what the stale jobs touch, as whoever opens the home does."""
    open_home(home, derivation=derive).close()


def derive_anew(home: Home) -> None:
    """Derive everything, in side tables and in several parts."""
    with patch.object(derived, "SMALL_JOBS", 0), patch.object(facts, "CHUNK_JOBS", 12):
        open_home(home, derivation=derive).close()


def rebuild_all(home: Home) -> None:
    """Rebuild the database."""
    rebuild(home, derivation=derive)


def rebuild_with_loss(home: Home) -> None:
    """Rebuild the database, without what cannot be read again."""
    rebuild(home, derivation=derive, accept_loss=True)


def forget_some(home: Home) -> None:
    """Take back a page whose records another repeats, the corrected mapping, and samples."""
    store = open_home(home, derivation=derive)
    rows = store.frame(
        "select import_id from imports where file_name in ('page-1.jsonl', 'samples-0.csv')"
        " or mapping_name = 'corrected'"
    )
    forget(store, [int(number) for number in rows["import_id"]])
    store.close()


def sync_from_aws(home: Home) -> None:
    """Read jobs and queues from the AWS that the environment leads to."""
    store = open_home(home)
    sync(store, sources=("batch", "jobs"), now=datetime(2026, 11, 20, 12, tzinfo=UTC))
    store.close()


def _import_more(store: Store) -> None:
    with patch.object(pipeline, "BATCH_ROWS", 20):  # several batches
        _import(store, [_page(1), _page(2), uploaded("no-table.csv", b"what,is,this\n1,2,3\n")])
        _import(store, [_page(3), _prices(), _page(4)])
        _import(store, [_table()], Mapping.parse(CORRECTED_RULES, "corrected"))
        if HAS_SAMPLES:
            _import(store, [_samples(0), _samples(1)])
        _import(store, [_service_jobs(0), _service_jobs(1)])


def _import(store: Store, files: list[InputFile], mapping: Mapping | None = None) -> None:
    for outcome in ingest_files(store, files, mapping=mapping):
        if isinstance(outcome, ImportFailure) and outcome.file_name not in FAILING:
            raise outcome.as_error()


def _page(number: int) -> InputFile:
    """Return a page of jobs: some run still, and the next page has their end; one is unusable."""
    numbers = range(10 * number, 10 * number + 14)
    jobs: list[Any] = [_job(n, is_running=n >= 10 * (number + 1)) for n in numbers]
    jobs.append({"TrainingJobName": f"bad-{number}", "CreationTime": "no time"})
    return uploaded(f"page-{number}.jsonl", lines(*jobs))


def _job(number: int, *, is_running: bool) -> dict[str, Any]:
    created = 400 * number
    job = describe_job(
        f"job-{number:03}",
        created=created,
        RoleArn=f"arn:aws:iam::123456789012:role/{POOLS[number % 3]}",
        ResourceConfig={"KeepAlivePeriodInSeconds": 900, "VolumeSizeInGB": 30 + 10 * (number % 2)},
        HyperParameters={"rate": "0.1"},
    )
    if is_running:
        for name in ("TrainingEndTime", "BillableTimeInSeconds", "TrainingTimeInSeconds"):
            del job[name]
        job |= {"TrainingJobStatus": "InProgress", "LastModifiedTime": at(created + 70)}
    return job


def _table() -> InputFile:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("id", "submitted", "began", "finished", "type"))
    for n in range(15):
        start = 300 * n
        writer.writerow((f"batch-{n}", at(start), at(start + 60), at(start + 600), "ml.g5.2xlarge"))
    writer.writerow(("batch-bad", "no time", "", "", "ml.g5.2xlarge"))
    return uploaded("batch.csv", text.getvalue().encode())


def _prices() -> InputFile:
    return uploaded(
        "prices.csv",
        b"instance_type,region,list_unit_price_usd_per_h,effective_from\n"
        b"ml.g5.2xlarge,us-east-1,1.25,2026-01-01\n"
        b"ml.g5.2xlarge,us-east-1,1.5,2026-03-02\n",
    )


def _service_jobs(number: int) -> InputFile:
    """Return service jobs with the training jobs of their attempts; the next file has their end."""
    answers = []
    for n in range(6 * number, 6 * number + 12):
        first = batch.attempt(f"job-{n:03}", 400 * n + 90, 400 * n + 690, "preempted")
        is_over = n < 6 * (number + 1)
        answers.append(
            batch.described(
                f"s{n}",
                createdAt=batch.ms(400 * n - 60),
                startedAt=batch.ms(400 * n + 90),
                status="SUCCEEDED" if is_over else "RUNNING",
                stoppedAt=batch.ms(400 * n + 690) if is_over else None,
                attempts=[first] if is_over else [],
            )
        )
    return uploaded(f"service-jobs-{number}.jsonl", lines(*answers))


def _samples(number: int) -> InputFile:
    """Return samples of which the next file repeats some; one is unusable."""
    rows = [
        f"job-000/algo-1,GPUUtilization,{at(60 * n)},{n}"
        for n in range(10 * number, 15 + 10 * number)
    ]
    rows.append("job-000/algo-1,GPUUtilization,no time,1")
    text = "\n".join(("host_name,metric_name,sampled_at,metric_value", *rows))
    return uploaded(f"samples-{number}.csv", text.encode())
