"""A sync that is killed at any moment loses no job and doubles none."""

import random
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from data.aws.sync import sync
from data.ingest.home_store import open_home
from data.store.home import Home
from tests.aws_server.clock import Clock
from tests.aws_server.history import AwsHistory
from tests.aws_server.server import AwsServer
from tests.data.aws.conftest import FAST, NOW, facts
from tests.kills.contents import stray_parts, torn_imports, torn_payloads
from tests.kills.zygote import Zygote

JOBS = 500
KILLS = 10
KILL_WITHIN = (0.8, 0.4, 0.2)
"""Of each home three syncs are killed, within so much of the time that an undisturbed one takes."""
SEED = 3


@pytest.fixture(scope="module")
def aws() -> Iterator[AwsServer]:
    with (
        AwsServer(AwsHistory(Clock(NOW), jobs=JOBS)) as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        server.set_environment(patch)
        # as far away as AWS is: most of the time goes by between two answers
        server.knobs.largest_page = 25
        yield server


@pytest.fixture(scope="module")
def zygote(aws: AwsServer) -> Iterator[Zygote]:
    with Zygote() as running:  # it has the server's address from its environment
        yield running


def new_home(empty_database: Path, folder: Path) -> Home:
    home = Home(folder).create()
    shutil.copy(empty_database, home.database)
    (home.root / "stoker.toml").write_text(FAST)
    return home


def test_kills_at_random_moments_leave_what_an_undisturbed_run_leaves(
    aws: AwsServer, zygote: Zygote, empty_database: Path, tmp_path: Path
) -> None:
    whole = new_home(empty_database, tmp_path / "whole")
    duration_s = zygote.run("sync_from_aws", whole.root).duration_s
    with closing(open_home(whole)) as store:
        expected = facts(store)
        assert store.scalar("select count(*) from training_jobs") == JOBS
    moments = random.Random(SEED)
    killed_count = number = 0
    while killed_count < KILLS:
        home = new_home(empty_database, tmp_path / f"home-{number}")
        number += 1
        # what was read before is not read again: the next is over sooner
        for share in KILL_WITHIN:
            after_s = duration_s * share * moments.random()
            if not zygote.run("sync_from_aws", home.root, kill_after_s=after_s).is_killed:
                break
            killed_count += 1
            assert torn_imports(home) == []
            assert torn_payloads(home) == []
        with closing(open_home(home)) as store:
            report = sync(store, sources=("batch", "jobs"), now=aws.clock.instant)
            assert report.problems == []
            assert facts(store) == expected
            assert stray_parts(store) == set()
