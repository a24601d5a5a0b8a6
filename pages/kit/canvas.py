"""What a page draws on: it collects the page's content, and answers choices from the URL.

Without a session this is all there is: `pages/kit/html` writes a file of what was collected. On the
screen, `pages/kit/streamlit_canvas.py` draws each block and control too as it is added.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any, Concatenate, Literal, ParamSpec, Self

import pandas as pd

from data.background import Task
from data.store.reader import Reader
from data.tables import column
from data.tables.declaration import Column
from pages.kit import charts
from pages.kit.blocks import (
    Block,
    Chart,
    Code,
    Download,
    Group,
    Heading,
    Kpi,
    Kpis,
    Link,
    Notice,
    Part,
    PlainTable,
    Setting,
    Table,
    Text,
    Tone,
    View,
)
from pages.kit.choices import Choices
from pages.kit.drawing import Drawing
from pages.kit.formats import UNKNOWN, count
from pages.kit.visit import Params, Visit

MOST_ROWS = 1000
ARROW = ":material/arrow_forward:"
Further = ParamSpec("Further")


class Canvas(Choices):
    """Collects what a page draws. Parts of a page, such as columns, are canvases of their own."""

    theme: Literal["light", "dark"] = "light"
    is_live = False
    """Whether somebody sits at the screen, to whom progress can be shown."""

    def __init__(self, visit: Visit, part: Part | None = None) -> None:
        self.visit = visit
        self._part = visit.view.body if part is None else part

    @classmethod
    def begin(cls, page: str, reader: Reader, params: Params, **further: Any) -> Self:
        """Return an empty canvas for a page, as the URL parameters ask for it."""
        view = View("", datetime.now(UTC), reader.version.published_at, reader.home.is_demo)
        return cls(Visit(page, reader, view, params, **further))

    @property
    def view(self) -> View:
        """What has been drawn so far."""
        return self.visit.view

    def title(self, text: str) -> None:
        """Draw the title of the page."""
        self.view.title = text
        self.add(Heading(text, 1))

    def header(self, text: str) -> None:
        """Draw the heading of a section."""
        self.add(Heading(text, 2))

    def subheader(self, text: str) -> None:
        """Draw the heading of a part of a section."""
        self.add(Heading(text, 3))

    def text(self, markdown: str) -> None:
        """Draw sentences, in Markdown."""
        self.add(Text(markdown))

    def note(self, markdown: str) -> None:
        """Draw small print."""
        self.add(Text(markdown, is_quiet=True))

    def hint(self, markdown: str) -> None:
        """Draw small print on how to use the screen."""
        self.aside().note(markdown)

    def notice(self, markdown: str, *, icon: str = "", tone: Tone = "info") -> None:
        """Draw a sentence that stands out."""
        self.add(Notice(markdown, tone, icon))

    def code(self, text: str, language: str | None = None) -> None:
        """Draw text to be read or copied as it stands."""
        self.add(Code(text, language))

    def kpis(self, kpis: Sequence[Kpi]) -> None:
        """Draw headline figures side by side."""
        self.add(Kpis(tuple(kpis)))

    def chart(
        self,
        drawn: Drawing,
        *,
        key: str,
        alt: str,
        on_select: Callable[[Sequence[Any]], None] | None = None,
        on_brush: Callable[[str, str], None] | None = None,
    ) -> None:
        """Draw a figure.

        Args:
            key: tells this chart from others on the page.
            alt: what the chart shows, for those who do not see it.
            on_select: called with the custom values of a point that is clicked.
            on_brush: called with the two ends of what is brushed on the x axis.
        """
        figure = charts.painted(drawn, self.theme)
        self.add(Chart(figure, alt, key, on_select, on_brush))

    def table(
        self,
        rows: pd.DataFrame,
        names: Sequence[str],
        *,
        key: str,
        alt: str,
        what: str = "rows",
        file_name: str | None = None,
        all_rows: Callable[[], pd.DataFrame] | None = None,
        placeholder: str = UNKNOWN,
        height: int | None = None,
    ) -> None:
        """Draw a table.

        Args:
            rows: the rows, in the order to show them.
            names: of its columns, which say what they are called and how they are written.
            key: tells this table from others on the page.
            alt: what the table shows, for those who do not see it.
            what: the rows' plural, as in "pools".
            file_name: offers the rows for download under this name.
            all_rows: makes the rows of the download, where the table has only some of them.
            placeholder: what an empty cell says.
            height: in pixels, for a table that scrolls.
        """
        self.add(Table(rows, _declared(names), alt, what, placeholder, key, height))
        self._say_left_out(len(rows), what)
        if file_name:
            self.downloads(all_rows or (lambda: rows), file_name, key=key)

    def plain_table(self, rows: pd.DataFrame, *, key: str, alt: str) -> None:
        """Draw rows under their own names: those of a statement that is not ours."""
        self.add(PlainTable(rows, alt, key))

    def choice_table(
        self,
        rows: pd.DataFrame,
        names: Sequence[str],
        *,
        key: str,
        keys: Sequence[str],
        alt: str,
        what: str = "rows",
        placeholder: str = UNKNOWN,
        on_change: Callable[[str], None] | None = None,
    ) -> int | None:
        """Draw a table whose rows can be chosen; return the position of the chosen one.

        The choice is the URL parameter `key`, which holds one of `keys`: a name for each row. Where
        another control has the parameter too, `on_change` is called instead of changing it.
        """
        table = Table(rows, _declared(names), alt, what, placeholder, key)
        self.record(table)
        position = self._choose_row(table, keys, on_change)
        self._say_left_out(len(rows), what)
        return position

    def leading_table(
        self,
        rows: pd.DataFrame,
        names: Sequence[str],
        *,
        key: str,
        alt: str,
        on_choose: Callable[[int], None],
        what: str = "rows",
        placeholder: str = UNKNOWN,
        height: int | None = None,
    ) -> None:
        """Draw a table whose rows lead elsewhere.

        `on_choose` gets the position of the row that is chosen, before the page is drawn again.
        """
        table = Table(rows, _declared(names), alt, what, placeholder, key, height)
        self.record(table)
        self._draw_leading(table, on_choose)

    def downloads(self, rows: Callable[[], pd.DataFrame], file_name: str, *, key: str) -> None:
        """Offer rows for download, made when asked for."""
        self.add(Download(file_name, rows, key))

    def link(
        self, page: str, label: str, *, icon: str = ARROW, params: Params | None = None
    ) -> None:
        """Draw a link to another page, by the name of its folder."""
        self.add(Link(page, label, icon, params or {}))

    def setting(self, label: str, value: str) -> None:
        """Note a choice that decides what is shown; its control shows it on the screen."""
        self.record(Setting(label, value))

    def columns(self, *widths: int) -> list[Self]:
        """Return canvases side by side, of these relative widths."""
        parts = tuple(Part() for _ in widths)
        return self._lay_out(Group("columns", parts, widths=widths))

    def cards(self, count: int) -> list[Self]:
        """Return canvases of one width side by side, or below each other where it is narrow."""
        return self._lay_out(Group("cards", tuple(Part() for _ in range(count))))

    def row(self) -> Self:
        """Return a canvas that grows to the right."""
        return self._one("row")

    def stack(self) -> Self:
        """Return a canvas whose blocks stand close together."""
        return self._one("stack")

    def box(self) -> Self:
        """Return a canvas with a frame around it, as high as its neighbours."""
        return self._one("box")

    def expander(self, label: str, *, icon: str | None = None, is_open: bool = False) -> Self:
        """Return a canvas that is seen when it is opened."""
        return self._one("expander", label=label, icon=icon, is_open=is_open)

    def popover(self, label: str, *, icon: str | None = None) -> Self:
        """Return a canvas behind a button."""
        return self._one("popover", label=label, icon=icon)

    def tabs(self, *labels: str) -> list[Self]:
        """Return canvases of which one is seen at a time."""
        return self._lay_out(Group("tabs", tuple(Part() for _ in labels), labels=labels))

    def aside(self) -> Self:
        """Return a canvas at this place for what is said to who sits at the screen, only."""
        return self._at(Part())

    def fragment(
        self,
        draw: Callable[Concatenate["Canvas", Further], None],
        *args: Further.args,
        **kwargs: Further.kwargs,
    ) -> None:
        """Draw what a control inside of it draws again without the rest of the page."""
        part = Part()
        self.record(Group("stretch", (part,)))
        draw(self._at(part), *args, **kwargs)

    def live(self, draw: Callable[["Canvas"], None], *, every_s: float) -> None:  # noqa: ARG002
        """Draw what is drawn again by itself, without the rest of the page, while it is seen."""
        self.fragment(draw)

    def interact(self, draw: Callable[[], None]) -> None:
        """Draw with Streamlit itself, at this place, what only a screen can do."""

    def watch(self, task: Task) -> None:
        """Show how far a task is, and offer to cancel it; draw the page again when it has ended."""

    def busy(self, text: str) -> AbstractContextManager[None]:
        """Say what is being done for as long as the block takes."""
        return nullcontext()

    def space(self) -> None:
        """Push what follows to the end of a box or a row."""

    def add(self, block: Block) -> None:
        """Draw a block."""
        self.record(block)
        self._draw(block)

    def record(self, block: Block) -> None:
        """Add a block to what is collected, without drawing it on the screen."""
        self._part.blocks.append(block)

    def _one(
        self,
        layout: Literal["row", "stack", "box", "expander", "popover"],
        *,
        label: str = "",
        icon: str | None = None,
        is_open: bool = False,
    ) -> Self:
        group = Group(layout, (Part(),), (label,), icon=icon, is_open=is_open)
        return self._lay_out(group)[0]

    def _lay_out(self, group: Group) -> list[Self]:
        self.record(group)
        return self._open(group)

    def _say_left_out(self, row_count: int, what: str) -> None:
        if row_count > MOST_ROWS:
            self.hint(f"{count(MOST_ROWS)} of {count(row_count)} {what} shown; the download has"
                      " all.")  # fmt: skip

    # what a canvas for the screen does otherwise

    def _draw(self, block: Block) -> None:
        pass

    def _open(self, group: Group) -> list[Self]:
        return [self._at(part) for part in group.parts]

    def _at(self, part: Part) -> Self:
        return type(self)(self.visit, part)

    def _draw_leading(self, table: Table, on_choose: Callable[[int], None]) -> None:
        pass

    def _choose_row(
        self,
        table: Table,
        keys: Sequence[str],
        on_change: Callable[[str], None] | None,  # noqa: ARG002  # for a screen
    ) -> int | None:
        row_key = self.param(table.key)
        return None if row_key is None or row_key not in keys else list(keys).index(row_key)


def _declared(names: Sequence[str]) -> tuple[Column, ...]:
    """Return the declarations of columns.

    Raises:
        KeyError: one is declared nowhere.
    """
    columns = {name: column(name) for name in names}
    missing = [name for name, known in columns.items() if known is None]
    if missing:
        raise KeyError(*missing)
    return tuple(known for known in columns.values() if known is not None)
