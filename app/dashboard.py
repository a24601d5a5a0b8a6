"""The dashboard's script: the navigation, made of the pages there are, and the page on show."""

from collections.abc import MutableMapping
from functools import partial
from pathlib import Path
from typing import Any, cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.server.store_holder import demo_store, held_store, open_demo
from data.store.reader import Reader
from data.store.store import Store
from pages.kit import demo, filters
from pages.kit.badges import badges
from pages.kit.catalog import PageEntry, pages
from pages.kit.streamlit_canvas import UrlParams, show, show_work
from pages.kit.visit import DEMO, Params

ICON = Path(__file__).with_name("ember.svg")
WORDMARK = Path(__file__).with_name("wordmark.svg")

# before st.navigation, which else has the browser fetch the page's icon from another host
st.set_page_config(page_icon=ICON, layout="wide")
st.logo(WORDMARK, icon_image=ICON, size="large")
own = Reader(held_store())


def draw(entry: PageEntry) -> None:
    """Draw a page: of the demo, where a visitor of a home looks at that."""
    reader, is_beside = own, False
    if not own.home.is_demo and demo.is_chosen(entry.name, UrlParams(), memory):
        reader, is_beside = Reader(_demo()), True
    _draw_badges(reader, entry, is_beside=is_beside)
    show(entry, reader)


def _demo() -> Store:
    """Return the demo's store; while it is made, show how far it is, and nothing else."""
    store = demo_store()
    if store is None:
        st.title("Demo", anchor=False)
        st.markdown("A made-up history is being written, into a folder of its own: some seconds.")
        show_work("Demo history", own, open_demo)
        store = demo_store()
    if store is None:
        st.stop()
    return store


def _draw_badges(reader: Reader, entry: PageEntry, *, is_beside: bool) -> None:
    on_top = badges(reader)
    if not on_top:
        return
    row = st.container(horizontal=True, vertical_alignment="center", gap="small")
    if is_beside:
        row.page_link(
            drawn[entry.name], label=demo.LABEL, icon=":material/arrow_back:",
            query_params={DEMO: demo.NO},
        )  # fmt: skip
    for badge in on_top:
        row.badge(badge.text, icon=badge.icon, color=badge.color)


def _draw_navigation(place: DeltaGenerator, params: Params) -> None:
    """Draw the links to all pages: with the filters in force, so that one press of Back suffices.

    Those of st.navigation carry none; to write them on arrival is a step of its own.
    """
    links = place.container(gap="xsmall")
    for one in drawn.values():
        links.page_link(one, query_params=dict(params))


memory = cast(MutableMapping[str, Any], st.session_state)
drawn = {
    entry.name: st.Page(
        partial(draw, entry),
        title=entry.page.title,
        icon=entry.page.icon,
        url_path=entry.url_path,
        default=number == 0,
    )
    for number, entry in enumerate(pages())
}
page = st.navigation(list(drawn.values()), position="hidden")
st.set_page_config(page_title=f"{page.title} · Stoker", page_icon=ICON, layout="wide")
place = st.sidebar.empty()
carried = filters.carried(UrlParams(), memory, is_new=True)
_draw_navigation(place, carried)
page.run()
# the page may have read other filters than the URL named, or been left with others
if (now_carried := filters.carried(UrlParams(), memory)) != carried:
    _draw_navigation(place, now_carried)
