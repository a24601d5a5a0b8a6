"""A visit of a page: which one, who reads, the URL's parameters, the session's memory."""

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

from analytics.query import Filters
from data.store.reader import Reader
from pages.kit.blocks import View

Params = MutableMapping[str, list[str]]
"""The URL's parameters: a write changes the URL."""

DEMO = "demo"
"""The parameter that shows the demo beside one's own home."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What all canvases of one page share."""

    page: str
    reader: Reader
    view: View
    params: Params
    jobs: Filters | None = None
    """The jobs that are shown, where nobody chooses them; None: those that the URL asks for."""

    memory: MutableMapping[str, Any] = field(default_factory=dict)
    """What is remembered across pages, for as long as the session lasts."""
