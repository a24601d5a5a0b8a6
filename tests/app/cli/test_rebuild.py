"""`stoker rebuild`: the same answers from the landing alone."""

import json
from pathlib import Path

from tests.app.conftest import JOBS, Stoker


def test_rebuild_brings_the_same_answers_from_the_landing_alone(
    filled: Stoker, tmp_path: Path
) -> None:
    before = filled("ask", "jobs", "--format", "csv").out
    (tmp_path / "home" / "stoker.duckdb").unlink()
    ran = filled("rebuild")
    assert (ran.status, ran.err) == (0, "")
    assert "Rebuilt from 1 landed file(s)." in ran.out
    assert filled("ask", "jobs", "--format", "csv").out == before


def test_rebuild_replaces_a_damaged_database(filled: Stoker, tmp_path: Path) -> None:
    (tmp_path / "home" / "stoker.duckdb").write_bytes(b"not a database" * 1000)
    ran = filled("rebuild")
    assert ran.status == 0, ran.err
    assert len(json.loads(filled("ask", "jobs", "--format", "json").out)) == len(JOBS)


def test_rebuild_leaves_a_database_that_holds_more_than_the_landing(
    filled: Stoker, tmp_path: Path
) -> None:
    before = filled("ask", "jobs", "--format", "csv").out
    (payload,) = (
        path
        for path in (tmp_path / "home" / "landing").iterdir()
        if path.is_file() and path.stat().st_size
    )
    payload.write_bytes(payload.read_bytes()[:100])
    refused = filled("rebuild")
    assert (refused.status, refused.out) == (1, "")
    assert "jobs.jsonl" in refused.err
    assert "stoker rebuild --accept-loss" in refused.err
    assert filled("ask", "jobs", "--format", "csv").out == before
    accepted = filled("rebuild", "--accept-loss")
    assert accepted.status == 0
    assert "Rebuilt from 0 landed file(s); 1 failed." in accepted.out
    assert len(filled("ask", "jobs", "--format", "csv").out.splitlines()) == 1
