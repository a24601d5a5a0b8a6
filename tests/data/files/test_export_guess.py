"""First mappings of foreign files: by name, by type, and with a word on units that look odd."""

from typing import Any

import pandas as pd
import pytest

from data.files import export
from data.files.guess import guess_mapping
from data.files.mapping import Mapping, Rule
from data.store.home import Home
from tests.data.files.reading import JOBS, SHARED, checked, landed, parquet

EPOCH = 1772438400


def described(home: Home, content: bytes, mapping: Mapping | None = None) -> pd.DataFrame:
    with landed(home, content, mapping) as (connection, path, file_format):
        return export.source_columns(connection, path, file_format=file_format, mapping=mapping)


def guessed(home: Home, columns: dict[str, Any]) -> tuple[Mapping, str]:
    mapping, warnings = guess_mapping(described(home, parquet(columns)), "guess", JOBS, kind="jobs")
    return mapping, "\n".join(warnings)


def test_columns_are_described_by_type_samples_and_gaps(home: Home) -> None:
    content = (
        b"id,at,local,size,share,flag,note,none\n"
        b"1,2026-03-02T08:00:00Z,2026-03-02 08:00,1.5,0.5,true,x,\n"
        b"2,2026-03-02T08:00:00Z,2026-03-02 09:00,2,,false,y,\n"
        b"bad line\n"
    )
    columns = described(home, content).set_index("name")
    assert dict(columns["type"]) == {
        "id": "whole number",
        "at": "time",
        "local": "time without a zone",
        "size": "number",
        "share": "number",
        "flag": "boolean",
        "note": "text",
        "none": "empty",
    }
    assert columns.loc["id", "samples"] == ["1", "2"]
    assert columns.loc["share", "null_ratio"] == pytest.approx(2 / 3)
    assert (columns.loc["size", "low"], columns.loc["size", "high"]) == (1.5, 2.0)


@pytest.mark.parametrize(
    ("spelled", "canonical"),
    [
        ("TrainingJobName", "job_name"),
        ("jobId", "job_name"),
        ("JobIDRaw", "job_name"),
        ("CreationTime", "created_at"),
        ("submit", "created_at"),
        ("createdAt", "created_at"),
        ("Start", "training_started_at"),
        ("end_time", "training_ended_at"),
        ("stoppedAt", "training_ended_at"),
        ("NNodes", "instance_count"),
        ("procs_alloc", "instance_count"),
        ("gpu_num", "accelerator_count"),
        ("BillableTimeInSeconds", "billable_s"),
        ("keep_alive_period_s", "keep_alive_period_s"),
        ("schedulingPriority", "scheduling_priority"),
        ("timereq", "max_runtime_s"),
    ],
)
def test_spelling_of_other_programs_is_known(home: Home, spelled: str, canonical: str) -> None:
    values = [EPOCH, EPOCH + 1] if canonical.endswith("_at") else [1, 2]
    mapping, _ = guessed(home, {spelled: values})
    assert mapping.columns[canonical].columns == (spelled,)


def test_guess_of_canonical_names_is_those_names(home: Home) -> None:
    names = ["job_name", "created_at", "user_name", "queue_name", "instance_type", "status"]
    mapping, _ = guessed(home, {name: [EPOCH] for name in names})
    assert {name: rule.columns[0] for name, rule in mapping.columns.items()} == {
        name: name for name in names
    }


def test_id_that_does_not_repeat_names_the_job(home: Home) -> None:
    mapping, warnings = guessed(
        home, {"jobname": ["train", "train"], "jobid": [1, 2], "submit": [EPOCH, EPOCH]}
    )
    assert mapping.columns["job_name"] == Rule(("jobid",))
    assert warnings == ""
    mapping, warnings = guessed(home, {"jobname": ["train", "train"], "submit": [EPOCH, EPOCH]})
    assert "jobname repeats" in warnings


UNITS: dict[str, tuple[dict[str, Any], str, dict[str, Any], str]] = {
    "epoch in ms": ({"submit": [EPOCH * 1000]}, "created_at", {"unit": "ms"}, "epoch in ms"),
    "epoch in s": ({"submit": [EPOCH]}, "created_at", {"unit": "s"}, ""),
    "counted from a start": ({"submit": [0, 77]}, "created_at", {"unit": "s"}, "plus_s"),
    "zero as unknown": (
        {"submit": [0, EPOCH], "start": [EPOCH, EPOCH]},
        "created_at",
        {"unit": "s", "null_values": (0,), "fallback": ("start",)},
        "submit has 0",
    ),
    "percentage": (
        {"gpu_util": [3, 97]},
        "gpu_utilization_ratio",
        {"scale": 0.01},
        "read as per cent",
    ),
    "sum over devices": (
        {"gpu_util": [3, 397]},
        "gpu_utilization_ratio",
        {"scale": 0.01},
        "sum over",
    ),
    "ratio": ({"gpu_util": [0.03, 0.97]}, "gpu_utilization_ratio", {}, ""),
    "run in ms": (
        {"start": [EPOCH], "run": [36_000_000]},
        "training_ended_at",
        {"unit": "s", "plus_s": ("run",), "scale": 0.001},
        "in milliseconds",
    ),
    "run in s": (
        {"start": [EPOCH], "run": [3600]},
        "training_ended_at",
        {"unit": "s", "plus_s": ("run",)},
        "plus run, in seconds",
    ),
    "minus one": (
        {"walltime": [-1, 60]},
        "max_runtime_s",
        {"null_values": (-1,)},
        "walltime has -1",
    ),
    "billable ms": (
        {"billable_time": [600_000_000]},
        "billable_s",
        {"scale": 0.001},
        "looks like milliseconds",
    ),
}


@pytest.mark.parametrize(
    ("columns", "canonical", "rule", "warning"), UNITS.values(), ids=UNITS.keys()
)
def test_units_are_told_by_size_and_said(
    home: Home, columns: dict[str, Any], canonical: str, rule: dict[str, Any], warning: str
) -> None:
    mapping, warnings = guessed(
        home, columns | {"jobid": list(range(len(next(iter(columns.values())))))}
    )
    found = mapping.columns[canonical]
    assert found == Rule(found.columns, **rule)
    assert warning in warnings


def test_local_times_and_missing_columns_are_said(home: Home) -> None:
    columns = described(home, b"jobid,start\n1,2026-03-02T08:00:00\n")
    mapping, warnings = guess_mapping(columns, "guess", JOBS, kind="jobs")
    assert mapping.columns["created_at"] == Rule(("start",))
    assert "set time_zone" in "\n".join(warnings)
    assert "their start stands for it" in "\n".join(warnings)
    assert "(job_name): choose one" in "\n".join(
        guess_mapping(columns[1:], "guess", JOBS, kind="jobs")[1]
    )


def test_accelerators_inside_a_text_are_found(home: Home) -> None:
    content = b"jobid,submit,alloctres\n1,1772438400,cpu=8,gres/gpu=2\n".replace(b"8,", b"8;")
    mapping, _ = guess_mapping(described(home, content), "guess", JOBS, kind="jobs")
    assert checked(home, content, mapping).value("accelerator_count") == 2


@pytest.mark.skipif(not SHARED.exists(), reason="no shared data")
def test_guess_reads_real_files_once_the_zone_is_set(home: Home) -> None:
    for path in ("clustercockpit_jobs/jobs.parquet", "nasa_ipsc_1993/jobs.parquet"):
        content = (SHARED / path).read_bytes()
        mapping, _ = guess_mapping(described(home, content), "guess", JOBS, kind="jobs")
        read = checked(home, content, mapping)
        assert not read.good.empty
        assert read.bad.empty
