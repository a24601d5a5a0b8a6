"""How values are written for people: durations, money, shares, counts, days; unknown is said."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from analytics.quantities import span_text

UNKNOWN = "unknown"
SECONDS_PER_HOUR = 3600
WITHHELD = "withheld (under 10 jobs)"


def is_unknown(value: Any) -> bool:
    """Whether a value is missing: None, NaN, NaT or NA."""
    return value is None or bool(pd.isna(value))


def duration(seconds: float | None) -> str:
    """Return a duration with its two largest units.

    >>> duration(136), duration(0.42), duration(3900), duration(None)
    ('2 min 16 s', '0.4 s', '1 h 5 min', 'unknown')
    """
    if seconds is None or is_unknown(seconds):
        return UNKNOWN
    sign = "-" if seconds < 0 else ""
    seconds = abs(float(seconds))
    if seconds < 0.05:
        return "0 s"
    if seconds < 9.95:
        return f"{sign}{_trimmed(seconds, 1)} s"
    whole = round(seconds)
    for unit_s, name, next_s, next_name in (
        (86_400, "d", 3600, "h"),
        (3600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if whole >= unit_s:
            rest = (whole % unit_s) // next_s
            tail = f" {rest} {next_name}" if rest else ""
            return f"{sign}{whole // unit_s:,} {name}{tail}"
    return f"{sign}{whole} s"


def hours(seconds: float | None) -> str:
    """Return a wait, or a sum of waiting, in the unit that tells most.

    >>> hours(118_992), hours(1500), hours(None)
    ('33.1 h', '25 min', 'unknown')
    """
    if seconds is None or is_unknown(seconds):
        return UNKNOWN
    return span_text(float(seconds))


@dataclass(frozen=True, slots=True)
class SpanUnit:
    """A unit that a column or an axis of waits is written in."""

    seconds: int
    short: str
    long: str
    digits: int

    def heading(self, declared: str) -> str:
        """Return a declared heading, which says hours, with this unit."""
        return declared.replace("(h)", f"({self.short})")


_SPAN_UNITS = (
    (2 * SECONDS_PER_HOUR, SpanUnit(SECONDS_PER_HOUR, "h", "hours", 2)),
    (120, SpanUnit(60, "min", "minutes", 1)),
    (0, SpanUnit(1, "s", "seconds", 1)),
)


def span_unit(seconds: "pd.Series[Any]") -> SpanUnit:
    """Return the unit that shows the longest of these waits, and still tells short ones apart.

    >>> [span_unit(pd.Series(longest)).short for longest in ([90_000, 30], [300, 12], [8], [])]
    ['h', 'min', 's', 'h']
    """
    longest = pd.to_numeric(seconds, errors="coerce").abs().max()
    if is_unknown(longest):
        return _SPAN_UNITS[0][1]
    return next(unit for least_s, unit in _SPAN_UNITS if longest >= least_s)


def without_minus_zero(values: "pd.Series[Any]", digits: int) -> "pd.Series[Any]":
    """Return numbers of which those that are shown as 0 have no sign.

    >>> without_minus_zero(pd.Series([-0.04, 0.2, None]), 1).tolist()
    [0.0, 0.2, nan]
    """
    least = 0.5 * 10.0**-digits
    if values.dtype.kind != "f":
        return values.mask(values.abs() < least, 0)
    numbers = values.to_numpy()
    return pd.Series(np.where(np.abs(numbers) < least, 0.0, numbers), values.index)


def usd(value: float | None) -> str:
    """Return US dollars with as many digits as tell something.

    >>> usd(17815.2), usd(5.5), usd(0.0042), usd(0), usd(float("nan"))
    ('17,815 USD', '5.50 USD', '0.0042 USD', '0 USD', 'unknown')
    """
    if value is None or is_unknown(value):
        return UNKNOWN
    size = abs(float(value))
    if size == 0:
        return "0 USD"
    if size >= 1000:
        return f"{value:,.0f} USD"
    if size >= 0.995:
        return f"{value:,.2f} USD" if size < 100 else f"{value:,.0f} USD"
    if size < 0.0001:
        return "under 0.0001 USD" if value > 0 else "above -0.0001 USD"
    return f"{float(f'{value:.2g}'):f}".rstrip("0").rstrip(".") + " USD"


def usd_amount(value: float | None) -> str:
    """Return US dollars without the unit, for where a heading names it.

    >>> usd_amount(23539.1), usd_amount(None)
    ('23,539', 'unknown')
    """
    return usd(value).removesuffix(" USD")


def percent(ratio: float | None) -> str:
    """Return a share of 0 to 1 as a percentage.

    >>> percent(0.417), percent(0.004), percent(1.0), percent(None)
    ('41.7 %', '0.4 %', '100 %', 'unknown')
    """
    if ratio is None or is_unknown(ratio):
        return UNKNOWN
    value = float(ratio) * 100
    if 0 < value < 0.05:
        return "under 0.1 %"
    return f"{_trimmed(value, 1)} %"


def share_of(part: float | None, whole: float | None) -> str:
    """Return a part of a whole as a percentage; an unknown part or an empty whole is unknown.

    >>> share_of(25, 200), share_of(None, 200), share_of(1, 0)
    ('12.5 %', 'unknown', 'unknown')
    """
    if part is None or whole is None or is_unknown(part) or is_unknown(whole) or whole == 0:
        return UNKNOWN
    return percent(part / whole)


def count(value: float | None, one: str = "", many: str = "") -> str:
    """Return a whole number, with its noun where one is given.

    >>> count(3920), count(1, "job"), count(2, "job"), count(0, "entry", "entries")
    ('3,920', '1 job', '2 jobs', '0 entries')
    """
    if value is None or is_unknown(value):
        return UNKNOWN
    number = f"{int(value):,}"
    if not one:
        return number
    return f"{number} {one if int(value) == 1 else many or one + 's'}"


def quantity(value: float | None) -> str:
    """Return an amount with as many digits as tell something; the unit stands beside it.

    >>> quantity(48213.4), quantity(12.34), quantity(0.051), quantity(0), quantity(None)
    ('48,213', '12.3', '0.05', '0', 'unknown')
    """
    if value is None or is_unknown(value):
        return UNKNOWN
    size = abs(float(value))
    digits = 0 if size >= 100 else 1 if size >= 1 or size == 0 else 2
    return _trimmed(float(value), digits)


def day(value: date | datetime | None) -> str:
    """Return a day.

    >>> day(date(2026, 8, 17))
    '17 Aug 2026'
    """
    return UNKNOWN if value is None or is_unknown(value) else f"{value.day} {value:%b %Y}"


def days(first: date | datetime | None, last: date | datetime | None) -> str:
    """Return a range of days, both included.

    >>> days(date(2026, 8, 17), date(2026, 11, 15))
    '17 Aug to 15 Nov 2026'
    """
    if first is None or last is None or is_unknown(first) or is_unknown(last):
        return UNKNOWN
    if (first.year, first.month, first.day) == (last.year, last.month, last.day):
        return day(first)
    start = f"{first.day} {first:%b}" if first.year == last.year else day(first)
    return f"{start} to {day(last)}"


def moment(value: datetime | None) -> str:
    """Return an instant in UTC, the zone printed."""
    return UNKNOWN if value is None or is_unknown(value) else f"{day(value)}, {value:%H:%M} UTC"


def day_before(value: date) -> date:
    """Return the last day of a window that ends before `value`."""
    return value - timedelta(days=1)


def last_moment(until: datetime) -> datetime:
    """Return the last second of a window that ends before `until`."""
    return until - timedelta(seconds=1)


def text(value: Any) -> str:
    """Return a text, `unknown` where there is none."""
    return UNKNOWN if is_unknown(value) or value == "" else str(value)


def plain(value: Any) -> str:
    r"""Return a text from outside such that Markdown makes no link, image, colour or formula of it.

    >>> print(plain("a [link](x) for $5"))
    a \[link\](x) for \$5
    """
    return re.sub(r"([\[\]$*~])", r"\\\1", text(value))


def _trimmed(value: float, digits: int) -> str:
    """Round, and drop a decimal that says nothing."""
    return f"{value:z,.{digits}f}".removesuffix("." + "0" * digits)
