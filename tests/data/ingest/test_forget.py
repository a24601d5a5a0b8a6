"""An import that was taken back: all is as if it had never come in, also after a rebuild."""

import random
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from analytics.derived.derive import derive
from data.errors import StokerError, WrongUseError
from data.files.mapping import Mapping
from data.ingest.forget import forget
from data.ingest.home_store import open_home
from data.ingest.pipeline import ingest, ingest_files, uploaded
from data.ingest.rebuild import rebuild
from data.raw.landing import landed_record
from data.store.home import Home
from data.store.store import Store
from tests.conftest import describe_job, lines
from tests.kills import operations
from tests.kills.contents import contents, differences, files

FIRST, CORRECTED = (
    Mapping.parse(rules, name)
    for rules, name in (
        (operations.FIRST_RULES, "first"),
        (operations.CORRECTED_RULES, "corrected"),
    )
)
# pages, samples and jobs repeat records of each other; the table comes under two mappings
FILES = (
    *((operations._page(number), None) for number in (0, 1, 2)),
    (uploaded("again.jsonl", operations._page(1).open().read() + lines(describe_job("x"))), None),
    (operations._table(), FIRST),
    (operations._samples(0), None),
    (operations._samples(1), None),
    (operations._prices(), None),
    (operations._table(), CORRECTED),
)
NewHome = Callable[[], Home]


def filled(home: Home, places: Sequence[int]) -> Store:
    store = open_home(home, derivation=derive)
    for place in places:
        file, mapping = FILES[place]
        list(ingest_files(store, [file], mapping=mapping))
    return store


def numbers(store: Store, places: Sequence[int]) -> list[int]:
    """Return the numbers of the imports of some files."""
    chosen = [FILES[place] for place in places]
    wanted = [file.name + (mapping.name if mapping else "") for file, mapping in chosen]
    rows = store.frame(
        "select import_id from imports"
        " where list_contains($wanted, file_name || coalesce(mapping_name, ''))",
        {"wanted": wanted},
    )
    return [int(number) for number in rows["import_id"]]


@pytest.mark.parametrize(
    "places",
    [
        pytest.param((1, 5, 8), marks=pytest.mark.thorough),
        *(
            pytest.param(tuple(random.Random(n).sample(range(9), n % 4 + 1)),
                         marks=pytest.mark.thorough)
            for n in range(12)
        ),
    ],
    ids=str,
)  # fmt: skip
def test_without_an_import_all_is_as_if_it_had_never_come_in(
    new_home: NewHome, places: tuple[int, ...]
) -> None:
    rest = [place for place in range(len(FILES)) if place not in places]
    with closing(filled(new_home(), rest)) as other:
        expected, landed = contents(other), files(other.home)
    home = new_home()
    with closing(filled(home, range(len(FILES)))) as store:
        forget(store, numbers(store, places))
        assert differences(contents(store), expected) == {}
    found = {name for name in files(home) if "forgotten" not in name}
    assert {name for name in found if "duckdb" not in name} == {
        name for name in landed if "duckdb" not in name
    }
    rebuild(home, derivation=derive)
    with closing(open_home(home, derivation=derive)) as store:
        assert differences(contents(store), expected) == {}
        # and once again it is there once
        for place in places:
            file, mapping = FILES[place]
            list(ingest_files(store, [file], mapping=mapping))
        job_count = store.scalar("select count(*) from training_jobs")
    with closing(filled(new_home(), range(len(FILES)))) as whole:
        assert job_count == whole.scalar("select count(*) from training_jobs")
    with closing(open_home(home, derivation=derive)) as store:
        assert job_count == store.scalar("select count(*) from training_jobs")


def test_what_is_not_there_is_refused_and_a_failed_import_goes_from_the_list(store: Store) -> None:
    ingest(store, uploaded("good.jsonl", lines(describe_job("a"))))
    with pytest.raises(StokerError):
        ingest(store, uploaded("bad.csv", b"what\n1\n"))
    good, failed = store.frame("select import_id from imports order by all")["import_id"]
    with pytest.raises(WrongUseError, match="no import 99; nothing was changed"):
        forget(store, [int(good), 99])
    forget(store, [int(failed)])
    assert store.scalar("select string_agg(file_name) from imports") == "good.jsonl"
    assert not list(store.home.failed.iterdir())


def test_what_would_lose_another_import_is_refused(store: Store, tmp_path: Path) -> None:
    one, two = lines(describe_job("a")), lines(describe_job("a"), describe_job("b"))
    first = ingest(store, uploaded("one.jsonl", one))
    ingest(store, uploaded("two.jsonl", two))
    for path in store.home.events.iterdir():
        record = landed_record(store.home, path.stem)
        if record.file_name == "two.jsonl":
            record.payload(store.home).write_bytes(b"cut")
    with pytest.raises(StokerError, match="nothing was changed"):
        forget(store, [first.import_id])
    assert store.scalar("select count(*) from training_jobs") == 2
