"""Values of columns of which only some are known: which those are, and what another may mean."""

from functools import lru_cache

import duckdb

from data.files.known_types import known_types
from data.files.mapping_schema import CHANNEL_MODES, STATUSES
from data.files.values import ValueKind
from data.raw.parser import define_macros

INPUT_MODES = (*CHANNEL_MODES, "mixed", "none")
LEAST_LIKENESS = 0.85


def known_values(kind: ValueKind) -> tuple[str, ...]:
    """Return the values that a code may have."""
    match kind:
        case ValueKind.STATUS:
            return STATUSES
        case ValueKind.INPUT_MODE:
            return INPUT_MODES
        case ValueKind.INSTANCE_TYPE:
            return known_types()
    return ()


@lru_cache(maxsize=256)
def unknown_values(kind: ValueKind, texts: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return the texts that are no value of a code, each with what it may mean.

    >>> unknown_values(ValueKind.STATUS, ("completed", "RUNNING"))
    {'RUNNING': ('InProgress',)}
    """
    reading, near = _SQL[kind]
    with duckdb.connect() as connection:
        define_macros(connection)
        rows = connection.execute(
            f"""
            select text, {near}
            from (select unnest($texts) as text, generate_subscripts($texts, 1) as place)
            where {reading} is null
            order by place
            """,
            {"texts": list(texts), **_parameters(kind)},
        ).fetchall()
    return {text: tuple(found or ()) for text, found in rows}


def meanings(kind: ValueKind, texts: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return a translation of what is known of other schedulers' words.

    >>> meanings(ValueKind.STATUS, ("RUNNING", "COMPLETED", "perhaps"))
    (('RUNNING', 'InProgress'),)
    """
    if kind is not ValueKind.STATUS:
        return ()
    unknown = unknown_values(kind, texts)
    return tuple(sorted((text, found[0]) for text, found in unknown.items() if len(found) == 1))


_SQL = {
    ValueKind.STATUS: ("parse_status(text)", "near_status(text)"),
    ValueKind.INPUT_MODE: ("parse_input_mode(text)", "near_word(text, $known, $least)"),
    ValueKind.INSTANCE_TYPE: (
        "case when list_contains($known, lower(text)) or not is_written_as_type(text)"
        " then text end",
        "near_word(regexp_replace(lower(text), '^(ml[._ -])?', 'ml.'), $known, $least)",
    ),
}


def _parameters(kind: ValueKind) -> dict[str, object]:
    if kind is ValueKind.STATUS:
        return {}
    return {"known": list(known_values(kind)), "least": LEAST_LIKENESS}
