"""What the Shares page says where records are missing: the cause, and what to import."""

from typing import Any

import pandas as pd

from data.store.reader import Reader
from pages.kit import demo, formats, links
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas

FILES = """
| Import | From | Shows |
| --- | --- | --- |
| service jobs | `aws batch list-service-jobs`, `describe-service-job` | who waited, who held what |
| queues | `describe-job-queues`, `describe-service-environments` | how much capacity there is |
| shares | `describe-scheduling-policies`, `list-quota-shares` | who owns it |
| snapshots | `get-job-queue-snapshot` | the order of the queue now |
| any scheduler's export | `queue_name`, `share_name`, `scheduled_at` in a CSV | the same |
"""


def draw(canvas: Canvas, reader: Reader) -> None:
    """Say why there is nothing to show, and what to import."""
    has_jobs = not query_rows(reader, "coverage", by="source").empty
    box = canvas.box()
    box.header("No queue yet")
    box.text(
        "None of the imported jobs came through a queue: they name neither a queue nor a share."
        if has_jobs
        else "No jobs are imported yet."
    )
    box.text("This page needs what your scheduler knows:")
    box.text(FILES)
    box.link("data", "Import files")
    demo.offer(box)


def draw_missing(canvas: Canvas, usage: pd.DataFrame, total: Any) -> None:
    """Say what is unknown of a queue for want of a file."""
    shares = usage[~usage["is_unassigned"]]
    if formats.is_unknown(total.capacity_instance_h):
        canvas.notice(
            "**The queue's capacity is unknown**, and with it what stood idle. Import"
            " `describe-job-queues` and `describe-service-environments`, or a CSV with"
            " `queue_name,capacity`.",
            icon=":material/help:",
        )
    elif shares["own_instance_h"].isna().all():
        canvas.notice(
            "**Nothing says who owns the capacity**, so nothing is known to be borrowed or lent."
            " Import `list-quota-shares` or `describe-scheduling-policies`, or a CSV with"
            " `queue_name,share_name,capacity`.",
            icon=":material/help:",
        )
    else:
        return
    links.page_link(canvas, "data", "Import files")
