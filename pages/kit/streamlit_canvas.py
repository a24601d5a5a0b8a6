"""The canvas on the screen: draws each block and control with Streamlit as it is added."""

from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import wraps
from typing import Any, Concatenate, Literal, Self, cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data.store.reader import Reader
from pages.kit import sharing, streamlit_controls, streamlit_tables
from pages.kit.blocks import (
    Block,
    Chart,
    Code,
    Download,
    Group,
    Heading,
    Kpis,
    Link,
    Notice,
    Part,
    PlainTable,
    Table,
    Text,
    View,
)
from pages.kit.canvas import Canvas, Further
from pages.kit.catalog import PageEntry
from pages.kit.controls import Control
from pages.kit.frame import draw_page
from pages.kit.messages import shown_errors
from pages.kit.visit import Visit

# pixels; narrower, a headline figure would be cut off
LEAST_KPI_WIDTH = 180


def show(entry: PageEntry, reader: Reader) -> None:
    """Show a page in this session."""
    shown_view(entry, reader)


def shown_view(entry: PageEntry, reader: Reader) -> View:
    """Show a page in this session; return what it shows, which reruns of its fragments change."""
    with reader.snapshot():
        canvas = StreamlitCanvas.begin(
            entry.name, reader, UrlParams(), memory=cast(MutableMapping[str, Any], st.session_state)
        )
        draw_page(entry, canvas, reader)
    return canvas.view


class UrlParams(MutableMapping[str, list[str]]):
    """The parameters of the browser's URL."""

    def __getitem__(self, name: str) -> list[str]:
        if name not in st.query_params:
            raise KeyError(name)
        return st.query_params.get_all(name)

    def __setitem__(self, name: str, values: list[str]) -> None:
        st.query_params[name] = values

    def __delitem__(self, name: str) -> None:
        del st.query_params[name]

    def __iter__(self) -> Iterator[str]:
        return iter(list(st.query_params))

    def __len__(self) -> int:
        return len(st.query_params)


class StreamlitCanvas(Canvas):
    """Draws what a page draws in the browser of this session."""

    def __init__(
        self, visit: Visit, part: Part | None = None, place: DeltaGenerator | None = None
    ) -> None:
        super().__init__(visit, part)
        # the module draws where the script, or a fragment of it, has come to
        self._place = place or cast(DeltaGenerator, st)

    @property
    def theme(self) -> Literal["light", "dark"]:  # type: ignore[override]
        """The colour scheme of the browser."""
        return "dark" if st.context.theme.type == "dark" else "light"

    def fragment(
        self,
        draw: Callable[Concatenate[Canvas, Further], None],
        *args: Further.args,
        **kwargs: Further.kwargs,
    ) -> None:
        """Draw what a control inside of it draws again without the rest of the page.

        A rerun replaces in the record what the run before has put there, and nothing else.
        """
        part = Part()
        self.record(Group("stretch", (part,)))

        @st.fragment
        @wraps(draw)
        def draw_again() -> None:
            fresh = Part()
            canvas = StreamlitCanvas(self.visit, fresh)
            try:
                with self.visit.reader.snapshot(), shown_errors(canvas):
                    draw(canvas, *args, **kwargs)
            finally:
                part.blocks = fresh.blocks

        with self._here():
            draw_again()

    def interact(self, draw: Callable[[], None]) -> None:
        """Draw with Streamlit itself, at this place, what only a screen can do."""
        with self._here():
            draw()

    @contextmanager
    def busy(self, text: str) -> Iterator[None]:
        """Say what is being done for as long as the block takes."""
        with self._here(), st.spinner(text, show_time=True):
            yield

    def space(self) -> None:
        """Push what follows to the end of a box or a row."""
        self._place.space("stretch")

    def _draw(self, block: Block) -> None:
        place = self._place
        match block:
            case Heading(_, 1):
                with self._here():
                    sharing.title(self.view, self.params)
            case Heading(text, 2):
                place.header(text, anchor=False)
            case Heading(text):
                place.subheader(text, anchor=False)
            case Text(markdown, is_quiet=True):
                # st.caption is too pale for some themes
                place.markdown(f":gray[:small[{markdown}]]")
            case Text(markdown):
                place.markdown(markdown)
            case Notice():
                draw_notice(place, block)
            case Code(text, language):
                place.code(text, language=language)
            case Kpis():
                draw_kpis(place, block)
            case Chart():
                draw_chart(place, block)
            case Table():
                streamlit_tables.draw_table(place, block)
            case PlainTable():
                streamlit_tables.draw_plain(place, block)
            case Download():
                streamlit_tables.draw_downloads(place, block)
            case Link():
                draw_link(place, block)

    def _control(self, control: Control) -> None:
        streamlit_controls.draw(self._place, control)

    def _open(self, group: Group) -> list[Self]:
        return [
            type(self)(self.visit, part, place)
            for part, place in zip(group.parts, _places(self._place, group), strict=True)
        ]

    def _at(self, part: Part) -> Self:
        return type(self)(self.visit, part, self._place)

    def _choose_row(self, table: Table, keys: Sequence[str]) -> int | None:
        wanted = super()._choose_row(table, keys)
        position = streamlit_tables.draw_choice(self._place, table, keys, wanted)
        self.write(table.key, None if position is None else keys[position])
        return position

    def _here(self) -> Any:
        """Return what has Streamlit's own calls draw at this place."""
        return self._place if isinstance(self._place, DeltaGenerator) else nullcontext()


