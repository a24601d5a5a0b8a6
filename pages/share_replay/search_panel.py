"""The search for better settings: what it found, why, and a button to compare each."""

import pandas as pd

from analytics.query import Filters
from analytics.share_replay.calibrate import Calibrated
from analytics.share_replay.scenario import Scenario
from analytics.share_replay.scenario_files import parse_scenario
from analytics.share_replay.settings_advice import ADOPT
from data.store.reader import Reader
from pages.kit import formats, links
from pages.kit.canvas import Canvas
from pages.kit.rows import records
from pages.share_replay import analysis
from pages.share_replay import links as scenario_links
from pages.share_replay.charts import advice_points

SEARCH = "search"


def draw_search(
    canvas: Canvas, reader: Reader, jobs: Filters, found: Calibrated, what_ifs: list[Scenario]
) -> None:
    """Draw the search: at first a button, then its progress, then what it found."""
    canvas.header("Search for better settings")
    canvas.text(
        "Tries some dozens of settings on the first 70 % of the time, keeps those that no other"
        " beats in mean wait, the longest P90 wait of a share and lost work, and judges them on"
        " the rest. Capacity stays as it is."
    )
    if not found.is_explained:
        canvas.notice(
            "A search needs a replay that explains the past: see the notes on today's settings"
            " above.",
            icon=":material/block:",
        )
        return
    if not canvas.toggle("Search", key=SEARCH):
        canvas.note("It runs in the background; `stoker ask share_settings_advice` is the same.")
        return
    rows = analysis.advice(canvas, reader, jobs, found)
    if rows is None:
        return
    _draw_found(canvas, rows, what_ifs)


def _draw_found(canvas: Canvas, rows: pd.DataFrame, what_ifs: list[Scenario]) -> None:
    advised = rows[rows["verdict"] == ADOPT]
    if rows["scenario_text"].isna().all():
        canvas.notice(formats.plain(rows["rationale"].iloc[0]), icon=":material/info:")
        return
    if advised.empty:
        canvas.notice(
            "Nothing is recommended: what looked better on the earlier part of the history is not"
            " confirmed by the later one.",
            icon=":material/info:",
        )
    for number, row in enumerate(records(advised)):
        box = canvas.box()
        box.subheader(formats.plain(row.scenario_name))
        box.text(formats.plain(row.rationale))
        gain = f"Saves {formats.hours(row.wait_saved_h_per_month * formats.SECONDS_PER_HOUR)}"
        box.note(f"{gain} of waiting per month of 730 h.")
        _draw_compare(box, row.scenario_text, what_ifs, number)
    canvas.chart(
        advice_points(rows),
        key="advice_points",
        alt="Points: mean wait and the longest P90 wait of a share, of today's settings and of"
        " those that were found",
    )
    canvas.table(
        rows,
        ["scenario_name", "verdict", "current_wait_mean_s", "advised_wait_mean_s",
         "current_worst_share_p90_s", "advised_worst_share_p90_s", "worst_share_name",
         "current_lost_instance_h", "advised_lost_instance_h", "wait_saved_h_per_month",
         "net_gain_usd_per_month", "net_gain_low_usd_per_month", "net_gain_high_usd_per_month",
         "backtest_regret_ratio", "job_count", "rationale"],
        key="advice",
        alt="Settings that were found, judged on the later part of the history",
        what="settings",
        file_name="share_settings_advice",
        placeholder="",
    )  # fmt: skip
    links.definition(canvas, "share_settings_advice", "How is this decided?")


def _draw_compare(canvas: Canvas, text: str, what_ifs: list[Scenario], number: int) -> None:
    scenario = parse_scenario(text)

    def compare() -> None:
        others = [one for one in what_ifs if one != scenario]
        scenario_links.keep(canvas, [scenario, *others])

    canvas.aside().button(
        "Compare these settings", key=f"compare_{number}", on_click=compare,
        icon=":material/compare_arrows:",
    )  # fmt: skip
