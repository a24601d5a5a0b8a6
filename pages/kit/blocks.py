"""What a page shows, as data: texts, figures, charts and tables in the order they were drawn.

References only: nothing is copied or written out before someone asks for it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd


@dataclass(frozen=True, slots=True)
class Setting:
    """One choice that decides what is shown, in words."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading below the title: level 2 or 3."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Text:
    """Markdown; small print is quiet."""

    markdown: str
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """One headline figure: what it is, its value, and what to know beside it."""

    label: str
    value: str
    detail: str = ""
    help: str | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """A row of headline figures."""

    figures: Sequence[Figure]


@dataclass(frozen=True, slots=True)
class Chart:
    """A Plotly figure, and in words what it shows."""

    figure: Any
    alt: str


@dataclass(frozen=True, slots=True)
class Table:
    """The first rows of a frame, in named columns."""

    rows: pd.DataFrame
    names: Sequence[str]
    alt: str
    what: str
    placeholder: str


@dataclass(frozen=True, slots=True)
class Data:
    """Rows to download under a name."""

    file_name: str
    rows: Callable[[], pd.DataFrame]


@dataclass(slots=True)
class Part:
    """A stretch of a view that is drawn again without the rest."""

    items: list["Item"] = field(default_factory=list)


Item = Setting | Heading | Text | Figures | Chart | Table | Data | Part


@dataclass(slots=True)
class View:
    """One page as it was last drawn."""

    title: str
    made_at: datetime
    is_demo: bool = False
    body: Part = field(default_factory=Part)

    def items(self) -> Iterator[Item]:
        """Yield what the page shows, from top to bottom."""
        return _items(self.body)

    def settings(self) -> list[Setting]:
        """Return the choices that decide what is shown."""
        return [item for item in self.items() if isinstance(item, Setting)]

    def data(self) -> dict[str, Callable[[], pd.DataFrame]]:
        """Return what makes the rows of each file, by the file's name without its ending."""
        return {item.file_name: item.rows for item in self.items() if isinstance(item, Data)}


def _items(part: Part) -> Iterator[Item]:
    for item in tuple(part.items):
        if isinstance(item, Part):
            yield from _items(item)
        else:
            yield item
