"""Exports of other programs: the inputs that once came out wrong, each with its right value."""

import io
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import StokerError
from data.files.mapping import Mapping
from data.raw.encoding import as_utf8
from data.store.home import Home
from tests.data.files.reading import EXAMPLES, checked, parquet

AT = datetime(2024, 11, 12, 8, 0, tzinfo=UTC)
SACCT = r"""
format = { delimiter = "|" }
time_zone = "America/New_York"
[columns]
job_name            = "JobID"
created_at          = "Submit"
training_started_at = { column = "Start", null_values = ["Unknown", "None"] }
training_ended_at   = { column = "End", null_values = ["Unknown"] }
instance_count      = "NNodes"
pool_key            = ["User", "Account", "NNodes"]
"""


def jobs(times: list[str], *more: str) -> str:
    """Return a file of one job a time; `more` are further columns."""
    names = ["job_name", "created_at", *(column.split("=")[0] for column in more)]
    cells = [column.split("=", 1)[1] for column in more]
    rows = [";".join([f"j{place}", text, *cells]) for place, text in enumerate(times)]
    return "\n".join([";".join(names), *rows]) + "\n"


# however it is written, it is 2024-11-12T08:00Z
INSTANTS = [
    "2024-11-12T08:00:00.000000000Z",
    "20241112T080000Z",
    "20241112T090000+0100",
    "2024-11-12 08:00:00 +0000 UTC",
    "2024-11-12 03:00:00 -0500 EST",
    "2024-11-12 08:00:00.000000001 +0000 UTC m=+0.000000001",
    "Tue, 12 Nov 2024 08:00:00 GMT",
    "1731398400",
    "1731398400.0",
    "1731398400000",
    "1731398400000000",
    "1731398400000000000",
    "1.7313984e18",
]
LOCAL = [
    "45608.3333333333",
    "20241112080000",
    "202411120800",
    "20241112T080000",
    "20241112_080000",
    "Tue Nov 12 08:00:00 2024",
    "Tue Nov 12  08:00:00 2024",
    "Nov 12 08:00:00 2024",
    "2024/11/12 8:00",
]
NO_TIMES = ["20241112", "2024-11-12", "Nov 12 08:00", "0:08:00", "11/12/2024 08:00"]


def test_a_time_is_read_however_it_is_written_or_rejected(home: Home) -> None:
    found = checked(home, jobs([*INSTANTS, *LOCAL, *NO_TIMES]), 'time_zone = "UTC"')
    assert list(found.good["created_at"]) == [AT] * len(INSTANTS + LOCAL)
    assert set(found.bad["reason"]) == {f"created_at '{text}' is not a time." for text in NO_TIMES}
    # without a zone, none of those that have no offset is guessed
    without = checked(home, jobs([*INSTANTS, *LOCAL]))
    assert len(without.good) == len(INSTANTS)
    assert without.bad["reason"].str.contains("has no offset, and no time_zone").all()


def test_days_of_a_spreadsheet_are_local_times(home: Home) -> None:
    content = jobs(["45608.33334"], "training_started_at=45608,33449", "d=44146,33334")
    mapping = """
        time_zone = "Europe/Berlin"
        [columns]
        job_name = "job_name"
        created_at = { column = "d", unit = "excel1904" }
        scheduled_at = "created_at"
        training_started_at = "training_started_at"
    """
    found = checked(home, content.replace("45608.33334", "45608,33334"), mapping)
    created, scheduled, started = (
        found.value(name) for name in ("created_at", "scheduled_at", "training_started_at")
    )
    assert created == scheduled == AT - timedelta(hours=1) + timedelta(seconds=0.576)
    assert started - scheduled == timedelta(seconds=99.36)


DURATIONS = {
    "1-02:03:04": 93_784,
    "02:03:04": 7_384,
    "03:04.5": 184.5,
    "00:41.500": 41.5,
    "1 day, 2:03:04": 93_784,
    "0 days 00:28:30": 1_710,
    "1h2m3.5s": 3_723.5,
    "1m500ms": 60.5,
    "2d4h": 187_200,
    "PT28M30S": 1_710,
    "1710": 1_710,
}


