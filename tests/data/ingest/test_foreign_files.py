"""Imports of other programs' files: what is said of them, passed over, refused, and told apart."""

import io
import tarfile
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from analytics.query import Filters
from data.errors import StokerError
from data.files.mapping import Mapping
from data.ingest.pipeline import ingest, ingest_files
from data.raw.inputs import input_files, uploaded, uploaded_files
from data.raw.other_files import PassedOver, passed_over
from data.store.home import Home
from data.store.store import Store
from tests.conftest import ask, describe_job, lines
from tests.data.files.test_foreign_exports import AUTUMN, SACCT, SPREADSHEET, STEPS, WRAPPED

MAC = (
    "export/job0.json",
    "__MACOSX/export/._job0.json",
    "export/.DS_Store",
    "export/empty.json",
    "export/Thumbs.db",
    "export/desktop.ini",
    "README.md",
    "export/job1.json",
)


def written(folder: Path) -> Path:
    """Write a folder as a Mac leaves it."""
    for name in MAC:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        is_job = path.stem.startswith("job")
        content = lines(describe_job(path.stem)) if is_job else b"\0\5\x16\7"
        path.write_bytes(b"" if path.stem == "empty" else content)
    return folder


@pytest.mark.parametrize("is_zip", [False, True], ids=["folder", "zip"])
def test_what_a_mac_leaves_behind_is_passed_over_and_named(
    store: Store, tmp_path: Path, is_zip: bool
) -> None:
    folder = written(tmp_path / "folder")
    passed: list[PassedOver] = []
    if is_zip:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            archive.mkdir("export")
            for name in MAC:
                archive.write(folder / name, name)
        files = uploaded_files("mac.zip", target.getvalue(), passed.append)
    else:
        files = input_files(folder, passed.append)
    outcomes = list(ingest_files(store, files))
    assert [outcome.file_name for outcome in outcomes] == ["export/job0.json", "export/job1.json"]
    assert store.scalar("select count(*) from training_jobs") == 2
    assert {one.name for one in passed} == set(MAC) - {"export/job0.json", "export/job1.json"}
    told = passed_over(passed)
    assert all(name in told for name in ("README.md", "Thumbs.db", "export/empty.json (empty)"))


REPR = """{'BillableTimeInSeconds': 680,
 'CreationTime': datetime.datetime(2024, 11, 7, 17, 20, tzinfo=tzlocal()),
 'TrainingJobName': 'a'}
"""


def tar() -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.json"))
    return target.getvalue()


def workbook() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    return target.getvalue()


REFUSED: dict[str, tuple[bytes, str]] = {
    "Python's print": (REPR.encode(), r"json\.dumps\(answer, default=str\)"),
    "Python's print of a list": (f"[{REPR}]".encode(), r"json\.dumps\(answer, default=str\)"),
    "Feather": (b"ARROW1\0\0rest", "Feather.*Parquet"),
    "tar": (tar(), "tar archive.*Unpack it"),
    "Excel": (workbook(), "Excel workbook.*CSV"),
    "SQLite": (b"SQLite format 3\0", "SQLite"),
}


