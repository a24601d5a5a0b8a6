"""Links from page to page, which take the filters in force along."""

import streamlit as st

from analytics.query import Filters
from pages.kit import filters

ARROW = ":material/arrow_forward:"


def page_link(name: str, label: str, *, icon: str = ARROW, **params: str | list[str]) -> None:
    """Draw a link to pages/<name>.py, with the filters in force and further URL parameters."""
    page = st.Page(_elsewhere, title=label, url_path=name.replace("_", "-"))
    st.page_link(
        page,
        label=label,
        icon=icon,
        icon_position="right",
        query_params=filters.params() | params,
    )


def definition(metric: str, label: str = "How is this measured?") -> None:
    """Draw a link to the definition of a metric, by its id."""
    page_link("definitions", label, icon=":material/help:", metric=metric)


def sql(question: str, chosen: Filters | None = None, **given: str) -> None:
    """Draw a link to the SQL that answers a question over `chosen`, else the filters in force.

    `given` are the question's parameters.
    """
    parameters = [f"{name}={value}" for name, value in given.items()]
    page_link(
        "sql", "Show the SQL", icon=":material/code:", question=question, set=parameters,
        **(filters.written(chosen) if chosen else {}),
    )  # fmt: skip


def row() -> "st.DeltaGenerator":
    """Return a row for the links below a chart."""
    return st.container(horizontal=True, gap="medium")


def _elsewhere() -> None:
    """Stand for a page that another call renders: links go by its address."""
