"""The canvas on the screen: draws each block and control with Streamlit as it is added."""

from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import wraps
from typing import Any, Concatenate, Literal, Self, cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data.background import Task
from data.store.reader import Reader
from pages.kit import filters, sharing, streamlit_controls, streamlit_tables
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
from pages.kit.work import Report, computed

# pixels; narrower, a headline figure would be cut off
LEAST_KPI_WIDTH = 180
# narrower, a chart's title or a link would be
LEAST_CARD_WIDTH = 260
WATCH_EVERY_S = 1.0


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


def show_work(name: str, reader: Reader, work: Callable[[Report], object]) -> bool:
    """Show how far work is that every page waits for; return whether it is done."""
    canvas = StreamlitCanvas.begin(name, reader, UrlParams())
    done = None
    with shown_errors(canvas), reader.snapshot():
        done = computed(
            canvas, reader, name, lambda report: work(report) or name, name=name, is_long=True
        )
    return done is not None


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

    is_live = True

    def __init__(
        self, visit: Visit, part: Part | None = None, container: DeltaGenerator | None = None
    ) -> None:
        super().__init__(visit, part)
        # the module draws where the script, or a fragment of it, has come to
        self._container = container or cast(DeltaGenerator, st)

    @property
    def theme(self) -> Literal["light", "dark"]:  # type: ignore[override]
        """The colour scheme of the browser."""
        return "dark" if st.context.theme.type == "dark" else "light"

    def exchange(self, params: Mapping[str, list[str]]) -> None:
        """Put these parameters into the URL, as one step of the browser's history."""
        st.query_params.from_dict(params)

    def fragment(
        self,
        draw: Callable[Concatenate[Canvas, Further], None],
        *args: Further.args,
        **kwargs: Further.kwargs,
    ) -> None:
        """Draw what a control inside of it draws again without the rest of the page.

        A rerun replaces in the record what the run before has put there, and nothing else.
        """
        self._again(lambda canvas: draw(canvas, *args, **kwargs), draw, every_s=None)

    def live(self, draw: Callable[[Canvas], None], *, every_s: float) -> None:
        """Draw what is drawn again by itself, without the rest of the page, while it is seen."""
        self._again(draw, draw, every_s=every_s)

    def _again(
        self, draw: Callable[[Canvas], None], named: Callable[..., None], *, every_s: float | None
    ) -> None:
        part = Part()
        self.record(Group("stretch", (part,)))

        @st.fragment(run_every=every_s)
        @wraps(named)
        def draw_again() -> None:
            fresh = Part()
            canvas = StreamlitCanvas(self.visit, fresh)
            try:
                with self.visit.reader.snapshot(), shown_errors(canvas):
                    draw(canvas)
            finally:
                part.blocks = fresh.blocks

        with self._here():
            draw_again()

    def interact(self, draw: Callable[[], None]) -> None:
        """Draw with Streamlit itself, at this place, what only a screen can do."""
        with self._here():
            draw()

    def watch(self, task: Task) -> None:
        """Show how far a task is, and offer to cancel it; draw the page again when it has ended."""

        @st.fragment(run_every=WATCH_EVERY_S)
        def show_progress() -> None:
            if task.has_ended:
                st.rerun()
            st.progress(min(max(task.share, 0.0), 1.0), text=task.step or task.name)
            st.button("Cancel", key=f"cancel_{id(task)}", icon=":material/close:",
                      on_click=task.cancel)  # fmt: skip

        with self._here():
            show_progress()

    @contextmanager
    def busy(self, text: str) -> Iterator[None]:
        """Say what is being done for as long as the block takes."""
        with self._here(), st.spinner(text, show_time=True):
            yield

    def space(self) -> None:
        """Push what follows to the end of a box or a row."""
        self._container.space("stretch")

    def _draw(self, block: Block) -> None:
        container = self._container
        match block:
            case Heading(_, 1):
                with self._here():
                    sharing.title(
                        self.view, self.params, self.visit.reader, lambda: filters.in_force(self)
                    )
            case Heading(text, 2):
                container.header(text, anchor=False)
            case Heading(text):
                container.subheader(text, anchor=False)
            case Text(markdown, is_quiet=True):
                # st.caption is too pale for some themes
                container.markdown(f":gray[:small[{markdown}]]")
            case Text(markdown):
                container.markdown(markdown)
            case Notice():
                draw_notice(container, block)
            case Code(text, language):
                # a box that scrolls sideways could not be reached with the keyboard
                container.code(text, language=language, wrap_lines=True)
            case Kpis():
                draw_kpis(container, block)
            case Chart():
                draw_chart(container, block)
            case Table():
                streamlit_tables.draw_table(container, block, filters.in_force(self))
            case PlainTable():
                streamlit_tables.draw_plain(container, block)
            case Download():
                streamlit_tables.draw_downloads(container, block)
            case Link():
                draw_link(container, block)

    def _control(self, control: Control) -> None:
        streamlit_controls.draw(self._container, control)

    def _open(self, group: Group) -> list[Self]:
        return [
            type(self)(self.visit, part, container)
            for part, container in zip(
                group.parts, _containers(self._container, group), strict=True
            )
        ]

    def _at(self, part: Part) -> Self:
        return type(self)(self.visit, part, self._container)

    def _choose_row(
        self, table: Table, keys: Sequence[str], on_change: Callable[[str], None] | None
    ) -> int | None:
        default = super()._choose_row(table, keys, on_change)
        if on_change is not None:
            streamlit_tables.draw_shared_choice(
                self._container, table, keys, default, on_change, filters.in_force(self)
            )
            return default
        position = streamlit_tables.draw_choice(
            self._container, table, keys, default, filters.in_force(self)
        )
        self.write(table.key, None if position is None else keys[position])
        return position

    def _draw_leading(self, table: Table, on_choose: Callable[[int], None]) -> None:
        streamlit_tables.draw_leading(self._container, table, on_choose, filters.in_force(self))

    def _here(self) -> Any:
        """Return what has Streamlit's own calls draw at this place."""
        return self._container if isinstance(self._container, DeltaGenerator) else nullcontext()


