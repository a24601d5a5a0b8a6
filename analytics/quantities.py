"""Quantities that several subjects reckon with, and how long something took, as people say it."""

SECONDS_PER_HOUR = 3600
HOURS_PER_DAY = 24
HOURS_PER_MONTH = 730
SECONDS_PER_MINUTE = 60


def span_text(seconds: float) -> str:
    """Return a wait, or a sum of waiting, in the unit that tells most; 0 has no sign.

    >>> span_text(118_992), span_text(11_160), span_text(1500), span_text(136), span_text(40)
    ('33.1 h', '3.1 h', '25 min', '2 min 16 s', '40 s')
    >>> span_text(0.42), span_text(-0.01), span_text(-7200), span_text(720_000)
    ('0.4 s', '0 s', '-2 h', '200 h')
    """
    size = abs(seconds)
    if size < 9.95:
        return f"{_short(seconds, 1)} s"
    whole = round(size)
    sign = "-" if seconds < 0 else ""
    if whole < SECONDS_PER_MINUTE:
        return f"{sign}{whole} s"
    if whole < 10 * SECONDS_PER_MINUTE:
        minutes, rest = divmod(whole, SECONDS_PER_MINUTE)
        return f"{sign}{minutes} min{f' {rest} s' if rest else ''}"
    if whole < SECONDS_PER_HOUR:
        return f"{sign}{round(size / SECONDS_PER_MINUTE)} min"
    return f"{_short(seconds / SECONDS_PER_HOUR, 0 if size >= 100 * SECONDS_PER_HOUR else 1)} h"


def _short(value: float, digits: int) -> str:
    return f"{value:z,.{digits}f}".removesuffix("." + "0" * digits)
