"""No file brings anything down: each is read, or refused in words, and the good data still answers.

`bench/fuzz.py` does the same with 10,000 files.
"""

import gzip
import io
import logging
import os
import threading
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from analytics.derived.derive import derive
from data.errors import StokerError
from data.ingest import pipeline
from data.ingest.home_store import open_home
from data.ingest.pipeline import (
    ImportFailure,
    ImportResult,
    ingest,
    ingest_files,
    input_files,
    uploaded,
    uploaded_files,
)
from data.raw import compression, pipes
from data.raw.inputs import spool
from data.store.home import Home
from data.store.store import Store
from tests.conftest import describe_job, lines
from tests.hostile.files import hostile_files
from tests.hostile.importing import answers_of_good, ask_all, import_good, swallow

SEED, COUNT = 20261126, 500


def test_500_hostile_files_leave_a_home_that_answers(
    home: Home, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "BATCH_S", 3600)  # fewer, larger batches
    with closing(open_home(home, derivation=derive)) as store:
        import_good(store)
        before = answers_of_good(store)
        store.derivation = None  # once, for all of them
        with caplog.at_level(logging.WARNING):
            assert swallow(store, list(hostile_files(SEED, COUNT))) == []
        assert [record.message for record in caplog.records] == []
    with closing(open_home(home, derivation=derive)) as store:
        assert answers_of_good(store) == before
        ask_all(store)
        refused = store.frame("select reason, next_action from imports where reason is not null")
        assert len(refused) > COUNT / 10
        assert refused.map(len).to_numpy().min() > 10
        rejected = store.frame("select distinct reason, next_action from rejected_rows")
        assert rejected.map(len).to_numpy().min() > 10


def outcomes(store: Store, content: bytes, name: str = "x.zip") -> dict[str, str]:
    """Return what became of each file of an upload: its reason, or nothing."""
    return {
        one.file_name: one.reason if isinstance(one, ImportFailure) else ""
        for one in ingest_files(store, uploaded_files(name, content))
    }


def zip_of(members: list[tuple[str, bytes]], **fields: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = fields.get(name.partition(".")[0], 0)
            archive.writestr(info, content)
    return target.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_what_is_odd_in_a_zip_leaves_the_rest(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compression, "BOMB_BYTES", 100_000)

    def job(name: str) -> bytes:
        return lines(describe_job(name))

    found = outcomes(
        store,
        zip_of(
            [
                ("../../up.jsonl", job("up")),
                ("/etc/root.jsonl", job("root")),
                ("same.jsonl", job("one")),
                ("same.jsonl", job("two")),
                ("link.jsonl", b"/etc/passwd"),
                ("bomb.csv", b"job_name,created_at\n" + b"0" * 10**6),
                ("bomb.jsonl.gz", gzip.compress(b" " * 10**6)),
                ("inner.zip", zip_of([("a.jsonl", job("a"))])),
                ("deep.json", b"[" * 10_000),
                ("zeros.csv", bytes(50_000)),
                ("last\x1b[2J.jsonl", job("last")),
            ],
            link=0o120777 << 16,
        ),
    )
    assert "is a link" in found["link.jsonl"]
    assert "unpacks to more than" in found["bomb.csv"]
    assert "unpacks to more than" in found["bomb.jsonl.gz"]
    assert "packed twice" in found["inner.zip"]
    assert "neither text nor Parquet" in found["zeros.csv"]
    names = store.frame("select job_name from training_jobs order by all")["job_name"]
    assert list(names) == ["last", "one", "root", "two", "up"]
    assert not any("\x1b" in name for name in found)


def test_a_zip_whose_members_lie_over_one_another_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compression, "BOMB_BYTES", 100_000)
    many = zip_of([(f"{n}.csv", b"0" * 90_000) for n in range(30)])
    with pytest.raises(StokerError, match="unpacks to more than"):
        outcomes(store, many)


def test_pipes_and_devices_are_read_or_refused_at_once(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for device in ("/dev/zero", "/dev/null"):
        with pytest.raises(StokerError, match="is a device"):
            list(input_files(Path(device)))
    monkeypatch.setattr(pipes, "WRITER_WITHIN_S", 0.05)
    pipe = tmp_path / "jobs.pipe"
    os.mkfifo(pipe)
    writing = threading.Thread(target=pipe.write_bytes, args=(lines(describe_job("piped")),))
    writing.start()
    (outcome,) = ingest_files(store, input_files(pipe))
    writing.join()
    assert isinstance(outcome, ImportResult)
    assert outcome.accepted_count == 1
    with pytest.raises(StokerError, match="nothing was written to it"):
        list(input_files(pipe))
    with open("/dev/zero", "rb") as zeros, pytest.raises(StokerError, match="neither text nor"):
        spool(zeros, store.home)


def test_a_name_that_is_no_text_is_shown_as_far_as_it_is(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (Path(os.fsdecode(os.fsencode(folder) + b"/\xff\n.jsonl"))).write_bytes(
        lines(describe_job("odd"))
    )
    (outcome,) = ingest_files(store, input_files(folder))
    assert isinstance(outcome, ImportResult)
    assert outcome.file_name == "\ufffd\ufffd.jsonl"


def test_what_breaks_the_answers_is_taken_back_alone(home: Home) -> None:
    def broken(store: Store) -> None:
        if store.scalar("select count(*) from training_jobs where job_name = 'breaks'"):
            message = "integer overflow"
            raise ArithmeticError(message)
        derive(store)

    files = [uploaded(f"{name}.jsonl", lines(describe_job(name))) for name in ("a", "breaks", "c")]
    with closing(open_home(home, derivation=broken)) as store:
        found = list(ingest_files(store, files))
        assert [isinstance(one, ImportFailure) for one in found] == [False, True, False]
        rows = store.frame("select job_name from job_facts order by all")
        assert list(rows["job_name"]) == ["a", "c"]
        assert ingest(store, files[0]).is_known_file
    with closing(open_home(home, derivation=broken)) as store:
        statuses = store.frame("select file_name, import_status from imports order by file_name")
        assert list(statuses["import_status"]) == ["imported", "failed", "imported"]
