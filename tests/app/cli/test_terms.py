"""Lists of terms: aligned, wrapped on a terminal, and nothing in them is obeyed."""

import io
from pathlib import Path

import pytest

from app.cli.invocation import Invocation
from app.cli.terms import write_terms

TERMS = [
    ("run_usd", "list cost of the billable time without billed startup, USD"),
    ("a_longer_name", "[red]none[/red] \x1b[2J"),
]


def written(width: int | None) -> list[str]:
    out = io.StringIO()
    write_terms(TERMS, Invocation((), out, io.StringIO(), Path(), out_width=width))
    return out.getvalue().splitlines()


def test_elsewhere_than_on_a_terminal_a_term_is_one_line() -> None:
    assert written(None) == [
        "  run_usd        list cost of the billable time without billed startup, USD",
        "  a_longer_name  [red]none[/red] �[2J",
    ]


def test_on_a_terminal_meanings_wrap_beside_their_terms() -> None:
    lines = written(50)
    assert all(len(line) <= 50 for line in lines)
    assert lines[0].startswith("  run_usd        list cost")
    assert lines[1].startswith(" " * 17)
    assert " ".join(" ".join(lines[:-1]).split()) == " ".join(TERMS[0])


@pytest.mark.parametrize("width", [None, 50])
def test_nothing_from_data_colours_or_steers_the_terminal(width: int | None) -> None:
    assert written(width)[-1] == "  a_longer_name  [red]none[/red] �[2J"
