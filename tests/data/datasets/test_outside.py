"""A dataset from a folder outside the package works from end to end, whatever its policy."""

import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import data.datasets
from data import tables
from data.datasets.catalog import dataset_named, datasets
from data.errors import StokerError
from data.files.mapping import Mapping
from data.ingest.home_store import open_home
from data.ingest.pipeline import ImportResult, ingest, ingest_files, uploaded
from data.ingest.rebuild import rebuild
from data.store.home import Home
from data.store.store import Store
from tests.conftest import at, describe_job, lines

DECLARATION = """
'''Toys, from outside the package.'''

from data.datasets.dataset import Dataset, WritePolicy
from tests.data.datasets.keeping import in_parts, of_files, with_versions
from data.files.target import target
from data.tables import COLUMNS
from data.tables.declaration import Column, Field, Merge, Table

POLICY = WritePolicy.{policy}
TOYS = Table(
    "toys",
    "One row a toy",
    (
        Field(Column("toy_name", "varchar", "Name of the toy"), is_required=True, merge=Merge.KEY),
        Field(Column("made_at", "timestamptz", "When it was made"), is_required=True,
              merge=Merge.{time_merge}),
        Field(Column("toy_size_s", "double", "How long it is played with")),
        Field(Column("toy_maker", "varchar", "Who made it")),
    ),
)
VERSIONS = None
if POLICY is WritePolicy.UPSERT:
    TOYS, VERSIONS = with_versions(TOYS)
elif POLICY is WritePolicy.APPEND:
    TOYS = in_parts(TOYS)
else:
    TOYS = of_files(TOYS)

DATASET = Dataset(
    kind="toys",
    label="toys",
    target=target(TOYS),
    policy=POLICY,
    versions=VERSIONS,
    time_column="made_at",
)
"""

