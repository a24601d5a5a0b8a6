"""What was decided on a recommendation, drawn with Streamlit: applied, dismissed, noted."""

from datetime import UTC, date, datetime, time

import streamlit as st

from analytics.advice.decide import decide
from analytics.advice.listing import OPEN, Listed
from data.datasets.advice_decisions.dataset import APPLIED, DISMISSED, NOTED, REOPENED
from data.errors import StokerError
from data.store.clock import now_of
from data.store.reader import Reader
from pages.kit.formats import plain

SAID = "stoker_decided"
DONE = {
    APPLIED: "Marked as applied: see below whether it pays.",
    DISMISSED: "Dismissed: it no longer counts.",
    NOTED: "The note is kept.",
    REOPENED: "Open again.",
}


def draw_decisions(reader: Reader, listed: Listed) -> None:
    """Let the user say what became of a recommendation; it is landed, and kept by a rebuild."""
    said = st.session_state.pop(SAID, None)
    if said is not None:
        is_done, text = said
        (st.success if is_done else st.error)(plain(text))
    name = listed.advice_id
    with (
        st.expander("What did you decide?", icon=":material/fact_check:"),
        st.form(f"decide_{name}", border=False),
    ):
        left, right = st.columns([3, 1])
        note = left.text_input("Note", key=f"note_{name}", placeholder="Why, or who does it")
        today = now_of(reader.home).date()
        since = right.date_input(
            "In force from (UTC)", value=today, max_value=today, key=f"in_force_{name}"
        )
        with st.container(horizontal=True, gap="small"):
            chosen = None
            for decision, text, icon in _offered(listed):
                if st.form_submit_button(text, icon=icon, key=f"{decision}_{name}"):
                    chosen = decision
    if chosen is not None:
        _keep(reader, listed, chosen, note, since if isinstance(since, date) else today)
        st.rerun()


def _offered(listed: Listed) -> list[tuple[str, str, str]]:
    offered = [(NOTED, "Keep the note", ":material/edit_note:")]
    if listed.state == OPEN:
        return [
            (APPLIED, "Mark as applied", ":material/task_alt:"),
            (DISMISSED, "Dismiss", ":material/do_not_disturb_on:"),
            *offered,
        ]
    return [(REOPENED, "Open again", ":material/undo:"), *offered]


def _keep(reader: Reader, listed: Listed, decision: str, note: str, since: date) -> None:
    if decision == NOTED and not note:
        st.session_state[SAID] = (False, "Write the note first.")
        return
    try:
        decide(
            reader.writer(),
            listed,
            decision,
            note=note or None,
            applied_at=datetime.combine(since, time(), tzinfo=UTC),
        )
    except StokerError as error:
        st.session_state[SAID] = (False, f"{error.what} {error.next_action}")
    else:
        st.session_state[SAID] = (True, DONE[decision])
