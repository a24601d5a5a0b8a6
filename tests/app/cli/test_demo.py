"""`stoker demo`: fills a home that holds nothing real."""

import json
from pathlib import Path

from tests.app.conftest import Stoker


def test_demo_fills_an_empty_home_once_and_marks_it(run: Stoker, tmp_path: Path) -> None:
    first = run("demo")
    assert first.status == 0
    assert "demo-history.jsonl: " in first.out
    assert (tmp_path / "home" / "DEMO").exists()
    assert run("demo").out == "The demo history is there already.\n"
    assert json.loads(run("status", "--format", "json").out)["is_demo"] is True


def test_demo_refuses_a_home_with_real_data(filled: Stoker, tmp_path: Path) -> None:
    ran = filled("demo")
    assert ran.status == 1
    assert "holds 1 real file" in ran.err
    assert not (tmp_path / "home" / "DEMO").exists()
