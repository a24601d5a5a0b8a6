"""The row of filters on top of a page: the time range, and what jobs have in common."""

from datetime import date, timedelta

from analytics.query import Filters
from data.store.reader import Reader
from pages.kit import filters, formats
from pages.kit.canvas import Canvas
from pages.kit.filter_options import COLUMNS, MOST_POOLS, FilterOptions, filter_options
from pages.kit.filters import FilterParams

ALL_TIME, CUSTOM = "All data", "Custom range"
PRESETS = {"Last 7 days": 7, "Last 30 days": 30, "Last 90 days": 90}
DAY = timedelta(days=1)


def draw_filters(canvas: Canvas, reader: Reader) -> Filters:
    """Draw the filters and return them."""
    options = filter_options(reader)
    current = filters.read(canvas, options)
    row = canvas.row()
    _draw_time_range(row, current, options)
    shown = [name for name in COLUMNS if len(options.labels[name]) > 1 or name in current.params]
    count = sum(len(current.params.get(name, [])) for name in COLUMNS)
    if shown:
        popover = row.popover(
            f"Filters ({count})" if count else "Filters", icon=":material/filter_alt:"
        )
        for name in shown:
            _draw_column(popover, name, current, options)
    if current.params:
        row.button(
            "Clear", key="clear_filters", on_click=lambda: filters.clear(canvas),
            icon=":material/close:", is_quiet=True, help="Show all jobs again",
        )  # fmt: skip
    if current.unknown:
        canvas.notice(
            "Filters that match nothing here are ignored:"
            f" {formats.plain(', '.join(current.unknown))}.",
            icon=":material/filter_alt_off:",
        )
    return current.filters


def _draw_column(canvas: Canvas, name: str, current: FilterParams, options: FilterOptions) -> None:
    is_cut = name == "pool_key" and options.are_pools_cut
    canvas.multi_select(
        COLUMNS[name],
        options.labels[name],
        key=name,
        values=current.params.get(name, []),
        placeholder="All",
        help=f"The {MOST_POOLS} pools with the most avoidable wait time." if is_cut else None,
    )


def _draw_time_range(canvas: Canvas, current: FilterParams, options: FilterOptions) -> None:
    since, until = current.bounds
    value = _time_range(since, until, options)
    rest = {name: current.params[name] for name in COLUMNS if name in current.params}

    def change(new: str) -> None:
        params = dict(rest)
        if new in PRESETS:
            params["since"] = [_first_of(PRESETS[new], options).isoformat()]
        elif new == CUSTOM:
            params["since"] = [options.first.isoformat()]
            params["until"] = [(options.last + DAY).isoformat()]
        filters.write(canvas, params)

    canvas.select(
        "Time range", [ALL_TIME, *PRESETS, CUSTOM], key="time_range", value=value,
        on_change=change, is_setting=False, width=200,
        help="When jobs were created. Days are in UTC.",
    )  # fmt: skip
    first = since or options.first
    last = formats.day_before(until) if until else options.last
    days = f"{formats.days(first, last)} (UTC)"
    canvas.setting("Time range", ALL_TIME if value == ALL_TIME else days)
    if value != CUSTOM:
        return

    def choose(first: date, last: date) -> None:
        last = max(first, last)
        bounds = {"since": [first.isoformat()], "until": [(last + DAY).isoformat()]}
        filters.write(canvas, rest | bounds)

    canvas.date("From (UTC)", key="first_day", value=first, width=170,
                on_change=lambda new: choose(new, last))  # fmt: skip
    canvas.date("Through (UTC)", key="last_day", value=last, width=170,
                on_change=lambda new: choose(first, new))  # fmt: skip


def _time_range(since: date | None, until: date | None, options: FilterOptions) -> str:
    if since is None and until is None:
        return ALL_TIME
    for name, length in PRESETS.items():
        if until is None and since == _first_of(length, options):
            return name
    return CUSTOM


def _first_of(length: int, options: FilterOptions) -> date:
    return options.last - timedelta(days=length - 1)
