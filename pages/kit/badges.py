"""What every page says on top: warm pools about to expire, and jobs that have just ended."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from data.errors import StokerError
from data.store.reader import Reader
from pages.kit.formats import count, moment
from pages.kit.live import live_rows, page_now


class Badge(NamedTuple):
    """A few words that are seen on every page."""

    text: str
    icon: str
    color: Literal["orange", "gray"]


def badges(reader: Reader) -> list[Badge]:
    """Return the badges of this minute."""
    if reader.home.is_demo:
        as_of = moment(page_now(reader))
        return [
            Badge(f"Demo: made-up jobs, as of {as_of}", ":material/science:", "orange"),
            *_events(reader),
        ]
    return list(_events(reader))


def _events(reader: Reader) -> Iterator[Badge]:
    try:
        events = live_rows(reader, "announcements")
    except StokerError:  # the page says so
        return
    expiring = events[events["event"] == "pool_expires"]
    if len(expiring):
        when = f"{expiring['event_at'].min():%H:%M} UTC"
        yield Badge(
            f"{count(len(expiring), 'warm pool')} about to expire,"
            f" {'' if len(expiring) == 1 else 'the first '}at {when}",
            ":material/bolt:",
            "orange",
        )
    ended_count = int((events["event"] == "job_ended").sum())
    if ended_count:
        yield Badge(
            f"{count(ended_count, 'job')} ended within the last hour", ":material/flag:", "gray"
        )
