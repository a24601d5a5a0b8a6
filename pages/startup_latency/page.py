"""Startup latency: how long jobs wait before they train, cold against warm, and where it goes."""

import pandas as pd
import streamlit as st

from analytics.query import Filters
from data.store.store import Store
from pages.kit import charts, formats, frame, kpis, links, tables, text
from pages.kit.cache import answer
from pages.kit.formats import WITHHELD
from pages.kit.kpis import Figure
from pages.kit.labels import word
from pages.kit.notes import note
from pages.startup_latency.charts import latency_dots, phase_bars

TITLE = "Startup latency"


@frame.on_jobs(
    TITLE,
    "How long jobs wait from creation until training begins. A warm start takes over a kept"
    " cluster; how the input data is read decides much of the rest.",
)
def render(store: Store, chosen: Filters) -> None:
    latency = answer(store, "startup_latency", chosen)
    if latency.empty:
        text.inform(
            "None of these jobs has a known startup latency. It needs the status history that"
            " describe-training-job and search return, or a column startup_latency_s.",
            icon=":material/info:",
        )
        return
    matched = answer(store, "startup_matched", chosen)
    _headline(latency, matched)
    _by_input_mode(latency)
    _phases(answer(store, "startup_phases", chosen))
    _matched(matched)


def _headline(latency: pd.DataFrame, matched: pd.DataFrame) -> None:
    found = []
    for kind, words in (("cold", "Slowest cold start, P90"), ("warm", "Slowest warm start, P90")):
        known = latency[latency["start_kind"] == kind].dropna(subset=["startup_latency_p90_s"])
        if known.empty:
            found.append(Figure(words, formats.UNKNOWN, f"no input mode has 10 {kind} starts"))
            continue
        top = known.loc[known["startup_latency_p90_s"].idxmax()]
        found.append(
            Figure(
                words,
                formats.duration(top.startup_latency_p90_s),
                f"input mode {word('input_mode', top.input_mode)},"
                f" {formats.count(top.job_count, 'job')}",
                "Nine in ten such starts of this input mode take less.",
            )
        )
    if matched.empty:
        found.append(
            Figure("A warm start saves", formats.UNKNOWN, "too few alike jobs of both kinds")
        )
    else:
        top = matched.loc[matched["warm_job_count"].idxmax()]
        found.append(
            Figure(
                "A warm start saves",
                formats.duration(top.saved_s),
                f"{word('input_mode', top.input_mode)}, alike jobs; 90 % interval"
                f" {formats.duration(top.saved_low_s)} to {formats.duration(top.saved_high_s)}",
                "Difference of medians between jobs with the same pool key, image and input mode,"
                " with its 90 % interval; the input mode with most warm starts.",
            )
        )
    kpis.row(found)
    links.definition("startup_latency_s")


def _by_input_mode(latency: pd.DataFrame) -> None:
    text.header("Cold and warm starts by input mode")
    known = latency.dropna(subset=["startup_latency_p90_s"])
    if known.empty:
        text.inform("No group has 10 jobs: quantiles are withheld.", icon=":material/info:")
    else:
        charts.draw(
            latency_dots(latency),
            key="latency",
            alt="Points: P90 startup latency of cold and warm starts by input mode, with 90 %"
            " intervals.",
        )
    withheld = latency[latency["startup_latency_p90_s"].isna()]
    if len(withheld):
        groups = ", ".join(
            f"{word('input_mode', row.input_mode)} {row.start_kind}"
            f" ({formats.count(row.job_count, 'job')})"
            for row in withheld.itertuples()
        )
        note(f"Withheld, because there are fewer than 10 jobs: {groups}.")
    hidden = latency[latency["image_pull_hidden_job_count"] > 0]
    if len(hidden):
        st.warning(
            "Some jobs ran before 2024, when the image pull was part of Training: their latency is"
            " understated. The table counts them; the time range leaves them out.",
            icon=":material/flag:",
        )
    with st.expander("Table: startup latency"):
        tables.show(
            latency,
            ["input_mode", "start_kind", "job_count", "startup_latency_p50_s",
             "startup_latency_p90_s", "startup_latency_p90_low_s", "startup_latency_p90_high_s",
             "startup_latency_p99_s", "image_pull_hidden_job_count"],
            key="latency_table",
            alt="Startup latency by input mode and kind of start",
            file_name="startup_latency",
            placeholder=WITHHELD,
        )  # fmt: skip
    links.sql("startup_latency")


def _phases(phases: pd.DataFrame) -> None:
    text.header("What the time goes into")
    if phases["p50_s"].isna().all():
        text.inform("No phase is known of 10 jobs.", icon=":material/info:")
        return
    text.say(
        "AWS does not bill provisioning. It bills the download of data and image, so a slow"
        " download costs waiting and money."
    )
    charts.draw(
        phase_bars(phases),
        key="phases",
        alt="Stacked bars: median provisioning and download by input mode and kind of start.",
    )
    with st.expander("Table: phases of startup"):
        tables.show(
            phases,
            ["input_mode", "start_kind", "phase", "billed", "job_count", "p50_s", "p90_s", "p99_s"],
            key="phase_table",
            alt="Phases of startup by input mode and kind of start",
            file_name="startup_phases",
            placeholder=WITHHELD,
        )
    with links.row():
        links.definition("provisioning_s", "How are phases told apart?")
        links.sql("startup_phases")


def _matched(matched: pd.DataFrame) -> None:
    text.header("Alike jobs, cold against warm")
    text.say(
        "Jobs of one pool with the same image and input mode, some started cold and some warm: the"
        " difference is what the warm start saved, not what the jobs differ in."
    )
    if matched.empty:
        text.inform("No group has 10 cold and 10 warm starts.", icon=":material/info:")
        return
    tables.show(
        matched,
        ["input_mode", "saved_s", "saved_low_s", "saved_high_s", "group_count", "cold_job_count",
         "warm_job_count"],
        key="matched_table",
        alt="Seconds that a warm start saves by input mode, with 90 % intervals",
        file_name="startup_matched",
    )  # fmt: skip
