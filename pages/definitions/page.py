"""Definitions: what every figure, column and price means, and where it comes from."""

import pandas as pd
import streamlit as st

from data.store.store import Store
from pages.definitions.metric_docs import MetricDoc, metric_docs
from pages.kit import formats, links, messages, recording, sharing, tables, text
from pages.kit.blocks import Heading, Setting
from pages.kit.cache import answer
from pages.kit.notes import note

TITLE = "Definitions"


def render(store: Store) -> None:
    sharing.title(store, TITLE)
    text.say("What every figure, column and price means, and where it comes from.")
    with messages.shown_errors():
        wanted = st.text_input(
            "Search", key="search", bind="query-params", type="search", icon=":material/search:",
            placeholder="a metric, a column, an instance type", width=420,
        )  # fmt: skip
        if wanted:
            recording.add(Setting("Search", wanted))
        words = (wanted or "").lower().split()
        _metrics(words)
        _columns(answer(store, "columns"), words)
        _prices(answer(store, "prices"), words)
        _instance_types(answer(store, "instance_types"), words)


def _metrics(words: list[str]) -> None:
    text.header("Metrics")
    docs = metric_docs()
    if not docs:
        st.info(
            "The pages in docs/metrics do not ship with this installation. The columns below say"
            " what each value is.",
            icon=":material/menu_book:",
        )
        return
    asked_for = st.query_params.get("metric", "")
    found = [doc for doc in docs if _holds(f"{doc.id} {doc.title} {doc.body}", words)]
    if asked_for and all(doc.id != asked_for for doc in docs):
        st.info(f"There is no page on {formats.plain(asked_for)}.", icon=":material/menu_book:")
    for doc in [doc for doc in found if doc.id == asked_for]:
        _metric(doc, is_open=True)
    others = [doc for doc in found if doc.id != asked_for]
    half = (len(others) + 1) // 2
    for place, part in zip(st.columns(2), (others[:half], others[half:]), strict=True):
        with place.container(gap="xsmall"):
            for doc in part:
                _metric(doc, is_open=len(found) == 1)
    if not found:
        text.say("No metric matches.")


def _metric(doc: MetricDoc, *, is_open: bool) -> None:
    recording.add(Heading(doc.title, level=3))
    with st.expander(f"{doc.title} (`{doc.id}`)", expanded=is_open):
        text.say(doc.body)


def _columns(columns: pd.DataFrame, words: list[str]) -> None:
    text.header("Columns")
    found = _matching(columns, ["table_name", "column_name", "comment"], words)
    note(
        f"{formats.count(len(found), 'column')} of"
        f" {formats.count(columns['table_name'].nunique(), 'table')}. Times are UTC; `_s` is"
        " seconds, `_usd` US dollars at list prices, `_ratio` a share of 0 to 1. Empty is unknown."
    )
    tables.show(
        found,
        ["table_name", "column_name", "data_type", "comment"],
        key="columns_table",
        alt="Columns of the store with what they hold",
        what="columns",
        file_name="columns",
    )


def _prices(prices: pd.DataFrame, words: list[str]) -> None:
    text.header("Prices")
    text.say(
        "On-demand list prices from a day on. A job takes the newest price of its type and region"
        " before its creation; else that of us-east-1; else of any region. Estimates say so. Your"
        " own prices win: upload them on the Data page."
    )
    links.page_link("data", "Upload a price file")
    tables.show(
        _matching(prices, ["instance_type", "region", "component", "source"], words),
        ["instance_type", "region", "component", "list_unit_price_usd_per_h", "low_usd_per_h",
         "high_usd_per_h", "effective_from", "as_of_date", "is_users", "source", "note"],
        key="prices_table",
        alt="List prices of instance types with source and date",
        what="prices",
        file_name="prices",
        placeholder="",
    )  # fmt: skip


def _instance_types(instance_types: pd.DataFrame, words: list[str]) -> None:
    text.header("Instance types")
    tables.show(
        _matching(instance_types, ["instance_type", "accelerator_name"], words),
        ["instance_type", "vcpu_count", "memory_mib", "instance_accelerator_count",
         "accelerator_name",
         "as_of_date", "source"],
        key="types_table",
        alt="Instance types with their hardware",
        what="instance types",
        file_name="instance_types",
        placeholder="none",
    )  # fmt: skip


def _matching(rows: pd.DataFrame, names: list[str], words: list[str]) -> pd.DataFrame:
    """Return the rows that hold every word."""
    if not words or rows.empty:
        return rows
    texts = rows[names].fillna("").astype(str).agg(" ".join, axis=1)
    return rows[[_holds(text, words) for text in texts]]


def _holds(text: str, words: list[str]) -> bool:
    return all(word in text.lower() for word in words)
