"""Many small files are merged together; each is still an import of its own."""

import json
import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.ingest import pipeline
from data.ingest.home_store import open_home
from data.ingest.pipeline import (
    Cancelled,
    ImportFailure,
    ImportResult,
    InputFile,
    Outcome,
    ingest,
    ingest_files,
    input_files,
    uploaded,
)
from data.store.home import Home
from data.store.store import Store
from tests.conftest import at, describe_job, lines

HEADER = "job_name,created_at,instance_type\n"
JOB_FIELDS = (
    "* exclude (job_id, import_id, fetched_at, content_hash, status_transitions, final_metrics)"
)


def csv_job(name: str) -> bytes:
    return f"{HEADER}{name},{at(0)},ml.g5.2xlarge\n".encode()


def described(number: int) -> InputFile:
    return uploaded(f"{number}.json", lines(describe_job(f"job-{number}", created=number)))


def job_names(store: Store) -> list[str]:
    return list(store.frame("select job_name from training_jobs order by all")["job_name"])


@pytest.fixture
def derivations(store: Store) -> list[Store]:
    """Each call of the derivation: there is one a batch."""
    calls: list[Store] = []
    store.derivation = calls.append
    return calls


FOLDERS: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "JSON": (".json", lambda n: lines(describe_job(f"job-{n:03}", created=n))),
    "indented JSON": (
        ".json",
        lambda n: json.dumps(describe_job(f"job-{n:03}"), indent=1).encode(),
    ),
    "CSV": (".csv", lambda n: csv_job(f"job-{n:03}")),
}


@pytest.mark.parametrize("form", FOLDERS)
def test_many_files_of_a_folder_are_one_batch_of_many_imports(
    store: Store,
    derivations: list[Store],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    form: str,
) -> None:
    monkeypatch.setattr(pipeline, "BATCH_S", math.inf)  # whatever else the machine does
    suffix, content = FOLDERS[form]
    folder = tmp_path / "export"
    folder.mkdir()
    for number in range(200):
        (folder / f"{number:03}{suffix}").write_bytes(content(number))
    outcomes = list(ingest_files(store, input_files(folder)))
    assert [outcome.file_name for outcome in outcomes] == [f"{n:03}{suffix}" for n in range(200)]
    assert all(isinstance(one, ImportResult) and one.accepted_count == 1 for one in outcomes)
    assert len(derivations) == 1
    assert job_names(store) == [f"job-{number:03}" for number in range(200)]
    rows = store.frame(
        """
        select imports.file_name, imports.row_count,
            imports.content_hash = job.content_hash as same,
            imports.first_record_at = job.created_at as covers
        from imports join training_jobs as job using (import_id) order by job_name
        """
    )
    assert list(rows["file_name"]) == [outcome.file_name for outcome in outcomes]
    assert (rows["row_count"] == 1).all()
    assert rows["same"].all()
    assert rows["covers"].all()


