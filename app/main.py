"""The dashboard's script: the navigation, and the page that is shown."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType

import streamlit as st

from app.opened import opened_store
from pages import data, definitions, keep_alive, overview, startup_latency, warm_pools

ICON = Path(__file__).with_name("ember.svg")
PAGES: dict[ModuleType, str] = {
    overview: ":material/dashboard:",
    data: ":material/upload_file:",
    warm_pools: ":material/local_fire_department:",
    startup_latency: ":material/timer:",
    keep_alive: ":material/hourglass_top:",
    definitions: ":material/menu_book:",
}


def _page(module: ModuleType, icon: str) -> "st.Page":
    render: Callable[[], None] = partial(module.render, store)
    name = module.__name__.rpartition(".")[2]
    return st.Page(
        render,
        title=module.TITLE,
        icon=icon,
        url_path=name.replace("_", "-"),
        default=module is overview,
    )


store = opened_store()
page = st.navigation([_page(module, icon) for module, icon in PAGES.items()])
st.set_page_config(page_title=f"{page.title} · Stoker", page_icon=ICON, layout="wide")
if store.home.is_demo:
    st.badge("Demo: made-up jobs", icon=":material/science:", color="orange")
page.run()
