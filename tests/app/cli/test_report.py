"""`stoker report`: a file that appears whole, or standard output."""

from pathlib import Path

import pytest

from tests.app.conftest import Stoker


def test_a_report_is_written_in_the_form_of_its_ending(filled: Stoker, tmp_path: Path) -> None:
    html, text = tmp_path / "report.html", tmp_path / "report.md"
    ran = filled("report", "--out", str(html))
    assert (ran.status, ran.out) == (0, "")
    assert str(html) in ran.err
    assert html.read_text(encoding="utf-8").startswith("<!doctype html>")
    ran = filled("report", "--out", str(text), "--where", "region=eu-west-1")
    assert ran.status == 0
    assert "- region: eu-west-1" in text.read_text(encoding="utf-8")
    assert "**1 job**" not in text.read_text(encoding="utf-8")
    assert {path.name for path in tmp_path.glob("*report*")} == {"report.html", "report.md"}


def test_an_empty_home_says_so(run: Stoker) -> None:
    ran = run("report", "--out", "-", "--format", "md")
    assert ran.status == 0
    assert "No jobs yet" in ran.out
    assert "No job here" in ran.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--out", "report.pdf"), "says no format"),
        (("--out", "-", "--where", "no_such=1"), "no column 'no_such'"),
        ((), "--out"),
    ],
)
def test_wrong_use_is_refused(options: tuple[str, ...], message: str, run: Stoker) -> None:
    ran = run("report", *options)
    assert ran.status == 2
    assert message in ran.err
