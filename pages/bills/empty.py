"""What the page says without a bill: which files it reads, and how to get one."""

from data.store.reader import Reader
from pages.kit import demo
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas

FORMATS = """
| Export | Files | Needs |
| --- | --- | --- |
| Cost and usage report (legacy) | CSV, gzip, Parquet | hourly or daily granularity |
| CUR 2.0 (data exports) | CSV, gzip, Parquet | pricing columns, to tell discounts apart |
| FOCUS 1.0 and 1.2 | CSV, gzip, Parquet | the columns `x_ServiceCode` and `x_UsageType` |
"""


def draw(canvas: Canvas, reader: Reader) -> None:
    """Say why there is nothing to show, and what to import."""
    has_jobs = not query_rows(reader, "coverage").empty
    box = canvas.box()
    box.header("No bill yet")
    box.text(
        "Costs on the other pages are computed from jobs and list prices. With a bill, this page"
        " shows how far they are from what AWS charges, day by day."
        if has_jobs
        else "No jobs and no bills are imported yet: this page compares the two, day by day."
    )
    box.text(FORMATS)
    box.text(
        "Lines of other services are counted and left out. A newer bill of the same month replaces"
        " the older one."
    )
    box.link("data", "Import files")
    box.code(
        "stoker ingest cur/20261101-20261201/\nstoker ingest s3://my-bills/cur/20261101-20261201/"
    )
    demo.offer(box)
