"""The answer: what could be saved in a month, and the three things to do first."""

from analytics.advice.listing import OPEN, Listed
from analytics.query import Filters
from analytics.vocabulary import ADVICE_KINDS
from data.store.reader import Reader
from pages.kit import links
from pages.kit.advice import Found, find_advice, gain_text, promise, what_to_do, worth
from pages.kit.canvas import Canvas

MOST = 3
SURE = ("sure", "rough")


def draw_answer(canvas: Canvas, reader: Reader, jobs: Filters) -> None:
    """Draw what could be saved, by name; its progress while it is made."""
    box = canvas.box()
    found = find_advice(box, reader, jobs, is_beside=True)
    if found is None:
        links.page_link(box, "advice", "What could be saved")
        return
    first = _first(found)
    box.header(promise(found.total) + _first_of(len(first), found.total.count))
    for number, listed in enumerate(first, start=1):
        _draw(box.stack(), number, listed, found.value_usd_per_h)
    box.note(worth(found, first))
    links.page_link(box, "advice", "See all advice, and what it is based on")


def _first(found: Found) -> list[Listed]:
    """Return what to do first: the most to gain of what is sure, else of what there is."""
    counted = [one for one in found.listed if one.is_in_total and one.state == OPEN]
    sure = [one for one in counted if one.recommendation.certainty in SURE]
    return (sure or counted)[:MOST]


def _first_of(count: int, of_all: int) -> str:
    """Say which changes come first, and of how many."""
    if not count:
        return ""
    these = {1: "this", 2: "these two"}.get(count, "these three")
    return f" with {of_all} changes: do {these} first" if of_all > count else f": do {these}"


def _draw(stack: Canvas, number: int, listed: Listed, value_usd_per_h: float) -> None:
    kind = ADVICE_KINDS[listed.recommendation.kind].label
    gain = gain_text(listed, value_usd_per_h)
    stack.text(f"{number}. {what_to_do(listed)}  \n:gray[{kind} ·] {gain}")
    links.page_link(stack, "advice", "Why, and what to set", advice=listed.advice_id)
