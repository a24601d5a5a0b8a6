"""Exports of all formats: what is read, what is rejected and why, and that no row is lost."""

import csv
import gzip
import io
import json
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import StokerError
from data.files import export
from data.files.delimited import dialect_of, records
from data.files.mapping import FileFormat, Mapping
from data.store.home import Home
from data.tables.quoting import identifier, literal
from tests.data.files.reading import JOBS, checked, landed, parquet

T0 = pd.Timestamp("2026-03-02T08:00:00Z")
HOSTILE = "x\"; drop table text_rows; --'"
PLAIN = "job_name,created_at\na,2026-03-02T08:00:00Z\n"

CANONICAL: dict[str, Any] = {
    "job_name": ["a", "b"],
    "created_at": ["2026-03-02T08:00:00Z", "2026-03-02 10:00:00+01:00"],
    "training_ended_at": ["2026-03-02T09:00:00Z", None],
    "instance_type": ["ml.g5.2xlarge", "mixed"],
    "instance_count": [2, 3],
    "input_mode": ["fsx", "fast_file"],
    "keep_alive_period_s": [600, None],
    "billable_s": [3540.5, None],
    "is_spot": ["true", None],
    "outcome": ["hit", "hit"],
    "retained_cost_usd": [1.5, 2.5],
}


def as_csv(delimiter: str) -> bytes:
    return pd.DataFrame(CANONICAL).to_csv(index=False, sep=delimiter).encode()


def as_json_lines() -> bytes:
    rows = [
        {name: values[row] for name, values in CANONICAL.items() if values[row] is not None}
        for row in range(2)
    ]
    return "\n".join(json.dumps(row) for row in rows).encode()


def as_typed_parquet() -> bytes:
    instants = pa.array([T0, T0 + timedelta(hours=1)], pa.timestamp("ms", "Europe/Berlin"))
    return parquet(
        CANONICAL
        | {
            "created_at": instants,
            "training_ended_at": pa.array(
                [T0 + timedelta(hours=1), None], pa.timestamp("us", "UTC")
            ),
            "is_spot": [True, None],
        }
    )


FORMATS: dict[str, bytes] = {
    "csv": as_csv(","),
    "tsv": as_csv("\t"),
    "pipes": as_csv("|"),
    "csv.gz": gzip.compress(as_csv(",")),
    "with a mark of order": b"\xef\xbb\xbf" + as_csv(","),
    "carriage returns": as_csv(";").replace(b"\n", b"\r\n"),
    "json lines": as_json_lines(),
    "parquet": parquet(CANONICAL),
    "typed parquet": as_typed_parquet(),
}


@pytest.mark.parametrize("content", FORMATS.values(), ids=FORMATS.keys())
def test_canonical_names_are_read_in_every_format(home: Home, content: bytes) -> None:
    found = checked(home, content)
    assert found.bad.empty
    assert list(found.good["row_number"]) == [1, 2]
    assert list(found.good["input_seq"]) == [1, 2]
    assert list(found.good["job_name"]) == ["a", "b"]
    assert found.value("created_at") == T0
    assert found.value("training_ended_at") == T0 + timedelta(hours=1)
    assert found.value("training_ended_at", 1) is None
    assert list(found.value("instance_groups")) == [
        {"group_name": None, "instance_type": "ml.g5.2xlarge", "instance_count": 2}
    ]
    assert list(found.value("instance_groups", 1)) == [
        {"group_name": None, "instance_type": None, "instance_count": 3}
    ]
    assert [found.value("input_mode", row) for row in (0, 1)] == ["FSxLustre", "FastFile"]
    assert [found.value("keep_alive_period_s", row) for row in (0, 1)] == [600, None]
    assert [found.value("billable_s", row) for row in (0, 1)] == [3540.5, None]
    assert bool(found.value("is_spot")) is True
    assert found.value("record_kind") == "export"
    assert found.value("account_id") == "import:canonical"
    assert found.value("region") == "unknown"
    assert found.good[["reason", "next_action", "raw"]].isna().all().all()


def test_computed_and_unknown_columns_are_ignored_and_listed(home: Home) -> None:
    with landed(home, as_csv(",")) as (connection, path, file_format):
        assert export.ignored_columns(
            connection, path, file_format=file_format, target=JOBS, mapping=None
        ) == [
            "outcome",
            "retained_cost_usd",
        ]


def test_account_is_that_of_the_mapping_unless_the_row_says_it(home: Home) -> None:
    mapping = '[columns]\njob_name="n"\ncreated_at="c"\naccount_id="a"\nregion={constant="eu-1"}'
    found = checked(home, "n,c,a\nx,0,\ny,0,123456789012\n", mapping)
    assert list(found.good["account_id"]) == ["import:test", "123456789012"]
    assert list(found.good["region"]) == ["eu-1", "eu-1"]


