"""An import that fails, fails alone: what was there before, and what came with it, goes on."""

import gzip
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import StokerError
from data.ingest import apart, merge
from data.ingest.home_store import open_home
from data.ingest.pipeline import (
    ImportFailure,
    ImportResult,
    ingest,
    ingest_files,
    input_files,
    uploaded,
)
from data.ingest.rebuild import rebuild
from data.raw.landing import ImportRecord, land_records
from data.store.home import Home
from data.store.store import Store
from tests.conftest import at, describe_job, lines

pytestmark = pytest.mark.thorough

CASES = Path(__file__).parents[1] / "cases"
GOOD = uploaded("good.jsonl", lines(describe_job("good")))


def job_names(store: Store) -> list[str]:
    return list(store.frame("select job_name from training_jobs order by all")["job_name"])


def statuses(store: Store) -> dict[str, str]:
    rows = store.frame("select file_name, import_status from imports order by import_id")
    return dict(zip(rows["file_name"], rows["import_status"], strict=True))


@pytest.fixture
def reopened(home: Home) -> Iterator[Any]:
    """Opens the home again, as a later command does."""
    stores: list[Store] = []

    def reopen(store: Store | None = None) -> Store:
        if store is not None:
            store.close()
        stores.append(open_home(home))
        return stores[-1]

    yield reopen
    for store in stores:
        store.close()


def test_zoned_nanoseconds_of_pandas_are_read(store: Store) -> None:
    (file,) = input_files(CASES / "56-ns-utc.parquet")
    assert ingest(store, file).accepted_count == 2
    jobs = store.frame("select job_name, billable_s, epoch(created_at) as s from training_jobs")
    assert set(jobs["billable_s"]) == {1110}
    assert sorted(jobs["s"]) == [
        datetime(2026, 9, 1, hour, tzinfo=UTC).timestamp() for hour in (8, 9)
    ]


def test_durations_of_pandas_are_seconds(store: Store) -> None:
    (file,) = input_files(CASES / "08-timedelta.parquet")
    ingest(store, file)
    jobs = store.frame("select billable_s, startup_latency_s from training_jobs order by job_name")
    assert list(jobs["billable_s"]) == [1710] * 3
    assert list(jobs["startup_latency_s"]) == [150, 140, 145]


def test_a_damaged_page_is_refused_and_what_was_there_answers(home: Home, reopened: Any) -> None:
    store = reopened()
    ingest(store, GOOD)
    (file,) = input_files(CASES / "57-corruptpage2.parquet")
    with pytest.raises(StokerError, match="57-corruptpage2.parquet.*not a readable Parquet file"):
        ingest(store, file)
    store = reopened(store)
    assert job_names(store) == ["good"]
    assert statuses(store) == {"good.jsonl": "imported", "57-corruptpage2.parquet": "failed"}
    assert len(list(home.landing.glob("*.*"))) == 1


def damaged_at_the_end() -> bytes:
    """Return a Parquet file whose last row group cannot be read, though its footer can."""
    target = io.BytesIO()
    rows = 5000
    table = pa.table(
        {
            "job_name": [f"job-{n}" for n in range(rows)],
            "created_at": list(range(1772438400, 1772438400 + rows)),
            "note": ["x" * (n % 97) for n in range(rows)],
        }
    )
    pq.write_table(table, target, row_group_size=1000, compression="zstd")
    content = bytearray(target.getvalue())
    last = pq.ParquetFile(io.BytesIO(content)).metadata.row_group(4).column(2)
    begin = last.data_page_offset
    content[begin + 30 : begin + 200] = b"\xff" * 170
    return bytes(content)


