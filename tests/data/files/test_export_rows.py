"""Rows of an export: how values are read, by rule and by type, and why a row is rejected."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from data.store.home import Home
from tests.data.files.reading import checked, parquet

T0 = pd.Timestamp("2026-03-02T08:00:00Z")

TIMES: dict[str, tuple[str, str]] = {
    "Z": ("2026-03-02T08:00:00Z", ""),
    "fraction": ("2026-03-02T08:00:00.000Z", ""),
    "offset": ("2026-03-02T09:00:00+01:00", ""),
    "offset apart": ("2026-03-02 00:00:00 -0800", ""),
    "named UTC": ("2026-03-02 08:00:00 UTC", ""),
    "epoch seconds": ("1772438400", ""),
    "epoch with fraction": ("1772438400.0", ""),
    "epoch milliseconds": ("1772438400000", ""),
    "unit": ("1772438400000000", 'unit = "us"'),
    "small number with its unit": ("1772438400", 'unit = "s"'),
    "since the start of a log": ("5", 'unit = "s", plus_s = 1772438395'),
    "sum of columns and a number": ("5", 'unit = "s", plus_s = ["wait", 1772438385]'),
    "null, then a fallback": ("0", 'unit = "s", null_values = [0], fallback = "other"'),
    "default": ("", 'default = "2026-03-02T08:00:00Z"'),
    "inside a text": ("at=1772438400;", "pattern = 'at=([0-9]+)'"),
}


@pytest.mark.parametrize(("text", "rule"), TIMES.values(), ids=TIMES.keys())
def test_times_are_read_as_written_and_by_rule(home: Home, text: str, rule: str) -> None:
    mapping = (
        f'[columns]\njob_name = "id"\ncreated_at = {{ column = "t"{", " if rule else ""}{rule} }}'
    )
    content = f"id,t,wait,other\nx,{text},10,1772438400\n"
    found = checked(home, content, mapping)
    assert found.bad.empty, found.reasons
    assert found.value("created_at") == T0


def test_scale_of_a_time_is_of_the_seconds_added(home: Home) -> None:
    mapping = (
        '[columns]\njob_name = "id"\ncreated_at = { constant = "2026-03-02T08:00:00Z" }\n'
        'training_ended_at = { column = "t", plus_s = ["run_ms", 10], scale = 0.001 }'
    )
    found = checked(home, "id,t,run_ms\nx,2026-03-02T08:00:00Z,2500\n", mapping)
    assert found.value("training_ended_at") == T0 + timedelta(seconds=12.5)


def test_unknown_seconds_leave_the_time_unknown(home: Home) -> None:
    mapping = (
        '[columns]\njob_name = "id"\ncreated_at = { column = "t", unit = "s" }\n'
        'training_ended_at = { column = "t", unit = "s", plus_s = "run", null_values = [-1] }'
    )
    found = checked(home, "id,t,run\nx,1772438400,-1\ny,1772438400,\n", mapping)
    assert found.bad.empty
    assert found.good["training_ended_at"].isna().all()


RULES: dict[str, tuple[str, str, Any]] = {
    "join": ("queue_name = ['u', 'v']", "queue_name", "amy|"),
    "key with an empty part": ("pool_key = ['u', 'v']", "pool_key", None),
    "constant": ("queue_name = { constant = 'main' }", "queue_name", "main"),
    "pattern": (
        "accelerator_count = { column = 'tres', pattern = 'gpu=(\\d+)' }",
        "accelerator_count",
        4,
    ),
    "pattern without match": (
        "accelerator_count = { column = 'u', pattern = 'gpu=(\\d+)', default = 0 }",
        "accelerator_count",
        0,
    ),
    "exact value before prefix": (
        "status = { column = 'state',"
        " values = { 'CANCELLED by 7' = 'Stopped', 'CANC*' = 'Failed' } }",
        "status",
        "Stopped",
    ),
    "longest prefix": (
        "status = { column = 'state', values = { 'C*' = 'Failed', 'CANC*' = 'Stopped' } }",
        "status",
        "Stopped",
    ),
    "unlisted value": (
        "queue_name = { column = 'state', values = { A = 'B' } }",
        "queue_name",
        "CANCELLED by 7",
    ),
    "null text": (
        "status = { column = 'state', null_values = ['CANCELLED by 7'] }",
        "status",
        None,
    ),
    "percent": (
        "gpu_utilization_ratio = { column = 'pct', scale = 0.01 }",
        "gpu_utilization_ratio",
        0.85,
    ),
    "minutes": (
        "keep_alive_period_s = { column = 'pct', scale = 60 }",
        "keep_alive_period_s",
        5100,
    ),
    "groups": (
        "instance_groups = { constant = 'ml.a x1 + ml.b X 2 + ml.c' }",
        "instance_groups",
        [("ml.a", 1), ("ml.b", 2), ("ml.c", 1)],
    ),
    "list": ("subnets = { constant = '[\"s-1\", s-2]' }", "subnets", ["s-1", "s-2"]),
}


@pytest.mark.parametrize(("rule", "name", "expected"), RULES.values(), ids=RULES.keys())
@pytest.mark.parametrize("is_parquet", [False, True], ids=["csv", "parquet"])
def test_rules_make_values(
    home: Home, rule: str, name: str, expected: Any, is_parquet: bool
) -> None:
    row = {"id": "x", "t": 1772438400, "u": "amy", "v": None, "state": "CANCELLED by 7"}
    frame = pd.DataFrame([row | {"tres": "cpu=8,gpu=4", "pct": 85}])
    content = (
        parquet({name: list(values) for name, values in frame.items()})
        if is_parquet
        else frame.to_csv(index=False).encode()
    )
    found = checked(home, content, f'[columns]\njob_name = "id"\ncreated_at = "t"\n{rule}')
    assert found.bad.empty, found.reasons
    value = found.value(name) if not isinstance(expected, list) else list(found.good[name][0])
    if name == "instance_groups":
        value = [(group["instance_type"], group["instance_count"]) for group in value]
    assert value == expected


BAD_ROWS: dict[str, tuple[dict[str, str], str, str]] = {
    "no name": ({"job_name": " "}, "The row has no job_name.", "job_name"),
    "no creation": ({"created_at": ""}, "The row has no created_at.", "fallback"),
    "missing word as creation": ({"created_at": "NaT"}, "The row has no created_at.", "fallback"),
    "no time": ({"created_at": "soon"}, "created_at 'soon' is not a time.", "ISO 8601"),
    "a day": ({"created_at": "2026-03-02"}, "created_at '2026-03-02' is not a time.", "ISO 8601"),
    "day first": (
        {"created_at": "02/03/2026 08:00"},
        "created_at '02/03/2026 08:00' is not a time.",
        "ISO 8601",
    ),
    "named zone": (
        {"created_at": "2026-03-02 08:00:00 America/New_York"},
        "created_at '2026-03-02 08:00:00 America/New_York' is not a time.",
        "ISO 8601",
    ),
    "no offset": (
        {"created_at": "2026-03-02T08:00:00"},
        "created_at '2026-03-02T08:00:00' has no offset, and no time_zone is given.",
        "time_zone",
    ),
    "later time without an offset": (
        {"scheduled_at": "2026-03-02 09:00"},
        "scheduled_at '2026-03-02 09:00' has no offset, and no time_zone is given.",
        "time_zone",
    ),
    "ended before started": (
        {
            "training_started_at": "2026-03-02T10:00:00Z",
            "training_ended_at": "2026-03-02T09:00:00Z",
        },
        "training_ended_at is before training_started_at.",
        "time zone",
    ),
    "ended before created": (
        {"training_ended_at": "2026-03-02T07:59:59Z"},
        "training_ended_at is before created_at.",
        "time zone",
    ),
    "started before created": (
        {"training_started_at": "2026-03-02T07:00:00Z"},
        "training_started_at is before created_at.",
        "time zone",
    ),
    "no instance": ({"instance_count": "0"}, "instance_count '0' is less than 1.", "null_values"),
    "fewer than none": (
        {"instance_count": "-2"},
        "instance_count '-2' is less than 1.",
        "null_values",
    ),
    "half an instance": (
        {"instance_count": "1.5"},
        "instance_count '1.5' is not a whole number of 1 or more.",
        "null_values",
    ),
    "negative count": (
        {"accelerator_count": "-1"},
        "accelerator_count '-1' is negative.",
        "null_values",
    ),
    "negative duration": ({"billable_s": "-0.5"}, "billable_s '-0.5' is negative.", "null_values"),
    "endless": (
        {"billable_s": "inf"},
        "billable_s 'inf' is not a duration in seconds.",
        "null_values",
    ),
    "word as number": (
        {"billable_s": "10 s"},
        "billable_s '10 s' is not a duration in seconds.",
        "null_values",
    ),
    "percentage": (
        {"gpu_utilization_ratio": "85"},
        "gpu_utilization_ratio '85' is not from 0 to 1.",
        "scale = 0.01",
    ),
    "below zero": (
        {"gpu_utilization_ratio": "-0.1"},
        "gpu_utilization_ratio '-0.1' is not from 0 to 1.",
        "scale",
    ),
    "unknown mode": ({"input_mode": "S3"}, "input_mode 'S3' is not an input mode.", "FSxLustre"),
    "no boolean": ({"is_spot": "maybe"}, "is_spot 'maybe' is not true or false.", "true or false"),
    "no groups": (
        {"instance_groups": "2 of them"},
        "instance_groups '2 of them' is not instance groups.",
        "ml.p4d.24xlarge x1",
    ),
}


@pytest.mark.parametrize(("fields", "reason", "action"), BAD_ROWS.values(), ids=BAD_ROWS.keys())
def test_bad_row_has_a_reason_and_a_next_action(
    home: Home, fields: dict[str, str], reason: str, action: str
) -> None:
    good = {"job_name": "a", "created_at": "2026-03-02T08:00:00Z"}
    written = io.StringIO()
    writer = csv.DictWriter(written, fieldnames=[*(good | fields)])
    writer.writeheader()
    writer.writerows([good, good | fields])
    found = checked(home, written.getvalue())
    assert len(found.good) == 1
    assert found.reasons == {2: reason}
    assert action in found.bad["next_action"][0]
    assert json.loads(found.bad["raw"][0])["job_name"] == (good | fields)["job_name"]


@pytest.mark.parametrize("word", ["", "NaN", "null", "None", "N/A", "NaT"])
def test_missing_words_are_no_numbers_and_no_faults(home: Home, word: str) -> None:
    header = "job_name,created_at,training_started_at,billable_s,instance_count,is_spot"
    found = checked(home, f"{header}\na,2026-03-02T08:00:00Z,{word},{word},{word},{word}\n")
    assert found.bad.empty
    assert found.value("training_started_at") is None
    assert found.value("billable_s") is None
    assert found.value("is_spot") is None
    assert found.value("instance_groups") is None


def test_reason_names_the_column_of_the_file(home: Home) -> None:
    mapping = '[columns]\njob_name = "id"\ncreated_at = "submit"\nbillable_s = "cost"'
    found = checked(home, "id,submit,cost\nx,1772438400,much\n", mapping)
    assert found.reasons == {1: "billable_s (from cost) 'much' is not a duration in seconds."}


def test_seconds_that_are_none_are_named(home: Home) -> None:
    mapping = '[columns]\njob_name = "id"\ncreated_at = { column = "t", plus_s = "wait" }'
    found = checked(home, "id,t,wait\nx,1772438400,long\n", mapping)
    assert found.reasons == {1: "created_at (from t) 'long' is not a duration."}


def test_job_that_never_started_is_kept_without_times(home: Home) -> None:
    mapping = (
        '[columns]\njob_name = "id"\ncreated_at = "t"\n'
        'training_started_at = { column = "start", null_values = ["Unknown"] }'
    )
    found = checked(home, "id,t,start\nx,1772438400,Unknown\n", mapping)
    assert found.bad.empty
    assert found.value("training_started_at") is None


def test_typed_times_without_a_zone_are_rejected_without_one(home: Home) -> None:
    naive = parquet({"job_name": ["a"], "created_at": pa.array([T0.tz_localize(None)])})
    found = checked(home, naive)
    assert found.reasons == {
        1: "created_at '2026-03-02 08:00:00' has no offset, and no time_zone is given."
    }
    assert checked(home, naive, 'time_zone = "UTC"').value("created_at") == T0


def test_floats_of_whole_numbers_are_names_without_a_point(home: Home) -> None:
    found = checked(
        home, parquet({"job_name": [163485.0, np.nan], "created_at": [1772438400.5] * 2})
    )
    assert found.value("job_name") == "163485"
    assert found.reasons == {2: "The row has no job_name."}
    assert found.value("created_at") == T0 + timedelta(seconds=0.5)
