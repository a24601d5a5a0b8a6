"""Capacity from a small file: what holds for which queue, share or type, and from when on."""

import io
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pandas as pd
import pytest

from data.errors import StokerError
from data.files.mapping import Mapping
from data.ingest.home_store import open_home
from data.ingest.pipeline import ImportResult, ingest
from data.ingest.rebuild import rebuild
from data.raw.inputs import uploaded
from data.store.home import Home
from data.store.store import Store

Take = Callable[..., ImportResult]
NAMES = "queue_name, share_name, instance_type, observed_at, capacity, capacity_unit"


def rows(store: Store) -> list[tuple[Any, ...]]:
    found = store.frame(f"select {NAMES} from capacity order by all").astype(object)
    return [tuple(row) for row in found.where(found.notna(), None).itertuples(index=False)]


def test_a_row_may_name_queue_share_type_time_and_unit(store: Store) -> None:
    content = (
        b"queue_name,share_name,instance_type,observed_at,capacity,capacity_unit\n"
        b"gpus,,ml.p4d.24xlarge,2026-03-01T00:00:00Z,100,instances\n"
        b"gpus,vision,,2026-03-01T00:00:00+01:00,60,\n"
        b"gpus,speech,,,40.5,Accelerators\n"
    )
    result = ingest(store, uploaded("capacity.csv", content), kind="capacity")
    assert (result.accepted_count, result.rejected_count) == (3, 0)
    assert rows(store) == [
        ("gpus", "speech", None, None, 40.5, "accelerators"),
        ("gpus", "vision", None, pd.Timestamp("2026-02-28T23:00Z"), 60, "instances"),
        ("gpus", None, "ml.p4d.24xlarge", pd.Timestamp("2026-03-01T00:00Z"), 100, "instances"),
    ]


def test_a_number_alone_is_the_capacity_of_all_and_always(store: Store) -> None:
    result = ingest(store, uploaded("capacity.csv", b"capacity\n8\n"))
    assert result.kind == "capacity"
    assert rows(store) == [(None, None, None, None, 8, "instances")]


@pytest.mark.parametrize("name", ["effective_from", "from", "at", "time", "date", "Effective From"])
def test_a_time_may_go_by_several_names(store: Store, name: str) -> None:
    content = f"queue,{name},capacity\ngpus,2026-03-01T00:00:00Z,100\n".encode()
    ingest(store, uploaded("capacity.csv", content), kind="capacity")
    ((queue, *_, moment, capacity, _),) = [(row[0], *row[3:]) for row in rows(store)]
    assert (queue, moment, capacity) == ("gpus", pd.Timestamp("2026-03-01T00:00Z"), 100)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("gpus,2026-03-01T00:00:00Z,-1,", "capacity '-1' is negative"),
        ("gpus,2026-03-01T00:00:00Z,many,", "capacity 'many' is not a number"),
        ("gpus,2026-03-01T00:00:00Z,,", "no capacity"),
        ("gpus,2026-03-01T00:00:00Z,1e300,", "more than"),
        ("gpus,2026-03-01T00:00:00,5,", "has no offset, and no time_zone is given"),
        ("gpus,some day,5,", "observed_at 'some day' is not a time"),
        ("gpus,2026-03-01T00:00:00Z,5,racks", "capacity_unit 'racks' is neither"),
    ],
)
def test_a_wrong_row_is_rejected_with_a_reason(store: Store, row: str, reason: str) -> None:
    content = f"queue_name,observed_at,capacity,capacity_unit\n{row}\nother,,1,\n".encode()
    result = ingest(store, uploaded("capacity.csv", content))
    assert (result.kind, result.accepted_count, result.rejected_count) == ("capacity", 1, 1)
    assert reason in store.scalar("select reason from rejected_rows")
    assert store.scalar("select next_action from rejected_rows").endswith(".")


def test_a_mapping_reads_any_file_and_a_corrected_one_replaces_it(store: Store) -> None:
    text = """
        kind = "capacity"
        time_zone = "Europe/Berlin"
        [columns]
        queue_name = {{ constant = "gpus" }}
        capacity = {{ column = "nodes", scale = {} }}
        observed_at = "when"
    """
    content = b"when;nodes\n2026-03-01 01:00:00;2\n"
    for scale in (1, 8):
        mapping = Mapping.parse(text.format(scale), "m")
        ingest(store, uploaded("nodes.csv", content), mapping=mapping)
    assert rows(store) == [("gpus", None, None, pd.Timestamp("2026-03-01T00:00Z"), 16, "instances")]


def test_parquet_is_read_too(store: Store) -> None:
    buffer = io.BytesIO()
    pd.DataFrame(
        {
            "queue_name": ["gpus"],
            "observed_at": [pd.Timestamp("2026-03-01T00:00Z")],
            "capacity": [100],
        }
    ).to_parquet(buffer)
    result = ingest(store, uploaded("capacity.parquet", buffer.getvalue()))
    assert (result.kind, result.accepted_count) == ("capacity", 1)
    assert rows(store)[0][4] == 100


def test_a_file_that_grows_counts_no_row_twice(home: Home) -> None:
    header = "queue_name,share_name,observed_at,capacity\n"
    first = "gpus,,2026-03-01T00:00:00Z,100\ngpus,vision,,60\n"
    more = "gpus,,2026-04-01T00:00:00Z,120\n"
    with closing(open_home(home)) as store:
        ingest(store, uploaded("capacity.csv", (header + first).encode()))
        ingest(store, uploaded("capacity.csv", (header + first + more).encode()))
        ingest(store, uploaded("corrected.csv", (header + "gpus,vision,,70\n").encode()))
        before = rows(store)
    # of two rows for the same time, the one of the newer file holds
    assert [(row[1], row[4]) for row in before] == [("vision", 70), (None, 100), (None, 120)]
    rebuild(home)
    with closing(open_home(home)) as store:
        assert rows(store) == before


def test_a_file_without_a_capacity_says_so(store: Store) -> None:
    with pytest.raises(StokerError, match="no column capacity"):
        ingest(store, uploaded("x.csv", b"queue_name,nodes\ngpus,5\n"), kind="capacity")
