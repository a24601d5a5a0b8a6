"""The dashboard's script: the navigation, made of the pages there are, and the page on show."""

from functools import partial
from pathlib import Path

import streamlit as st

from app.server.store_holder import held_store
from data.store.reader import Reader
from pages.kit.badges import badges
from pages.kit.catalog import pages
from pages.kit.streamlit_canvas import show

ICON = Path(__file__).with_name("ember.svg")
WORDMARK = Path(__file__).with_name("wordmark.svg")

# before st.navigation, which else has the browser fetch the page's icon from another host
st.set_page_config(page_icon=ICON, layout="wide")
st.logo(WORDMARK, icon_image=ICON, size="large")
reader = Reader(held_store())
page = st.navigation(
    [
        st.Page(
            partial(show, entry, reader),
            title=entry.page.title,
            icon=entry.page.icon,
            url_path=entry.url_path,
            default=number == 0,
        )
        for number, entry in enumerate(pages())
    ]
)
st.set_page_config(page_title=f"{page.title} · Stoker", page_icon=ICON, layout="wide")
on_top = badges(reader)
if on_top:
    row = st.container(horizontal=True, gap="small")
    for badge in on_top:
        row.badge(badge.text, icon=badge.icon, color=badge.color)
page.run()
