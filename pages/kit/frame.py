"""The frame of a page: title, what it is for, errors; and on jobs: filters, and why it is empty."""

from collections.abc import Callable
from functools import wraps

from analytics.query import Filters
from data.store.reader import Reader
from pages.kit import filters, messages
from pages.kit.blocks import View
from pages.kit.canvas import Canvas
from pages.kit.catalog import PageEntry
from pages.kit.filter_bar import draw_filters
from pages.kit.visit import Params


def draw_page(entry: PageEntry, canvas: Canvas, reader: Reader) -> None:
    """Draw a page, from its title on."""
    canvas.title(entry.page.title)
    canvas.text(entry.page.lead)
    with messages.shown_errors(canvas):
        entry.render(canvas, reader)
    filters.note_visit(canvas)


def view_of(entry: PageEntry, reader: Reader, params: Params | None = None) -> View:
    """Return what a page shows for these URL parameters; needs no session."""
    with reader.snapshot():
        canvas = Canvas.begin(entry.name, reader, params or {})
        draw_page(entry, canvas, reader)
    return canvas.view


def on_jobs(
    body: Callable[[Canvas, Reader, Filters], None],
) -> Callable[[Canvas, Reader], None]:
    """Make the `render` of a page on the jobs that the filters choose."""

    @wraps(body)
    def render(canvas: Canvas, reader: Reader) -> None:
        if not messages.has_jobs(canvas, reader):
            return
        if canvas.visit.jobs is not None:  # whoever chose them says how many they are
            body(canvas, reader, canvas.visit.jobs)
            return
        jobs = draw_filters(canvas, reader)
        if messages.sample_line(canvas, reader, jobs):
            body(canvas, reader, jobs)

    return render
