"""Definitions: metrics, columns, prices and instance types, and a search over them."""

from collections.abc import Sequence

import pandas as pd

from data.store.reader import Reader
from pages.kit import formats, links
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.catalog import Page
from pages.kit.metric_docs import MetricDoc, metric_docs

PAGE = Page(
    title="Definitions",
    icon=":material/menu_book:",
    lead="What every figure, column and price means, and where it comes from.",
    position=150,
)


def render(canvas: Canvas, reader: Reader) -> None:
    query = canvas.search(
        "Search", key="search", placeholder="a metric, a column, an instance type", width=420
    )
    terms = query.lower().split()
    _metrics(canvas, terms)
    _columns(canvas, query_rows(reader, "columns"), terms)
    _prices(canvas, query_rows(reader, "prices"), terms)
    _instance_types(canvas, query_rows(reader, "instance_types"), terms)


def _metrics(canvas: Canvas, terms: Sequence[str]) -> None:
    canvas.header("Metrics")
    docs = metric_docs()
    if not docs:
        canvas.notice(
            "This installation comes without the pages of docs/metrics. The columns below say what"
            " each value is.",
            icon=":material/menu_book:",
        )
        return
    metric = canvas.param("metric") or ""
    matches = [doc for doc in docs if _holds(f"{doc.id} {doc.title} {doc.body}", terms)]
    if metric and all(doc.id != metric for doc in docs):
        canvas.notice(f"There is no page on {formats.plain(metric)}.", icon=":material/menu_book:")
    for doc in [doc for doc in matches if doc.id == metric]:
        _metric(canvas, doc, is_open=True)
    others = [doc for doc in matches if doc.id != metric]
    half = (len(others) + 1) // 2
    for column, part in zip(canvas.columns(1, 1), (others[:half], others[half:]), strict=True):
        stack = column.stack()
        for doc in part:
            _metric(stack, doc, is_open=len(matches) == 1)
    if not matches:
        canvas.text("No metric matches.")


def _metric(canvas: Canvas, doc: MetricDoc, *, is_open: bool) -> None:
    canvas.expander(f"{doc.title} (`{doc.id}`)", is_open=is_open).text(doc.body)


def _columns(canvas: Canvas, columns: pd.DataFrame, terms: Sequence[str]) -> None:
    canvas.header("Columns")
    matches = _matching(columns, ["table_name", "column_name", "comment"], terms)
    canvas.note(
        f"{formats.count(len(matches), 'column')} of"
        f" {formats.count(columns['table_name'].nunique(), 'table')}. Times are in UTC; `_s` is"
        " seconds, `_usd` US dollars at list prices, `_ratio` a fraction from 0 to 1. Empty means"
        " unknown."
    )
    canvas.table(
        matches,
        ["table_name", "column_name", "data_type", "comment"],
        key="columns_table",
        alt="Columns of the store with what they hold",
        what="columns",
        file_name="columns",
    )


def _prices(canvas: Canvas, prices: pd.DataFrame, terms: Sequence[str]) -> None:
    canvas.header("Prices")
    canvas.text(
        "On-demand list prices, each valid from a date. A job is costed with the newest price of"
        " its instance type and region that was valid when it was created; failing that, with the"
        " price in us-east-1, then with that of any region. Estimates are marked. Your own prices"
        " take precedence: upload them on the Data page."
    )
    links.page_link(canvas, "data", "Upload a price file")
    canvas.table(
        _matching(prices, ["instance_type", "region", "component", "source"], terms),
        ["instance_type", "region", "component", "list_unit_price_usd_per_h", "low_usd_per_h",
         "high_usd_per_h", "effective_from", "as_of_date", "is_users", "source", "note"],
        key="prices_table",
        alt="List prices of instance types with source and date",
        what="prices",
        file_name="prices",
        placeholder="",
    )  # fmt: skip


def _instance_types(canvas: Canvas, instance_types: pd.DataFrame, terms: Sequence[str]) -> None:
    canvas.header("Instance types")
    canvas.table(
        _matching(instance_types, ["instance_type", "accelerator_name"], terms),
        ["instance_type", "vcpu_count", "memory_mib", "instance_accelerator_count",
         "accelerator_name",
         "as_of_date", "source"],
        key="types_table",
        alt="Instance types with their hardware",
        what="instance types",
        file_name="instance_types",
        placeholder="none",
    )  # fmt: skip


def _matching(rows: pd.DataFrame, names: list[str], terms: Sequence[str]) -> pd.DataFrame:
    """Return the rows that hold every term."""
    if not terms or rows.empty:
        return rows
    texts = rows[names].fillna("").astype(str).agg(" ".join, axis=1)
    return rows[[_holds(text, terms) for text in texts]]


def _holds(text: str, terms: Sequence[str]) -> bool:
    return all(term in text.lower() for term in terms)
