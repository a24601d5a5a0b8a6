"""The frame of a page on jobs: title, what it is for, why it is empty, filters, errors."""

from collections.abc import Callable
from functools import wraps

from analytics.asking import Filters
from data.store import Store
from pages.parts import filters, notices, sharing, texts


def on_jobs(
    title: str, lead: str
) -> Callable[[Callable[[Store, Filters], None]], Callable[[Store], None]]:
    """Make a page's render(store) of what it shows of the jobs that the filters choose.

    `lead` says in a sentence or two what the page is for.
    """

    def framed(body: Callable[[Store, Filters], None]) -> Callable[[Store], None]:
        @wraps(body)
        def render(store: Store) -> None:
            sharing.title(store, title)
            texts.say(lead)
            if not notices.has_jobs(store):
                return
            with notices.shown_errors():
                chosen = filters.chosen(store, title)
                if notices.sample_line(store, chosen):
                    body(store, chosen)

        return render

    return framed
