"""A process killed at any moment loses nothing, doubles nothing, and leaves nothing half."""

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from analytics.derived.derive import derive
from data.ingest.home_store import open_home
from data.ingest.rebuild import finish_swap
from data.store.home import Home
from data.store.store import Store
from tests.kills import operations
from tests.kills.contents import (
    Rows,
    contents,
    differences,
    files,
    side_tables,
    stray_parts,
    torn_imports,
    torn_payloads,
)
from tests.kills.zygote import Zygote

SEED = 7
KILLS = {"import_more": 6, "derive_stale": 3, "derive_anew": 4, "rebuild_all": 5, "forget_some": 2}
# what comes before an operation, and before that
BEFORE = {
    "merge_more": "import_first",
    "redefine": "merge_more",
    "import_all": "import_first",
    "truncate": "import_all",
    "import_more": "import_first",
    "derive_stale": "merge_more",
    "derive_anew": "redefine",
    "rebuild_all": "import_all",
    "forget_some": "import_all",
    "rebuild_with_loss": "truncate",
}
MOMENTS = [(name, number) for name, count in KILLS.items() for number in range(count)]

STEPS = [
    ("import_more", "renamed to landing", 1),  # one payload of a batch, not the other
    ("import_more", "renamed to landing", 2),  # payloads without a record
    ("import_more", "renamed to events", 1),  # one record of a batch, not the other
    ("import_more", "commit of merge_records", 1),  # records that are not merged
    ("import_more", "committed by merge_records", 1),  # merged, but not derived
    ("import_more", "renamed to failed", 1),
    ("import_more", "commit of merge_records", 3),  # the corrected mapping
    ("import_more", "committed by merge_records", 3),
    ("derive_stale", "commit of _derive_stale", 1),
    ("derive_stale", "committed by _derive_stale", 1),
    ("derive_anew", "committed by _derive_in_parts", 1),  # empty side tables
    ("derive_anew", "exchange: alter", 1),
    ("derive_anew", "exchange: drop", 2),
    ("derive_anew", "commit of _derive_in_parts", 7),
    ("derive_anew", "committed by _derive_in_parts", 7),
    ("rebuild_all", "committed by merge_records", 1),
    ("rebuild_all", "derive", 1),
    ("rebuild_all", "unlink stoker.duckdb.wal", 1),
    ("rebuild_all", "rename to stoker.duckdb", 1),
    ("rebuild_all", "renamed to stoker.duckdb", 1),
    ("rebuild_with_loss", "renamed to stoker.duckdb", 1),  # what has failed is not kept apart yet
    ("rebuild_with_loss", "renamed to failed", 1),
    ("rebuild_with_loss", "list failed", 1),
]
STEPS += [
    ("forget_some", "renamed to forgotten", 3),  # landed as forgotten, and still there
    ("forget_some", "committed by settle_forgotten", 1),  # others are to be merged again
    ("forget_some", "unlink landing", 1),
    ("forget_some", "committed by merge_records", 1),
]
if operations.HAS_SAMPLES:
    STEPS += [
        ("import_more", "renamed to metric_samples", 1),  # a part that nothing lists yet
        ("import_more", "committed by merge_records", 4),
    ]
# service jobs: merged, but not derived
STEPS.append(("import_more", "committed by merge_records", 4 + operations.HAS_SAMPLES))


@dataclass(frozen=True)
class Operation:
    """An operation, a home for it as it was before, and what an undisturbed run makes of it."""

    name: str
    base: Home
    before: dict[str, Rows]
    after: dict[str, Rows]
    files: set[str]
    duration_s: float


Undisturbed = Callable[[str], Operation]


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote() as running:
        yield running


@pytest.fixture(scope="module")
def undisturbed(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """Run an operation undisturbed, once for all tests."""

    @cache
    def made(name: str) -> Home:
        home = Home(tmp_path_factory.mktemp(name) / "home")
        if name in BEFORE:
            copy_of(made(BEFORE[name]), home.root)
        assert zygote.run(name, home.root).status == 0
        # the process ended with its database open: whatever is killed finds a log to replay
        assert Path(f"{home.database}.wal").stat().st_size > 0
        return home

    @cache
    def running(name: str) -> Operation:
        folder = tmp_path_factory.mktemp(name)
        base = made(BEFORE[name])
        before = copy_of(base, folder / "before")
        with closing(Store.open(before)) as store:
            derived = contents(store, only_derived=True)
        ended = copy_of(base, folder / "ended")
        end = zygote.run(name, ended.root)
        assert end.status == 0
        with closing(open_home(ended, derivation=derive)) as store:
            after = contents(store)
        return Operation(name, base, derived, after, files(ended), end.duration_s)

    return running


def copy_of(home: Home, folder: Path) -> Home:
    return Home(shutil.copytree(home.root, folder))


@pytest.mark.every_case
@pytest.mark.parametrize(("name", "number"), MOMENTS)
def test_a_kill_at_a_random_moment_is_harmless(
    zygote: Zygote, undisturbed: Undisturbed, tmp_path: Path, name: str, number: int
) -> None:
    operation = undisturbed(name)
    share = (number + random.Random(f"{SEED} {name} {number}").random()) / KILLS[name]
    delay_s = share * operation.duration_s
    for attempt in range(20):
        home = copy_of(operation.base, tmp_path / f"home-{attempt}")
        if zygote.run(name, home.root, kill_after_s=delay_s).is_killed:
            break
        delay_s *= 0.8  # it was quicker than the undisturbed run
    else:
        pytest.fail("the operation always ended before it was killed")
    check(operation, home)
    if name == "rebuild_all":
        operations.rebuild_all(home)
        check_contents(operation, home)


@pytest.mark.thorough
@pytest.mark.parametrize(("name", "step", "number"), STEPS)
def test_a_kill_at_any_step_is_harmless(
    zygote: Zygote, undisturbed: Undisturbed, tmp_path: Path, name: str, step: str, number: int
) -> None:
    operation = undisturbed(name)
    home = copy_of(operation.base, tmp_path / "home")
    assert zygote.run(name, home.root, step=(step, number)).is_killed
    check(operation, home)


def check(operation: Operation, home: Home) -> None:
    """Check a home whose process was killed: as it lies there, and once it is opened again."""
    if operation.name != "rebuild_with_loss":
        assert torn_imports(home) == []
        assert torn_payloads(home) == []
    # imports publish more versions than two; so does what is merged again
    if operation.name not in ("import_more", "forget_some"):
        check_version(operation, copy_of(home, home.root.with_name("version")))
    if operation.name == "import_more":
        operations.import_more(home)
    elif operation.name == "forget_some":
        operations.forget_some(home)
    check_contents(operation, home)


def check_version(operation: Operation, home: Home) -> None:
    """Check that a reader finds the version before or the one after, before anything is done."""
    finish_swap(home)
    with closing(Store.open(home)) as store:
        found = contents(store, only_derived=True)
    after = {name: operation.after[name] for name in found}
    assert not differences(found, operation.before) or not differences(found, after)


def check_contents(operation: Operation, home: Home) -> None:
    """Check that a home holds the same as after an undisturbed run, and nothing else."""
    with closing(open_home(home, derivation=derive)) as store:
        assert differences(contents(store), operation.after) == {}
        assert side_tables(store) == []
        assert stray_parts(store) == set()
    assert files(home) == operation.files
