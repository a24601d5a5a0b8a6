"""Taking in uploaded files: one button, a progress bar, and what became of each file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from data.errors import StokerError
from data.ingest import preview
from data.ingest.pipeline import (
    ImportResult,
    InputFile,
    Mapping,
    ingest,
    uploaded,
    uploaded_files,
)
from data.store.store import Store
from pages.data.mapping_form import mapping_form
from pages.kit import messages, tables
from pages.kit.formats import count, plain

TYPES = ("csv", "tsv", "txt", "json", "jsonl", "ndjson", "parquet", "gz", "zip")
_MEMORY = "stoker_uploads"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one uploaded file; one with `columns` waits for a mapping."""

    results: tuple[ImportResult, ...] = ()
    errors: tuple[StokerError, ...] = ()
    columns: pd.DataFrame | None = None


def upload(
    store: Store,
    *,
    key: str,
    label: str,
    help_text: str,
    kind: str | None = None,
    types: Sequence[str] = TYPES,
) -> None:
    """Draw an uploader, take in what was chosen, and say what became of it.

    `kind` is what the files hold; without one it is told from their content.
    """
    outcomes: dict[str, Outcome] = st.session_state.setdefault(_MEMORY, {})
    # once files were taken in it is another popover, and closed
    with st.popover(label, icon=":material/upload_file:", key=f"{key}_{len(outcomes)}"):
        files = st.file_uploader(
            "Drop files here, or choose them", type=types, accept_multiple_files=True, key=key,
            help=help_text, width=420,
        )  # fmt: skip
        waiting = [file for file in files if file.file_id not in outcomes]
        is_wanted = bool(waiting) and st.button(
            f"Take in {count(len(waiting), 'file')}", key=f"{key}_go",
            icon=":material/download_done:",
        )  # fmt: skip
    if is_wanted:
        for file in waiting:
            outcomes[file.file_id] = _take_in(store, file, kind)
        st.rerun()
    done = [outcomes[file.file_id] for file in files if file.file_id in outcomes]
    _tell(done, key)
    for file in files:
        outcome = outcomes.get(file.file_id)
        if outcome and outcome.columns is not None:
            source = uploaded(file.name, file.getvalue())
            mapping = mapping_form(store, source, outcome.columns, key=file.file_id)
            if mapping:
                with messages.shown_errors():
                    outcomes[file.file_id] = Outcome((_ingest(store, source, kind, mapping),))
                st.rerun()


def _take_in(store: Store, file: Any, kind: str | None) -> Outcome:
    """Take in a file, or all files of a zip; one that fails does not stop the others."""
    content = file.getvalue()
    results, errors = list[ImportResult](), list[StokerError]()
    try:
        if kind is None and not content.startswith(b"PK"):
            columns = preview.columns_to_map(store.home, uploaded(file.name, content))
            if columns is not None:
                return Outcome(columns=columns)
        for source in uploaded_files(file.name, content):
            try:
                results.append(_ingest(store, source, kind))
            except StokerError as error:
                errors.append(error)
    except StokerError as error:
        errors.append(error)
    return Outcome(tuple(results), tuple(errors))


def _ingest(
    store: Store, source: InputFile, kind: str | None, mapping: Mapping | None = None
) -> ImportResult:
    bar = st.progress(0.0, text=f"{plain(source.name)}: reading")

    def tell(step: str, share: float) -> None:
        bar.progress(min(max(share, 0.0), 1.0), text=f"{plain(source.name)}: {step.lower()}")

    try:
        return ingest(store, source, kind=kind, mapping=mapping, progress=tell)
    finally:
        bar.empty()


def _tell(done: list[Outcome], key: str) -> None:
    for error in (error for outcome in done for error in outcome.errors):
        messages.show_error(error)
    results = [result for outcome in done for result in outcome.results]
    if not results:
        return
    rows = pd.DataFrame(
        [
            {
                "file_name": result.file_name,
                "kind": result.kind,
                "row_count": result.row_count,
                "accepted_count": result.accepted_count,
                "unchanged_count": result.unchanged_count,
                "rejected_count": result.rejected_count,
            }
            for result in results
        ]
    )
    rejected = sum(result.rejected_count for result in results)
    if rejected:
        st.warning(
            f"{count(rejected, 'record')} could not be used. Below it says which, why, and what to"
            " do.",
            icon=":material/flag:",
        )
    else:
        st.success("Every record could be used.", icon=":material/check:")
    known = [result.file_name for result in results if result.is_known_file]
    if known:
        st.info(f"Taken in before, so nothing changed: {plain(', '.join(known))}.",
                icon=":material/content_copy:")  # fmt: skip
    tables.show(
        rows,
        ["file_name", "kind", "row_count", "accepted_count", "unchanged_count", "rejected_count"],
        key=f"{key}_results",
        alt="What became of each file: accepted, unchanged and rejected records",
    )
