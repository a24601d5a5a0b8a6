"""A benchmark run typed in by hand, drawn with Streamlit: it is imported as a file of one row."""

from datetime import UTC, datetime
from typing import Any

import orjson
import streamlit as st

from data.errors import StokerError
from data.ingest.pipeline import ImportFailure, ImportResult, ingest_files, uploaded
from data.store.reader import Reader
from pages.kit import messages
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.formats import plain
from pages.kit.rows import first_row

KEY = "typed_run"
_SAID = "stoker_typed_run"
EXAMPLE = "ml.p4d.24xlarge x1 + ml.c5.18xlarge x2"


def draw_run_form(canvas: Canvas, reader: Reader, workload: str = "") -> None:
    """Draw the form, import what was sent, and say what became of it."""
    _say(canvas, reader)
    with st.expander("Type in a run", icon=":material/edit:"):
        if reader.home.is_demo:
            st.markdown("In the demo nothing is typed in: your runs would mix with made-up ones.")
            return
        with st.form(KEY, border=False, clear_on_submit=True):
            row = _fields(workload)
            if st.form_submit_button("Import this run", icon=":material/download_done:"):
                st.session_state[_SAID] = import_run(reader, row)
                st.rerun()


def _fields(workload: str) -> dict[str, Any]:
    names, numbers = st.columns(2), st.columns(4)
    with names[0]:
        row: dict[str, Any] = {
            "workload": st.text_input("Workload", value=workload, key=f"{KEY}_workload"),
            "configuration": st.text_input("Configuration", key=f"{KEY}_configuration"),
        }
    with names[1]:
        row["instance_groups"] = st.text_input(
            "Instances", placeholder=EXAMPLE, key=f"{KEY}_instances"
        )
        row["step_count"] = _number("Steps that it is the mean of", "step_count", 1, 1)
    with numbers[0]:
        row["step_time_ms"] = _number("Time of a step (ms)", "step_time_ms", 0.0, 1.0)
    with numbers[1]:
        row["samples_per_step"] = _number("Samples of a step", "samples_per_step", 1, 1)
    for place, (text, name) in enumerate(
        (("CPU utilization (%)", "cpu_utilization_ratio"),
         ("GPU utilization (%)", "gpu_utilization_ratio")),
        start=2,
    ):  # fmt: skip
        with numbers[place]:
            per_cent = _number(text, name, 0.0, 1.0, highest=100.0)
            row[name] = None if per_cent is None else per_cent / 100
    return row


def _number(text: str, name: str, lowest: Any, step: Any, highest: Any = None) -> Any:
    return st.number_input(
        text, value=None, min_value=lowest, max_value=highest, step=step, key=f"{KEY}_{name}"
    )


def import_run(reader: Reader, row: dict[str, Any]) -> ImportResult | StokerError:
    """Import one run; what is empty is unknown."""
    now = datetime.now(UTC)
    record = {name: value for name, value in row.items() if value not in (None, "")}
    record["ran_at"] = now.isoformat()
    name = f"typed-run-{now:%Y%m%dT%H%M%S%f}.jsonl"
    content = orjson.dumps(record)
    for outcome in ingest_files(reader.writer(), [uploaded(name, content)], kind="benchmark_runs"):
        return outcome.as_error() if isinstance(outcome, ImportFailure) else outcome
    return StokerError("The run was not imported.", next_action="Try again.")


def _say(canvas: Canvas, reader: Reader) -> None:
    outcome = st.session_state.pop(_SAID, None)
    if isinstance(outcome, StokerError):
        messages.show_error(canvas, outcome)
    elif isinstance(outcome, ImportResult) and outcome.rejected_count:
        rejected = query_rows(reader, "rejected_rows")
        row = first_row(rejected[rejected["import_id"] == outcome.import_id])
        canvas.notice(plain(row.reason), icon=":material/error:", tone="error")
        canvas.notice(plain(row.next_action), icon=":material/build:")
    elif isinstance(outcome, ImportResult):
        canvas.notice("The run was imported.", icon=":material/check:", tone="success")