@pytest.mark.parametrize(("content", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_another_format_is_refused_by_its_name(store: Store, content: bytes, message: str) -> None:
    with pytest.raises(StokerError, match=message):
        list(map(partial(ingest, store), uploaded_files("answer.txt", content)))


@pytest.mark.derived
def test_an_import_says_how_it_was_read(store: Store) -> None:
    nested = (
        '[columns]\njob_name="name"\ncreated_at="at"\n'
        'instance_type="resource.InstanceType"\ninstance_count={constant=1}'
    )
    cases = (
        ("steps.txt", STEPS, SACCT, "Left out: 3 rows, from row 2 on (step of a Slurm job)."),
        ("autumn.txt", AUTUMN, SACCT, "2 rows have a time in the hour that comes twice"),
        ("wrapped.json", WRAPPED, nested, "The rows lie below rows."),
        ("wrapped.json", WRAPPED, nested, "no pool_key and no role"),
        ("sheet.csv", SPREADSHEET, None, "decimal commas"),
    )
    for name, text, mapping, note in cases:
        result = ingest(
            store,
            uploaded(name, text.encode()),
            mapping=Mapping.parse(mapping, "m") if mapping else None,
        )
        assert result.note is not None
        assert note in result.note
    steps = ask(store, "imports").set_index("file_name").loc["steps.txt"]
    assert (steps["row_count"], steps["left_out_count"], steps["rejected_count"]) == (5, 3, 0)
    assert "Slurm" in steps["import_note"]
    findings = ask(store, "findings").set_index("finding")["job_count"]
    assert findings["time_unclear"] == 2
    assert findings["pool_key_of_export"] == 1


def test_utf_16_of_excel_is_read(store: Store) -> None:
    text = "job_name\tcreated_at\nä\t2026-03-02T08:00:00Z\n"
    ingest(store, uploaded("sheet.txt", text.encode("utf-16")))
    assert store.scalar("select job_name from training_jobs") == "ä"


HEAD = "job_name,created_at,training_started_at,training_ended_at,status,instance_count,"
TWO_REGIONS = f"""{HEAD}instance_type,region,pool_key
a,2025-06-01T00:00:00Z,2025-06-01T00:00:00Z,2025-06-01T00:10:00Z,Completed,1,ml.m5.xlarge,us-east-1,p
b,2025-06-01T00:15:00Z,2025-06-01T00:15:00Z,2025-06-01T00:20:00Z,Completed,1,ml.m5.xlarge,us-east-1,p
c,2025-06-01T00:12:00Z,2025-06-01T00:12:00Z,2025-06-01T00:14:00Z,Completed,1,ml.m5.xlarge,eu-west-1,p
"""
EAST, WEST = "p · us-east-1", "p · eu-west-1"


def keys(store: Store) -> dict[str, str]:
    rows = store.frame("select job_name, pool_key from job_facts order by job_name")
    return dict(zip(rows["job_name"], rows["pool_key"], strict=True))


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "one by one"])
@pytest.mark.derived
def test_one_key_in_two_regions_is_two_pools_everywhere(store: Store, at_once: bool) -> None:
    head, *rows = TWO_REGIONS.splitlines()
    parts = [TWO_REGIONS] if at_once else ["\n".join([head, row]) for row in rows]
    for place, part in enumerate(parts):
        ingest(store, uploaded(f"{place}.csv", part.encode()))
        if not at_once and place == 1:
            assert keys(store) == {"a": "p", "b": "p"}
    assert keys(store) == {"a": EAST, "b": EAST, "c": WEST}
    assert sorted(ask(store, "pools")["pool_key"]) == [WEST, EAST]
    rates = ask(store, "warm_pool_hit_rate", by="pool_key").set_index("group_value")["job_count"]
    assert dict(rates) == {EAST: 2, WEST: 1}
    assert set(ask(store, "keep_alive_advice")["pool_key"]) == {EAST, WEST}
    assert set(ask(store, "keep_alive_curve")["pool_key"]) == {EAST, WEST}
    only = ask(store, "jobs", Filters(where=(("pool_key", WEST),)))
    assert list(only["job_name"]) == ["c"]
    # the key as it was written means it in every region
    both = ask(store, "jobs", Filters(where=(("pool_key", "p"),)))
    assert sorted(both["job_name"]) == ["a", "b", "c"]


@pytest.mark.derived
def test_a_key_is_told_apart_after_a_rebuilding_too(
    store: Store, home: Home, new_home: Callable[[], Home]
) -> None:
    ingest(store, uploaded("all.csv", TWO_REGIONS.encode()))
    # the import of the other region is replaced by one that has none of its jobs
    mapping = Mapping.parse('[leave_out]\nregion = "eu-west-1"\n', "east")
    ingest(store, uploaded("all.csv", TWO_REGIONS.encode()), mapping=mapping)
    assert keys(store) == {"a": "p", "b": "p"}


EXPORT = """job_name,created_at,training_started_at,training_ended_at,instance_type,instance_count
a,2025-06-01T00:00:00Z,2025-06-01T00:00:00Z,2025-06-01T00:10:00Z,ml.m5.xlarge,1
b,2025-06-01T00:15:00Z,2025-06-01T00:15:00Z,2025-06-01T00:20:00Z,ml.m5.xlarge,1
c,2025-06-01T00:15:00Z,2025-06-01T00:15:00Z,2025-06-01T00:20:00Z,ml.m5.xlarge,2
d,2025-06-01T00:15:00Z,2025-06-01T00:15:00Z,2025-06-01T00:20:00Z,,2
"""


@pytest.mark.derived
def test_an_export_without_keys_gets_them_from_what_there_is(store: Store) -> None:
    ingest(store, uploaded("jobs.csv", EXPORT.encode()))
    found = keys(store)
    assert found["a"] == found["b"] != found["c"]
    eligible = store.frame("select job_name, eligibility from job_facts order by job_name")
    assert list(eligible["eligibility"]) == ["eligible"] * 3 + ["unknown"]
