"""Finds the pages: each folder of `pages` whose `page` module declares a `PAGE` and a `render`."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

import pages as package
from data.store.reader import Reader

if TYPE_CHECKING:
    from pages.kit.canvas import Canvas

KIT = "kit"


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says of itself."""

    title: str
    icon: str
    lead: str
    """What the page is for, in a sentence or two."""

    position: float
    """Its place in the navigation; the first page is the one that opens.

    Tens, so that a page fits between two: Overview 10, advice 20, data 30, pools 40 to 70, queues
    80 to 100, clusters 110 to 130, then SQL and Definitions. No two are the same.
    """


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A page that was found: the name of its folder, what it says of itself, what draws it."""

    name: str
    page: Page
    render: Callable[["Canvas", Reader], None]

    @property
    def url_path(self) -> str:
        """Its address below the dashboard's."""
        return self.name.replace("_", "-")


def pages() -> list[PageEntry]:
    """Return every page in the order of the navigation."""
    names = [module.name for module in iter_modules(package.__path__) if module.name != KIT]
    return sorted(map(page_named, names), key=lambda entry: (entry.page.position, entry.name))


def page_named(name: str) -> PageEntry:
    """Return the page of a folder."""
    module = import_module(f"{package.__name__}.{name}.page")
    return PageEntry(name, module.PAGE, module.render)
