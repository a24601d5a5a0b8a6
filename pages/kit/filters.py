"""Which jobs count, as the URL says; `since` is included, `until` is not.

The URL holds the truth, so that a copied link shows the same view. Links from page to page carry
it; the session remembers it for those that do not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

from analytics.query import Filters
from analytics.relations import JOBS
from pages.kit.canvas import Canvas
from pages.kit.filter_options import COLUMNS, FilterOptions
from pages.kit.visit import DEMO, Params

NAMES = ("since", "until", *COLUMNS)
MEMORY = "stoker_filters"


@dataclass(frozen=True, slots=True)
class FilterParams:
    """The filters of the URL that apply to the store's jobs, and those that do not."""

    params: Params
    unknown: list[str]

    @property
    def bounds(self) -> tuple[date | None, date | None]:
        """The first day, and the day after the last."""
        since, until = (
            _day(self.params[name][0]) if name in self.params else None
            for name in ("since", "until")
        )
        return since, until

    @property
    def filters(self) -> Filters:
        """The same for a query."""
        since, until = (
            datetime.combine(day, time(), tzinfo=UTC) if day else None for day in self.bounds
        )
        where = tuple((name, value) for name in COLUMNS for value in self.params.get(name, []))
        return Filters(since=since, until=until, where=where)


def read(canvas: Canvas, options: FilterOptions) -> FilterParams:
    """Return the filters in force on this page, and remember them for the next."""
    checked = _checked(_requested(canvas), options)
    known = canvas.visit.memory.get(MEMORY, {})
    as_before = {"page": canvas.visit.page, "params": checked.params}
    if not checked.unknown and known.items() >= as_before.items():
        # the page is drawn again: what it said of the URL that it mended, it says again
        checked = replace(checked, unknown=known["unknown"])
    canvas.visit.memory[MEMORY] = as_before | {"unknown": checked.unknown}
    write(canvas, checked.params)
    return checked


def in_force(canvas: Canvas) -> Params:
    """Return what links take along: the filters in force, and that it is the demo."""
    return carried(canvas.params, canvas.visit.memory)


def carried(params: Params, memory: Mapping[str, Any], *, is_new: bool = False) -> Params:
    """Return the same of a URL and a session's memory; `is_new` where no page has read them yet."""
    known = dict(memory.get(MEMORY, {}).get("params", {}))
    if is_new:
        known = {name: params[name] for name in NAMES if name in params} or known
    return known | ({DEMO: params[DEMO]} if DEMO in params else {})


def of_url(canvas: Canvas) -> Filters:
    """Return the filters that the URL names, checked by nobody: for a page that draws none."""
    since, until = (_instant(canvas.param(name) or "") for name in ("since", "until"))
    where = tuple((name, value) for name in JOBS.columns for value in canvas.params.get(name, []))
    return Filters(since, until, where)


def as_params(filters: Filters) -> Params:
    """Return filters as URL parameters that `of_url` reads."""
    params: Params = {}
    for name, bound in (("since", filters.since), ("until", filters.until)):
        if bound is not None:
            params[name] = [bound.isoformat()]
    for name, value in filters.where:
        params.setdefault(name, []).append(value)
    return params


def note_visit(canvas: Canvas) -> None:
    """Take note of a page, so that the next one knows that it is another."""
    if MEMORY in canvas.visit.memory:
        canvas.visit.memory[MEMORY] |= {"page": canvas.visit.page}


def write(canvas: Canvas, params: Params) -> None:
    """Make these the filters of the URL: at once, so that one press of Back undoes it."""
    wanted = {name: values for name, values in canvas.params.items() if name not in NAMES}
    wanted |= {name: list(params[name]) for name in NAMES if name in params}
    if wanted != dict(canvas.params):
        canvas.exchange(wanted)


def clear(canvas: Canvas) -> None:
    """Take every filter out of the URL."""
    write(canvas, {})


def _requested(canvas: Canvas) -> Params:
    params = {name: canvas.params[name] for name in NAMES if name in canvas.params}
    memory = canvas.visit.memory.get(MEMORY)
    if not params and memory and memory["page"] != canvas.visit.page:
        return dict(memory["params"])
    return params


def _checked(params: Params, options: FilterOptions) -> FilterParams:
    """Keep what can be filtered by; name what cannot."""
    kept: Params = {}
    unknown = []
    for name in ("since", "until"):
        for value in params.get(name, [])[:1]:
            if _day(value) is None:
                unknown.append(f"{name} {value}")
            else:
                kept[name] = [value]
    if len(kept) == 2 and kept["since"][0] >= kept["until"][0]:
        unknown.append(f"until {kept.pop('until')[0]}")
    for name in COLUMNS:
        values = list(dict.fromkeys(params.get(name, [])))
        known = [value for value in values if value in options.labels[name]]
        if known:
            kept[name] = known
        unknown += [f"{COLUMNS[name].lower()} {value}" for value in values if value not in known]
    return FilterParams(kept, unknown)


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _instant(value: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
