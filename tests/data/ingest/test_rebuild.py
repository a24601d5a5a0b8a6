"""A rebuild never replaces a good database by a worse one, and a kill at any moment is harmless."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data import tables
from data.errors import StokerError
from data.ingest.home_store import open_home
from data.ingest.pipeline import Cancelled, ImportFailure, ingest, uploaded
from data.ingest.rebuild import DAMAGED, REBUILT, rebuild
from data.raw.landing import landed_record
from data.store.home import Home
from data.store.store import Store
from data.tables.declaration import Column, Field
from tests.conftest import describe_job, lines

ROOT = Path(__file__).parents[3]


def names(home: Home) -> list[str]:
    with closing(open_home(home)) as store:
        return list(store.frame("select job_name from training_jobs order by all")["job_name"])


@pytest.fixture
def filled(home: Home) -> Home:
    """A home with three imports of a job each."""
    with closing(open_home(home)) as store:
        for name in ("a", "b", "c"):
            ingest(store, uploaded(f"{name}.jsonl", lines(describe_job(name))))
    return home


def payload(home: Home, file_name: str) -> Path:
    for path in home.events.iterdir():
        record = landed_record(home, path.stem)
        if record.file_name == file_name:
            return record.payload(home)
    raise AssertionError(file_name)


def cut(home: Home) -> None:
    path = payload(home, "b.jsonl")
    path.write_bytes(path.read_bytes()[:-100])


def change(home: Home) -> None:
    path = payload(home, "b.jsonl")
    path.write_bytes(path.read_bytes().replace(b"ml.g5.2xlarge", b"ml.g4.2xlarge"))


def lose(home: Home) -> None:
    payload(home, "b.jsonl").unlink()


def lose_record(home: Home) -> None:
    next(path for path in home.events.iterdir() if b'"b.jsonl"' in path.read_bytes()).unlink()


def break_record(home: Home) -> None:
    path = next(path for path in home.events.iterdir() if b'"b.jsonl"' in path.read_bytes())
    path.write_bytes(path.read_bytes()[:50])


LOSSES: dict[str, Callable[[Home], None]] = {
    "cut short": cut,
    "changed": change,
    "missing": lose,
    "its record missing": lose_record,
    "its record broken": break_record,
}


@pytest.mark.thorough
@pytest.mark.parametrize("loss", LOSSES)
def test_a_landing_that_lost_something_leaves_the_good_database(filled: Home, loss: str) -> None:
    LOSSES[loss](filled)
    before = filled.database.read_bytes()
    with pytest.raises(StokerError, match="1 import") as caught:
        rebuild(filled)
    assert "b.jsonl" in caught.value.what or "jobs-" in caught.value.what
    assert "--accept-loss" in caught.value.next_action
    assert filled.database.read_bytes() == before
    assert not (filled.root / REBUILT).exists()
    assert names(filled) == ["a", "b", "c"]


@pytest.mark.thorough
@pytest.mark.parametrize("loss", LOSSES)
def test_a_loss_that_is_accepted_is_listed_and_the_rest_is_there(filled: Home, loss: str) -> None:
    LOSSES[loss](filled)
    outcomes = rebuild(filled, accept_loss=True)
    assert names(filled) == ["a", "c"]
    failed = [one for one in outcomes if isinstance(one, ImportFailure)]
    if loss.startswith("its record"):
        return
    assert [one.file_name for one in failed] == ["b.jsonl"]
    assert "landed file of b.jsonl" in failed[0].reason
    with closing(open_home(filled)) as store:
        row = store.frame("select * from imports where import_status = 'failed'").iloc[0]
        assert row.file_name == "b.jsonl"
        # importing the file again heals it
        assert ingest(store, uploaded("b.jsonl", lines(describe_job("b")))).accepted_count == 1
    assert names(filled) == ["a", "b", "c"]
    assert len(rebuild(filled)) == 3


def test_a_missing_landing_folder_leaves_the_good_database(filled: Home) -> None:
    shutil.rmtree(filled.landing)
    with pytest.raises(StokerError, match="3 import"):
        rebuild(filled)
    assert names(filled) == ["a", "b", "c"]


def test_a_damaged_database_is_replaced_by_what_the_landing_gives(filled: Home) -> None:
    filled.database.write_bytes(b"not a database at all" * 1000)
    Path(f"{filled.database}.wal").write_bytes(b"nor a log")
    rebuild(filled)
    assert names(filled) == ["a", "b", "c"]
    # the first is kept, whatever comes after it
    filled.database.write_bytes(b"worse")
    rebuild(filled)
    assert (filled.root / DAMAGED).read_bytes().startswith(b"not a database at all")
    assert names(filled) == ["a", "b", "c"]


def test_a_database_without_a_file_is_made(filled: Home) -> None:
    filled.database.unlink()
    assert len(rebuild(filled)) == 3
    assert names(filled) == ["a", "b", "c"]


def test_an_open_database_is_not_rebuilt(filled: Home) -> None:
    holding = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import duckdb; c = duckdb.connect({str(filled.database)!r});"
            " print('open', flush=True); input()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holding.stdout is not None
    assert holding.stdin is not None
    try:
        holding.stdout.readline()
        with pytest.raises(StokerError, match="Another process"):
            rebuild(filled)
    finally:
        holding.communicate("\n")
    assert names(filled) == ["a", "b", "c"]


def test_nobody_writes_to_the_old_database_meanwhile(
    filled: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def look(step: str, share: float) -> None:
        probe = subprocess.run(
            [sys.executable, "-c", f"import duckdb; duckdb.connect({str(filled.database)!r})"],
            capture_output=True,
            text=True,
            check=False,
        )
        seen.append(probe.stderr)

    rebuild(filled, progress=lambda step, share: look(step, share) if step == "Deriving" else None)
    assert "Conflicting lock" in seen[0]


def test_progress_is_told_and_may_cancel(filled: Home) -> None:
    steps: list[str] = []
    rebuild(filled, progress=lambda step, share: steps.append(step))
    assert steps[0] == "Merging"
    assert steps[-2:] == ["Deriving", "Done"]

    def cancel(step: str, share: float) -> None:
        if step == "Deriving":
            raise Cancelled

    before = filled.database.read_bytes()
    with pytest.raises(Cancelled):
        rebuild(filled, progress=cancel)
    assert filled.database.read_bytes() == before
    assert not (filled.root / REBUILT).exists()


def test_the_derivation_runs_once_at_the_end(filled: Home) -> None:
    calls: list[int] = []

    def derivation(store: Store) -> None:
        calls.append(store.scalar("select count(*) from training_jobs"))

    rebuild(filled, derivation=derivation)
    assert calls == [3]


def test_leftovers_of_killed_processes_go_when_the_home_opens(filled: Home) -> None:
    (filled.root / REBUILT).write_bytes(b"half a database")
    (filled.root / f"{REBUILT}.wal").write_bytes(b"and its log")
    (filled.scratch / "draft-0123").write_bytes(b"half a payload")
    (filled.scratch / "parse-0123").mkdir()
    (filled.scratch / "parse-0123" / "spill").write_bytes(b"x")
    assert names(filled) == ["a", "b", "c"]
    assert not (filled.root / REBUILT).exists()
    assert not (filled.root / f"{REBUILT}.wal").exists()
    assert [path.name for path in filled.scratch.iterdir() if path.is_file()] == []
    assert not (filled.scratch / "parse-0123").exists()


def test_other_declarations_rebuild_when_the_home_opens(
    filled: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tables.TABLES["training_job_versions"]
    column = Column("a_new_column", "varchar", "New")
    wider = replace(table, fields=(*table.fields, Field(column)))
    monkeypatch.setitem(tables.TABLES, "training_job_versions", wider)
    steps: list[str] = []
    with closing(open_home(filled, progress=lambda step, share: steps.append(step))) as store:
        assert "a_new_column" in store.frame("from training_job_versions").columns
        assert store.scalar("select count(*) from training_jobs") == 3
    assert "Merging" in steps


def test_other_declarations_and_a_lost_landing_keep_the_database(
    filled: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose(filled)
    table = tables.TABLES["training_job_versions"]
    wider = replace(table, fields=(*table.fields, Field(Column("a_new_column", "varchar", "New"))))
    monkeypatch.setitem(tables.TABLES, "training_job_versions", wider)
    before = filled.database.read_bytes()
    with pytest.raises(StokerError, match="cannot be read again"):
        open_home(filled)
    assert filled.database.read_bytes() == before
    monkeypatch.undo()
    assert names(filled) == ["a", "b", "c"]


def test_a_failed_import_stays_listed(filled: Home) -> None:
    with closing(open_home(filled)) as store, pytest.raises(StokerError):
        ingest(store, uploaded("bad.csv", b"nothing\n1\n"))
    rebuild(filled)
    with closing(open_home(filled)) as store:
        status = "select import_status from imports where file_name = 'bad.csv'"
        assert list(store.frame(status)["import_status"]) == ["failed"]


def test_the_new_database_has_no_log(filled: Home) -> None:
    rebuild(filled)
    assert not Path(f"{filled.database}.wal").exists()
    with duckdb.connect(str(filled.database), read_only=True) as plain:
        assert plain.execute("select count(*) from imports").fetchall() == [(3,)]


def test_what_an_older_version_landed_is_read(home: Home, tmp_path: Path) -> None:
    # JSON files of a folder used to be one payload, whose lines named their file
    import hashlib

    import orjson

    jobs = [describe_job("a"), describe_job("b", CreationTime=None)]
    landed = b"".join(
        orjson.dumps({"line": n, "file": f"{n}.json", "as": "describe", "record": job}) + b"\n"
        for n, job in enumerate(jobs, start=1)
    )
    digest = hashlib.sha256(landed).hexdigest()
    home.create()
    (home.landing / f"{digest}.jsonl").write_bytes(landed)
    record: dict[str, Any] = {
        "kind": "jobs", "file_format": "aws", "file_name": "export", "content_hash": digest,
        "suffix": ".jsonl", "mapping_name": None, "mapping_text": None, "mapping_hash": "",
        "fetched_at": "2026-03-02T08:00:00+00:00", "attempt": 1,
    }  # fmt: skip
    (home.events / f"jobs-{digest}-plain-1.json").write_bytes(orjson.dumps(record))
    assert names(home) == ["a"]
    with closing(open_home(home)) as store:
        assert store.scalar("select file_name from rejected_rows") == "2.json"
