"""The answer of the Startup latency page: what to change, what it saves, and what is not known."""

import pandas as pd

from analytics.query import Filters
from analytics.startup.advice import choice_label
from data.store.reader import Reader
from pages.kit import formats, links, row_links
from pages.kit.blocks import Kpi
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.labels import label
from pages.kit.pool_names import pool_names
from pages.kit.rows import first_row, records
from pages.kit.work import computed

FEW_JOBS = 20_000  # more are compared beside the page
MOST_JOBS = 200_000
MOST_NAMED = 3
COLUMNS = (
    "pool_name",
    "lever",
    "verdict",
    "current_choice",
    "advised_choice",
    "saved_s",
    "saved_low_s",
    "saved_high_s",
    "net_gain_usd_per_month",
    "net_gain_low_usd_per_month",
    "net_gain_high_usd_per_month",
    "cash_gain_usd_per_month",
    "wait_saved_h_per_month",
    "matched_job_count",
)
ADVISED = ("change", "compare_cost")


def is_left_out(canvas: Canvas, job_count: int) -> bool:
    """Whether it would take too long where nobody sits at the screen: a report, a warm-up."""
    return job_count > MOST_JOBS and not canvas.is_live


def draw_changes(canvas: Canvas, reader: Reader, jobs: Filters, job_count: int) -> None:
    """Draw the changes that matched jobs speak for, and below them what could not be judged."""
    canvas.header("What to change")
    if is_left_out(canvas, job_count):
        canvas.note("Of this many jobs it is on the screen, and in `stoker ask startup_advice`.")
        return
    advice = computed(
        canvas,
        reader,
        ("startup advice", jobs),
        lambda _: query_rows(reader, "startup_advice", jobs),
        name="Compare matched jobs",
        is_long=job_count > FEW_JOBS,
    )
    if advice is None:
        return
    advice = advice.assign(
        pool_name=advice["group_value"].map(_names(advice)), pool_key=advice["group_value"]
    )
    changes = advice[advice["verdict"].isin(ADVISED)]
    judged = advice[advice["matched_job_count"] > 0]
    _answer(canvas, changes, judged, advice)
    if len(judged):
        _table(canvas, judged)
    missing = advice[advice["matched_job_count"] == 0]
    if len(missing):
        _missing(canvas, missing)
    row = canvas.row()
    links.definition(row, "startup_advice", "How are jobs matched?")
    links.sql(row, "startup_advice")


def _names(advice: pd.DataFrame) -> dict[str, str]:
    pools = advice.drop_duplicates("group_value").rename(columns={"group_value": "pool_key"})
    return pool_names(pools)


def _answer(
    canvas: Canvas, changes: pd.DataFrame, judged: pd.DataFrame, advice: pd.DataFrame
) -> None:
    if changes.empty:
        untried = int((advice["verdict"] == "not_tried").sum())
        canvas.notice(
            "Nothing: of what your jobs did in more than one way, none starts surely sooner."
            if len(judged)
            else "Not known: no two jobs did the same in two ways, so there is nothing to compare."
            + (
                f" {formats.count(untried, 'pool has', 'pools have')} something to try below."
                if untried
                else ""
            ),
            icon=":material/info:",
        )
        return
    for row in records(changes.head(MOST_NAMED)):
        canvas.text(
            f"**{_deed(row)} in {formats.plain(row.pool_name)}**: a start takes"
            f" {formats.duration(row.saved_s)} less (90 % interval"
            f" {formats.duration(row.saved_low_s)} to {formats.duration(row.saved_high_s)})."
        )
        links.page_link(
            canvas, row_links.POOL_PAGE, f"See {formats.plain(row.pool_name)}", pool=row.pool_key
        )
    if len(changes) > MOST_NAMED:
        canvas.note(f"{formats.count(len(changes) - MOST_NAMED, 'more change')} below.")
    canvas.kpis(_kpis(changes))


def _deed(row: object) -> str:
    lever = getattr(row, "lever", "")
    target = choice_label(lever, getattr(row, "advised_choice", ""))
    match lever:
        case "input_mode" | "file_system":
            return f"Read data with {target}"
        case "image" | "runtime_install":
            return f"Use the image {formats.plain(target)}"
        case "image_changes":
            return "Keep one image on a warm cluster"
        case _:
            return "Switch the profiler off"


def _kpis(changes: pd.DataFrame) -> list[Kpi]:
    """Return what the best change of each pool brings: two of one pool may save the same time."""
    best = changes.sort_values("net_gain_usd_per_month", ascending=False).drop_duplicates(
        "group_value"
    )
    top = first_row(best)
    of = formats.count(len(best), "pool")
    assumed = "assumed" if top.is_value_assumed else "yours"
    return [
        Kpi(
            "Cash gain (USD)",
            formats.usd_amount(best["cash_gain_usd_per_month"].sum()),
            f"per month; {of}, downloads at list prices",
            "Provisioning is not billed, downloads are. The best change of each pool only.",
        ),
        Kpi(
            "Wait time saved",
            formats.hours(best["wait_saved_h_per_month"].sum() * formats.SECONDS_PER_HOUR),
            f"per month; from {formats.count(best['matched_job_count'].sum(), 'matched start')}",
        ),
        Kpi(
            "Net gain (USD)",
            formats.usd_amount(best["net_gain_usd_per_month"].sum()),
            f"per month; an hour of waiting at {formats.usd(top.value_of_waiting_usd_per_h)},"
            f" {assumed}",
            "Cash plus the wait time saved at the cost of delay. A month is 730 h like the last 28"
            " days. Each change has its 90 % interval in the table.",
        ),
    ]


def _table(canvas: Canvas, judged: pd.DataFrame) -> None:
    keys = [f"{row.lever} {row.group_value}" for row in records(judged)]
    position = canvas.choice_table(
        judged.reset_index(drop=True),
        COLUMNS,
        key="advice",
        keys=keys,
        alt="What each change would save, with its 90 % interval, by pool",
        what="comparisons",
    )
    row = first_row(judged.iloc[[position or 0]])
    box = canvas.box()
    box.text(
        f"**{label('lever', row.lever)}, {formats.plain(row.pool_name)}:"
        f" {label('verdict', row.verdict).lower()}**"
    )
    box.text(formats.plain(row.rationale))
    if row.is_rough:
        box.note("A rough estimate: few days, or one way came after the other.")
    if row.verdict in ADVISED and not formats.is_unknown(row.setting):
        box.code(row.setting, "json")
    canvas.hint("Choose a row to read why, and to copy the setting.")
    canvas.downloads(lambda: judged, "startup_advice", key="advice")


def _missing(canvas: Canvas, missing: pd.DataFrame) -> None:
    canvas.expander(
        f"Not known yet: {formats.count(len(missing), 'comparison')} without matched jobs"
    ).table(
        missing,
        ["pool_name", "lever", "verdict", "current_choice", "job_count",
         "billed_startup_usd_per_month", "rationale"],
        key="missing_table",
        alt="Changes that no matched jobs tell anything of, with what is missing",
        what="comparisons",
        file_name="startup_advice_missing",
    )  # fmt: skip
