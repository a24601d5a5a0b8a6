"""The content of a page as data: texts, KPIs, charts, tables and groups, in the order of drawing.

References only: nothing is copied or written out before someone asks for it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import pandas as pd

from data.tables.declaration import Column

Layout = Literal[
    "stretch", "columns", "cards", "row", "stack", "box", "expander", "popover", "tabs", "section"
]
Tone = Literal["info", "success", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One choice that decides what is shown, in words."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: level 1 is the page's title."""

    text: str
    level: int


@dataclass(frozen=True, slots=True)
class Text:
    """Markdown; small print is quiet."""

    markdown: str
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence that stands out, such as why there is no chart here."""

    markdown: str
    tone: Tone = "info"
    icon: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Code:
    """Text to be read or copied as it stands."""

    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Kpi:
    """One headline figure: what it is, its value, and what to know beside it."""

    label: str
    value: str
    detail: str = ""
    help: str | None = None


@dataclass(frozen=True, slots=True)
class Kpis:
    """A row of headline figures."""

    kpis: Sequence[Kpi]


@dataclass(frozen=True, slots=True)
class Chart:
    """A Plotly figure, and in words what it shows."""

    figure: Any
    alt: str
    key: str = ""
    on_select: Callable[[Sequence[Any]], None] | None = field(default=None, compare=False)
    """Called with the custom values of the point that was clicked; with none, where none is."""
    on_brush: Callable[[str, str], None] | None = field(default=None, compare=False)
    """Called with the two ends of what was brushed on the x axis."""


@dataclass(frozen=True, slots=True)
class Table:
    """The first rows of a frame in some of its columns; empty cells hold the placeholder."""

    rows: pd.DataFrame
    columns: Sequence[Column]
    alt: str
    what: str = "rows"
    placeholder: str = ""
    key: str = ""
    height: int | None = field(default=None, compare=False)  # pixels


@dataclass(frozen=True, slots=True)
class PlainTable:
    """Rows under their own names: those of a statement that is not ours."""

    rows: pd.DataFrame
    alt: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Download:
    """Rows to download under a name."""

    file_name: str
    rows: Callable[[], pd.DataFrame] = field(compare=False)
    key: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A link to another page, with URL parameters."""

    page: str
    label: str
    icon: str = field(compare=False)
    params: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Part:
    """A stretch of a page. One that is drawn again without the rest gets other blocks."""

    blocks: list["Block"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Group:
    """Parts of a page that are laid out together."""

    layout: Layout
    parts: tuple[Part, ...]
    labels: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()
    icon: str | None = field(default=None, compare=False)
    is_open: bool = False


Block = (
    Setting
    | Heading
    | Text
    | Notice
    | Code
    | Kpis
    | Chart
    | Table
    | PlainTable
    | Download
    | Link
    | Group
)


@dataclass(slots=True)
class View:
    """One page as it was last drawn."""

    title: str
    made_at: datetime
    as_of: datetime | None = None
    """When the version of the store that it shows was published."""

    is_demo: bool = False
    body: Part = field(default_factory=Part)

    def blocks(self) -> Iterator[Block]:
        """Yield what the page shows, from top to bottom, groups before what is in them."""
        return _blocks(self.body)

    def settings(self) -> list[Setting]:
        """Return the choices that decide what is shown."""
        return [block for block in self.blocks() if isinstance(block, Setting)]

    def downloads(self) -> dict[str, Callable[[], pd.DataFrame]]:
        """Return what makes the rows of each file, by the file's name without its ending."""
        return {
            block.file_name: block.rows for block in self.blocks() if isinstance(block, Download)
        }


def _blocks(part: Part) -> Iterator[Block]:
    for block in tuple(part.blocks):
        yield block
        if isinstance(block, Group):
            for inner in block.parts:
                yield from _blocks(inner)
