"""Times without an offset: hours that a zone repeats or skips, resolved by the order of a row.

In autumn an hour comes twice. A row with several times may leave one reading only: a job that
starts at 01:50 and ends at 01:10 started the first time round. Where more than one order fits, the
later reading counts, and the row says that it is unclear. In spring an hour does not exist.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from data.tables.quoting import literal

# as far as jobs may lie: of other times, the zone's own reading counts
FIRST_YEAR, LAST_YEAR = 2017, 2040
IS_UNCLEAR = "is_time_unclear"


class Hours(NamedTuple):
    """Local times from start to end, and by how many seconds two readings of them differ."""

    start: datetime
    end: datetime
    shift_s: int


@cache
def repeated_and_skipped(zone: str) -> tuple[tuple[Hours, ...], tuple[Hours, ...]]:
    """Return the local hours of a zone that come twice, and those that do not exist.

    >>> repeated, skipped = repeated_and_skipped("America/New_York")
    >>> [str(hours.start) for hours in repeated if hours.start.year == 2025]
    ['2025-11-02 01:00:00']
    >>> repeated_and_skipped("UTC")
    ((), ())
    """
    known = ZoneInfo(zone)

    def offset(moment: datetime) -> timedelta:
        return moment.astimezone(known).utcoffset() or timedelta()

    repeated, skipped = list[Hours](), list[Hours]()
    day, last = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(LAST_YEAR, 1, 1, tzinfo=UTC)
    while day < last:
        following = day + timedelta(days=1)
        before, after = offset(day), offset(following)
        if before != after:
            low, high = day, following
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                middle = middle.replace(microsecond=0)
                low, high = (middle, high) if offset(middle) == before else (low, middle)
            local = high.replace(tzinfo=None)
            hours = Hours(
                local + min(before, after),
                local + max(before, after),
                round(abs(after - before).total_seconds()),
            )
            (repeated if after < before else skipped).append(hours)
        day = following
    return tuple(repeated), tuple(skipped)


def is_skipped(local: str, zone: str) -> str | None:
    """Return SQL that is true of local times that do not exist; None where all do."""
    _, skipped = repeated_and_skipped(zone)
    return " or ".join(_within(local, hours) for hours in skipped) or None


def resolved(names: Sequence[str], zone: str) -> list[str]:
    """Return SQL fields that read the times of a row such that their order fits.

    `names` are columns in the order of their times. Each has a local time n_<name>, or null, and an
    instant w_<name>, in which a repeated hour is the second one; it gets its resolved instant
    t_<name>. All of them give is_time_unclear.
    """
    repeated, _ = repeated_and_skipped(zone)
    fields = []
    for name in names:
        cases = " ".join(
            f"when {_within(f'n_{name}', hours)} then to_seconds({hours.shift_s})"
            for hours in repeated
        )
        fields.append(f"case {cases} end as h_{name}")
    # as late as what follows allows
    following = ""
    for name in reversed(names):
        late = f"w_{name}"
        if following:
            late = f"case when w_{name} > {following} then w_{name} - h_{name} end"
            late = f"coalesce({late}, w_{name})"
        fields.append(f"{late} as t_{name}")
        fields.append(f"least(t_{name}{f', {following}' if following else ''}) as f_{name}")
        following = f"f_{name}"
    # as early as what comes before allows
    before = ""
    for name in names:
        allowed = f"w_{name} - h_{name} < {before}" if before else "false"
        fields.append(
            f"case when {allowed} then w_{name}"
            f" else coalesce(w_{name} - h_{name}, w_{name}) end as e_{name}"
        )
        fields.append(f"greatest(e_{name}{f', {before}' if before else ''}) as g_{name}")
        before = f"g_{name}"
    differs = " or ".join(f"e_{name} is distinct from t_{name}" for name in names)
    return [*fields, f"({differs}) as {IS_UNCLEAR}"]


def has_repeated(zone: str | None) -> bool:
    """Whether some hour of a zone comes twice."""
    return zone is not None and bool(repeated_and_skipped(zone)[0])


def _within(local: str, hours: Hours) -> str:
    return (
        f"({local} >= {literal(str(hours.start))}::timestamp"
        f" and {local} < {literal(str(hours.end))}::timestamp)"
    )