def test_durations_of_schedulers_and_programs_are_seconds(home: Home) -> None:
    texts = [*DURATIONS, "10 s", "1-02:03", "soon"]
    rows = "".join(f"j|2024-11-12T08:00:00Z|{text}|{text}\n" for text in texts)
    mapping = """
        [columns]
        job_name = "job"
        created_at = "start"
        training_started_at = "start"
        training_ended_at = { column = "start", plus_s = "elapsed" }
        billable_s = "billed"
    """
    found = checked(home, "job|start|elapsed|billed\n" + rows, mapping)
    expected = [float(seconds) for seconds in DURATIONS.values()]
    assert list(found.good["billable_s"]) == expected
    runs = found.good["training_ended_at"] - found.good["training_started_at"]
    assert list(runs.dt.total_seconds()) == expected
    assert [reason.split("'")[1] for reason in found.reasons.values()] == texts[len(DURATIONS) :]


STEPS = """JobID|User|Account|Submit|Start|End|NNodes
7001|ana|vision|2026-09-01T08:00:00|2026-09-01T08:10:00|2026-09-01T10:10:00|2
7001.batch||vision|2026-09-01T08:10:00|2026-09-01T08:10:00|2026-09-01T10:10:00|1
7001.extern||vision|2026-09-01T08:10:00|2026-09-01T08:10:00|2026-09-01T10:10:00|2
7001.0||vision|2026-09-01T08:12:00|2026-09-01T08:12:00|2026-09-01T10:09:00|2
7002_[3-4]|ben||2026-09-01T08:12:00|Unknown|Unknown|2
"""


def test_steps_of_slurm_jobs_are_left_out_and_counted(home: Home) -> None:
    found = checked(home, STEPS, SACCT)
    kept = found.good[found.good["left_out"].isna()]
    assert list(kept["job_name"]) == ["7001", "7002_[3-4]"]
    # a key with an empty part is none
    assert list(kept["pool_key"].fillna("")) == ["ana|vision|2", ""]
    assert set(found.good["left_out"].dropna()) == {"step of a Slurm job"}
    # pandas writes whole numbers with a point where some are missing: these are jobs
    floats = "JobID,Submit\n163485.0,1731398400\n163486.0,1731398400\n"
    named = checked(home, floats, '[columns]\njob_name="JobID"\ncreated_at="Submit"').good
    assert named["left_out"].isna().all()


LEAVE_OUT = """
time_zone = "UTC"
[columns]
job_name = "id"
created_at = "at"
[leave_out]
state = ["PENDING", "CANC*"]
id = { pattern = '-probe$' }
user = ""
"""


def test_a_mapping_leaves_rows_out_and_says_why(home: Home) -> None:
    rows = ["a,x,DONE", "b-probe,x,DONE", "c,x,PENDING", "d,x,CANCELLED by 7", "e,,DONE", "f,x"]
    content = "id,user,state,at\n" + "".join(f"{row},2024-11-12T08:00:00\n" for row in rows)
    found = checked(home, content, LEAVE_OUT)
    assert list(found.good["left_out"].fillna("")) == [
        "",
        "id matches -probe$",
        "state is PENDING",
        "state is CANC*",
        "user is empty",
    ]
    assert len(found.bad) == 1
    again = Mapping.parse(Mapping.parse(LEAVE_OUT, "m").to_toml(), "m")
    assert again == Mapping.parse(LEAVE_OUT, "m")
    with pytest.raises(StokerError, match="no column 'nobody', by which"):
        checked(home, content, LEAVE_OUT.replace("user =", "nobody ="))


WRAPPED = """{"columns": [{"name": "name", "data_type": "text"}], "metadata": {}, "rows": [
 {"name": "sp-0", "at": "2024-11-07T17:20:00+00:00",
  "resource": {"InstanceType": "ml.g5.2xlarge", "deep": {"InstanceCount": 2}}},
 {"name": "sp-1", "at": "2024-11-07T17:20:00+00:00", "resource": null}]}"""


@pytest.mark.parametrize("rows", ["", 'format = { rows = "rows" }'], ids=["found", "named"])
def test_rows_below_a_key_are_unwrapped_and_nested_fields_named(home: Home, rows: str) -> None:
    mapping = f"""{rows}
        [columns]
        job_name = "name"
        created_at = "at"
        instance_type = "resource.InstanceType"
        instance_count = "resource.deep.InstanceCount"
        user_name = {{ column = "resource", pattern = '"InstanceType":"([^"]+)"' }}
    """
    found = checked(home, WRAPPED, mapping)
    assert list(found.good["job_name"]) == ["sp-0", "sp-1"]
    (group,) = found.good["instance_groups"][0]
    assert (group["instance_type"], group["instance_count"]) == ("ml.g5.2xlarge", 2)
    assert found.value("user_name") == "ml.g5.2xlarge"
    # an object is no text
    whole = checked(home, WRAPPED, mapping.replace("resource.InstanceType", "resource"))
    assert whole.reasons[1].endswith("is not an instance type.")