def _containers(container: DeltaGenerator, group: Group) -> Sequence[DeltaGenerator]:
    match group.layout:
        case "columns":
            return container.columns(group.widths, gap="medium")
        case "cards":
            grid = container.grid(len(group.parts), min_column_width=LEAST_CARD_WIDTH, gap="medium")
            return [grid.container(height="stretch") for _ in group.parts]
        case "row":
            return [container.container(horizontal=True, vertical_alignment="bottom", gap="small")]
        case "stack":
            return [container.container(gap="xsmall")]
        case "box":
            return [container.container(border=True, height="stretch")]
        case "expander":
            return [container.expander(group.labels[0], expanded=group.is_open, icon=group.icon)]
        case "popover":
            return [container.popover(group.labels[0], icon=group.icon)]
        case "tabs":
            return container.tabs(group.labels)
    return [container.container()]


def draw_notice(container: DeltaGenerator, notice: Notice) -> None:
    """Draw a sentence that stands out."""
    alerts = {
        "info": container.info,
        "success": container.success,
        "warning": container.warning,
        "error": container.error,
    }
    alerts[notice.tone](notice.markdown, icon=notice.icon or None)


def draw_kpis(container: DeltaGenerator, row: Kpis) -> None:
    """Draw headline figures side by side, as many as there is room for."""
    grid = container.grid(len(row.kpis), min_column_width=LEAST_KPI_WIDTH)
    for kpi in row.kpis:
        frame = grid.container(border=True, height="stretch", gap=None)
        frame.metric(kpi.label, kpi.value, help=kpi.help)
        if kpi.detail:
            frame.markdown(f":gray[:small[{kpi.detail}]]")


def draw_chart(container: DeltaGenerator, chart: Chart) -> None:
    """Draw a figure, and hand on the clicks on its points, or what is brushed."""

    def select() -> None:
        selection = st.session_state[chart.key]["selection"]
        boxes = selection["box"]
        if chart.on_brush is not None and boxes:
            first, last = sorted(map(str, boxes[0]["x"]))
            chart.on_brush(first, last)
        if chart.on_select is None:
            return
        points = selection["points"]
        values = points[0].get("customdata", ()) if points else ()
        chart.on_select(list(values.values()) if isinstance(values, dict) else values)

    container.plotly_chart(
        chart.figure,
        key=chart.key,
        alt=chart.alt,
        config={"displayModeBar": False, "responsive": True},
        on_select=select if chart.on_select or chart.on_brush else "ignore",
        selection_mode="box" if chart.on_brush else "points",
    )


def draw_link(container: DeltaGenerator, link: Link) -> None:
    """Draw a link to a page, whose address is that of its folder."""
    page = st.Page(_elsewhere, title=link.label, url_path=link.page.replace("_", "-"))
    params: dict[str, Any] = {name: list(values) for name, values in link.params.items()}
    container.page_link(
        page, label=link.label, icon=link.icon, icon_position="right", query_params=params
    )


def _elsewhere() -> None:
    """Stand for a page that another call renders: links go by its address."""