def zipped(content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.jsonl", lines(describe_job("a")))
        archive.writestr("b.jsonl", content)
        archive.writestr("c.jsonl", lines(describe_job("c")))
    return target.getvalue()


LONG = b"".join(lines(describe_job(f"long-{n}")) for n in range(300))

UNREADABLE: dict[str, bytes] = {
    "gzip cut short": gzip.compress(LONG)[:-2000],
    "gzip with a flipped byte": gzip.compress(LONG)[:3000] + b"\0\0" + gzip.compress(LONG)[3002:],
    "Parquet damaged in its last row group, in a column that is not read": damaged_at_the_end(),
    "Parquet without its end": damaged_at_the_end()[:-100],
    "nothing but blanks": b"\n \n",
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_to_its_end_fails_alone_in_words(
    home: Home, reopened: Any, case: str
) -> None:
    store = reopened()
    files = [
        GOOD,
        uploaded("bad.file", UNREADABLE[case]),
        uploaded("next", lines(describe_job("z"))),
    ]
    outcomes = list(ingest_files(store, files))
    failed = outcomes[1]
    assert isinstance(failed, ImportFailure)
    assert "bad.file" in failed.reason
    assert len(failed.next_action) > 10
    assert "Error:" not in failed.reason
    store = reopened(store)
    assert job_names(store) == ["good", "z"]
    assert statuses(store)["bad.file"] == "failed"
    assert len(list(home.events.iterdir())) == 2


def test_a_damaged_member_of_a_zip_leaves_the_others(store: Store) -> None:
    content = bytearray(zipped(LONG))
    place = content.index(b"b.jsonl") + 400
    content[place : place + 50] = b"\0" * 50
    from data.ingest.pipeline import uploaded_files

    outcomes = list(ingest_files(store, uploaded_files("x.zip", bytes(content))))
    assert [isinstance(one, ImportFailure) for one in outcomes] == [False, True, False]
    assert job_names(store) == ["a", "c"]


def test_a_locked_member_of_a_zip_is_refused_in_words(store: Store) -> None:
    content = bytearray(zipped(LONG))
    # the flag of encryption, in the local header and in the directory
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.index(b"b.jsonl", content.index(magic))
        header = content.rindex(magic, 0, place)
        content[header + offset] |= 1
    from data.ingest.pipeline import uploaded_files

    outcomes = list(ingest_files(store, uploaded_files("x.zip", bytes(content))))
    assert [isinstance(one, ImportFailure) for one in outcomes] == [False, True, False]
    assert isinstance(outcomes[1], ImportFailure)
    assert "password" in outcomes[1].next_action


def test_what_macos_leaves_in_a_zip_is_passed_over(store: Store) -> None:
    outcomes = list(ingest_files(store, input_files(CASES / "25-mac.zip")))
    assert [one.file_name for one in outcomes] == [
        f"export/job{number}.json" for number in range(3)
    ]
    assert all(isinstance(one, ImportResult) for one in outcomes)


BEYOND: dict[str, tuple[str, str]] = {
    "retained": ("retained_s", "1e18"),
    "keep-alive": ("keep_alive_period_s", "8000000000000000"),
    "billable": ("billable_s", "4e9"),
    "instances": ("instance_count", "2000000"),
    "accelerators": ("accelerator_count", "5000000000"),
    "capacity": ("capacity_instance_count", "90000000000"),
    "price": ("list_unit_price_usd_per_h", "1e12"),
    "step time": ("step_time_ms", "1e17"),
    "volume": ("volume_size_gib", "1e16"),
    "year 294247": ("training_ended_at", "294247-01-10T04:00:54Z"),
    "year 1": ("last_modified_at", "0001-01-01T00:00:00Z"),
    "microseconds taken for seconds": ("training_ended_at", "99999999999.0"),
}


@pytest.mark.parametrize("case", BEYOND)
def test_an_amount_that_no_job_has_is_rejected_with_the_value(store: Store, case: str) -> None:
    column, value = BEYOND[case]
    content = f"job_name,created_at,{column}\na,{at(0)},{value}\nb,{at(0)},\n"
    result = ingest(store, uploaded("jobs.csv", content.encode()))
    assert (result.accepted_count, result.rejected_count) == (1, 1)
    reason = store.scalar("select reason from rejected_rows")
    assert reason.startswith(column)
    assert value in reason


AWS_BEYOND: dict[str, dict[str, Any]] = {
    "ResourceRetainedBillableTimeInSeconds": {
        "WarmPoolStatus": {"Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": 10**18}
    },
    "KeepAlivePeriodInSeconds": {"ResourceConfig": {"KeepAlivePeriodInSeconds": 9 * 10**15}},
    "BillableTimeInSeconds": {"BillableTimeInSeconds": 1e300},
    "InstanceCount": {"ResourceConfig": {"InstanceCount": 10**9}},
    "InstanceCount of ml.g5.2xlarge": {
        "ResourceConfig": {
            "InstanceCount": 0,
            "InstanceGroups": [
                {"InstanceGroupName": "g", "InstanceType": "ml.g5.2xlarge", "InstanceCount": 10**12}
            ],
        }
    },
    "TrainingEndTime": {"TrainingEndTime": "294246-01-01T00:00:00Z"},
    "A time in SecondaryStatusTransitions": {
        "SecondaryStatusTransitions": [{"Status": "Training", "StartTime": 9e12}]
    },
}


@pytest.mark.parametrize("field", AWS_BEYOND)
def test_an_amount_that_aws_never_says_is_rejected_with_its_field(store: Store, field: str) -> None:
    jobs = [describe_job("good"), describe_job("bad", **AWS_BEYOND[field])]
    result = ingest(store, uploaded("jobs.jsonl", lines(*jobs)))
    assert (result.accepted_count, result.rejected_count) == (1, 1)
    assert store.scalar("select reason from rejected_rows").startswith(field)


def test_the_retained_time_of_the_case_is_rejected(store: Store) -> None:
    (file,) = input_files(CASES / "bad_retained.csv")
    assert ingest(store, file).rejected_count == 1


def test_a_bug_in_the_merge_fails_one_import_and_keeps_its_payload(
    home: Home, reopened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = merge.check

    def check(connection: Any, home: Home, records: Any) -> Any:
        if any(record.file_name == "bug.jsonl" for record in records):
            message = "list index out of range"
            raise IndexError(message)
        return real(connection, home, records)

    monkeypatch.setattr(merge, "check", check)
    store = reopened()
    files = [uploaded(f"{n}.jsonl", lines(describe_job(f"job-{n}"))) for n in range(5)]
    files.insert(2, uploaded("bug.jsonl", lines(describe_job("unlucky"))))
    outcomes = list(ingest_files(store, files))
    assert [one.file_name for one in outcomes if isinstance(one, ImportFailure)] == ["bug.jsonl"]
    assert job_names(store) == [f"job-{n}" for n in range(5)]
    row = store.frame("select * from imports where import_status = 'failed'").iloc[0]
    assert "IndexError: list index out of range" in row.reason
    assert row.next_action
    assert (home.landing / f"{row.content_hash}.jsonl").exists()
    # a later command finds it listed, and does not try again
    store = reopened(store)
    assert statuses(store)["bug.jsonl"] == "failed"
    # a rebuild tries again: once the bug is mended, the import is there
    monkeypatch.setattr(merge, "check", real)
    store.close()
    rebuild(home)
    store = reopened()
    assert statuses(store)["bug.jsonl"] == "imported"
    assert "unlucky" in job_names(store)
    assert not list(home.failed.iterdir())


def test_a_failed_import_is_forgotten_once_its_file_is_imported(home: Home, store: Store) -> None:
    with pytest.raises(StokerError):
        ingest(store, uploaded("jobs.csv", b"name\na\n"))
    with pytest.raises(StokerError):
        ingest(store, uploaded("other.csv", b"name\na\n"))
    assert list(statuses(store).values()) == ["failed", "failed"]
    ingest(store, uploaded("jobs.csv", f"job_name,created_at\na,{at(0)}\n".encode()))
    assert statuses(store) == {"other.csv": "failed", "jobs.csv": "imported"}
    assert len(list(home.failed.iterdir())) == 1


def test_the_same_failure_is_listed_once(store: Store) -> None:
    for _ in range(3):
        with pytest.raises(StokerError):
            ingest(store, uploaded("jobs.csv", b"name\na\n"))
    assert store.scalar("select count(*) from imports") == 1


def test_a_full_disk_is_no_failure_of_the_file(
    home: Home, reopened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = reopened()
    real = apart.merge_records

    def full(*arguments: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(apart, "merge_records", full)
    with pytest.raises(StokerError, match="full") as caught:
        ingest(store, GOOD)
    assert "Free some space" in caught.value.next_action
    monkeypatch.setattr(apart, "merge_records", real)
    assert not list(home.failed.iterdir())
    assert ingest(store, GOOD).accepted_count == 1


def test_a_landed_import_that_became_unreadable_does_not_stop_the_home(
    home: Home, reopened: Any
) -> None:
    store = reopened()
    ingest(store, GOOD)
    # as after a kill: landed, not merged; one without its payload, one whose record is cut short
    record = ImportRecord(
        kind="jobs", file_format="aws", file_name="lost.jsonl", content_hash="0" * 64,
        suffix=".jsonl", mapping_name=None, mapping_text=None, mapping_hash="",
        fetched_at=datetime.now(UTC),
    )  # fmt: skip
    land_records(home, [record])
    (home.events / "jobs-cut-plain-1.json").write_bytes(b'{"kind": ')
    store = reopened(store)
    assert job_names(store) == ["good"]
    found = statuses(store)
    assert found["lost.jsonl"] == "failed"
    assert "failed" in found.values()
    reasons = " ".join(store.frame("select reason from imports")["reason"].dropna())
    assert "is missing" in reasons
    assert "cannot be read" in reasons


def test_a_home_that_the_case_had_poisoned_opens_again(home: Home, reopened: Any) -> None:
    store = reopened()
    ingest(store, GOOD)
    # what an earlier version landed: the record of a file that no command could read
    content = (CASES / "57-corruptpage2.parquet").read_bytes()
    record = ImportRecord(
        kind="jobs", file_format="parquet", file_name="57.parquet", content_hash="1" * 64,
        suffix=".parquet", mapping_name=None, mapping_text=None, mapping_hash="",
        fetched_at=datetime.now(UTC),
    )  # fmt: skip
    record.payload(home).write_bytes(content)
    land_records(home, [record])
    store = reopened(store)
    assert job_names(store) == ["good"]
    assert statuses(store)["57.parquet"] == "failed"
    assert pd.notna(store.scalar("select reason from imports where import_status = 'failed'"))
