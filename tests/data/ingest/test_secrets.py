"""Nothing unredacted reaches the disk, whatever the spelling, the nesting or the record's fate."""

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.files.mapping import Mapping
from data.ingest import preview
from data.ingest.home_store import open_home
from data.ingest.pipeline import InputFile, ingest_files, input_files, uploaded, uploaded_files
from data.raw import spool as spooling
from data.raw.inputs import spool
from data.store.home import Home
from tests.conftest import at, describe_job, lines

CASES = Path(__file__).parents[1] / "cases"
SECRET = "hf_SECRET_zzz42"


def kept(home: Home) -> Iterator[tuple[str, bytes]]:
    """Yield everything below a home: files as they are, and the tables as text."""
    for path in home.root.rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes()
    with closing(open_home(home)) as store:
        tables = store.frame("select table_name from duckdb_tables() where not internal")
        for table in tables["table_name"]:
            rows = store.frame(f"select to_json({table})::varchar as row from {table}")
            yield table, "\n".join(rows["row"]).encode()


def assert_nowhere(home: Home, secret: str = SECRET) -> None:
    for place, content in kept(home):
        assert secret.encode() not in content, place
        # as UTF-16, or with its bytes written out
        assert secret.encode("utf-16-le") not in content, place
        assert secret.encode().hex().encode() not in content, place


def take(home: Home, *files: InputFile, **options: Any) -> None:
    with closing(open_home(home)) as store:
        list(ingest_files(store, files, **options))


NAMES = [
    "HyperParameters",
    "hyperParameters",
    "hyper_parameters",
    "HYPER-PARAMETERS",
    "hyperparameters",
    "StaticHyperParameters",
    "TunedHyperParameters",
    "static_hyper_parameters",
    "Environment",
    "environment",
    "training_environment",
    "TrainingEnvironment",
    "environment_variables",
    "EnvironmentVariables",
    "container_environment",
    "env_vars",
    "ContainerEntrypoint",
    "ContainerArguments",
    "container_arguments",
]
SHAPES: dict[str, Any] = {
    "an object": {"TOKEN": SECRET},
    "a list of pairs": [{"Name": "TOKEN", "Value": SECRET}],
    "a list": ["--token", SECRET],
    "a text": f"TOKEN={SECRET}",
    "JSON": json.dumps({"TOKEN": SECRET}),
}


@pytest.mark.parametrize("case", ["30-secret-snake.jsonl", "30b-secret-sfn.json"])
def test_the_case_leaves_nothing(home: Home, case: str) -> None:
    take(home, *input_files(CASES / case))
    assert_nowhere(home, "SECRET_zzz42")


def documents(name: str) -> Iterator[Any]:
    """Documents that hold a secret below a name: understood, rejected, and not understood."""
    for shape in SHAPES.values():
        held = {name: shape}
        yield describe_job("good") | held
        yield describe_job("deep") | {"AlgorithmSpecification": {"TrainingImage": "i", **held}}
        yield describe_job("rejected", CreationTime="yesterday") | held
        yield {"Unknown": [{"deeper": [held]}]}
        yield {"Records": [{"TrainingJobName": "x", "Definition": held}]}
        yield {"events": [{"details": {"output": json.dumps(describe_job("text") | held)}}]}
        yield {"message": json.dumps({"inner": json.dumps(held)})}
        yield {"log": f"2026-03-02 INFO request: {json.dumps(held)} done"}
        yield {"log": f"started with {held!r}"}
        yield {"job_name": "row", "created_at": at(0)} | held
        yield {"Name": name, "Value": shape}


@pytest.mark.thorough
@pytest.mark.parametrize("name", NAMES)
def test_json_below_any_spelling_and_nesting(home: Home, name: str) -> None:
    found = list(documents(name))
    take(
        home,
        uploaded("lines.jsonl", lines(*found)),
        uploaded("list.json", json.dumps(found, indent=2).encode()),
        uploaded("rows.jsonl", lines(*reversed(found))),
        uploaded("broken.jsonl", b"\n".join(line[:-9] for line in lines(*found).splitlines())),
    )
    assert_nowhere(home)


def test_escaped_names_are_names(home: Home) -> None:
    content = lines(*documents("HyperParameters"))
    escaped = content.replace(b"HyperParameters", b"\\u0048yper\\u0050arameters")
    take(home, uploaded("escaped.jsonl", escaped))
    assert_nowhere(home)


def written(rows: list[list[str]], **dialect: Any) -> bytes:
    target = io.StringIO()
    csv.writer(target, **dialect).writerows(rows)
    return target.getvalue().encode()


COLUMNS = [
    *NAMES,
    "HyperParameters.api_key",
    "HyperParameters_api_key",
    "environment.HF_TOKEN",
    "TrainingJob.Environment.HF_TOKEN",
    "environment/HF_TOKEN",
    "environment_HF_TOKEN",
    "service_request_payload",
]


