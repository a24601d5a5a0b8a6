"""Data: bring job history and prices in, and see what is there, what was refused and why."""

import streamlit as st

from data.store.store import Store
from pages.data import uploads
from pages.kit import messages, sharing, tables, text
from pages.kit.cache import answer, bring_up_to_date
from pages.kit.formats import count, days

TITLE = "Data"
SECRETS = (
    "Before anything is kept, the values of `HyperParameters` and `Environment` are removed: they"
    " often hold secrets. Files stay on this machine."
)


def render(store: Store) -> None:
    sharing.title(store, TITLE)
    text.say("Bring your job history in, and see what is there and what could not be used.")
    with messages.shown_errors():
        _upload(store)
        bring_up_to_date(store)
        _coverage(store)
        _rejected(store)
        _runs(store)
        _prices(store)


def _upload(store: Store) -> None:
    st.header("Add job history", anchor=False)
    st.markdown(
        "Give answers of `describe-training-job`, `list-training-jobs` or `search`, EventBridge"
        " events, or any scheduler's export as CSV, JSON lines or Parquet; also zipped or gzipped."
        f" {SECRETS}"
    )
    if _may_upload(store):
        uploads.upload(
            store,
            key="jobs_upload",
            label="Upload job history",
            help_text="The same file twice changes nothing. Foreign columns can be mapped.",
        )
    with st.expander("How do I get my jobs out of AWS?"):
        st.markdown(
            "One page of search results holds 100 jobs, with status history and warm pools:"
        )
        st.code(
            "aws sagemaker search --resource TrainingJob --sort-by CreationTime \\\n"
            "    --sort-order Descending --output json > jobs.json",
            language=None,
        )
        st.markdown("Or take files and folders in from the command line:")
        st.code("stoker ingest jobs.json exports/", language=None)


def _may_upload(store: Store) -> bool:
    """In the demo, ask first: real jobs beside made-up ones tell nothing."""
    if not store.home.is_demo:
        return True
    st.info(
        "This is the demo. Files uploaded here go beside made-up jobs, and every figure would mix"
        " the two. Your own, empty home opens with:",
        icon=":material/science:",
    )
    st.code("stoker serve", language=None)
    return st.checkbox("Put my files beside the made-up jobs anyway", key="mix_with_demo")


def _coverage(store: Store) -> None:
    text.header("What is here")
    coverage = answer(store, "coverage").rename(columns={"source": "record_kind"})
    if coverage.empty:
        text.say("No jobs yet.")
        return
    text.say(
        f"**{count(coverage['job_count'].sum(), 'job')}**, created"
        f" {days(coverage['first_created_at'].min(), coverage['last_created_at'].max())} (UTC)."
        " Status history is needed for startup latency, resources for pools and costs."
    )
    tables.show(
        coverage,
        ["record_kind", "job_count", "first_created_at", "last_created_at", "day_count",
         "empty_day_count", "longest_gap_days", "with_transitions_ratio", "with_resources_ratio"],
        key="coverage_table",
        alt="Jobs by kind of record, with the time they cover and what they hold",
        file_name="coverage",
    )  # fmt: skip


def _rejected(store: Store) -> None:
    rejected = answer(store, "rejected_rows")
    text.header("Records that could not be used")
    if rejected.empty:
        text.say("None. Every record so far could be used.")
        return
    text.say(f"{count(len(rejected), 'record')}. Correct them, and take the file in again.")
    tables.show(
        rejected.iloc[::-1],
        ["file_name", "row_number", "reason", "next_action", "raw"],
        key="rejected_table",
        alt="Records that could not be used, with the reason and what to do",
        what="records",
        file_name="rejected_rows",
        all_rows=lambda: rejected,
        placeholder="",
    )


def _runs(store: Store) -> None:
    runs = answer(store, "imports")
    text.header("Files taken in")
    if runs.empty:
        text.say("None yet.")
        return
    tables.show(
        runs.iloc[::-1],
        ["fetched_at", "file_name", "kind", "file_format", "mapping_name", "row_count",
         "accepted_count", "unchanged_count", "rejected_count", "first_record_at",
         "last_record_at", "is_superseded"],
        key="runs_table",
        alt="Files taken in, newest first, with their records",
        what="files",
        file_name="imports",
        placeholder="",
    )  # fmt: skip


def _prices(store: Store) -> None:
    st.header("Your own prices", anchor=False)
    st.markdown(
        "Costs use on-demand list prices that ship with Stoker; some are estimates. A price file of"
        " yours wins: CSV with the columns `instance_type`, `region`, `list_unit_price_usd_per_h`"
        " and `effective_from`."
    )
    st.code(
        "instance_type,region,list_unit_price_usd_per_h,effective_from\n"
        "ml.g5.2xlarge,us-east-1,1.515,2026-01-01",
        language=None,
    )
    if not store.home.is_demo or st.session_state.get("mix_with_demo"):
        uploads.upload(
            store,
            key="prices_upload",
            label="Upload prices",
            types=("csv", "txt", "gz"),
            kind="prices",
            help_text="USD for an instance-hour, valid from a day on.",
        )
    else:
        st.markdown("In the demo, tick the box above first.")
