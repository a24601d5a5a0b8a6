"""The title of a page, and beside it what to hand on of it: link, data, one HTML file."""

import io
import zipfile
from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode

import streamlit as st

from data.store.reader import Reader
from pages.kit.blocks import View
from pages.kit.downloads import FORMS, DownloadForm
from pages.kit.filters import FilterParams
from pages.kit.formats import count
from pages.kit.html.page import about, html_page
from pages.kit.visit import Params

SHARE = "share"
ZIP = "application/zip"
# st.code shows its copy button to a pointer only; here it is what people came for
COPY_SHOWN = """<style>
.st-key-share_link [data-testid="stCode"] > div { opacity: 1; visibility: visible; }
.st-key-share_link [data-testid="stCode"] pre { padding-right: 3rem; }
</style>"""


@st.fragment
def title(view: View, params: Params, reader: Reader, in_force: Callable[[], Params]) -> None:
    """Draw the title of a page with the Share button beside it; `in_force` says its filters."""
    # what is inside is made when it is opened: the link is that of the view as it is then
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(view.title, anchor=False, width="content")
        st.space("stretch")
        popover = st.popover("Share", icon=":material/ios_share:", key=SHARE, on_change="rerun")
    if not popover.open:
        return
    address = link(params)
    with popover:
        _link(address)
        _data(view, address)
        _page(view, address)
        _report(view, reader, in_force())


def link(params: Params) -> str:
    """Return the address of the page on screen, with everything that was chosen."""
    query = urlencode({name: params[name] for name in sorted(params)}, doseq=True)
    address = st.context.url or ""
    return f"{address}?{query}" if query else address


def zipped(view: View, address: str, form: DownloadForm) -> bytes:
    """Return the rows of every table and chart, as files of one form in one zip."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("about.txt", about(view, address))
        for file_name, rows in view.downloads().items():
            packed.writestr(f"{file_name}.{form.ending}", form.write(rows()))
    return target.getvalue()


def _link(address: str) -> None:
    st.markdown("**Link to this view**")
    st.html(COPY_SHOWN)
    with st.container(key="share_link"):
        st.code(address, language=None, wrap_lines=True, width=380)
    _small("Includes filters and choices. It opens where this dashboard runs.")


def _data(view: View, address: str) -> None:
    table_count = len(view.downloads())
    if not table_count:
        return
    st.markdown("**Data of this view**")
    with st.container(horizontal=True, gap="small"):
        for form in FORMS:
            st.download_button(
                form.name,
                data=partial(zipped, view, address, form),
                file_name=f"{_file_name(view)}-{form.ending}.zip",
                mime=ZIP,
                key=f"share_{form.ending}",
                on_click="ignore",
                icon=":material/folder_zip:",
            )
    _small(f"{count(table_count, 'table')} with all rows, in one zip file.")


def _page(view: View, address: str) -> None:
    st.markdown("**The page as one file**")
    st.download_button(
        "Standalone HTML",
        data=lambda: html_page(view, address).encode(),
        file_name=f"{_file_name(view)}.html",
        mime="text/html",
        key="share_html",
        on_click="ignore",
        icon=":material/draft:",
    )
    _small("Opens in any browser, offline. Charts stay interactive; print it to get a PDF.")


def _report(view: View, reader: Reader, in_force: Params) -> None:
    st.markdown("**A report on all of it**")
    st.download_button(
        "Report",
        data=lambda: _report_file(reader, in_force),
        file_name=f"stoker-report-{view.made_at:%Y-%m-%d}.html",
        mime="text/html",
        key="share_report",
        on_click="ignore",
        icon=":material/summarize:",
    )
    _small(
        "Main figures of every page, advice, definitions and coverage, for the jobs that the"
        " filters choose. It takes a while. By command: `stoker report`."
    )


def _report_file(reader: Reader, in_force: Params) -> bytes:
    # here, for it draws other pages, which few visits need
    from pages.kit.report.content import report_view

    return html_page(report_view(reader, FilterParams(in_force, []).filters), "").encode()


def _small(text: str) -> None:
    st.markdown(f":gray[:small[{text}]]")


def _file_name(view: View) -> str:
    name = view.title.lower().replace(" ", "-")
    return f"stoker-{name}-{view.made_at:%Y-%m-%d}"
