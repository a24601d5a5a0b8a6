"""Large Parquet files laid out as the table: a part is the landed file itself, or else its rows.

The reference is the same rows as delimited text, which are never taken as they are.
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from data.files.mapping import Mapping
from data.ingest import append
from data.ingest.home_store import open_home
from data.ingest.pipeline import ImportResult, ingest, ingest_files, uploaded
from data.ingest.rebuild import rebuild
from data.store.home import Home
from data.store.store import Store

pytestmark = pytest.mark.thorough

ROWS = 40
MINUTE_US = 60_000_000
FIRST_US = 1_772_438_400_000_000


@pytest.fixture(autouse=True)
def _large_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(append, "SMALL_PART_ROWS", ROWS)
    monkeypatch.setattr(append, "LEAST_GROUP_ROWS", 1)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Store]:
    """Another home, for the rows as text."""
    store = open_home(Home(tmp_path / "other").create())
    yield store
    store.close()


def columns(first_minute: int = 0, **changed: Any) -> dict[str, Any]:
    """Return samples of two hosts; the columns `changed` are other than usual."""
    minutes = [first_minute + place % (ROWS // 2) for place in range(ROWS)]
    return {
        "host_name": [f"job-1/algo-{1 + 2 * place // ROWS}" for place in range(ROWS)],
        "job_name": ["job-1"] * ROWS,
        "metric_name": ["CPUUtilization"] * ROWS,
        "statistic_name": ["Average"] * ROWS,
        "period_s": pa.array([60] * ROWS, pa.int32()),
        "sampled_at": pa.array(
            [FIRST_US + MINUTE_US * minute for minute in minutes], pa.timestamp("us", "UTC")
        ),
        "metric_value": [float(place) for place in range(ROWS)],
        **changed,
    }


def replaced(name: str, place: int, value: Any) -> dict[str, Any]:
    """Return the samples with one value that is another."""
    usual = columns()[name]
    if isinstance(usual, pa.Array):
        values = usual.to_pylist()
        values[place] = value
        return columns(**{name: pa.array(values, usual.type)})
    return columns(**{name: [*usual[:place], value, *usual[place + 1 :]]})


def parquet_of(table: dict[str, Any], **options: Any) -> bytes:
    written = io.BytesIO()
    pq.write_table(pa.table(table), written, **options)
    return written.getvalue()


def text_of(table: dict[str, Any]) -> bytes:
    written = io.BytesIO()
    pa.csv.write_csv(pa.table(table), written)
    return written.getvalue()


def samples(store: Store) -> list[Any]:
    found: pd.DataFrame = store.frame(
        "select * replace (sampled_at::varchar as sampled_at) from metric_samples"
    )
    return sorted(map(str, found.itertuples(index=False)))


def rejected(store: Store) -> list[Any]:
    found = store.frame("select row_number, reason, next_action from rejected_rows")
    return sorted(map(str, found.itertuples(index=False)))


def is_copied(home: Home) -> bool:
    """Whether the only part is a landed file."""
    (part,) = (home.parts / "metric_samples").iterdir()
    landed = {path.stem: path for path in home.landing.iterdir() if path.is_file()}
    return part.stem in landed and part.read_bytes() == landed[part.stem].read_bytes()


AS_THEY_ARE: dict[str, dict[str, Any]] = {
    "as usual": columns(),
    "backwards": {name: values[::-1] for name, values in columns().items()},
    "wider numbers": columns(period_s=[60] * ROWS),
    "narrower numbers": columns(metric_value=pa.array(range(ROWS), pa.float32())),
    "repeated texts": columns(host_name=pa.array(columns()["host_name"]).dictionary_encode()),
    "an unknown job": replaced("statistic_name", 7, None),
    "more columns": columns(note=["a note"] * ROWS, import_id=list(range(ROWS))),
}

WRITTEN_ANEW: dict[str, dict[str, Any]] = {
    "a blank before a name": replaced("host_name", 7, " job-1/algo-1"),
    "an empty text": replaced("statistic_name", 7, ""),
    "a job that the host tells": replaced("job_name", 7, None),
    "no job": {name: values for name, values in columns().items() if name != "job_name"},
    "a value that is no number": replaced("metric_value", 7, float("nan")),
    "a value beyond all measure": replaced("metric_value", 7, 1e9),
    "no time": replaced("sampled_at", 7, None),
    "a time twice": replaced("sampled_at", 7, pd.Timestamp(FIRST_US, unit="us", tz="UTC")),
    "whole numbers": columns(metric_value=list(range(ROWS))),
    "a name in capitals": {
        {"host_name": "Host_Name"}.get(name, name): values for name, values in columns().items()
    },
    "a column of files": columns(filename=["a"] * ROWS),
}


@pytest.mark.parametrize("case", AS_THEY_ARE)
def test_a_file_laid_out_as_the_table_is_kept_as_it_is(
    home: Home, store: Store, other: Store, case: str
) -> None:
    table = AS_THEY_ARE[case]
    result = ingest(store, uploaded("m.parquet", parquet_of(table)))
    expected = ingest(other, uploaded("m.csv", text_of(table)))
    assert is_copied(home)
    assert samples(store) == samples(other)
    assert result.accepted_count == expected.accepted_count == ROWS
    described = store.frame("describe metric_samples")["column_type"]
    assert list(described) == list(other.frame("describe metric_samples")["column_type"])


@pytest.mark.parametrize("case", WRITTEN_ANEW)
def test_any_other_file_is_written_anew(home: Home, store: Store, other: Store, case: str) -> None:
    table = WRITTEN_ANEW[case]
    result = ingest(store, uploaded("m.parquet", parquet_of(table)))
    # of text, an empty one is unknown as it is here
    expected = ingest(other, uploaded("m.csv", text_of(table)))
    assert not is_copied(home)
    assert samples(store) == samples(other)
    assert [reason.split("'")[0] for reason in rejected(store)] == [
        reason.split("'")[0] for reason in rejected(other)
    ]
    assert (result.accepted_count, result.unchanged_count, result.rejected_count) == (
        expected.accepted_count, expected.unchanged_count, expected.rejected_count,
    )  # fmt: skip


@pytest.mark.parametrize(
    "options", [{"row_group_size": 1}, {"write_statistics": False}], ids=["tiny groups", "no times"]
)
def test_a_file_that_is_slow_to_read_is_written_anew(
    home: Home, store: Store, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(append, "LEAST_GROUP_ROWS", 10)
    ingest(store, uploaded("m.parquet", parquet_of(columns(), **options)))
    assert not is_copied(home)
    assert len(samples(store)) == ROWS


def test_files_with_other_columns_beside_are_read_together(store: Store) -> None:
    tables = [
        columns(0),
        columns(100, note=list(range(ROWS))),
        columns(200, note=["a note"] * ROWS),
    ]
    for number, table in enumerate(tables):
        ingest(store, uploaded(f"{number}.parquet", parquet_of(table)))
    assert store.scalar("select count(*) from part_files") == 3
    found = store.frame(
        """
        select import_id, count(*) as n, min(epoch_us(sampled_at)) as first_us
        from metric_samples group by all order by all
        """
    )
    assert found.values.tolist() == [
        [number, ROWS, FIRST_US + 100 * (number - 1) * MINUTE_US] for number in (1, 2, 3)
    ]


def test_of_a_file_that_goes_on_where_others_are_only_the_new_rows_come(store: Store) -> None:
    ingest(store, uploaded("a.parquet", parquet_of(columns(0))))
    result = ingest(store, uploaded("b.parquet", parquet_of(columns(15))))
    assert (result.accepted_count, result.unchanged_count) == (30, 10)
    assert len(samples(store)) == 70
    assert store.scalar("select count(distinct (host_name, sampled_at)) from metric_samples") == 70


def test_files_of_one_batch_keep_their_imports(store: Store) -> None:
    inputs = [
        uploaded("no.csv", b"host_name,metric_name,sampled_at,metric_value\n,,,\n"),
        uploaded("a.parquet", parquet_of(columns(0))),
        uploaded("b.parquet", parquet_of(columns(100))),
    ]
    outcomes = [one for one in ingest_files(store, inputs) if isinstance(one, ImportResult)]
    assert [one.accepted_count for one in outcomes] == [0, ROWS, ROWS]
    found = store.frame("select import_id, count(*) as n from metric_samples group by 1 order by 1")
    assert found.values.tolist() == [[one.import_id, ROWS] for one in outcomes[1:]]


def test_a_corrected_mapping_takes_a_copied_part_back(home: Home, store: Store) -> None:
    content = parquet_of(columns())
    names = [name for name in columns() if name != "metric_value"]
    text = 'kind = "metrics"\n[columns]\n' + "".join(f'{name} = "{name}"\n' for name in names)
    value = 'metric_value = {{ column = "metric_value", scale = {} }}\n'
    for scale in (1, 2, 1):
        mapping = Mapping.parse(text + value.format(scale), "m")
        ingest(store, uploaded("m.parquet", content), mapping=mapping)
        assert store.scalar("select sum(metric_value) from metric_samples") == 780 * scale
        assert store.scalar("select count(*) from metric_samples") == ROWS


def test_damage_to_a_copied_part_leaves_the_landing_alone(home: Home) -> None:
    store = open_home(home)
    ingest(store, uploaded("m.parquet", parquet_of(columns())))
    assert is_copied(home)
    before = samples(store)
    store.close()
    (part,) = (home.parts / "metric_samples").iterdir()
    assert part.stat().st_mode & 0o077 == 0
    part.write_bytes(b"PAR1 is not what this is PAR1")
    store = open_home(home)
    assert samples(store) == before
    store.close()
    rebuild(home)
    store = open_home(home)
    assert samples(store) == before
    assert is_copied(home)
    store.close()
