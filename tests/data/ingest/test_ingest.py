"""Files of AWS's JSON in all their shapes: imported, refused with a reason, never half."""

import gzip
import json
import signal
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.errors import StokerError
from data.ingest.apart import resume
from data.ingest.home_store import open_home
from data.ingest.pipeline import ImportResult, ingest, ingest_files
from data.ingest.rebuild import rebuild
from data.raw.inputs import input_files, uploaded
from data.store.home import Home
from data.store.store import Store
from tests.conftest import at, describe_job, lines

Take = Callable[..., ImportResult]
SHARED = Path(__file__).parents[4] / "shared"


def names(store: Store) -> list[str]:
    return list(store.frame("select job_name from training_jobs order by all")["job_name"])


def summary(name: str) -> dict[str, Any]:
    job = describe_job(name)
    return {
        key: job[key] for key in ("TrainingJobName", "TrainingJobArn", "CreationTime",
                                  "LastModifiedTime", "TrainingJobStatus")
    }  # fmt: skip


SHAPES: dict[str, bytes] = {
    "one answer, indented": json.dumps(describe_job("a"), indent=4).encode(),
    "one answer on a line": lines(describe_job("a")),
    "a list of answers": json.dumps([describe_job("a")], indent=1).encode(),
    "answers one after the other": (json.dumps(describe_job("a"), indent=2) + "\n").encode() * 2,
    "a page of summaries": json.dumps(
        {"TrainingJobSummaries": [summary("a")], "NextToken": "t"}
    ).encode(),
    "a Search answer": json.dumps({"Results": [{"TrainingJob": describe_job("a")}]}).encode(),
    "lines of Search results": lines({"TrainingJob": describe_job("a")}),
    "with a byte order mark": b"\xef\xbb\xbf" + lines(describe_job("a")),
    "with Windows line ends and blank lines": b"\r\n\n"
    + lines(describe_job("a"))[:-1]
    + b"\r\n\r\n",
    "compressed": gzip.compress(lines(describe_job("a"))),
}


@pytest.mark.thorough
@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_answer_is_read(store: Store, shape: str) -> None:
    result = ingest(store, uploaded("jobs", SHAPES[shape]))
    assert result.rejected_count == 0
    assert names(store) == ["a"]


def test_a_folder_of_one_file_a_job_is_as_many_imports(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    for name in ("a", "b", "c"):
        (folder / f"{name}.json").write_text(json.dumps(describe_job(name), indent=1))
    (folder / "broken.json").write_text("{not json")
    results = list(ingest_files(store, input_files(folder)))
    assert names(store) == ["a", "b", "c"]
    assert [result.file_name for result in results] == ["a.json", "b.json", "broken.json", "c.json"]
    assert [getattr(result, "rejected_count", None) for result in results] == [0, 0, 1, 0]
    rejected = store.frame("select * from rejected_rows").iloc[0]
    assert rejected.file_name == "broken.json"


def test_a_zip_is_read_member_by_member(store: Store, tmp_path: Path) -> None:
    packed = tmp_path / "export.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", json.dumps(describe_job("a")))
        archive.writestr("deep/b.json.gz", gzip.compress(lines(describe_job("b"))))
    list(ingest_files(store, input_files(packed)))
    assert names(store) == ["a", "b"]


@pytest.mark.parametrize(
    "created",
    [
        1772438400.5,
        1772438400,
        "1772438400500",
        "2026-03-02T08:00:00.500000+00:00",
        "2026-03-02 08:00:00.500000+00:00",
        "2026-03-02T08:00:00.500Z",
        "2026-03-02T09:00:00.5+01:00",
        "2026-03-02T03:00:00.5-0500",
    ],
)
def test_every_form_of_time_is_the_same_instant(store: Store, take: Take, created: Any) -> None:
    take(describe_job("a", CreationTime=created))
    seconds = store.scalar("select epoch(created_at) from training_jobs")
    assert seconds == pytest.approx(1772438400.5, abs=0.51 if created == 1772438400 else 1e-6)


