"""What pages on benchmark runs share: which workload and whose prices, and why there is none."""

from datetime import UTC, date, datetime

import pandas as pd

from pages.kit import demo
from pages.kit.canvas import Canvas

WORKLOAD, PRICES, AS_OF = "workload", "prices", "as_of"
OF_RUN, TODAY, OTHER_DAY = "run", "today", "day"
# short lines: a block that scrolls sideways is out of reach of the keyboard
EXAMPLE = """\
workload,configuration,instance_groups,step_time_ms
resnet50,alone,ml.p4d.24xlarge x1,192
resnet50,added,ml.p4d.24xlarge x1 + ml.c5.18xlarge x2,86
"""


def no_runs(canvas: Canvas) -> None:
    """Say that nothing was measured yet, and how to bring it."""
    box = canvas.box()
    box.header("No benchmark runs yet")
    box.text(
        "A benchmark run says how long a training step took on which instances. Write yours into a"
        " CSV file, one row a sample or a mean, and import it on the Data page or with"
        " `stoker ingest`. With `cpu_utilization_ratio` and `gpu_utilization_ratio` Stoker can say"
        " which other cluster would do it for less. Jobs with the tag `workload` and a metric such"
        " as `step_time_ms` count as well."
    )
    box.code(EXAMPLE, "csv")
    box.link("data", "Import benchmark runs")
    demo.offer(box, "made-up runs")


def pick_workload(canvas: Canvas, workloads: pd.Series) -> str:
    """Draw the choice of a workload and return it; `workloads` has an entry a configuration.

    It opens with the one that was measured on most clusters.
    """
    counts = workloads.value_counts()
    names = sorted(counts.index, key=lambda name: (-counts[name], name))
    return canvas.select("Workload", names, key=WORKLOAD)


def pick_day(canvas: Canvas) -> str:
    """Draw the choice of the day whose prices count; return it as `--set as_of` takes it."""
    choice = canvas.select(
        "Prices of",
        {OF_RUN: "Newest run", TODAY: "Today", OTHER_DAY: "Another day"},
        key=PRICES,
        help="List prices change: the same comparison can come out differently.",
    )
    if choice == OF_RUN:
        return ""
    today = datetime.now(UTC).date()
    if choice == TODAY:
        return today.isoformat()
    day = _day(canvas.param(AS_OF)) or today
    canvas.date(
        "Day of the prices (UTC)", key="price_day", value=day, width=170,
        on_change=lambda new: canvas.write(AS_OF, new.isoformat()),
    )  # fmt: skip
    canvas.setting("Day of the prices", day.isoformat())
    return day.isoformat()


def show_sql(canvas: Canvas, query: str, **parameters: str) -> None:
    """Draw a link to the SQL of a query on benchmark runs: filters of jobs do not apply to it."""
    pairs = [f"{name}={value}" for name, value in parameters.items() if value]
    canvas.link(
        "sql", "Show the SQL", icon=":material/code:", params={"query": [query], "set": pairs}
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