KUBERNETES = """{"apiVersion": "v1", "kind": "List", "items": [
 {"metadata": {"uid": "u-1", "name": "train", "namespace": "vision",
   "creationTimestamp": "2024-11-12T08:00:00Z"},
  "spec": {"parallelism": 2},
  "status": {"startTime": "2024-11-12T08:00:01Z", "completionTime": "2024-11-12T08:28:31Z"}},
 {"metadata": {"uid": "u-2", "name": "train", "creationTimestamp": "2024-11-12T08:00:00Z"},
  "spec": {}, "status": {}}]}"""


def test_jobs_of_kubernetes_are_read_by_the_recipe(home: Home) -> None:
    found = checked(home, KUBERNETES, (EXAMPLES / "kubernetes_jobs.toml").read_text())
    assert list(found.good["job_name"]) == ["u-1", "u-2"]
    assert found.value("training_ended_at") == AT + timedelta(seconds=1711)
    assert [groups[0]["instance_count"] for groups in found.good["instance_groups"]] == [2, 1]
    assert found.value("queue_name", 1) is None


def test_fields_of_a_parquet_struct_can_be_named(home: Home) -> None:
    content = parquet({"n": ["a"], "at": [AT], "r": [{"t": "ml.g5.2xlarge", "x": {"n": 3}}]})
    mapping = (
        "[columns]\njob_name='n'\ncreated_at='at'\ninstance_type='r.t'\ninstance_count='r.x.n'"
    )
    (group,) = checked(home, content, mapping).good["instance_groups"][0]
    assert (group["instance_type"], group["instance_count"]) == ("ml.g5.2xlarge", 3)
    reasons = checked(home, content, mapping + "\nuser_name='r'").reasons
    assert reasons[1].endswith("is not text.")


def test_a_file_without_a_header_needs_no_names(home: Home) -> None:
    mapping = """
        format = { header = false }
        [columns]
        job_name = "column_1"
        created_at = "column_2"
    """
    found = checked(home, "a|1731398400\nb|1731398400\n", mapping)
    assert list(found.good["job_name"]) == ["a", "b"]


SPREADSHEET = """sep=;
job_name;created_at;billable_s;list_unit_price_usd_per_h;account_id
x-1;2026-09-01T08:00:00Z;5310;1,515;="012345678901"
x-2;2026-09-01T10:00:00Z;5.310;1,515;="012345678901"
"""


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: '"' + text.replace("\n", '"\n', 1),
        lambda text: (
            text.replace(";", "\t").replace("sep=\t", r"sep=\t").replace("1,515", "1,51500")
        ),
        lambda text: text.split("\n", 1)[1],
    ],
    ids=["sep", "carriage returns", "quoted", "tabs", "no sep"],
)
def test_a_spreadsheet_with_decimal_commas_is_read(home: Home, change: Any) -> None:
    found = checked(home, change(SPREADSHEET))
    assert found.bad.empty, found.reasons
    assert list(found.good["billable_s"]) == [5310, 5310]
    assert list(found.good["list_unit_price_usd_per_h"]) == [1.515, 1.515]
    assert list(found.good["account_id"]) == ["012345678901"] * 2
    points = checked(home, SPREADSHEET.replace("1,515", "1.515").replace("5.310", "5310"))
    assert list(points.good["list_unit_price_usd_per_h"]) == [1.515, 1.515]


def test_utf_16_is_read_as_utf_8() -> None:
    text = "job_name\tuser\nä\t1\n" * 400_000
    for encoding in ("utf-16", "utf-8"):
        content = text.encode(encoding)
        assert as_utf8(io.BytesIO(content), content[:2]).read() == text.encode()


