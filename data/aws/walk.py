"""Reading a list from its newest record to its oldest, whatever happens to the list meanwhile.

A token may count records, and so lose one when the list shrinks before its place. Where AWS can
filter by the time that the list is sorted by, the next page is therefore a list of its own: what is
not newer than the oldest record so far. It repeats a record or two, and misses none. Tokens are
followed where a page brings nothing older: an empty one, or one full of records of one second.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from data.aws.calls import answered_at
from data.aws.scope import Scope

PAGE_SIZE = 100
TOKENS = ("NextToken", "nextToken")

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A page of a walk: its records, and how far down it is whole."""

    answer: dict[str, Any]
    records: list[Record]
    begun_at: datetime
    """When the first page was answered, by AWS's clock."""
    whole_from: datetime | None
    """From when on everything was read; None: nothing is yet."""
    is_last: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """What is walked: how to ask for a page, and what is in it.

    `ask` takes the latest time of interest and a token, each None where there is none.
    """

    operation: str
    ask: Callable[[datetime | None, str | None], dict[str, Any]]
    records: Callable[[dict[str, Any]], list[Record]]
    time_of: Callable[[Record], datetime | None]
    name_of: Callable[[Record], str]
    is_filtered_by_time: bool = True


def walk(scope: Scope, listing: Listing, until: datetime | None = None) -> Iterator[Stretch]:
    """Yield the pages of a list, the newest first, from `until` down to the end."""
    bound, token, oldest = until, None, None
    begun_at: datetime | None = None
    names: set[str] = set()
    page_count = 0
    try:
        while True:
            answer = listing.ask(bound, token)
            page_count += 1
            begun_at = begun_at or answered_at(answer)
            records = listing.records(answer)
            names |= {listing.name_of(record) for record in records}
            times = [time for record in records if (time := listing.time_of(record))]
            oldest = min([*times, oldest] if oldest else times, default=None)
            next_token = next((answer[name] for name in TOKENS if answer.get(name)), None)
            is_last = next_token is None
            yield Stretch(answer, records, begun_at, oldest, is_last)
            if is_last:
                return
            is_older = oldest is not None and (
                bound is None or end_of_second(oldest) < end_of_second(bound)
            )
            if listing.is_filtered_by_time and is_older:
                bound, token = oldest, None
            else:
                token = next_token
    finally:
        least = max(1, math.ceil(len(names) / PAGE_SIZE))
        scope.surplus[listing.operation] += max(0, page_count - least)


def end_of_second(time: datetime) -> datetime:
    """Return a time, rounded up to seconds: filters know no finer ones.

    >>> end_of_second(datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC)).second
    1
    """
    whole = time.replace(microsecond=0)
    return whole if whole == time else whole + timedelta(seconds=1)


def instant(value: Any) -> datetime | None:
    """Return a time of an answer: epoch seconds or milliseconds, or ISO 8601; None of nothing.

    >>> instant(1709885155).isoformat(), instant("2024-03-08T08:05:55Z").isoformat()
    ('2024-03-08T08:05:55+00:00', '2024-03-08T08:05:55+00:00')
    """
    if not value:
        return None
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value if value < 1e11 else value / 1000, UTC)
    parsed = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