@pytest.mark.thorough
@pytest.mark.parametrize("name", COLUMNS)
def test_cells_below_any_spelling(home: Home, name: str) -> None:
    header = ["job_name", "created_at", name]
    rows = [header, ["a", at(0), SECRET], ["b", "never", SECRET], ["c", at(1), SECRET, "more"]]
    take(
        home,
        uploaded("comma.csv", written(rows)),
        uploaded("bar.csv", written(rows, delimiter="|")),
        uploaded("tab.tsv.gz", gzip.compress(written(rows, delimiter="\t"))),
        uploaded(
            "flat.parquet", parquet({name: [SECRET], "job_name": ["a"], "created_at": [at(0)]})
        ),
        uploaded("rows.jsonl", lines({"job_name": "a", "created_at": at(0), name: SECRET})),
    )
    assert_nowhere(home)


CELLS: dict[str, str] = {
    "JSON": json.dumps({"a": {"Environment": {"TOKEN": SECRET}}}),
    "JSON in JSON": json.dumps({"output": json.dumps({"hyper_parameters": {"k": SECRET}})}),
    "a log line": f'INFO start {{"HyperParameters": {{"k": "{SECRET}"}}}}',
    "Python": repr({"Environment": {"TOKEN": SECRET}}),
    "a command line": f"train.py --hyperparameters 'api_key={SECRET}'",
    "SageMaker's own variable": f'SM_HPS={{"api_key":"{SECRET}"}}',
    "escaped": json.dumps({"x": {"Environment": {"T": SECRET}}}).replace("Env", "\\u0045nv"),
}


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target, **options)
    return target.getvalue()


@pytest.mark.thorough
@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_of_any_column(home: Home, cell: str) -> None:
    value = CELLS[cell]
    rows = [["job_name", "created_at", "note"], ["a", at(0), value], ["b", "never", value]]
    times = {"job_name": ["a", "b"], "created_at": [at(0), "never"]}
    take(
        home,
        uploaded("comma.csv", written(rows)),
        uploaded("semicolon.csv", written(rows, delimiter=";")),
        uploaded("malformed.csv", written([*rows, ["c", at(1), value, "and more"]])),
        # nobody wrote a header: the first record stands in its place
        uploaded("headless.csv", written(rows[1:])),
        uploaded("text.parquet", parquet({**times, "note": [value, "plain"]})),
        uploaded(
            "dictionary.parquet",
            parquet({**times, "note": pa.array([value, "x"]).dictionary_encode()}),
        ),
        uploaded("bytes.parquet", parquet({**times, "note": [value.encode(), b"x"]})),
        uploaded("nested.parquet", parquet({**times, "note": [[{"text": value}], []]})),
        uploaded(
            "map.parquet",
            parquet(
                {
                    **times,
                    "note": pa.array([[("k", value)], []], pa.map_(pa.string(), pa.string())),
                }
            ),
        ),
    )
    assert_nowhere(home)


def test_a_readable_job_keeps_all_but_the_secret(home: Home) -> None:
    note = json.dumps({"team": "search", "Environment": {"TOKEN": SECRET}})
    content = written([["job_name", "created_at", "user_name"], ["a", at(0), note]])
    take(home, uploaded("jobs.csv", content))
    with closing(open_home(home)) as store:
        found = orjson.loads(store.scalar("select user_name from training_jobs"))
    assert found == {"team": "search", "Environment": {}}


def test_what_parquet_says_of_itself(home: Home) -> None:
    table = pa.table({"job_name": ["a"], "created_at": [at(0)]}).replace_schema_metadata(
        {"origin": json.dumps({"environment": {"TOKEN": SECRET}})}
    )
    target = io.BytesIO()
    pq.write_table(table, target)
    take(home, uploaded("jobs.parquet", target.getvalue()))
    assert_nowhere(home)


def test_members_of_a_zip(home: Home) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.jsonl", lines(*documents("Environment")))
        archive.writestr("b.csv", written([["job_name", "environment"], ["a", SECRET]]))
    take(home, *uploaded_files("all.zip", target.getvalue()))
    assert_nowhere(home)