AUTUMN = """JobID|User|Account|Submit|Start|End|NNodes
1|ana|v|2025-11-02T00:10:00|2025-11-02T00:30:00|2025-11-02T01:45:00|1
2|ana|v|2025-11-02T01:40:00|2025-11-02T01:50:00|2025-11-02T01:10:00|1
3|ana|v|2025-11-02T01:20:00|2025-11-02T01:25:00|2025-11-02T01:05:00|1
4|ana|v|2026-03-08T01:50:00|2026-03-08T01:55:00|2026-03-08T03:10:00|1
5|ana|v|2026-03-08T01:50:00|2026-03-08T02:30:00|2026-03-08T03:10:00|1
6|ana|v|2025-11-02T01:40:00|2025-11-02T01:50:00|2025-11-02T03:00:00|1
7|ana|v|2025-11-02T05:00:00|2025-11-02T05:10:00|2025-11-02T04:00:00|1
"""


def test_the_hour_that_comes_twice_is_resolved_by_order(home: Home) -> None:
    found = checked(home, AUTUMN, SACCT)
    runs = found.good["training_ended_at"] - found.good["training_started_at"]
    minutes = dict(zip(found.good["job_name"], runs.dt.total_seconds() / 60, strict=True))
    # 1: 75 or 135 minutes, 6: 70 or 130; where both fit, the later reading of each time counts
    assert minutes == {"1": 135, "2": 20, "3": 40, "4": 15, "6": 70}
    unclear = found.good[found.good["is_time_unclear"].fillna(False).astype(bool)]
    assert list(unclear["job_name"]) == ["1", "6"]
    assert found.reasons == {
        5: "training_started_at (from Start) '2026-03-08T02:30:00'"
        " does not exist in its time zone.",
        7: "training_ended_at is before training_started_at.",
    }


def test_an_unknown_code_is_rejected_with_what_may_be_meant(home: Home) -> None:
    rows = [
        ("FAILED", "ML.G5.2xlarge", "fast_file", None),
        ("In progress", "mixed", "", None),
        ("Completed", "a100-node", "", None),
        ("Complted", "", "", "status 'Complted' is not a status. Did you mean Completed?"),
        ("RUNNING", "", "", "status 'RUNNING' is not a status. Did you mean InProgress?"),
        ("perhaps", "", "", "status 'perhaps' is not a status."),
        ("", "ml.g5.2xlrge", "", "Did you mean ml.g5.2xlarge or "),
        ("", "g5.2xlarge", "", "Did you mean ml.g5.2xlarge"),
        ("", "ml.zz9.huge", "", "is not an instance type."),
        ("", "", "FastFil", "is not an input mode. Did you mean FastFile"),
    ]
    content = "job_name,created_at,status,instance_type,input_mode\n" + "".join(
        f"j,1731398400,{','.join(row[:3])}\n" for row in rows
    )
    found = checked(home, content)
    assert list(found.good["status"]) == ["Failed", "InProgress", "Completed"]
    types = [groups[0]["instance_type"] if len(groups) else None
             for groups in found.good["instance_groups"] if groups is not None]  # fmt: skip
    assert types == ["ml.g5.2xlarge", "a100-node"]
    for reason, (*_, expected) in zip(found.reasons.values(), rows[3:], strict=True):
        assert expected in reason
    # a mapping may say that a type is one, and translates words
    mapping = '[columns]\njob_name="job_name"\ncreated_at="created_at"\n' + (
        'instance_type={column="instance_type",values={"ml.zz9.huge"="ml.zz9.huge"}}\n'
        'status={column="status",values={RUNNING="InProgress"}}'
    )
    translated = checked(home, content, mapping)
    assert list(translated.reasons) == [4, 6, 7, 8]
    with pytest.raises(StokerError, match="is 'Done', which is not a status"):
        Mapping.parse(mapping.replace('"InProgress"', '"Done"'), "m")


def arrow(values: list[Any], kind: pa.DataType) -> pa.Array:
    return pa.array(values, kind)


