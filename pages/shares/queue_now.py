"""The queue now: the order of waiting jobs, and what holds capacity."""

from data.store.reader import Reader
from pages.kit import formats, links
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.rows import first_row
from pages.shares.names import share_label


def draw(canvas: Canvas, reader: Reader, queue: str) -> None:
    """Draw the jobs that wait and run, as of the newest snapshot or record."""
    canvas.header("Queue now")
    jobs = query_rows(reader, "queue_now", queue_name=queue)
    if jobs.empty:
        canvas.notice("No job waits or runs in the newest records of this queue.",
                      icon=":material/check:")  # fmt: skip
        return
    top = first_row(jobs)
    waiting = int(jobs["queue_position"].notna().sum())
    source = (
        f"the order is that of the snapshot of {formats.moment(top.observed_at)}"
        if not formats.is_unknown(top.observed_at)
        else "without a snapshot of the queue, the order is that of the requests"
    )
    canvas.text(
        f"**{formats.count(waiting, 'job')}** waiting, {formats.count(len(jobs) - waiting)} holding"
        f" capacity on {formats.moment(top.now_at)}; {source}."
    )
    rows = jobs.assign(share_name=[share_label(name) for name in jobs["share_name"]])
    canvas.table(
        rows,
        ["queue_position", "job_name", "share_name", "status", "scheduling_priority",
         "wait_so_far_s", "held_s", "instance_type", "instance_count", "user_name", "created_at",
         "attempt_count"],
        key="queue_now",
        alt="Jobs that wait, in their order, then those that hold capacity",
        what="jobs",
        file_name="queue_now",
        placeholder="",
        height=420,
    )  # fmt: skip
    row = canvas.row()
    links.definition(row, "wait_so_far_s")
    links.sql(row, "queue_now", queue_name=queue)