def test_a_batch_ends_after_so_many_rows_or_seconds(
    store: Store, derivations: list[Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "BATCH_ROWS", 4)
    list(ingest_files(store, [described(number) for number in range(10)]))
    assert len(derivations) == 3
    monkeypatch.setattr(pipeline, "BATCH_S", 0.0)
    monkeypatch.setattr(pipeline, "BATCH_PER_MERGE", 0.0)
    list(ingest_files(store, [described(number) for number in range(10, 13)]))
    assert len(derivations) == 6


@pytest.mark.parametrize(
    ("merge_s", "counts"), [(1.0, [5, 5, 5]), (2.0, [5, 8, 2]), (30.0, [5, 10])]
)
def test_a_batch_lasts_several_times_as_long_as_the_merge_before_it(
    store: Store, monkeypatch: pytest.MonkeyPatch, merge_s: float, counts: list[int]
) -> None:
    """A file a second by the clock: readers have most of the time between two versions."""
    clock = [0.0]
    monkeypatch.setattr(pipeline.time, "monotonic", lambda: clock[0])
    found = [0]

    def derivation(derived: Store) -> None:
        clock[0] += merge_s
        found.append(len(job_names(derived)))

    def files() -> Iterator[InputFile]:
        for number in range(15):
            clock[0] += 1.0
            yield described(number)

    store.derivation = derivation
    list(ingest_files(store, files()))
    assert [after - before for before, after in pairwise(found)] == counts


def test_results_come_batch_by_batch(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "BATCH_ROWS", 2)
    outcomes = ingest_files(store, (described(number) for number in range(4)))
    next(outcomes)
    assert job_names(store) == ["job-0", "job-1"]
    assert len(list(outcomes)) == 3


def test_rejected_rows_of_a_batch_are_told_by_file_and_row(store: Store) -> None:
    bad = describe_job("bad", CreationTime=None)
    files = [
        uploaded("one.jsonl", lines(describe_job("a"), bad)),
        uploaded("two.csv", f"{HEADER}b,{at(0)},x\nc,yesterday,x\nd,,x\n".encode()),
        uploaded("three.jsonl", lines(bad)),
    ]
    outcomes = list(ingest_files(store, files))
    assert [getattr(one, "rejected_count", None) for one in outcomes] == [1, 2, 1]
    rows = store.frame("select file_name, row_number, reason from rejected_rows order by all")
    assert [tuple(row)[:2] for row in rows.itertuples(index=False)] == [
        ("one.jsonl", 2), ("three.jsonl", 1), ("two.csv", 2), ("two.csv", 3),
    ]  # fmt: skip
    assert "yesterday" in rows["reason"][2]


def test_rows_of_several_files_are_numbered_within_their_file(store: Store) -> None:
    files = [
        uploaded(f"{name}.csv", f"{HEADER}{name}1,{at(0)},x\n{name}2,{at(1)},x\n".encode())
        for name in ("b", "a", "c")
    ]
    list(ingest_files(store, files))
    rows = store.frame("select job_name, input_seq from training_jobs order by job_name")
    assert list(rows["job_name"] + rows["input_seq"].astype(str)) == [
        "a11", "a22", "b11", "b22", "c11", "c22",
    ]  # fmt: skip


def test_files_of_other_layouts_and_kinds_fit_into_one_batch(
    store: Store, derivations: list[Store]
) -> None:
    files = [
        uploaded("jobs.jsonl", lines(describe_job("a"))),
        uploaded("wide.csv", f"created_at,job_name,user_name\n{at(0)},b,ada\n".encode()),
        uploaded("narrow.csv", f"job_name|created_at\nc|{at(0)}\n".encode()),
        uploaded("rows.jsonl", lines({"job_name": "d", "created_at": at(0)})),
        uploaded(
            "prices.csv",
            b"instance_type,region,list_unit_price_usd_per_h,effective_from\n"
            b"ml.g5.2xlarge,us-east-1,9,2026-01-01\n",
        ),
    ]
    outcomes = list(ingest_files(store, files))
    assert [one.kind for one in outcomes] == ["jobs", "jobs", "jobs", "jobs", "prices"]
    assert [getattr(one, "file_format", None) for one in outcomes] == [
        "aws", "delimited", "delimited", "json", "delimited",
    ]  # fmt: skip
    assert job_names(store) == ["a", "b", "c", "d"]
    assert store.scalar("select count(*) from prices where is_users") == 1
    assert len(derivations) == 1


def test_a_copy_in_the_same_batch_is_known(store: Store) -> None:
    content = lines(describe_job("a"), describe_job("b"))
    files = [uploaded("a.jsonl", content), uploaded("copy of a.jsonl", content)]
    first, second = ingest_files(store, files)
    assert isinstance(first, ImportResult)
    assert isinstance(second, ImportResult)
    assert (first.accepted_count, first.is_known_file) == (2, False)
    assert (second.file_name, second.accepted_count, second.unchanged_count) == (
        "copy of a.jsonl", 0, 2,
    )  # fmt: skip
    assert second.is_known_file
    assert store.scalar("select count(*) from imports") == 1


def test_an_equal_record_counts_for_the_first_file_that_has_it(store: Store) -> None:
    files = [
        uploaded("a.jsonl", lines(describe_job("a"))),
        uploaded("b.jsonl", lines(describe_job("a"), describe_job("b"))),
    ]
    outcomes = list(ingest_files(store, files))
    counts = [
        (one.accepted_count, one.unchanged_count)
        for one in outcomes
        if isinstance(one, ImportResult)
    ]
    assert counts == [(1, 0), (1, 1)]


records = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["a", "b"]),
            "LastModifiedTime": st.sampled_from([None, at(1), at(2)]),
            "RoleArn": st.sampled_from(["one", "two", None]),
            "WarmPoolStatus": st.sampled_from([None, {"Status": "InUse"}, {"Status": "Reused"}]),
        }
    ).map(lambda fields: describe_job(fields.pop("name"), **fields)),
    min_size=1,
    max_size=3,
)


@pytest.mark.thorough
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(files=st.lists(records, min_size=2, max_size=5))
def test_merging_together_is_merging_one_by_one(
    new_home: Callable[[], Home], files: list[list[dict[str, object]]]
) -> None:
    inputs = [uploaded(f"{n}.jsonl", lines(*jobs)) for n, jobs in enumerate(files)]

    def imported(way: Callable[[Store], list[Outcome]]) -> tuple[pd.DataFrame, object]:
        opened = open_home(new_home())
        counts = [
            (one.accepted_count, one.unchanged_count)
            for one in way(opened)
            if isinstance(one, ImportResult)
        ]
        rows = opened.frame(f"select {JOB_FIELDS} from training_jobs order by job_name")
        opened.close()
        return rows.astype(str), counts

    together, counts_together = imported(lambda opened: list(ingest_files(opened, inputs)))
    apart, counts_apart = imported(lambda opened: [ingest(opened, one) for one in inputs])
    pd.testing.assert_frame_equal(together, apart)
    assert counts_together == counts_apart


@pytest.mark.parametrize("step", ["Landing", "Checking", "Merging", "Deriving"])
def test_cancelling_stops_between_steps_and_loses_nothing(home: Home, step: str) -> None:
    store = open_home(home)
    ingest(store, described(0))

    def cancel(name: str, share: float) -> None:
        if name == step:
            raise Cancelled

    with pytest.raises(Cancelled):
        list(ingest_files(store, [described(1), described(2)], progress=cancel))
    assert not list(home.scratch.glob("draft-*"))
    store.close()
    again = open_home(home)
    # what was landed by then is merged, the rest is as if it had never been given
    was_landed = len(list(home.events.iterdir())) > 1
    assert job_names(again) == (["job-0", "job-1", "job-2"] if was_landed else ["job-0"])
    assert was_landed == (step == "Deriving")
    list(ingest_files(again, [described(1), described(2)]))
    assert job_names(again) == ["job-0", "job-1", "job-2"]
    again.close()


def test_a_file_that_cannot_be_read_leaves_the_others_of_its_batch(store: Store) -> None:
    files = [
        described(0),
        uploaded("empty.json", b" "),
        uploaded("x.parquet", b"PAR1?"),
        described(1),
    ]
    outcomes = list(ingest_files(store, files))
    assert [isinstance(one, ImportFailure) for one in outcomes] == [False, True, True, False]
    assert job_names(store) == ["job-0", "job-1"]