TYPED: dict[str, tuple[str, pa.Array, Any]] = {
    "timestamp s": ("created_at", arrow([AT], pa.timestamp("s", "UTC")), AT),
    "timestamp ms": ("created_at", arrow([AT], pa.timestamp("ms", "Asia/Kolkata")), AT),
    "timestamp ns": ("created_at", arrow([AT], pa.timestamp("ns", "UTC")), AT),
    "local ns": ("created_at", arrow([AT.replace(tzinfo=None)], pa.timestamp("ns")), AT),
    "local s": ("created_at", arrow([AT.replace(tzinfo=None)], pa.timestamp("s")), AT),
    "date": ("created_at", arrow([AT.date()], pa.date32()), "'2024-11-12' is not a time."),
    "time": ("created_at", arrow([time(8)], pa.time64("us")), "'08:00:00' is not a time."),
    "duration as time": ("created_at", arrow([60], pa.duration("s")), "is not a time."),
    "int64": ("created_at", arrow([20241112080000], pa.int64()), AT),
    "double": ("created_at", arrow([45608 + 1 / 3], pa.float64()), AT),
    "uint64": ("created_at", arrow([2**63 + 5], pa.uint64()), "is not a time."),
    "duration ns": ("billable_s", arrow([1710 * 10**9], pa.duration("ns")), 1710),
    "duration us": ("billable_s", arrow([1710 * 10**6], pa.duration("us")), 1710),
    "duration ms": ("billable_s", arrow([1_710_000], pa.duration("ms")), 1710),
    "duration s": ("max_runtime_s", arrow([1710], pa.duration("s")), 1710),
    "duration as count": ("accelerator_count", arrow([8], pa.duration("s")), "whole number"),
    "time as duration": ("billable_s", arrow([time(0, 28, 30)], pa.time32("s")), 1710),
    "decimal128": ("billable_s", arrow([Decimal("1710.50")], pa.decimal128(10, 2)), 1710.5),
    "decimal256": ("billable_s", arrow([Decimal("1710.50")], pa.decimal256(50, 2)), 1710.5),
    "half float": ("billable_s", pa.array(np.array([1710], np.float16)), 1710),
    "large number": ("accelerator_count", arrow([2**63 + 5], pa.uint64()), "whole number"),
    "int8": ("accelerator_count", arrow([8], pa.int8()), 8),
    "null": ("billable_s", pa.nulls(1), None),
    "dictionary": ("user_name", pa.array(["amy"]).dictionary_encode(), "amy"),
    "large string": ("user_name", arrow(["amy"], pa.large_string()), "amy"),
    "string view": ("user_name", arrow(["amy"], pa.string_view()), "amy"),
    "bytes of text": ("user_name", arrow([b"amy"], pa.binary()), "amy"),
    "fixed bytes": ("user_name", arrow([b"amy"], pa.binary(3)), "amy"),
    "bytes": ("user_name", arrow([b"\xff\xfe\x00"], pa.binary()), "is not text."),
    "struct": ("user_name", arrow([{"a": 1}], pa.struct({"a": pa.int64()})), "is not text."),
    "list": ("user_name", arrow([["amy"]], pa.list_(pa.string())), "is not text."),
    "map": ("user_name", arrow([[("a", 1)]], pa.map_(pa.string(), pa.int64())), "is not text."),
    "bool": ("is_spot", arrow([True], pa.bool_()), True),
}


@pytest.mark.parametrize(("name", "values", "expected"), TYPED.values(), ids=TYPED.keys())
def test_every_type_of_a_column_is_read_or_refused(
    home: Home, name: str, values: pa.Array, expected: Any
) -> None:
    columns = {"job_name": pa.array(["a"]), "created_at": arrow([AT], pa.timestamp("us", "UTC"))}
    found = checked(home, parquet(columns | {name: values}), 'time_zone = "UTC"')
    if isinstance(expected, str) and expected != "amy":
        assert expected in found.reasons[1]
        return
    assert found.bad.empty, found.reasons
    got = found.value(name)
    assert got == expected if expected is not None else got is None


def test_timestamps_of_old_spark_are_read(home: Home) -> None:
    target = io.BytesIO()
    table = pa.table({"job_name": ["a"], "created_at": pa.array([AT.replace(tzinfo=None)])})
    pq.write_table(table, target, use_deprecated_int96_timestamps=True)
    assert checked(home, target.getvalue(), 'time_zone = "UTC"').value("created_at") == AT


def test_durations_of_pandas_are_seconds(home: Home) -> None:
    frame = pd.DataFrame(
        {
            "job_name": ["p-1", "p-2"],
            "created_at": pd.to_datetime([AT, AT]).astype("datetime64[ns, UTC]"),
            "billable_s": pd.to_timedelta(["00:28:30", "00:18:30"]),
        }
    )
    found = checked(home, frame.to_parquet())
    assert list(found.good["billable_s"]) == [1710, 1110]
