"""Which queue and which time the Shares page shows: the URL parameters `queue` and `days`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from analytics.query import Filters
from pages.kit import formats
from pages.kit.canvas import Canvas
from pages.kit.rows import records
from pages.shares.names import queue_label

QUEUE, DAYS, STEP = "queue", "days", "step"
ALL = "all"
LENGTHS = {"1": "Last day", "7": "Last 7 days", "30": "Last 30 days", "90": "Last 90 days",
           ALL: "All data"}  # fmt: skip
USUAL_DAYS = "30"
HOURLY = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Selection:
    """One queue and the time looked at."""

    queue: str
    filters: Filters
    first: datetime
    last: datetime
    capacity_unit: str

    @property
    def step(self) -> str:
        """The length of a step that is readable over this time."""
        return "hour" if self.last - self.first <= HOURLY else "day"


def choose(canvas: Canvas, queues: pd.DataFrame) -> Selection:
    """Draw the choices and return what they say.

    `queues` has one row a queue, over all its time, the one to look at first on top.
    """
    names = {_key(row.queue_name): queue_label(row.queue_name) for row in records(queues)}
    row = canvas.row()
    if len(names) > 1:
        queue = row.select("Queue", names, key=QUEUE, width=260)
    else:
        queue = next(iter(names))
        canvas.setting("Queue", names[queue])
    days = row.select("Time range", LENGTHS, key=DAYS, default=USUAL_DAYS, width=200,
                      help="Up to the newest record of the queue.")  # fmt: skip
    chosen = next(one for one in records(queues) if _key(one.queue_name) == queue)
    first, last = chosen.hour_at.to_pydatetime(), chosen.last_at.to_pydatetime()
    where = (("queue_name", queue),)
    if days == ALL:
        return Selection(queue, Filters(where=where), first, last, chosen.capacity_unit)
    since = max(first, last - timedelta(days=int(days)))
    return Selection(queue, Filters(since=since, where=where), since, last, chosen.capacity_unit)


def _key(name: object) -> str:
    return "" if formats.is_unknown(name) else str(name)
