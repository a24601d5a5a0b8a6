"""Uploads, drawn with Streamlit: one button, a progress bar, and what became of each file."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pandas as pd
import streamlit as st

from data.ingest.pipeline import passed_over, uploaded
from data.store.reader import Reader
from pages.data.importer import Progress, UploadResult, import_mapped, import_upload
from pages.data.mapping_form import draw_mapping_form
from pages.kit import demo, messages
from pages.kit.canvas import Canvas
from pages.kit.formats import count, plain

TYPES = ("csv", "tsv", "txt", "json", "jsonl", "ndjson", "parquet", "gz", "zip")
PRICE_TYPES = ("csv", "txt", "gz")
MIX_WITH_DEMO = "mix_with_demo"
COUNTS = ("row_count", "accepted_count", "unchanged_count", "rejected_count")

_MEMORY = "stoker_uploads"


def may_import(canvas: Canvas, reader: Reader) -> bool:
    """Whether files may be imported; in the demo, ask first: real and made-up jobs do not mix."""
    if not reader.home.is_demo:
        return True
    st.info(
        "This is the demo. Files that you upload here join the made-up jobs, and every figure will"
        " be a mix of both. To open your own home:",
        icon=":material/science:",
    )
    demo.own_home(canvas)
    return st.checkbox("Add my files to the made-up jobs anyway", key=MIX_WITH_DEMO)


def draw_price_upload(canvas: Canvas, reader: Reader) -> None:
    """Draw the upload of a price file."""
    if reader.home.is_demo and not st.session_state.get(MIX_WITH_DEMO):
        st.markdown("In the demo, tick the box above first.")
        return
    draw_upload(
        canvas,
        reader,
        key="prices_upload",
        label="Upload prices",
        types=PRICE_TYPES,
        kind="prices",
        help_text="USD per instance-hour, valid from a date.",
    )


def draw_upload(
    canvas: Canvas,
    reader: Reader,
    *,
    key: str,
    label: str,
    help_text: str,
    kind: str | None = None,
    types: Sequence[str] = TYPES,
) -> None:
    """Draw an uploader, import what was chosen, and say what became of it.

    `kind` is what the files hold; without one it is recognised from their content.
    """
    done: dict[str, UploadResult] = st.session_state.setdefault(_MEMORY, {})
    # once files were imported it is another popover, and closed
    with st.popover(label, icon=":material/upload_file:", key=f"{key}_{len(done)}"):
        files = st.file_uploader(
            "Drop files here, or choose them", type=types, accept_multiple_files=True, key=key,
            help=help_text, width=420,
        )  # fmt: skip
        waiting = [file for file in files if file.file_id not in done]
        is_confirmed = bool(waiting) and st.button(
            f"Import {count(len(waiting), 'file')}",
            key=f"{key}_go",
            icon=":material/download_done:",
        )
    if is_confirmed:
        for file in waiting:
            with _progress_bar() as progress:
                done[file.file_id] = import_upload(
                    reader, file.name, file.getvalue(), kind, progress
                )
        st.rerun()
    _draw_results(canvas, [done[file.file_id] for file in files if file.file_id in done], key)
    for file in files:
        result = done.get(file.file_id)
        if result is None or result.columns is None:
            continue
        input_file = uploaded(file.name, file.getvalue())
        mapping = draw_mapping_form(reader, input_file, result.columns, key=file.file_id)
        if mapping:
            with _progress_bar() as progress:
                done[file.file_id] = import_mapped(reader, input_file, mapping, progress)
            st.rerun()


@contextmanager
def _progress_bar() -> Iterator[Progress]:
    bar = st.progress(0.0, text="Reading")

    def tell(name: str, step: str, share: float) -> None:
        bar.progress(min(max(share, 0.0), 1.0), text=f"{plain(name)}: {step.lower()}")

    try:
        yield tell
    finally:
        bar.empty()


def _draw_results(canvas: Canvas, done: Sequence[UploadResult], key: str) -> None:
    for error in (error for upload in done for error in upload.errors):
        messages.show_error(canvas, error)
    results = [result for upload in done for result in upload.results]
    if not results:
        return
    rejected_count = sum(result.rejected_count for result in results)
    if rejected_count:
        canvas.notice(
            f"{count(rejected_count, 'record')} could not be used. Rejected records, below, says"
            " which, why, and what to do.",
            icon=":material/flag:",
            tone="warning",
        )
    else:
        canvas.notice("Every record could be used.", icon=":material/check:", tone="success")
    known = [result.file_name for result in results if result.is_known_file]
    if known:
        canvas.notice(f"Imported before, so nothing changed: {plain(', '.join(known))}.",
                      icon=":material/content_copy:")  # fmt: skip
    for result in results:
        if result.note:
            canvas.notice(plain(f"{result.file_name}: {result.note}"), icon=":material/info:")
    passed = [other for upload in done for other in upload.passed_over]
    if passed:
        canvas.notice(plain(passed_over(passed)), icon=":material/info:")
    is_partial = any(result.left_out_count for result in results)
    names = ("file_name", "kind", *COUNTS, *(["left_out_count"] if is_partial else []))
    canvas.table(
        pd.DataFrame([{name: getattr(result, name) for name in names} for result in results]),
        names,
        key=f"{key}_results",
        alt="Imported files, with accepted, unchanged and rejected records",
    )
