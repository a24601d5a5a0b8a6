"""Metric samples: CloudWatch answers and exports become rows, each key once, in Parquet parts."""

import gzip
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import StokerError
from data.files.mapping import Mapping
from data.ingest import append, preview
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
from data.store.home import Home
from data.store.reader import Reader
from data.store.store import Store
from tests.conftest import at, describe_job, lines

HEADER = "host_name,metric_name,sampled_at,metric_value,statistic_name,period_s\n"
HOST = "job-1/algo-1"


def query(series: str, metric: str = "GPUUtilization", host: str = HOST, **stat: Any) -> Any:
    return {
        "Id": series,
        "MetricStat": {
            "Metric": {
                "Namespace": "/aws/sagemaker/TrainingJobs",
                "MetricName": metric,
                "Dimensions": [{"Name": "Host", "Value": host}],
            },
            "Period": 60,
            "Stat": "Average",
            **stat,
        },
        "ReturnData": True,
    }


def series(name: str, values: list[Any], *, label: str = "", step_s: int = 60) -> Any:
    """Return a series of an answer, newest first as CloudWatch gives it."""
    times = [at(step_s * place) for place in range(len(values))]
    return {
        "Id": name,
        "Label": label,
        "Timestamps": times[::-1],
        "Values": values[::-1],
        "StatusCode": "Complete",
    }


def samples(store: Store) -> pd.DataFrame:
    return store.frame(
        """
        select * exclude (import_id, sampled_at), epoch(sampled_at)::bigint as s
        from metric_samples order by host_name, metric_name, sampled_at
        """
    )


def reasons(store: Store) -> str:
    return " ".join(store.frame("select reason from rejected_rows")["reason"])


def csv_of(*rows: tuple[Any, ...]) -> bytes:
    return (HEADER + "".join(",".join(map(str, row)) + "\n" for row in rows)).encode()


def sample(place: int, value: float = 1.0, host: str = HOST) -> tuple[Any, ...]:
    return (host, "GPUUtilization", at(60 * place), value, "Average", 60)


ANSWER = {"MetricDataResults": [series("m1", [350.5, 12, 0]), series("m2", [7.5])]}
QUERIES = [query("m1"), query("m2", "MemoryUtilization", "job-1/algo-2")]

PLACES: dict[str, dict[str, Any]] = {
    "a list in a file of the answer's name": {"a.json": ANSWER, "a.queries.json": QUERIES},
    "an object in a file of another name": {
        "a.json": ANSWER, "input.json": {"MetricDataQueries": QUERIES, "StartTime": 0},
    },
    "the same document": {"a.json": {"MetricDataQueries": QUERIES, **ANSWER}},
    "one of several files": {
        "a.json": ANSWER, "first.json": [query("m1")], "second.json": [query("m9"), *QUERIES],
    },
}  # fmt: skip


def test_what_an_algorithm_writes_is_measured_on_the_job(store: Store) -> None:
    of_job = query("m1", "seconds_per_step")
    # as the SageMaker SDK asks for it
    of_job["MetricStat"]["Metric"]["Dimensions"] = [{"Name": "TrainingJobName", "Value": "job-1"}]
    document = {
        "AccountId": "123456789012", "Region": "us-east-1",
        "MetricDataQueries": [of_job, *QUERIES[1:]], **ANSWER,
    }  # fmt: skip
    assert ingest(store, uploaded("a.json", json.dumps(document).encode())).accepted_count == 4
    found = samples(store)
    assert set(found["account_id"] + found["region"]) == {"123456789012us-east-1"}
    places = found[["metric_name", "host_name", "job_name"]].drop_duplicates()
    assert list(places.itertuples(index=False, name=None)) == [
        ("seconds_per_step", "job-1", "job-1"), ("MemoryUtilization", "job-1/algo-2", "job-1"),
    ]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("is_zip", [False, True], ids=["folder", "zip"])