def test_mapping_without_columns_reads_canonical_names(home: Home) -> None:
    found = checked(
        home, "job_name,created_at\na,2026-07-01T12:00:00\n", 'time_zone = "Europe/Berlin"'
    )
    assert found.value("created_at") == pd.Timestamp("2026-07-01T10:00:00Z")


MALFORMED = (
    b"job_name,created_at,user_name\n"
    b"one,1772438400,amy\n"
    b"two,1772438400\n"
    b"\n"
    b'three,1772438400,"Lee, Ann"\n'
    b"four,1772438400,amy,more\n"
    b'five,1772438400,"open\n'
    b'six,1772438400,"two\nlines"\n'
    b"seven,1772438400,\xff\n"
    b'eight,1772438400,"quoted"tail\n'
    b"nine,,amy\n"
    b"ten,1772438400,amy\n"
)


def test_malformed_lines_keep_their_numbers_and_lose_no_neighbour(home: Home) -> None:
    found = checked(home, MALFORMED)
    assert dict(zip(found.good["row_number"], found.good["job_name"], strict=True)) == {
        1: "one",
        3: "three",
        6: "six",
        10: "ten",
    }
    assert list(found.good["user_name"]) == ["amy", "Lee, Ann", "two\nlines", "amy"]
    assert found.reasons == {
        2: "The line has 2 field(s) where the file has 3 column(s).",
        4: "The line has 4 field(s) where the file has 3 column(s).",
        5: "The quotes of the line do not fit together.",
        7: "The line is not UTF-8 text.",
        8: "The quotes of the line do not fit together.",
        9: "The row has no created_at.",
    }
    assert found.bad["next_action"].str.len().min() > 10
    assert list(found.bad["raw"])[:2] == ["two,1772438400", "four,1772438400,amy,more"]


def test_lines_that_are_no_json_are_rejected_with_their_fingerprint(home: Home) -> None:
    content = (
        b'{"job_name": "a", "created_at": 1772438400}\n{"job_name": \n'
        b'[1]\n{"job_name": "b", "created_at": 1772438400, "tags": {"x": [1]}}\n'
    )
    found = checked(home, content)
    assert list(found.good["row_number"]) == [1, 4]
    assert found.reasons == {2: "The line is not JSON.", 3: "The record is not a JSON object."}
    assert found.bad["raw"][0].startswith("13 bytes, SHA-256 ")


WHOLE_FILE: dict[str, tuple[bytes, str | None, str]] = {
    "nothing": (b"\n \n", None, "empty"),
    "no name column": (b"a,created_at\n1,2\n", None, "no column job_name. It has: a, created_at"),
    "no creation column": (b"job_name,b\n1,2\n", None, "no column created_at. It has: job_name, b"),
    "no name in parquet": (parquet({"a": [1]}), None, "no column job_name. It has: a"),
    "no name in JSON": (b'{"a": 1}\n', None, "no column job_name. It has: a"),
    "broken parquet": (b"PAR1" + b"x" * 100 + b"PAR1", None, "not a readable Parquet file"),
    "UTF-16": ("a,b\n1,2".encode("utf-16"), None, "no column job_name. It has: a, b"),
    "cut gzip": (gzip.compress(PLAIN.encode() * 999)[:40], None, "cut short or damaged"),
    "mapped column absent": (
        PLAIN.encode(),
        '[columns]\njob_name = "id"\ncreated_at = "created_at"',
        "no column 'id', which the mapping test reads for job_name. It has: job_name, created_at",
    ),
    "added column absent": (
        PLAIN.encode(),
        '[columns]\njob_name = "job_name"\ncreated_at = { column = "created_at", plus_s = "w" }',
        "no column 'w'",
    ),
    "mapping without creation": (PLAIN.encode(), '[columns]\njob_name = "job_name"', "created_at"),
}


@pytest.mark.parametrize(
    ("content", "mapping", "message"), WHOLE_FILE.values(), ids=WHOLE_FILE.keys()
)
def test_file_that_cannot_be_used_says_what_it_has(
    home: Home, content: bytes, mapping: str | None, message: str
) -> None:
    with pytest.raises(StokerError, match=message.replace(".", r"\.")) as raised:
        checked(home, content, mapping)
    assert raised.value.next_action


def test_header_alone_is_a_file_without_jobs(home: Home) -> None:
    found = checked(home, "job_name,created_at\n")
    assert found.good.empty
    assert found.bad.empty


def test_formats_are_told_by_their_first_bytes() -> None:
    assert {name: export.sniff(content) for name, content in FORMATS.items()} == {
        name: name.split()[-1] if name.split()[-1] == "parquet" else "delimited" for name in FORMATS
    } | {"json lines": "json"}
    assert export.sniff(gzip.compress(as_json_lines())[:60]) == "json"


