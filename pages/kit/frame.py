"""The frame of a page on jobs: title, what it is for, why it is empty, filters, errors."""

from collections.abc import Callable
from functools import wraps

from analytics.query import Filters
from data.store.store import Store
from pages.kit import filters, messages, sharing, text


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
            text.say(lead)
            if not messages.has_jobs(store):
                return
            with messages.shown_errors():
                chosen = filters.chosen(store, title)
                if messages.sample_line(store, chosen):
                    body(store, chosen)

        return render

    return framed