def _places(place: DeltaGenerator, group: Group) -> Sequence[DeltaGenerator]:
    match group.layout:
        case "columns":
            return place.columns(group.widths, gap="medium")
        case "row":
            return [place.container(horizontal=True, vertical_alignment="bottom", gap="small")]
        case "stack":
            return [place.container(gap="xsmall")]
        case "box":
            return [place.container(border=True, height="stretch")]
        case "expander":
            return [place.expander(group.labels[0], expanded=group.is_open, icon=group.icon)]
        case "popover":
            return [place.popover(group.labels[0], icon=group.icon)]
        case "tabs":
            return place.tabs(group.labels)
    return [place.container()]


def draw_notice(place: DeltaGenerator, notice: Notice) -> None:
    """Draw a sentence that stands out."""
    alerts = {
        "info": place.info,
        "success": place.success,
        "warning": place.warning,
        "error": place.error,
    }
    alerts[notice.tone](notice.markdown, icon=notice.icon or None)


def draw_kpis(place: DeltaGenerator, row: Kpis) -> None:
    """Draw headline figures side by side, as many as there is room for."""
    grid = place.grid(len(row.kpis), min_column_width=LEAST_KPI_WIDTH)
    for kpi in row.kpis:
        frame = grid.container(border=True, height="stretch", gap=None)
        frame.metric(kpi.label, kpi.value, help=kpi.help)
        if kpi.detail:
            frame.markdown(f":gray[:small[{kpi.detail}]]")


def draw_chart(place: DeltaGenerator, chart: Chart) -> None:
    """Draw a figure, and hand on the clicks on its points."""

    def select() -> None:
        points = st.session_state[chart.key]["selection"]["points"]
        values = points[0].get("customdata", ()) if points else ()
        assert chart.on_select is not None
        chart.on_select(list(values.values()) if isinstance(values, dict) else values)

    place.plotly_chart(
        chart.figure,
        key=chart.key,
        alt=chart.alt,
        config={"displayModeBar": False, "responsive": True},
        on_select=select if chart.on_select else "ignore",
        selection_mode="points",
    )


def draw_link(place: DeltaGenerator, link: Link) -> None:
    """Draw a link to a page, whose address is that of its folder."""
    page = st.Page(_elsewhere, title=link.label, url_path=link.page.replace("_", "-"))
    params: dict[str, Any] = {name: list(values) for name, values in link.params.items()}
    place.page_link(
        page, label=link.label, icon=link.icon, icon_position="right", query_params=params
    )


def _elsewhere() -> None:
    """Stand for a page that another call renders: links go by its address."""