def test_one_secret_in_every_shape_at_once(home: Home) -> None:
    """Every spelling, in every shape, nesting and form of file, understood or not."""
    found = [document for name in NAMES for document in documents(name)]
    text = lines(*found)
    deep: Any = {"Environment": {"TOKEN": SECRET}}
    for _ in range(5):
        deep = {"output": json.dumps(deep)}
    # what JSON has no number for, half a character, one key twice, an end that is cut
    odd = (
        lines(describe_job("nan") | {"Environment": {"T": SECRET}}).replace(b'"Completed"', b"NaN")
        + lines({"HyperParameters": {"k": SECRET}, "x": "?"}).replace(b'"?"', b'"\\ud800"')
        + b'{"Environment": {"T": "%b"}, "Environment": {}}\n' % SECRET.encode()
        + lines(deep, [deep, [deep]], {"TOKEN": SECRET}, SECRET, [SECRET])
        + f"An error occurred: {SECRET}\n".encode()
    )
    pretty = b"".join(json.dumps(one, indent=2).encode() + b"\n" for one in found[::7])
    take(
        home,
        uploaded("lines.jsonl", text),
        uploaded("odd.jsonl", odd),
        uploaded("odd-first.jsonl", b"\n".join(reversed(odd.splitlines()))),
        uploaded("utf-16.json", text.decode().encode("utf-16")),
        uploaded("pretty.json", pretty.replace(b'"deeper"', b"deeper", 3)),
        uploaded("cut.json", json.dumps({"TrainingJobSummaries": found})[:-40].encode()),
        uploaded("python.txt", repr([{"Environment": {"TOKEN": SECRET}}, None]).encode()),
        *(
            uploaded(f"{number}.csv", written([["job_name", "created_at", name], *rows]))
            for number, name in enumerate(COLUMNS)
            for rows in [[["a", at(0), SECRET], ["b", "never", SECRET]]]
        ),
        uploaded(
            "cells.csv",
            written(
                [
                    ["job_name", "created_at", "note"],
                    *(["a", at(0), cell] for cell in CELLS.values()),
                ]
            ),
        ),
        uploaded(
            "columns.parquet",
            parquet(
                {
                    "job_name": ["a"],
                    "created_at": [at(0)],
                    "environment": pa.array([[("T", SECRET)]], pa.map_(pa.string(), pa.string())),
                    "hyperParameters": [{"api_key": SECRET}],
                    "definition": [{"Environment": {"T": SECRET}, "HyperParameters": [SECRET]}],
                    "EnvironmentVariables": [[{"Name": "T", "Value": SECRET}]],
                    "pairs": [[{"Name": "environment", "Value": SECRET}]],
                    "keys": pa.array(
                        [[("Environment", SECRET)]], pa.map_(pa.string(), pa.string())
                    ),
                    "note": pa.array([CELLS["JSON in JSON"]], pa.large_string()),
                    "view": pa.array([CELLS["a log line"]], pa.string_view()),
                }
            ),
        ),
    )
    assert_nowhere(home)


@pytest.mark.thorough
@pytest.mark.parametrize("memory_bytes", [10, 2**20, 2**28])
def test_standard_input(home: Home, monkeypatch: pytest.MonkeyPatch, memory_bytes: int) -> None:
    whole = spooling.Spool.of.__func__  # type: ignore[attr-defined]
    monkeypatch.setattr(
        spooling.Spool,
        "of",
        classmethod(
            lambda cls, stream, folder=None: whole(cls, stream, folder, memory_bytes=memory_bytes)
        ),
    )
    padding = [describe_job(f"job-{n}", FailureReason="x" * 2000) for n in range(900)]
    content = lines(*padding, *documents("Environment"))
    file = spool(io.BytesIO(content), home)
    # while the command runs: the spool, if it lies on disk at all, says nothing
    assert all(SECRET.encode() not in held for _, held in kept(home))
    with file.open() as opened:
        assert opened.read() == content
        opened.seek(1_500_000)
        assert opened.read(1000) == content[1_500_000:1_501_000]
    take(home, file)
    assert_nowhere(home)
    with closing(open_home(home)) as store:
        assert store.scalar("select count(*) from training_jobs") > 900


def test_a_preview(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[bytes] = []
    real = preview.parser

    def parser(place: Home, **options: Any) -> Any:
        looked_at.extend(path.read_bytes() for path in place.landing.iterdir() if path.is_file())
        return real(place, **options)

    monkeypatch.setattr(preview, "parser", parser)
    rows = [["id", "start", "note", "environment"], ["a", at(0), CELLS["JSON"], SECRET]]
    mapping = Mapping.parse('[columns]\njob_name = "id"\ncreated_at = "start"', "m")
    files = (
        uploaded("jobs.csv", written(rows)),
        uploaded("jobs.jsonl", lines({"id": "a", "start": at(0), "environment": SECRET})),
        uploaded("jobs.parquet", parquet({"id": ["a"], "start": [at(0)], "environment": [SECRET]})),
    )
    for file in files:
        assert preview.columns_to_map(home, file) is not None
        assert len(preview.rows_as_read(home, file, mapping)) == 1
    assert len(looked_at) == 6
    assert all(SECRET.encode() not in content for content in looked_at)
    assert not list(home.scratch.iterdir())


def test_names_that_only_look_alike_keep_their_values(home: Home) -> None:
    take(
        home,
        uploaded(
            "jobs.csv",
            written(
                [
                    ["job_name", "created_at", "user_name", "queue_name", "failure_reason"],
                    ["a", at(0), "environments", "hyperion", "Check the environment, please."],
                ]
            ),
        ),
    )
    with closing(open_home(home)) as store:
        row = store.frame("select user_name, queue_name, failure_reason from training_jobs")
    assert list(row.iloc[0]) == ["environments", "hyperion", "Check the environment, please."]


def test_a_mapping_of_a_column_that_holds_secrets_reads_nothing(home: Home) -> None:
    mapping = Mapping.parse(
        '[columns]\njob_name = "id"\ncreated_at = "at"\nuser_name = "environment"', "m"
    )
    content = written([["id", "at", "environment"], ["a", at(0), SECRET]])
    take(home, uploaded("jobs.csv", content), mapping=mapping)
    assert_nowhere(home)
