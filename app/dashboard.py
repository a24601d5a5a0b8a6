"""The dashboard's script: the navigation, and the page that is shown."""

from functools import partial
from pathlib import Path
from types import ModuleType

import streamlit as st

from app.server.store_holder import held_store
from pages.data import page as data
from pages.definitions import page as definitions
from pages.keep_alive import page as keep_alive
from pages.kit import recording
from pages.overview import page as overview
from pages.pool_timeline import page as pool_timeline
from pages.sql import page as sql
from pages.startup_latency import page as startup_latency
from pages.warm_pools import page as warm_pools

ICON = Path(__file__).with_name("ember.svg")
WORDMARK = Path(__file__).with_name("wordmark.svg")
PAGES: dict[ModuleType, str] = {
    overview: ":material/dashboard:",
    data: ":material/upload_file:",
    warm_pools: ":material/local_fire_department:",
    startup_latency: ":material/timer:",
    keep_alive: ":material/hourglass_top:",
    pool_timeline: ":material/view_timeline:",
    sql: ":material/database_search:",
    definitions: ":material/menu_book:",
}


def _page(module: ModuleType, icon: str) -> "st.Page":
    name = module.__name__.split(".")[1]
    return st.Page(
        partial(module.render, store),
        title=module.TITLE,
        icon=icon,
        url_path=name.replace("_", "-"),
        default=module is overview,
    )


# before st.navigation, which else has the browser fetch the page's icon from another host
st.set_page_config(page_icon=ICON, layout="wide")
st.logo(WORDMARK, icon_image=ICON, size="large")
store = held_store()
page = st.navigation([_page(module, icon) for module, icon in PAGES.items()])
st.set_page_config(page_title=f"{page.title} · Stoker", page_icon=ICON, layout="wide")
if store.home.is_demo:
    st.badge("Demo: made-up jobs", icon=":material/science:", color="orange")
recording.forget()
page.run()
