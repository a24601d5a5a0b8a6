"""Runs a page without a browser."""

from typing import Any

from streamlit.testing.v1 import AppTest

from data.store.store import Store

PAGES = (
    "overview",
    "data",
    "warm_pools",
    "startup_latency",
    "keep_alive",
    "pool_timeline",
    "sql",
    "definitions",
)
# the first run of a process imports, compiles and brings the derived tables up to date
PATIENCE_S = 120


def page_of(name: str, store: Store, **params: str | list[str]) -> AppTest:
    """Return pages/<name>.py against a store, with URL parameters, not yet run."""

    def script(name, store):  # type: ignore[no-untyped-def]
        # runs without this module's names
        from importlib import import_module  # noqa: PLC0415

        import_module(f"pages.{name}.page").render(store)

    page = AppTest.from_function(script, args=(name, store), default_timeout=PATIENCE_S)
    for key, value in params.items():
        page.query_params[key] = value
    return page


def run_page(name: str, store: Store, **params: str | list[str]) -> AppTest:
    """Run pages/<name>.py once; an exception fails the test."""
    page = page_of(name, store, **params).run()
    assert not page.exception, page.exception[0].stack_trace
    return page


def texts(page: AppTest) -> str:
    """Return all that a page says outside of charts and tables."""
    parts: list[Any] = []
    for kind in ("title", "header", "subheader", "markdown", "caption", "info", "warning", "error",
                 "success", "code"):  # fmt: skip
        parts += [element.value for element in page.get(kind)]
    parts += [f"{metric.label}: {metric.value}" for metric in page.metric]
    return "\n".join(str(part) for part in parts)
