"""The title of a page, and beside it what to hand on of the view: link, data, one HTML file."""

import io
import zipfile
from collections.abc import Callable
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from data.store.store import Store
from pages.kit import recording, tables
from pages.kit.blocks import View
from pages.kit.formats import count
from pages.kit.html import page
from pages.kit.notes import small

SHARE = "share"
ZIP = "application/zip"
# st.code shows its copy button to a pointer only; here it is what people came for
COPY_SHOWN = """<style>
.st-key-share_link [data-testid="stCode"] > div { opacity: 1; visibility: visible; }
.st-key-share_link [data-testid="stCode"] pre { padding-right: 3rem; }
</style>"""


def title(store: Store, text: str) -> None:
    """Draw the title of a page with the Share button beside it. What follows can be shared."""
    _title(recording.begin(text, is_demo=store.home.is_demo))


def link() -> str:
    """Return the address of the view on screen, with everything that was chosen."""
    given = urlencode(
        {name: st.query_params.get_all(name) for name in sorted(st.query_params)}, doseq=True
    )
    address = st.context.url or ""
    return f"{address}?{given}" if given else address


def csv_zip(view: View, address: str) -> bytes:
    """Return the rows of every table and chart as CSV."""
    return _zipped(view, address, "csv", tables.csv_bytes)


def parquet_zip(view: View, address: str) -> bytes:
    """Return the rows of every table and chart as Parquet."""
    return _zipped(view, address, "parquet", tables.parquet_bytes)


@st.fragment
def _title(view: View) -> None:
    # what is inside is made when it is opened: the link is that of the view as it is then
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(view.title, anchor=False, width="content")
        st.space("stretch")
        place = st.popover("Share", icon=":material/ios_share:", key=SHARE, on_change="rerun")
    if not place.open:
        return
    address = link()
    with place:
        _link(address)
        _data(view, address)
        _page(view, address)


def _link(address: str) -> None:
    st.markdown("**Link to this view**")
    st.html(COPY_SHOWN)
    with st.container(key="share_link"):
        st.code(address, language=None, wrap_lines=True, width=380)
    small("Filters and choices included. It opens where this dashboard runs.")


def _data(view: View, address: str) -> None:
    found = len(view.data())
    if not found:
        return
    st.markdown("**Data of this view**")
    with st.container(horizontal=True, gap="small"):
        for name, write in (("CSV", csv_zip), ("Parquet", parquet_zip)):
            ending = name.lower()
            st.download_button(
                name,
                data=lambda write=write: write(view, address),
                file_name=f"{_file_name(view)}-{ending}.zip",
                mime=ZIP,
                key=f"share_{ending}",
                on_click="ignore",
                icon=":material/folder_zip:",
            )
    small(f"{count(found, 'table')} with all rows, in one zip.")


def _page(view: View, address: str) -> None:
    st.markdown("**The page as one file**")
    st.download_button(
        "Standalone HTML",
        data=lambda: page.page_html(view, address).encode(),
        file_name=f"{_file_name(view)}.html",
        mime="text/html",
        key="share_html",
        on_click="ignore",
        icon=":material/draft:",
    )
    small("Opens in any browser, offline. Charts stay interactive; print it for a PDF.")


def _file_name(view: View) -> str:
    name = view.title.lower().replace(" ", "-")
    return f"stoker-{name}-{view.made_at:%Y-%m-%d}"


def _zipped(view: View, address: str, ending: str, write: Callable[[pd.DataFrame], bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("about.txt", page.about(view, address))
        for file_name, rows in view.data().items():
            packed.writestr(f"{file_name}.{ending}", write(rows()))
    return target.getvalue()
