"""How far each source was read: intervals that are whole, and what is missing between them.

The newest is read first, so that answers come early; a run that is cut leaves a gap below what it
has read, and the next one reads what is new, then the gap. What is noted here was merged before;
what gets lost is only read again.
"""

import hashlib
import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from data.store.store import Store

OVERLAP = timedelta(minutes=15)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FLUSH_S = 1.0


class Interval(NamedTuple):
    """A time that was read whole."""

    start: datetime
    end: datetime


class Gap(NamedTuple):
    """A time that is to be read: from the oldest there is, up to now, where an end is None."""

    start: datetime | None
    end: datetime | None


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """Return intervals that touch as one, in order.

    >>> day = lambda number: datetime(2026, 1, number, tzinfo=UTC)
    >>> parts = [Interval(day(4), day(5)), Interval(day(1), day(2)), Interval(day(2), day(3))]
    >>> [(one.start.day, one.end.day) for one in union(parts)]
    [(1, 3), (4, 5)]
    """
    merged: list[Interval] = []
    for one in sorted(intervals):
        if merged and one.start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(merged[-1].end, one.end))
        else:
            merged.append(one)
    return merged


def gaps(covered: list[Interval]) -> list[Gap]:
    """Return what is missing, the newest first; the end of what was read is read again.

    >>> noon = lambda number: datetime(2026, 1, number, 12, tzinfo=UTC)
    >>> for gap in gaps([Interval(noon(1), noon(2)), Interval(noon(4), noon(5))]):
    ...     print(gap.start and f"{gap.start:%d %H:%M}", gap.end and f"{gap.end:%d %H:%M}")
    05 11:45 None
    02 11:45 04 12:00
    None 01 12:00
    """
    starts = [None, *(one.end - OVERLAP for one in covered)]
    ends = [*(one.start for one in covered), None]
    found = [Gap(start, end) for start, end in zip(starts, ends, strict=True)]
    return [gap for gap in reversed(found) if gap.end != EPOCH]


class Watermarks:
    """The watermarks of one account and region; safe to use from several threads."""

    def __init__(self, store: Store, account_id: str, region: str) -> None:
        self._store, self._place = store, {"account_id": account_id, "region": region}
        self._lock = threading.Lock()
        self._covered: dict[str, list[Interval]] = {}
        self._hashes: dict[str, str] = {}
        self._changed: set[str] = set()
        self._flushed_at = time.monotonic()
        self._load()

    def covered(self, source: str) -> list[Interval]:
        """Return what was read of a source."""
        with self._lock:
            return list(self._covered.get(source, []))

    def gaps(self, source: str) -> list[Gap]:
        """Return what is to be read of a source, the newest first."""
        return gaps(self.covered(source))

    def cover(self, source: str, start: datetime | None, end: datetime) -> None:
        """Note that a time was read whole and merged."""
        with self._lock:
            known = self._covered.get(source, [])
            self._covered[source] = union([*known, Interval(min(start or EPOCH, end), end)])
            self._changed.add(source)
        self._flush_in_time()

    def is_known(self, source: str, content: bytes) -> bool:
        """Whether a setting is as it was when it was read last."""
        with self._lock:
            return self._hashes.get(source) == hashlib.sha256(content).hexdigest()

    def remember(self, source: str, content: bytes, at: datetime) -> None:
        """Note a setting as it was read and merged."""
        with self._lock:
            self._hashes[source] = hashlib.sha256(content).hexdigest()
            self._covered[source] = [Interval(at, at)]
            self._changed.add(source)
        self._flush_in_time()

    def flush(self) -> None:
        """Write what was noted."""
        with self._lock:
            changed, self._changed = self._changed, set()
            self._flushed_at = time.monotonic()
            rows = [
                (source, *interval, self._hashes.get(source))
                for source in changed
                for interval in self._covered[source]
            ]
        if not changed:
            return
        with self._store.transaction(is_seen=False) as cursor:
            cursor.execute(
                """
                delete from sync_watermarks
                where account_id = $account_id and region = $region
                    and list_contains($sources, sync_source)
                """,
                {**self._place, "sources": list(changed)},
            )
            for source, start, end, content_hash in rows:
                cursor.execute(
                    """
                    insert into sync_watermarks by name
                    select $account_id as account_id, $region as region, $source as sync_source,
                        $start::timestamptz as covered_from_at,
                        $end::timestamptz as covered_until_at,
                        $content_hash as content_hash, $now::timestamptz as read_at
                    """,
                    {
                        **self._place,
                        "source": source,
                        "start": start,
                        "end": end,
                        "content_hash": content_hash,
                        "now": datetime.now(UTC),
                    },
                )

    def _flush_in_time(self) -> None:
        if time.monotonic() - self._flushed_at >= FLUSH_S:
            self.flush()

    def _load(self) -> None:
        with self._store.cursor() as cursor:
            rows = cursor.execute(
                """
                select sync_source, epoch_us(covered_from_at), epoch_us(covered_until_at),
                    content_hash
                from sync_watermarks
                where account_id = $account_id and region = $region
                """,
                self._place,
            ).fetchall()
        for source, start, end, content_hash in rows:
            interval = Interval(_instant(start), _instant(end))
            self._covered.setdefault(source, []).append(interval)
            if content_hash:
                self._hashes[source] = content_hash
        for source, intervals in self._covered.items():
            self._covered[source] = union(intervals)


def _instant(epoch_us: int) -> datetime:
    return EPOCH + timedelta(microseconds=epoch_us)