HEADLESS = """
format = { delimiter = "|", quote = "", header = false, columns = ["id", "t", "name"] }
[columns]
job_name = "id"
created_at = "t"
user_name = "name"
"""


@pytest.mark.parametrize(
    "content",
    ['1|1772438400|5" disk\n2|1772438400|b\n', '1|1772438400|5" disk|\n2|1772438400|b|\n'],
)
def test_mapping_says_how_a_text_without_a_header_is_written(home: Home, content: str) -> None:
    found = checked(home, content, HEADLESS)
    assert found.bad.empty, found.reasons
    assert list(found.good["user_name"]) == ['5" disk', "b"]


def test_blanks_may_set_columns_apart_and_comments_are_passed_over(home: Home) -> None:
    mapping = HEADLESS.replace('"|", quote = ""', '"whitespace", comment = ";"')
    found = checked(home, "; log\n;\n  1  1772438400   a\n; more\n 2 1772438400 b\n 3 x\n", mapping)
    assert list(found.good["row_number"]) == [1, 2]
    assert list(found.reasons) == [3]


@pytest.mark.parametrize("is_parquet", [False, True], ids=["csv", "parquet"])
def test_names_of_columns_cannot_reach_the_query(home: Home, is_parquet: bool) -> None:
    columns = {
        HOSTILE: ["a"],
        "c": [1772438400],
        "row_number": [7],
        "file_row_number": [8],
        "v_job_name": [9],
    }
    content = parquet(columns) if is_parquet else pd.DataFrame(columns).to_csv(index=False).encode()
    name = json.dumps(HOSTILE)
    constant = "it's; --"
    rules = f'created_at = "c"\njob_name = {name}\nuser_name = {{ constant = "{constant}" }}'
    mapping = Mapping.parse(f"[columns]\n{rules}", HOSTILE)
    found = checked(home, content, mapping)
    assert found.value("job_name") == "a"
    assert found.value("row_number") == 1
    assert found.value("user_name") == constant
    assert found.value("account_id") == f"import:{HOSTILE}"
    bad = checked(home, content, f'[columns]\ncreated_at = {name}\njob_name = "c"')
    assert bad.reasons == {1: f"created_at (from {HOSTILE}) 'a' is not a time."}
    assert json.loads(bad.bad["raw"][0])[HOSTILE] == "a"


@given(st.text())
def test_quoting_takes_any_text(text: str) -> None:
    text = text.replace("\0", "")
    assert identifier(text)[1:-1].replace('""', '"') == text
    assert literal(text)[1:-1].replace("''", "'") == text


def test_names_that_come_twice_or_not_at_all_get_their_own(home: Home) -> None:
    mapping = '[columns]\njob_name = "id"\ncreated_at = "id_2"\nuser_name = "column_3"'
    found = checked(home, "id,id,\nx,1772438400,amy\n", mapping)
    assert found.value("user_name") == "amy"


fields = st.text(st.sampled_from('ab,"\n\r\t|; é'), max_size=6)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None
)
@given(st.lists(st.tuples(fields, fields), min_size=1, max_size=6))
def test_well_formed_text_reads_the_same_by_both_readers(
    home: Home, rows: list[tuple[str, str]]
) -> None:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["job_name", "created_at", "user_name", "share_name"])
    writer.writerows(["job", 1772438400, *row] for row in rows)
    text = written.getvalue()
    slow = [
        record.fields
        for record in records(iter(io.StringIO(text, newline="")), dialect_of(text, FileFormat()))
    ]
    assert slow == [["job", "1772438400", *row] for row in rows]
    quick = checked(home, text)
    assert quick.bad.empty
    assert list(quick.good["row_number"]) == list(range(1, len(rows) + 1))
    expected = [row[0].strip(" ") or None for row in rows]
    assert [quick.value("user_name", place) for place in range(len(rows))] == expected


def test_preview_shows_good_and_bad_rows_in_order(home: Home) -> None:
    with landed(home, MALFORMED) as (connection, path, file_format):
        found = export.preview(
            connection, path, file_format=file_format, target=JOBS, mapping=None, limit=3
        )
    assert list(found["row_number"]) == [1, 2, 3]
    assert list(found["job_name"].fillna("")) == ["one", "", "three"]
    assert list(found["reason"].notna()) == [False, True, False]


def test_many_rows_keep_their_order(home: Home) -> None:
    count = 300_000
    numbers = np.arange(1, count + 1)
    times = np.where(numbers % 50_000 == 0, -1e30, 1772438400)
    frame = pd.DataFrame({"job_name": numbers, "created_at": times})
    found = checked(home, frame.to_csv(index=False))
    assert (found.good["job_name"].astype(int) == found.good["row_number"]).all()
    assert list(found.bad["row_number"]) == [50_000 * each for each in range(1, 7)]