def test_the_queries_say_what_a_series_is_of(
    store: Store, tmp_path: Path, place: str, is_zip: bool
) -> None:
    folder = tmp_path / "metrics"
    folder.mkdir()
    for name, document in PLACES[place].items():
        (folder / name).write_text(json.dumps(document, indent=1))
    path = folder
    if is_zip:
        path = tmp_path / "metrics.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name in PLACES[place]:
                archive.write(folder / name, f"deep/{name}")
    outcomes = list(ingest_files(store, input_files(path)))
    assert all(isinstance(one, ImportResult) and one.kind == "metrics" for one in outcomes)
    assert sum(one.accepted_count for one in outcomes if isinstance(one, ImportResult)) == 4
    assert reasons(store) == ""
    rows = samples(store)
    assert list(rows["host_name"]) == [HOST] * 3 + ["job-1/algo-2"]
    assert list(rows["job_name"]) == ["job-1"] * 4
    assert list(rows["metric_name"]) == ["GPUUtilization"] * 3 + ["MemoryUtilization"]
    assert list(rows["metric_value"]) == [350.5, 12, 0, 7.5]
    assert set(rows["statistic_name"]) == {"Average"}
    assert set(rows["period_s"]) == {60}
    first = datetime.fromisoformat(at(0)).timestamp()
    assert list(rows["s"]) == [first, first + 60, first + 120, first]