HEADER = "toy_name,made_at,toy_size_s,toy_maker\n"
FIRST = f"{HEADER}bear,{at(0)},3,\ncar,{at(60)},-1,x\ndoll,yesterday,1,x\n,{at(1)},1,x\n".encode()
SECOND = lines(
    {"toy_name": "bear", "made_at": at(0), "toy_maker": "ann"},
    {"toy_name": "ball", "made_at": at(120), "toy_size_s": 5},
)


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Adds a folder with the dataset, kept by one policy, to the search path."""
    folder = tmp_path / "elsewhere"

    def add(policy: str) -> None:
        package = folder / "toys"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("")
        time_merge = "KEY" if policy == "APPEND" else "NEWEST"
        (package / "dataset.py").write_text(
            textwrap.dedent(DECLARATION.format(policy=policy, time_merge=time_merge))
        )
        monkeypatch.setattr(data.datasets, "__path__", [*data.datasets.__path__, str(folder)])
        monkeypatch.setattr(tables, "_registered", {})

    yield add
    for name in [name for name in sys.modules if name.startswith("data.datasets.toys")]:
        del sys.modules[name]


def rows(store: Store) -> list[tuple[Any, ...]]:
    found = store.frame("select toy_name, toy_size_s, toy_maker from toys order by all").astype(
        object
    )
    return [tuple(row) for row in found.where(found.notna(), None).itertuples(index=False)]


MERGED = {
    # field by field: the maker is added, the size stays
    "UPSERT": [("ball", 5.0, None), ("bear", 3.0, "ann")],
    # the first with a key stays
    "APPEND": [("ball", 5.0, None), ("bear", 3.0, None)],
    "REPLACE": [("ball", 5.0, None), ("bear", 3.0, None), ("bear", None, "ann")],
}
COUNTS = {"UPSERT": (2, 0), "APPEND": (1, 1), "REPLACE": (2, 0)}


@pytest.mark.parametrize("policy", MERGED)
def test_a_toy_dataset_is_recognised_checked_merged_listed_and_rebuilt(
    home: Home, toys: Callable[[str], None], policy: str
) -> None:
    toys(policy)
    assert "toys" in datasets()
    with closing(open_home(home)) as store:
        files = [
            uploaded("toys.csv", FIRST),
            uploaded("jobs.jsonl", lines(describe_job("a"))),
            uploaded("more.jsonl", SECOND),
        ]
        first, jobs, second = ingest_files(store, files)
        assert isinstance(first, ImportResult)
        assert isinstance(second, ImportResult)
        assert [first.kind, jobs.kind, second.kind] == ["toys", "jobs", "toys"]
        assert (first.accepted_count, first.rejected_count) == (1, 3)
        assert (second.accepted_count, second.unchanged_count) == COUNTS[policy]
        assert rows(store) == MERGED[policy]
        rejected = store.frame("select row_number, reason from rejected_rows order by row_number")
        assert list(rejected["row_number"]) == [2, 3, 4]
        assert "toy_size_s '-1' is negative" in rejected["reason"][0]
        assert "made_at 'yesterday' is not a time" in rejected["reason"][1]
        assert rejected["reason"][2] == "The row has no toy_name."
        listed = store.frame(
            "select epoch(first_record_at) as first, epoch(last_record_at) as last"
            " from imports where kind = 'toys' order by import_id"
        )
        assert list(listed["last"] - listed["first"]) == [0, 120]
        # the same again changes nothing
        assert ingest(store, files[0]).is_known_file
    rebuild(home)
    with closing(open_home(home)) as store:
        assert rows(store) == MERGED[policy]
        assert store.scalar("select count(*) from imports") == 3


@pytest.mark.parametrize("policy", MERGED)
def test_a_mapping_reads_any_file_as_toys_and_a_corrected_one_replaces_it(
    home: Home, toys: Callable[[str], None], policy: str
) -> None:
    toys(policy)
    text = """
        kind = "toys"
        [columns]
        toy_name = "what"
        made_at = {{ column = "when", unit = "s" }}
        toy_size_s = {{ column = "ms", scale = {} }}
    """
    content = b"what;when;ms\nbear;1772438400;5000\n"
    with closing(open_home(home)) as store:
        ingest(store, uploaded("other.csv", FIRST))
        for scale in (1, 0.001):
            mapping = Mapping.parse(text.format(scale), "m")
            result = ingest(store, uploaded("t.csv", content), mapping=mapping)
            assert result.kind == "toys"
        sizes = store.frame("select toy_size_s from toys where toy_maker is null order by all")
    # the bear of the other file has the same key: it is changed, kept first, or kept beside
    expected = {"UPSERT": [5.0], "APPEND": [3.0], "REPLACE": [3.0, 5.0]}
    assert list(sizes["toy_size_s"]) == expected[policy]


def test_a_mapping_names_the_columns_of_its_kind(toys: Callable[[str], None]) -> None:
    toys("UPSERT")
    with pytest.raises(StokerError, match="toy_nam .* Did you mean toy_name"):
        Mapping.parse('kind = "toys"\n[columns]\ntoy_nam = "x"', "m")
    with pytest.raises(StokerError, match="job_name is not a valid canonical column"):
        Mapping.parse('kind = "toys"\n[columns]\njob_name = "x"', "m")


def test_an_unknown_kind_names_those_that_there_are() -> None:
    with pytest.raises(StokerError, match="no kind of record called 'toys'") as caught:
        dataset_named("toys")
    assert caught.value.next_action == f"Use one of: {', '.join(datasets())}."


def test_two_datasets_of_one_kind_are_refused(toys: Callable[[str], None], tmp_path: Path) -> None:
    toys("UPSERT")
    copy = tmp_path / "elsewhere" / "toys_again"
    copy.mkdir()
    (copy / "__init__.py").write_text("")
    (copy / "dataset.py").write_text("from data.datasets.toys.dataset import DATASET\n")
    with pytest.raises(ValueError, match="two datasets"):
        datasets()
