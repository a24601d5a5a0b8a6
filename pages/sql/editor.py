"""The editor of the SQL page, drawn with Streamlit: examples to click, the statement, Run."""

import streamlit as st

from analytics.adhoc.statements import TIME_LIMIT_S, examples
from pages.kit.canvas import Canvas
from pages.sql.statement import Statement, run_example, run_typed

EDITOR = "statement"
STYLE = """<style>
.st-key-statement textarea { font-family: "Source Code Pro", monospace; font-size: 0.875rem; }
</style>"""


def draw_examples(canvas: Canvas) -> None:
    """Draw a button for each example, which runs it."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for example in examples():
            st.button(
                example.title, key=f"example_{example.name}", type="tertiary",
                on_click=run_example, args=(canvas, example.sql),
            )  # fmt: skip


def draw_editor(canvas: Canvas, statement: Statement) -> None:
    """Draw the statement, to be changed and run."""
    st.html(STYLE)
    if statement.is_new or EDITOR not in st.session_state:
        st.session_state[EDITOR] = statement.text
        statement.is_new = False
    with st.form("statement_form", border=False):
        st.text_area(
            "SELECT", key=EDITOR, height=320,
            help="DuckDB's SQL. It cannot change anything, nor read files or addresses.",
        )  # fmt: skip
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.form_submit_button(
                "Run", icon=":material/play_arrow:",
                on_click=lambda: run_typed(canvas, st.session_state[EDITOR]),
            )  # fmt: skip
            st.markdown(f":gray[:small[A statement is stopped after {TIME_LIMIT_S:.0f} s.]]")