def test_the_answer_alone_on_the_command_line_finds_its_queries(
    store: Store, tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_text(json.dumps(ANSWER))
    (tmp_path / "a.queries.json").write_text(json.dumps(QUERIES))
    (file,) = input_files(tmp_path / "a.json")
    assert ingest(store, file).accepted_count == 4


@pytest.mark.parametrize(
    "label",
    ["job-1/algo-1 GPUUtilization", "GPUUtilization job-1/algo-1", "job-1/algo-1: GPUUtilization"],
)
def test_a_label_may_carry_host_and_metric(store: Store, label: str) -> None:
    answer = {"MetricDataResults": [series("m1", [1.0, 2.0, 3.0], label=label, step_s=300)]}
    result = ingest(store, uploaded("a.json", json.dumps(answer).encode()))
    assert result.accepted_count == 3
    rows = samples(store)
    assert set(rows["host_name"]) == {HOST}
    assert set(rows["metric_name"]) == {"GPUUtilization"}
    # told by the distance of the samples; the statistic by nothing
    assert set(rows["period_s"]) == {300}
    assert rows["statistic_name"].isna().all()


BAD_SERIES: dict[str, tuple[Any, str]] = {
    "nobody says of what": (series("m1", [1.0], label="x"), "no host_name"),
    "more values than times": (series("m1", [1.0]) | {"Values": [1, 2]}, "as many Timestamps"),
    "no list": (series("m1", [1.0]) | {"Timestamps": "now"}, "wrong JSON type"),
    "no time": (series("m1", [1.0], label=f"{HOST} GPUUtilization") | {"Timestamps": ["x"]},
                "sampled_at 'x'"),
    "no number": (series("m1", ["high"], label=f"{HOST} GPUUtilization"), "metric_value 'high'"),
    "negative": (series("m1", [-1], label=f"{HOST} GPUUtilization"), "is negative"),
    "beyond all memory": (series("m1", [101.5], label=f"{HOST} MemoryUtilization"),
                          "MemoryUtilization of 101.5 is more than 100."),
    "more than any host": (series("m1", [6401], label=f"{HOST} GPUUtilization"), "more than 6400"),
    "not of CloudWatch": ("x", "not a response from get-metric-data"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_SERIES)
def test_what_cannot_be_used_is_rejected_and_its_neighbours_are_kept(
    store: Store, case: str
) -> None:
    bad, reason = BAD_SERIES[case]
    good = series("g", [400.0, 1.0], label=f"{HOST} CPUUtilization")
    answer = {"MetricDataResults": [good, bad]}
    result = ingest(store, uploaded("a.json", json.dumps(answer).encode()))
    assert (result.accepted_count, result.rejected_count) == (2, 1)
    row = store.frame("select * from rejected_rows").iloc[0]
    assert reason in row.reason
    assert row.row_number == 2
    assert len(row.next_action) > 20
    assert row.raw


def test_samples_and_jobs_of_one_folder_go_their_ways(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "job.json").write_bytes(lines(describe_job("job-1")))
    (folder / "samples.csv").write_bytes(csv_of(sample(0), sample(1)))
    (folder / "answer.json").write_text(json.dumps({"MetricDataQueries": QUERIES, **ANSWER}))
    kinds = [one.kind for one in ingest_files(store, input_files(folder))]
    assert kinds == ["metrics", "jobs", "metrics"]
    # 1,0 and 1,1 of the answer came first, with the same keys
    assert store.scalar("select count(*) from metric_samples") == 4
    assert store.scalar("select count(*) from training_jobs") == 1


def test_an_export_is_read_by_a_mapping(store: Store) -> None:
    mapping = Mapping.parse(
        """
        kind = "metrics"
        time_zone = "UTC"
        [columns]
        host_name = { column = "node", pattern = '^(\\S+)' }
        metric_name = { column = "metric", values = { gpu_util = "GPUUtilization" } }
        sampled_at = "when"
        metric_value = { column = "ratio", scale = 100 }
        period_s = { constant = 15 }
        """,
        "monitor",
    )
    content = b"when;node;metric;ratio\n2026-03-02 08:00:00;job-1/algo-1 x;gpu_util;0.5\n"
    result = ingest(store, uploaded("m.csv", content), mapping=mapping)
    assert (result.kind, result.accepted_count) == ("metrics", 1)
    row = samples(store).iloc[0]
    assert (row.host_name, row.metric_name, row.metric_value, row.period_s) == (
        HOST, "GPUUtilization", 50.0, 15,
    )  # fmt: skip


def test_a_first_mapping_of_an_export_is_guessed(home: Home) -> None:
    content = b"Timestamp,Host,Metric,Average\n2026-03-02T08:00:00Z,job-1/algo-1,GPUUtilization,3\n"
    file = uploaded("m.csv", content)
    columns = preview.columns_to_map(home, file, kind="jobs")
    assert columns is not None
    mapping, warnings = preview.first_mapping(columns, "m", kind="metrics")
    assert not warnings
    assert {name: rule.columns for name, rule in mapping.columns.items()} == {
        "host_name": ("Host",), "metric_name": ("Metric",), "sampled_at": ("Timestamp",),
        "metric_value": ("Average",),
    }  # fmt: skip
    rows = preview.rows_as_read(home, file, mapping)
    assert list(rows["reason"].isna()) == [True]


def test_parquet_and_compressed_text_are_read(store: Store, tmp_path: Path) -> None:
    table = pa.table(
        {
            "host_name": [HOST, HOST],
            "metric_name": ["DiskUtilization"] * 2,
            "sampled_at": pa.array([0, 60], pa.timestamp("s", "UTC")),
            "metric_value": [1, 2],
        }
    )
    pq.write_table(table, tmp_path / "m.parquet")
    (tmp_path / "m.csv.gz").write_bytes(gzip.compress(csv_of(sample(0))))
    for name in ("m.parquet", "m.csv.gz"):
        (file,) = input_files(tmp_path / name)
        assert ingest(store, file).kind == "metrics"
    assert store.scalar("select count(*) from metric_samples") == 3


keys = st.tuples(st.sampled_from([f"job-{n}/algo-1" for n in range(3)]), st.integers(0, 5))
files = st.lists(st.lists(keys, min_size=1, max_size=8), min_size=1, max_size=4)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(files=files, is_together=st.booleans())
def test_each_key_stays_once_the_first_that_came(
    new_home: Callable[[], Home],
    files: list[list[tuple[str, int]]],
    is_together: bool,
) -> None:
    store = open_home(new_home())
    expected: dict[tuple[str, int], float] = {}
    inputs, counts = [], []
    for number, rows in enumerate(files):
        written = []
        for place, (host, minute) in enumerate(rows):
            value = float(number * 10 + place)
            written.append(sample(minute, value, host))
            expected.setdefault((host, minute), value)
        inputs.append(uploaded(f"{number}.csv", csv_of(*written)))
        counts.append(len(rows))
    if is_together:
        outcomes = list(ingest_files(store, inputs))
    else:
        outcomes = [ingest(store, one) for one in inputs]
    rows_read = samples(store)
    first_s = datetime.fromisoformat(at(0)).timestamp()
    found = {
        (row.host_name, int(row.s - first_s) // 60): row.metric_value
        for row in rows_read.itertuples()
    }
    store.close()
    assert found == expected
    assert len(rows_read) == len(expected)
    results = [one for one in outcomes if isinstance(one, ImportResult)]
    assert [one.accepted_count + one.unchanged_count for one in results] == counts
    assert sum(one.accepted_count for one in results) == len(expected)


@pytest.mark.parametrize("order", ["by host", "by time", "backwards", "shuffled"])
def test_the_order_of_a_file_makes_no_difference(store: Store, order: str) -> None:
    rows = [sample(minute, 1.0, f"h-{host}/algo-1") for host in range(7) for minute in range(50)]
    if order == "by time":
        rows.sort(key=lambda row: (row[2], row[0]))
    elif order == "backwards":
        rows.reverse()
    elif order == "shuffled":
        rows = [rows[place * 37 % len(rows)] for place in range(len(rows))]
    doubled = [*rows, rows[11], rows[200]]
    result = ingest(store, uploaded("m.csv", csv_of(*doubled)))
    assert (result.accepted_count, result.unchanged_count) == (350, 2)
    assert store.scalar("select count(distinct (host_name, sampled_at)) from metric_samples") == 350


def test_parts_are_named_by_content_private_and_listed(home: Home, store: Store) -> None:
    ingest(store, uploaded("a.csv", csv_of(sample(0), sample(1))))
    ingest(store, uploaded("b.csv", csv_of(sample(1), sample(2))))
    parts = sorted((home.parts / "metric_samples").iterdir())
    listed = store.frame("select part_name, part_row_count from part_files order by part_name")
    assert [path.stem for path in parts] == list(listed["part_name"])
    assert sorted(listed["part_row_count"]) == [1, 2]
    import hashlib

    for path in parts:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem
        assert path.stat().st_mode & 0o077 == 0


def test_many_small_parts_are_put_together(
    home: Home, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(append, "MOST_SMALL_PARTS", 4)
    for minute in range(10):
        ingest(store, uploaded(f"{minute}.csv", csv_of(sample(minute, float(minute)))))
    assert store.scalar("select count(*) from part_files") <= 5
    assert list(samples(store)["metric_value"]) == [float(minute) for minute in range(10)]
    # a correction of one import still finds its rows
    assert store.scalar("select count(distinct import_id) from metric_samples") == 10


def test_a_corrected_mapping_replaces_its_rows(store: Store) -> None:
    content = b"when,node,ratio\n2026-03-02T08:00:00Z,job-1/algo-1,0.5\n"
    text = """
        kind = "metrics"
        [columns]
        host_name = "node"
        metric_name = {{ constant = "GPUUtilization" }}
        sampled_at = "when"
        metric_value = {{ column = "ratio", scale = {} }}
    """
    ingest(store, uploaded("other.csv", csv_of(sample(9))))
    ingest(store, uploaded("m.csv", content), mapping=Mapping.parse(text.format(1), "m"))
    ingest(store, uploaded("m.csv", content), mapping=Mapping.parse(text.format(100), "m"))
    assert list(samples(store)["metric_value"]) == [50.0, 1.0]
    assert list(store.frame("select is_superseded from imports")["is_superseded"]) == [
        False, True, False,
    ]  # fmt: skip


def test_the_same_file_again_changes_nothing(store: Store) -> None:
    file = uploaded("m.csv", csv_of(sample(0), sample(1)))
    ingest(store, file)
    again = ingest(store, file)
    assert (again.accepted_count, again.unchanged_count, again.is_known_file) == (0, 2, True)


def test_a_reader_keeps_its_version_while_samples_come(store: Store) -> None:
    reader = Reader(store)
    ingest(store, uploaded("a.csv", csv_of(sample(0))))
    with reader.snapshot():
        assert reader.scalar("select count(*) from metric_samples") == 1
        ingest(store, uploaded("b.csv", csv_of(sample(1), sample(2))))
        assert reader.scalar("select count(*) from metric_samples") == 1
    assert reader.scalar("select count(*) from metric_samples") == 3


@pytest.fixture
def filled(home: Home) -> Iterator[Home]:
    store = open_home(home)
    ingest(store, uploaded("a.csv", csv_of(*(sample(minute) for minute in range(5)))))
    ingest(store, uploaded("b.json", json.dumps({"MetricDataQueries": QUERIES, **ANSWER}).encode()))
    store.close()
    return home


def all_samples(home: Home) -> list[Any]:
    store = open_home(home)
    rows = samples(store)
    store.close()
    return rows.astype(str).values.tolist()


def test_a_rebuild_gives_the_same_samples(filled: Home) -> None:
    before = all_samples(filled)
    rebuild(filled)
    assert all_samples(filled) == before
    folder = filled.parts / "metric_samples"
    store = open_home(filled)
    assert len(list(folder.iterdir())) == store.scalar("select count(*) from part_files")
    store.close()


def test_an_open_home_has_no_part_that_nobody_lists(filled: Home) -> None:
    folder = filled.parts / "metric_samples"
    (folder / "draft-0123.parquet").write_bytes(b"half")
    (folder / f"{'0' * 64}.parquet").write_bytes(b"whole, but its transaction never ended")
    before = sorted(path.name for path in folder.iterdir() if path.stat().st_size > 50)
    assert len(all_samples(filled)) == 6
    assert sorted(path.name for path in folder.iterdir()) == before


@pytest.mark.parametrize("harm", ["missing", "damaged"])
def test_lost_parts_are_made_again_from_the_landing(filled: Home, harm: str) -> None:
    before = all_samples(filled)
    for path in (filled.parts / "metric_samples").iterdir():
        if harm == "missing":
            path.unlink()
        else:
            path.write_bytes(b"PAR1 is not what this is PAR1")
    assert all_samples(filled) == before


def test_a_home_may_be_moved(filled: Home, tmp_path: Path) -> None:
    before = all_samples(filled)
    moved = Home(filled.root.rename(tmp_path / "moved"))
    assert all_samples(moved) == before


def test_samples_stay_out_of_the_database(home: Home, tmp_path: Path) -> None:
    start = datetime(2026, 3, 2, tzinfo=UTC)
    count = 200_000
    table = pa.table(
        {
            "host_name": [f"job-{place // 1000}/algo-1" for place in range(count)],
            "metric_name": ["GPUUtilization"] * count,
            "sampled_at": [start + timedelta(minutes=place % 1000) for place in range(count)],
            "metric_value": [float(place * 7919 % 400) for place in range(count)],
        }
    )
    pq.write_table(table, tmp_path / "m.parquet")
    store = open_home(home)
    (file,) = input_files(tmp_path / "m.parquet")
    assert ingest(store, file).accepted_count == count
    assert store.scalar("select sum(metric_value) from metric_samples") == sum(
        float(place * 7919 % 400) for place in range(count)
    )
    views = "select count(*) from duckdb_views() where view_name = 'metric_samples'"
    assert store.scalar(views) == 1
    store.close()


def test_an_answer_that_is_cut_short_is_told_as_such(store: Store) -> None:
    content = json.dumps({"MetricDataQueries": QUERIES, **ANSWER}).encode()[:-40]
    outcome = next(iter(ingest_files(store, [uploaded("a.json", content)], kind="metrics")))
    assert isinstance(outcome, ImportResult)
    assert outcome.rejected_count == 1
    assert "not JSON" in reasons(store)


def test_an_export_without_hosts_names_what_is_missing(store: Store) -> None:
    content = b"metric_name,sampled_at,metric_value\nGPUUtilization,2026-03-02T08:00:00Z,1\n"
    outcome = next(iter(ingest_files(store, [uploaded("m.csv", content)], kind="metrics")))
    assert isinstance(outcome, ImportFailure)
    with pytest.raises(StokerError, match="no column host_name"):
        raise outcome.as_error()