BAD_RECORDS: dict[str, tuple[Any, str]] = {
    "naive time": (describe_job("a", CreationTime="2026-03-02T08:00:00"), "CreationTime '2026"),
    "no creation": (describe_job("a", CreationTime=None), "no CreationTime"),
    "no name": (
        {"TrainingJobArn": "arn:aws:sagemaker:us-east-1:1:training-job/", "CreationTime": at(0)},
        "no TrainingJobName",
    ),
    "text for a count": (
        describe_job("a", ResourceConfig={"InstanceCount": "two"}),
        "InstanceCount 'two'",
    ),
    "negative seconds": (describe_job("a", BillableTimeInSeconds=-1), "BillableTimeInSeconds"),
    "object as text": (describe_job("a", ResourceConfig=None) | {"ResourceConfig": "x"},
                       "ResourceConfig has the wrong JSON type"),
    "text in a list": (describe_job("a", SecondaryStatusTransitions=["x"]), "wrong JSON type"),
    "deep misfit": (
        describe_job("a", InputDataConfig=[{"DataSource": {"S3DataSource": "s3"}}]),
        "InputDataConfig.DataSource.S3DataSource",
    ),
    "ends before it starts": (describe_job("a", TrainingEndTime=at(1)), "before"),
    "another AWS event": ({"detail-type": "EC2 State", "detail": {}}, "not a training job state"),
    "something else": ({"hello": 1}, "not a training job"),
    "a number": (5, "not a training job"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_RECORDS)
def test_a_bad_record_is_kept_with_reason_and_next_action(
    store: Store, take: Take, case: str
) -> None:
    record, reason = BAD_RECORDS[case]
    result = take(describe_job("good"), record, describe_job("better", created=9))
    assert names(store) == ["better", "good"]
    assert (result.accepted_count, result.rejected_count) == (2, 1)
    rejected = store.frame("select * from rejected_rows").iloc[0]
    assert reason in rejected.reason
    assert rejected.row_number == 2
    assert len(rejected.next_action) > 20
    assert rejected.raw


def test_a_line_that_is_no_json_lands_as_length_and_hash_only(store: Store, home: Home) -> None:
    content = lines(describe_job("a")) + b'{"Environment": {"TOKEN": "hush", \n'
    result = ingest(store, uploaded("jobs.jsonl", content))
    assert result.rejected_count == 1
    raw = store.scalar("select raw from rejected_rows")
    assert raw.startswith("34 bytes, SHA-256 ")
    assert not any(b"hush" in path.read_bytes() for path in home.landing.glob("*.jsonl"))


SECRETS = {
    "HyperParameters": {"password": "hush-1"},
    "Environment": {"TOKEN": "hush-2"},
    "Nested": [{"deeper": {"environment": {"x": "hush-3"}}}],
    "serviceRequestPayload": json.dumps({"Environment": {"T": "hush-4"}}),
    "Text": {"serviceRequestPayload": "Environment=hush-5"},
}


@pytest.mark.parametrize("form", ["lines", "list", "escaped"])
def test_secret_values_never_land(home: Home, form: str) -> None:
    job = describe_job("a", **SECRETS)
    content = {"lines": lines(job), "list": json.dumps([job]).encode(), "escaped": lines(job)}[form]
    if form == "escaped":
        content = content.replace(b'"HyperParameters"', b'"\\u0048yperParameters"')
    opened = open_home(home)
    ingest(opened, uploaded("jobs", content))
    opened.close()
    for path in home.root.rglob("*"):
        if path.is_file():
            assert b"hush" not in path.read_bytes(), path


def test_secret_values_land_when_the_user_opts_in(store: Store, home: Home, take: Take) -> None:
    take(describe_job("a", **SECRETS), keep_secrets=True)
    assert any(b"hush-1" in path.read_bytes() for path in home.landing.glob("*.jsonl"))


@pytest.mark.parametrize("content", [b"", b"  \n\n "])
def test_an_empty_file_is_refused_and_leaves_nothing(
    store: Store, home: Home, content: bytes
) -> None:
    with pytest.raises(StokerError, match="empty"):
        ingest(store, uploaded("jobs.json", content))
    assert not list(home.events.iterdir())


def test_a_truncated_gzip_is_refused_with_the_way_out(store: Store, home: Home) -> None:
    whole = gzip.compress(lines(*(describe_job(f"j{n}") for n in range(200))))
    with pytest.raises(StokerError, match="cut short") as caught:
        ingest(store, uploaded("jobs.json.gz", whole[: len(whole) // 2]))
    assert "again" in caught.value.next_action
    assert not list(home.events.iterdir())
    assert store.scalar("select count(*) from training_jobs") == 0


def test_unknown_statuses_are_kept_as_text(store: Store, take: Take) -> None:
    job = describe_job("a", SecondaryStatus="WaitingForMoonlight")
    job["SecondaryStatusTransitions"].insert(
        1, {"Status": "Moonlit", "StartTime": at(1), "EndTime": at(2)}
    )
    take(job)
    found = store.frame("select secondary_status from status_transitions order by position")
    assert "Moonlit" in list(found["secondary_status"])
    assert store.scalar("select secondary_status from training_jobs") == "WaitingForMoonlight"


def test_all_three_forms_of_resources_become_groups(store: Store, take: Take) -> None:
    take(
        describe_job("plain", ResourceConfig={"InstanceCount": 3}),
        describe_job(
            "grouped",
            ResourceConfig={
                "InstanceType": None,
                "InstanceCount": 0,
                "InstanceGroups": [
                    {
                        "InstanceGroupName": "d",
                        "InstanceType": "ml.c5.18xlarge",
                        "InstanceCount": 2,
                    },
                    {
                        "InstanceGroupName": "g",
                        "InstanceType": "ml.p4d.24xlarge",
                        "InstanceCount": 1,
                    },
                ],
            },
        ),
        describe_job(
            "preferred",
            ResourceConfig={
                "InstanceType": None,
                "InstanceCount": None,
                "InstancePreferences": [{"InstanceType": "ml.g6.xlarge", "InstanceCount": 4}],
                "SelectedInstanceType": "ml.g6.xlarge",
                "SelectedInstanceCount": 4,
            },
        ),
    )
    groups = store.frame(
        "select job_name, instance_type, instance_count from instance_groups order by all"
    )
    assert list(groups.itertuples(index=False, name=None)) == [
        ("grouped", "ml.c5.18xlarge", 2),
        ("grouped", "ml.p4d.24xlarge", 1),
        ("plain", "ml.g5.2xlarge", 3),
        ("preferred", "ml.g6.xlarge", 4),
    ]


def channel(mode: str | None = None, system: str | None = None) -> dict[str, Any]:
    source: dict[str, Any] = (
        {"FileSystemDataSource": {"FileSystemId": "fs-1", "FileSystemType": system}}
        if system
        else {"S3DataSource": {"S3Uri": "s3://b"}}
    )
    return {"ChannelName": "c", "DataSource": source} | ({"InputMode": mode} if mode else {})


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        ([channel()], "Pipe"),  # the algorithm's own mode
        ([channel("FastFile")], "FastFile"),
        ([channel("File", "FSxLustre")], "FSxLustre"),
        ([channel(None, "EFS")], "EFS"),
        ([channel("File"), channel("FastFile")], "mixed"),
        ([channel("File"), channel("File")], "File"),
        ([], "none"),
    ],
)
def test_the_input_mode_is_that_of_the_channels(
    store: Store, take: Take, channels: list[Any], expected: str
) -> None:
    take(
        describe_job(
            "a",
            InputDataConfig=channels,
            AlgorithmSpecification={"TrainingImage": "i", "TrainingInputMode": "Pipe"},
        )
    )
    assert store.scalar("select input_mode from training_jobs") == expected


def test_the_sdk_spelling_of_the_link_is_read(store: Store, take: Take) -> None:
    take(describe_job("a", WarmPoolStatus={"Status": "Reused", "ReusedByName": "b"}))
    assert store.scalar("select reused_by_job_name from training_jobs") == "b"


def test_an_event_is_keyed_by_its_arn(store: Store, take: Take) -> None:
    # AWS's own sample: the name in `detail` and the ARN disagree
    take(
        {
            "detail-type": "SageMaker Training Job State Change",
            "account": "123456789012",
            "region": "us-east-1",
            "time": "2018-10-06T12:26:13Z",
            "resources": ["arn:aws:sagemaker:us-east-1:123456789012:training-job/kmeans-1"],
            "detail": {
                "TrainingJobName": "89c96cc8",
                "TrainingJobStatus": "Completed",
                "CreationTime": "1583831889050",
                "SecondaryStatusTransitions": [],
                "Tags": {"team": "search"},
            },
        }
    )
    row = store.frame("select job_name, epoch_ms(created_at) as ms, user_name from training_jobs")
    assert tuple(row.iloc[0]) == ("kmeans-1", 1583831889050, "search")


def test_rebuild_makes_the_same_store_from_landing_alone(store: Store, home: Home) -> None:
    ingest(store, uploaded("one.jsonl", lines(describe_job("a", LastModifiedTime=at(5)))))
    ingest(
        store,
        uploaded("two.jsonl", lines(describe_job("a", RoleArn="r", LastModifiedTime=at(9)), 5)),
    )
    fields = "* exclude (job_id, import_id, status_transitions, final_metrics)"
    before = store.frame(f"select {fields} from training_jobs order by job_name").astype(str)
    store.close()
    rebuild(home)
    rebuilt = open_home(home)
    after = rebuilt.frame(f"select {fields} from training_jobs order by job_name").astype(str)
    assert rebuilt.scalar("select count(*) from rejected_rows") == 1
    rebuilt.close()
    assert before.equals(after)


KILLED = """
    import contextlib, os, pathlib, signal, sys
    from data.ingest import merge as module
    from data.raw import landing
    from data.store.home import Home
    from data.ingest.pipeline import ingest
    from data.raw.inputs import uploaded
    from data.ingest.home_store import open_home
    home, step = Home(pathlib.Path(sys.argv[1])), sys.argv[2]
    store = open_home(home)
    def die(*_, **__):
        os.kill(os.getpid(), signal.SIGKILL)
    if step == "landing":
        landing.os.replace = die
    elif step == "event":
        module.land_records = die
    elif step == "merge":
        module._merge = die
    else:
        real = module.Store.transaction
        @contextlib.contextmanager
        def dying(self):
            with real(self) as cursor:
                yield cursor
                die()
        module.Store.transaction = dying
    ingest(store, uploaded("jobs.jsonl", sys.stdin.buffer.read()))
"""


@pytest.mark.thorough
@pytest.mark.parametrize("step", ["landing", "event", "merge", "commit"])
def test_a_kill_at_any_step_loses_and_doubles_nothing(home: Home, step: str) -> None:
    content = lines(describe_job("a"), describe_job("b"))
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(home.root), step],
        input=content,
        cwd=Path(__file__).parents[3],
        check=False,
        capture_output=True,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    store = open_home(home)
    was_landed = bool(list(home.events.iterdir()))
    assert was_landed == (step in ("merge", "commit"))
    assert names(store) == (["a", "b"] if was_landed else [])
    ingest(store, uploaded("jobs.jsonl", content))
    assert names(store) == ["a", "b"]
    assert store.scalar("select count(*) from imports") == 1
    assert resume(store) == []
    store.close()


@pytest.mark.skipif(not SHARED.exists(), reason="the shared material is not here")
def test_the_three_real_describe_answers_are_read(store: Store) -> None:
    path = SHARED / "data" / "sagemaker_runs" / "describe_training_job.jsonl"
    (result,) = [ingest(store, file) for file in input_files(path)]
    assert (result.accepted_count, result.rejected_count) == (3, 0)
    jobs = store.frame(
        "select region, is_spot, tuning_job_arn is not null as tuned, billable_s"
        " from training_jobs order by created_at"
    )
    assert list(jobs["region"]) == ["us-east-2", "us-west-2", "us-east-1"]
    assert list(jobs["tuned"]) == [False, False, True]


def test_reading_is_reported_to_the_end(store: Store) -> None:
    told: list[tuple[str, float]] = []
    ingest(
        store,
        uploaded("jobs.jsonl", lines(*(describe_job(f"j{n}") for n in range(50)))),
        progress=lambda step, share: told.append((step, share)),
    )
    assert [step for step, _ in told][-1] == "Done"
    assert max(share for step, share in told if step == "Landing") == 1.0


def test_a_large_number_of_bytes_goes_through_in_chunks(store: Store) -> None:
    jobs = [describe_job(f"j{n}", FailureReason="x" * 5000) for n in range(3000)]
    content = lines(*jobs)
    assert len(content) > 8 * 2**20
    assert ingest(store, uploaded("jobs.jsonl", content)).accepted_count == 3000
