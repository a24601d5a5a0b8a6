"""The form of a scenario, drawn with Streamlit: policy, capacity, shares; and scenario files."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from analytics.share_replay.scenario import (
    MOST_PRIORITY,
    POLICIES,
    STRATEGIES,
    UNITS,
    CapacityStep,
    Scenario,
    Share,
)
from analytics.share_replay.scenario_files import format_scenario, parse_scenario
from data.errors import StokerError
from pages.kit.labels import label

PER_CENT = 100
NO_SHARE = "no share"
COLUMNS = {
    "name": "Share",
    "weight": "Weight (lower gets more)",
    "quota": "Quota",
    "strategy": "Strategy",
    "borrow_limit_pct": "Borrow limit (%, -1: none)",
    "has_in_share_preemption": "In-share preemption",
    "priority": "Priority of its jobs",
}


def share_rows(scenario: Scenario, names: Sequence[str]) -> pd.DataFrame:
    """Return the shares of a scenario and of the jobs as rows to edit."""
    every = dict.fromkeys([*names, *(share.name for share in scenario.shares)])
    shares = [scenario.share(name) for name in every]
    return pd.DataFrame(
        {
            "name": [share.name or NO_SHARE for share in shares],
            "weight": [share.weight for share in shares],
            "quota": pd.array([share.quota for share in shares], dtype="Float64"),
            "strategy": [share.strategy for share in shares],
            "borrow_limit_pct": [share.borrow_limit_pct for share in shares],
            "has_in_share_preemption": [share.has_in_share_preemption for share in shares],
            "priority": pd.array([share.priority for share in shares], dtype="Int64"),
        }
    )


def shares_of(rows: pd.DataFrame) -> tuple[Share, ...]:
    """Return the shares that edited rows say.

    Raises:
        WrongUseError: a value is out of bounds.
    """
    return tuple(
        Share(
            "" if row["name"] == NO_SHARE else str(row["name"]),
            weight=float(row["weight"]),
            quota=None if pd.isna(row["quota"]) else float(row["quota"]),
            strategy=str(row["strategy"]),
            borrow_limit_pct=float(row["borrow_limit_pct"]),
            has_in_share_preemption=bool(row["has_in_share_preemption"]),
            priority=None if pd.isna(row["priority"]) else int(row["priority"]),
        )
        for row in rows.to_dict("records")
    )


def draw_form(
    scenario: Scenario, names: Sequence[str], key: str, on_save: Callable[[Scenario], None]
) -> None:
    """Draw the form of one scenario; what is saved is handed on."""
    with st.form(key=f"form_{key}", border=True):
        left, middle, right = st.columns(3)
        name = left.text_input("Name", scenario.name, max_chars=60)
        policy = middle.selectbox(
            "Policy", POLICIES, index=POLICIES.index(scenario.policy),
            format_func=lambda code: label("share_policy", code),
            help="FIFO: one line. Fair share: weights decide, nothing is preempted. Quota shares:"
            " each share has a quota that it may lend and borrow. SJF is for reference only.",
        )  # fmt: skip
        steps = scenario.capacity
        capacity = right.number_input(
            "Capacity", min_value=0.0, value=float(steps[0].capacity) if len(steps) == 1 else None,
            step=1.0, format="%g",
            placeholder=f"{len(steps)} steps over time, as in force" if steps else "not known",
            help="At all times. Left empty, it changes over time as it is.",
        )  # fmt: skip
        first, second, third, fourth = st.columns(4)
        unit = first.selectbox("Counts", UNITS, index=UNITS.index(scenario.capacity_unit))
        decay_s = second.number_input(
            "Decay (s)", 0, 604_800, round(scenario.decay_s), step=600,
            help="Fair share: how long past usage counts. 0 stands for 600 s (assumed).",
        )  # fmt: skip
        reservation_pct = third.number_input(
            "Reservation (%)", 0, 99, round(scenario.reservation_ratio * PER_CENT),
            help="Fair share: how much to keep for shares that may come.",
        )  # fmt: skip
        retries = fourth.number_input(
            "Preemption retries", min_value=0, value=scenario.preemption_retries, step=1,
            placeholder="as each job says",
            help="Quota shares: how often any preempted job goes back to its queue.",
        )  # fmt: skip
        edited = st.data_editor(
            share_rows(scenario, names), key=f"shares_{key}", hide_index=True, width="stretch",
            num_rows="fixed", disabled=["name"],
            column_config={
                "name": st.column_config.TextColumn(COLUMNS["name"]),
                "weight": st.column_config.NumberColumn(
                    COLUMNS["weight"], min_value=0.0001, max_value=999.9999, required=True,
                    help="Fair share: 0.5 gets twice as much as 1.",
                ),
                "quota": st.column_config.NumberColumn(
                    COLUMNS["quota"], min_value=0, help="Quota shares: capacity of its own."
                ),
                "strategy": st.column_config.SelectboxColumn(
                    COLUMNS["strategy"], options=list(STRATEGIES), required=True
                ),
                "borrow_limit_pct": st.column_config.NumberColumn(
                    COLUMNS["borrow_limit_pct"], min_value=-1, required=True,
                    help="Per cent of its own quota.",
                ),
                "has_in_share_preemption": st.column_config.CheckboxColumn(
                    COLUMNS["has_in_share_preemption"],
                    help="Whether urgent jobs take the place of less urgent ones of the share.",
                ),
                "priority": st.column_config.NumberColumn(
                    COLUMNS["priority"], min_value=0, max_value=MOST_PRIORITY, step=1,
                    help="The scheduling priority of all jobs of the share; empty: each its own."
                    " The highest of a share goes first, and preemption ends the lowest first.",
                ),
            },
        )  # fmt: skip
        is_saved = st.form_submit_button("Replay", icon=":material/play_arrow:", type="primary")
    if not is_saved:
        return
    try:
        changed = replace(
            scenario,
            name=name or scenario.name,
            policy=policy,
            backfill=scenario.backfill if policy in ("fifo", "sjf") else "none",
            capacity=steps if capacity is None else (CapacityStep(None, float(capacity)),),
            capacity_unit=unit,
            decay_s=float(decay_s),
            reservation_ratio=reservation_pct / PER_CENT,
            preemption_retries=None if retries is None else int(retries),
            shares=shares_of(edited),
        )
    except StokerError as error:
        st.error(f"{error.what} {error.next_action}", icon=":material/error:")
        return
    on_save(changed)
    st.rerun()


def draw_files(scenario: Scenario, key: str, on_save: Callable[[Scenario], None]) -> None:
    """Draw the scenario as a file to download or edit, and the upload of another."""
    text = st.text_area(
        "Scenario file (TOML)", format_scenario(scenario), height=260, key=f"toml_{key}"
    )
    left, right = st.columns(2, vertical_alignment="bottom")
    uploaded = right.file_uploader("Or upload one", type=["toml"], key=f"upload_{key}")
    is_sent = left.button("Replay this file", key=f"send_{key}", icon=":material/play_arrow:")
    left.download_button(
        "Download", format_scenario(scenario), file_name="scenario.toml", mime="application/toml",
        key=f"download_{key}", icon=":material/download:",
    )  # fmt: skip
    if not is_sent:
        return
    try:
        found = parse_scenario(uploaded.getvalue().decode("utf-8", "replace") if uploaded else text)
    except StokerError as error:
        st.error(f"{error.what} {error.next_action}", icon=":material/error:")
        return
    on_save(replace(found, name=found.name or scenario.name))
    st.rerun()
