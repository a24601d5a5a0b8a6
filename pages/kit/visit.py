"""A visit of a page: which one, who reads, the URL's parameters, the session's memory."""

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

from data.store.reader import Reader
from pages.kit.blocks import View

Params = MutableMapping[str, list[str]]
"""The URL's parameters: a write changes the URL."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What all canvases of one page share."""

    page: str
    reader: Reader
    view: View
    params: Params
    memory: MutableMapping[str, Any] = field(default_factory=dict)
    """What is remembered across pages, for as long as the session lasts."""
