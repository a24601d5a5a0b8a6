"""Which jobs count: the row of filters on top of a page.

The URL holds the truth, so that a copied link shows the same view; the session remembers it across
pages, whose links in the navigation carry no parameters. `since` is included, `until` is not.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pandas as pd
import streamlit as st

from analytics.query import Filters
from analytics.relations import JOBS
from data.store.store import Store
from pages.kit import cache, formats, recording, text
from pages.kit.blocks import Setting
from pages.kit.pool_names import pool_names

COLUMNS = {
    "account_id": "Account",
    "region": "Region",
    "instance_type": "Instance type",
    "user_name": "User",
    "pool_key": "Pool",
}
NAMES = ("since", "until", *COLUMNS)
ALL_TIME, CUSTOM = "All data", "Own dates"
PRESETS = {"Last 7 days": 7, "Last 30 days": 30, "Last 90 days": 90}
MOST_CHOICES = 500

_MEMORY = "stoker_filters"
Params = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the store's jobs can be filtered by."""

    first: date
    last: date
    values: dict[str, dict[str, str]]
    """Per column: value in the URL, and the words for it."""

    left_out: tuple[str, ...] = ()


def chosen(store: Store, page: str) -> Filters:
    """Draw the filters and return them. `page` tells one page's visit from the next."""
    choices = _choices(store)
    given, dropped = _checked(_wanted(page), choices)
    _remember(page, given)
    _draw(given, choices)
    _record(given, choices)
    if dropped:
        text.inform(
            f"Left out of the filters, since no job has it: {formats.plain(', '.join(dropped))}.",
            icon=":material/filter_alt_off:",
        )
    return _filters(given)


def params() -> Params:
    """Return the filters in force as URL parameters, for links to other pages."""
    return dict(st.session_state.get(_MEMORY, {}).get("params", {}))


def named() -> Filters:
    """Return the filters that the URL names, without drawing them: for a page that has none."""
    since, until = (_instant(st.query_params.get(name, "")) for name in ("since", "until"))
    where = tuple(
        (name, value)
        for name in JOBS.columns
        if name in st.query_params
        for value in st.query_params.get_all(name)
    )
    return Filters(since, until, where)


def written(chosen: Filters) -> Params:
    """Return filters as URL parameters that `named` reads."""
    found: Params = {}
    for name, bound in (("since", chosen.since), ("until", chosen.until)):
        if bound is not None:
            found[name] = [bound.isoformat()]
    for name, value in chosen.where:
        found.setdefault(name, []).append(value)
    return found


def pass_by(page: str) -> None:
    """Take note of a page without filters, so that the next one finds those in force again."""
    if _MEMORY in st.session_state:
        st.session_state[_MEMORY] |= {"page": page}


def clear() -> None:
    """Forget every filter."""
    _write({})


def _wanted(page: str) -> Params:
    given = {name: st.query_params.get_all(name) for name in NAMES if name in st.query_params}
    memory = st.session_state.get(_MEMORY)
    if not given and memory and memory["page"] != page:
        return dict(memory["params"])
    return given


def _remember(page: str, given: Params) -> None:
    st.session_state[_MEMORY] = {"page": page, "params": given}
    _write(given)


def _write(given: Params) -> None:
    for name in NAMES:
        if name not in given:
            if name in st.query_params:
                del st.query_params[name]
        elif st.query_params.get_all(name) != given[name]:
            st.query_params[name] = given[name]


def _checked(given: Params, choices: Choices) -> tuple[Params, list[str]]:
    """Keep what can be filtered by; name what cannot."""
    kept: Params = {}
    dropped = []
    for name in ("since", "until"):
        for value in given.get(name, [])[:1]:
            if _day(value) is None:
                dropped.append(f"{name} {value}")
            else:
                kept[name] = [value]
    if len(kept) == 2 and kept["since"][0] >= kept["until"][0]:
        dropped.append(f"until {kept.pop('until')[0]}")
    for name in COLUMNS:
        values = list(dict.fromkeys(given.get(name, [])))
        known = [value for value in values if value in choices.values[name]]
        if known:
            kept[name] = known
        dropped += [f"{COLUMNS[name].lower()} {value}" for value in values if value not in known]
    return kept, dropped


def _filters(given: Params) -> Filters:
    bounds = [_day(given[name][0]) if name in given else None for name in ("since", "until")]
    since, until = (
        datetime.combine(bound, time(), tzinfo=UTC) if bound else None for bound in bounds
    )
    where = tuple((name, value) for name in COLUMNS for value in given.get(name, []))
    return Filters(since=since, until=until, where=where)


