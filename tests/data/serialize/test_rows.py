"""Rows as CSV, JSON and Parquet: what each form does with unknown values, instants and text."""

import csv
import io
import json
import os
import stat
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest

from data.errors import StokerError
from data.serialize import cells
from data.serialize.rows import FORMS, Form, as_bytes, write_file, write_text

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def some_rows() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "job_name": ["=cmd()", None, "a,b"],
            "created_at": [AT, pd.NaT, AT.replace(microsecond=250_000)],
            "retained_s": [60.0, None, 0.5],
            "is_warm": pd.array([True, None, False], dtype="boolean"),
            "groups": [[{"at": AT}], None, []],
        }
    )


def test_csv_leaves_unknown_empty_and_disarms_formulas() -> None:
    assert as_bytes(some_rows(), "csv").decode().splitlines() == [
        "job_name,created_at,retained_s,is_warm,groups",
        """'=cmd(),2026-03-02T08:00:00Z,60,true,"[{""at"":""2026-03-02T08:00:00Z""}]\"""",
        ",,,,",
        '"a,b",2026-03-02T08:00:00.25Z,0.5,false,[]',
    ]


def test_json_has_null_for_unknown_and_text_as_it_is() -> None:
    first, second, third = json.loads(as_bytes(some_rows(), "json"))
    assert first == {
        "job_name": "=cmd()",
        "created_at": "2026-03-02T08:00:00Z",
        "retained_s": 60,
        "is_warm": True,
        "groups": [{"at": "2026-03-02T08:00:00Z"}],
    }
    assert set(second.values()) == {None}
    assert third["created_at"] == "2026-03-02T08:00:00.25Z"


def test_parquet_keeps_types() -> None:
    table = pq.read_table(io.BytesIO(as_bytes(some_rows(), "parquet")))
    assert str(table.schema.field("created_at").type) == "timestamp[us, tz=UTC]"
    assert table["retained_s"].to_pylist() == [60.0, None, 0.5]


def test_no_rows_are_a_heading_an_empty_list_and_an_empty_file() -> None:
    nothing = some_rows().iloc[:0]
    assert as_bytes(nothing, "csv") == b"job_name,created_at,retained_s,is_warm,groups\n"
    assert as_bytes(nothing, "json") == b"[]\n"
    assert pq.read_table(io.BytesIO(as_bytes(nothing, "parquet"))).num_rows == 0


def test_a_column_is_written_alike_in_every_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "CHUNK_ROWS", 1)
    rows = pd.DataFrame(
        {
            "day": pd.to_datetime([date(2026, 3, 2), None]),
            "moment": pd.to_datetime(["2026-03-02 00:00:00", "2026-03-02 08:00:30"]),
        }
    )
    assert as_bytes(rows, "csv").decode().splitlines()[1:] == [
        "2026-03-02,2026-03-02T00:00:00",
        ",2026-03-02T08:00:30",
    ]


def test_chunks_together_are_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = duckdb.sql("select i, i / 4 as share, 'job ' || i as job_name from range(25) t(i)").df()
    whole = {form: as_bytes(rows, form) for form in FORMS}
    monkeypatch.setattr(cells, "CHUNK_ROWS", 10)
    assert {form: as_bytes(rows, form) for form in FORMS} == whole
    assert len(json.loads(whole["json"])) == len(whole["csv"].splitlines()) - 1 == 25


@pytest.mark.parametrize("form", FORMS)
def test_a_file_a_stream_and_the_bytes_are_the_same(form: Form, tmp_path: Path) -> None:
    rows = some_rows()
    write_file(rows, form, tmp_path / "rows")
    assert (tmp_path / "rows").read_bytes() == as_bytes(rows, form)
    if form != "parquet":
        out = io.StringIO()
        write_text(rows, form, out)
        assert out.getvalue().encode() == as_bytes(rows, form)


def test_a_file_that_fails_leaves_the_one_before_it(tmp_path: Path) -> None:
    target = tmp_path / "rows.json"
    target.write_text("before")
    cyclic: list[object] = []
    cyclic.append(cyclic)
    with pytest.raises(RecursionError):
        write_file(pd.DataFrame({"a": [cyclic]}), "json", target)
    assert [path.name for path in tmp_path.iterdir()] == ["rows.json"]
    assert target.read_text() == "before"


def test_what_is_no_regular_file_is_never_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for target in (tmp_path / "pipe", tmp_path / "folder", Path("/dev/null")):
        with pytest.raises(StokerError, match="not a regular file"):
            write_file(some_rows(), "csv", target)
        assert not target.is_file()
        assert target.exists()


def test_a_link_stays_and_what_it_points_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("before")
    (tmp_path / "link.csv").symlink_to("real.csv")
    write_file(some_rows(), "csv", tmp_path / "link.csv")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_bytes() == as_bytes(some_rows(), "csv")


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(StokerError, match=r"cannot be written: No such file or directory\."):
        write_file(some_rows(), "csv", tmp_path / "absent" / "rows.csv")


def test_names_that_occur_twice_keep_their_values() -> None:
    rows = pd.DataFrame([[1, 2]], columns=["a", "a"])
    assert list(csv.reader(io.StringIO(as_bytes(rows, "csv").decode()))) == [["a", "a"], ["1", "2"]]


def test_a_file_is_for_its_user_unless_said_otherwise(tmp_path: Path) -> None:
    write_file(some_rows(), "parquet", tmp_path / "mine.parquet")
    write_file(some_rows(), "csv", tmp_path / "ours.csv", mode=0o640)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"mine.parquet": 0o600, "ours.csv": 0o640}
