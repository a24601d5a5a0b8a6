"""How values are written: the examples in the docstrings, and what is unknown."""

import doctest
from datetime import UTC, datetime

import pandas as pd
import pytest

from pages.kit import formats, labels, pool_names
from pages.kit.html import markdown

UNKNOWNS = (None, float("nan"), pd.NA, pd.NaT)


@pytest.mark.parametrize("module", [formats, labels, markdown, pool_names])
def test_examples_hold(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert result.attempted
    assert not result.failed


@pytest.mark.parametrize("value", UNKNOWNS)
@pytest.mark.parametrize(
    "write",
    [formats.duration, formats.hours, formats.usd, formats.usd_amount, formats.percent,
     formats.count, formats.day, formats.moment, formats.text],
)  # fmt: skip
def test_unknown_is_said(write: object, value: object) -> None:
    assert write(value) == "unknown"  # type: ignore[operator]


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0 s"), (0.04, "0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.6, "1 min"),
        (60, "1 min"), (3599.7, "1 h"), (86_400, "1 d"), (90_000, "1 d 1 h"), (-136, "-2 min 16 s"),
    ],
)  # fmt: skip
def test_durations(seconds: float, written: str) -> None:
    assert formats.duration(seconds) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(999.6, "1,000 USD"), (0.999, "1.00 USD"), (0.5, "0.5 USD"), (-5, "-5.00 USD"),
     (0.00001, "under 0.0001 USD")],
)  # fmt: skip
def test_money(value: float, written: str) -> None:
    assert formats.usd(value) == written


def test_a_share_that_rounds_to_nothing_is_not_nothing() -> None:
    assert formats.percent(0.0001) == "under 0.1 %"
    assert formats.percent(0) == "0 %"


def test_an_instant_prints_its_zone() -> None:
    assert formats.moment(datetime(2026, 3, 2, 8, 5, tzinfo=UTC)) == "2 Mar 2026, 08:05 UTC"