def _record(given: Params, choices: Choices) -> None:
    """Record the filters in force, in words."""
    period = _period(given, choices)
    if period != ALL_TIME:
        first, after = (
            _day(given[name][0]) if name in given else None for name in ("since", "until")
        )
        days = formats.days(
            first or choices.first, formats.day_before(after) if after else choices.last
        )
        period = f"{days} (UTC)"
    recording.add(Setting("Jobs created in", period))
    for name in COLUMNS:
        if name in given:
            words = [choices.values[name][value] for value in given[name]]
            recording.add(Setting(COLUMNS[name], ", ".join(words)))


def _draw(given: Params, choices: Choices) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _draw_period(given, choices)
        shown = [name for name in COLUMNS if len(choices.values[name]) > 1 or name in given]
        active = sum(len(given.get(name, [])) for name in COLUMNS)
        label = f"Filters ({active})" if active else "Filters"
        if shown:
            with st.popover(label, icon=":material/filter_alt:"):
                for name in shown:
                    _draw_choice(name, given, choices)
        if given:
            st.button("Clear", on_click=clear, icon=":material/close:", type="tertiary",
                      help="Show all jobs again")  # fmt: skip


def _draw_choice(name: str, given: Params, choices: Choices) -> None:
    key = f"filter_{name}"
    st.session_state[key] = given.get(name, [])
    words = choices.values[name]
    st.multiselect(
        COLUMNS[name],
        options=list(words),
        format_func=words.__getitem__,
        key=key,
        on_change=_choose,
        args=(name,),
        placeholder="All",
        help=f"The {MOST_CHOICES} with most waiting lost." if name in choices.left_out else None,
    )


def _draw_period(given: Params, choices: Choices) -> None:
    names = [ALL_TIME, *PRESETS, CUSTOM]
    current = _period(given, choices)
    st.session_state["filter_period"] = current
    st.selectbox(
        "Jobs created in", names, key="filter_period", on_change=_choose_period, args=(choices,),
        width=200,
    )  # fmt: skip
    if current != CUSTOM:
        return
    first = _day(given["since"][0]) if "since" in given else choices.first
    after = _day(given["until"][0]) if "until" in given else None
    for key, label, value in (
        ("filter_first", "From (UTC)", first),
        ("filter_last", "Until, included (UTC)",
         formats.day_before(after) if after else choices.last),
    ):  # fmt: skip
        st.session_state[key] = value
        st.date_input(label, key=key, on_change=_choose_days, format="YYYY-MM-DD", width=170)


def _period(given: Params, choices: Choices) -> str:
    if "since" not in given and "until" not in given:
        return ALL_TIME
    for name, length in PRESETS.items():
        if "until" not in given and given["since"] == [_first_of(length, choices).isoformat()]:
            return name
    return CUSTOM


def _first_of(length: int, choices: Choices) -> date:
    return choices.last - timedelta(days=length - 1)


def _choose(name: str) -> None:
    values = list(st.session_state[f"filter_{name}"])
    _write(params() | {name: values} if values else _without(name))


def _choose_period(choices: Choices) -> None:
    rest = _without("since", "until")
    name = st.session_state["filter_period"]
    if name in PRESETS:
        rest["since"] = [_first_of(PRESETS[name], choices).isoformat()]
    elif name == CUSTOM:
        rest["since"] = [choices.first.isoformat()]
        rest["until"] = [(choices.last + timedelta(days=1)).isoformat()]
    _write(rest)


def _choose_days() -> None:
    first, last = st.session_state["filter_first"], st.session_state["filter_last"]
    last = max(first, last)
    _write(params() | {"since": [first.isoformat()], "until": [(last + timedelta(1)).isoformat()]})


def _without(*names: str) -> Params:
    return {name: values for name, values in params().items() if name not in names}


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


def _choices(store: Store) -> Choices:
    coverage = cache.answer(store, "coverage")
    first = coverage["first_created_at"].min().date()
    last = coverage["last_created_at"].max().date()
    found = cache.answer(store, "filter_values")
    values = {
        name: _words(found[found["column_name"] == name]) for name in COLUMNS if name != "pool_key"
    }
    pools = cache.answer(store, "pools")
    shown = pools.head(MOST_CHOICES)
    values["pool_key"] = pool_names(shown)
    left_out = ("pool_key",) if len(pools) > len(shown) else ()
    return Choices(first, last, values, left_out)


def _words(groups: pd.DataFrame) -> dict[str, str]:
    """Return the values of a column that can be filtered by; an unknown one is an empty text."""
    found = ["" if formats.is_unknown(value) else str(value) for value in groups["group_value"]]
    return {value: value or formats.UNKNOWN for value in sorted(found, key=lambda v: (not v, v))}
