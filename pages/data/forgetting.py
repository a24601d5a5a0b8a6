"""Taking an import back, drawn with Streamlit: which one, what goes with it, and a confirmation."""

from typing import Any

import pandas as pd
import streamlit as st

from data.errors import StokerError
from data.ingest.forget import forget
from data.store.reader import Reader
from pages.kit.formats import count, moment, plain

SAID = "stoker_forgotten"


def draw_forget(reader: Reader, imports: pd.DataFrame) -> None:
    """Let the user take back one of the imports, which are listed newest first."""
    said = st.session_state.pop(SAID, None)
    if said is not None:
        is_done, text = said
        (st.success if is_done else st.error)(plain(text))
    rows: dict[Any, dict[str, Any]] = imports.set_index("import_id").to_dict("index")  # type: ignore[assignment]
    with st.popover("Take back an import", icon=":material/undo:"):
        chosen = st.selectbox(
            "Import",
            list(rows),
            format_func=lambda number: _line(rows[number], int(number)),
            key="forget_which",
            width=420,
        )
        st.markdown(
            "All figures become what they were without it, and its file is removed from the home"
            " folder. To have it back, import it again."
        )
        # a tick belongs to the import that it was set for
        is_sure = st.checkbox(_sentence(rows[chosen]), key=f"forget_sure_{chosen}")
        st.button(
            "Take it back",
            disabled=not is_sure,
            key=f"forget_go_{chosen}",
            icon=":material/delete:",
            on_click=lambda: _forget(reader, int(chosen)),
        )


def _line(row: dict[str, Any], number: int) -> str:
    return f"{number}: {row['file_name']}, {row['kind']}, {moment(row['fetched_at'])}"


def _sentence(row: dict[str, Any]) -> str:
    if row["import_status"] == "failed":
        return "Yes, remove this failed import from the list."
    return f"Yes, remove the {count(row['accepted_count'], 'record')} that it brought."


def _forget(reader: Reader, import_id: int) -> None:
    try:
        (forgotten,), _ = forget(reader.writer(), [import_id])
    except StokerError as error:
        st.session_state[SAID] = (False, f"{error.what} {error.next_action}")
    else:
        st.session_state[SAID] = (True, f"{forgotten.file_name} was taken back.")
