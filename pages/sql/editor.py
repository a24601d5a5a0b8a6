"""The statement on the SQL page: where it comes from, the editor, and running it.

The URL holds a statement that was run (`sql`), or the question whose statement is meant
(`question`, `set`, and the filters): a copied link shows the same rows.
"""

from dataclasses import dataclass

import streamlit as st

from analytics.adhoc.query_sql import query_sql
from analytics.adhoc.statements import TIME_LIMIT_S, Example, examples
from analytics.relations import JOBS
from data.store.reader import Reader
from data.store.store import Store
from pages.kit import filters
from pages.kit.notes import note, small

EDITOR = "statement"
MOST_URL_CHARACTERS = 6000
STYLE = """<style>
.st-key-statement textarea { font-family: "Source Code Pro", monospace; font-size: 0.875rem; }
</style>"""

_MEMORY = "stoker_sql"


@dataclass
class Memory:
    """What a session remembers of the SQL page, since widgets of a page left are forgotten."""

    text: str = ""
    is_new: bool = True  # not typed: the editor does not have it yet
    ran: str | None = None
    run_number: int = 0
    question: str = ""
    finish: str = ""
    seen: tuple[tuple[str, tuple[str, ...]], ...] = ()


def chosen(store: Store) -> Memory:
    """Take what the URL brings, draw the editor, and return what was run last.

    Raises:
        StokerError: the URL names a question that there is not.
    """
    memory = _memory()
    _arrive(store, memory)
    _draw(memory)
    return memory


def _memory() -> Memory:
    memory: Memory = st.session_state.setdefault(_MEMORY, Memory(text=examples()[0].sql))
    return memory


def _arrive(store: Store, memory: Memory) -> None:
    """Read the URL once: what was typed since stays."""
    seen = _url()
    if seen == memory.seen:
        return
    if not seen:  # back by the navigation, whose links carry nothing
        if memory.ran is not None:
            _write(memory)
        return
    memory.seen = seen
    if question := st.query_params.get("question"):
        given = dict(
            pair.partition("=")[::2] for pair in st.query_params.get_all("set") if "=" in pair
        )
        found = query_sql(Reader(store), question, filters.named(), given)
        memory.text = memory.ran = found.sql
        memory.is_new = True
        memory.question, memory.finish = question, found.finish
    elif sql := st.query_params.get("sql"):
        memory.text = memory.ran = sql
        memory.is_new = True
        memory.question = memory.finish = ""


def _draw(memory: Memory) -> None:
    st.html(STYLE)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for example in examples():
            st.button(
                example.title, key=f"example_{example.name}", on_click=_take, args=(example,),
                type="tertiary",
            )  # fmt: skip
    if memory.question:
        note(
            f"This is the SQL of `{memory.question}`, over the filters that were in force."
            f" {memory.finish or 'The page shows these rows.'}"
        )
    if memory.is_new or EDITOR not in st.session_state:
        st.session_state[EDITOR] = memory.text
        memory.is_new = False
    with st.form("statement_form", border=False):
        st.text_area(
            "SELECT", key=EDITOR, height=320,
            help="DuckDB's SQL. Nothing can be changed, and no file or address be read.",
        )  # fmt: skip
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.form_submit_button("Run", on_click=_run, icon=":material/play_arrow:")
            small(f"A statement is stopped after {TIME_LIMIT_S:.0f} s.")


def _take(example: Example) -> None:
    _keep(example.sql)
    _memory().is_new = True


def _run() -> None:
    _keep(st.session_state[EDITOR])


def _keep(text: str) -> None:
    memory = _memory()
    if text != memory.text:
        memory.question = memory.finish = ""
    memory.text = memory.ran = text
    memory.run_number += 1
    if not memory.question:
        _write(memory)


def _write(memory: Memory) -> None:
    """Put the statement into the URL, if it is short enough for one."""
    for name, _ in _url():
        del st.query_params[name]
    if memory.ran and len(memory.ran) <= MOST_URL_CHARACTERS:
        st.query_params["sql"] = memory.ran
    memory.seen = _url()


def _url() -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(
        (name, tuple(st.query_params.get_all(name)))
        for name in ("question", "set", "sql", "since", "until", *JOBS.columns)
        if name in st.query_params
    )
