"""A look at the demo beside one's own home: the URL parameter `demo`, which the session remembers.

Links from page to page carry it; for those that do not the session's memory decides. On a page that
was drawn before, as when Back was pressed, the URL does.
"""

from collections.abc import MutableMapping
from typing import Any

from pages.kit import filters
from pages.kit.canvas import Canvas
from pages.kit.visit import DEMO, Params

YES, NO = "1", "0"
MEMORY = "stoker_demo"
LABEL = "Back to your own jobs"


def is_chosen(page: str, params: Params, memory: MutableMapping[str, Any]) -> bool:
    """Return whether a visit of a page is of the demo, and remember it for the next page."""
    said, known = params.get(DEMO), memory.get(MEMORY)
    chosen = said[-1] == YES if said else bool(known and known != page)
    if chosen != bool(known):
        memory.pop(filters.MEMORY, None)  # they chose among other jobs
    # even where it is there: a link to the page on show reaches the script, but not the URL
    if chosen and not (said and known):
        params[DEMO] = [YES]
    elif said and not chosen:
        del params[DEMO]
    memory[MEMORY] = page if chosen else None
    return chosen


def is_beside(canvas: Canvas) -> bool:
    """Whether the demo is shown beside one's own home, to which there is a way back."""
    return bool(canvas.visit.memory.get(MEMORY))


def offer(canvas: Canvas, what: str = "a made-up history") -> None:
    """Offer a look at this page in the demo."""
    if canvas.visit.reader.home.is_demo:
        return
    canvas.text(f"**Or look around first** in {what}:")
    canvas.link(canvas.visit.page, "Open the demo", icon=":material/science:",
                params={DEMO: [YES]})  # fmt: skip


def own_home(canvas: Canvas) -> None:
    """Say how to leave the demo: a link, or where it is all that is served, a command."""
    if is_beside(canvas):
        canvas.link(canvas.visit.page, LABEL, params={DEMO: [NO]})
    else:
        canvas.code("stoker serve")
