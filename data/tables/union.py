"""SQL that merges lists of entries: each entry once, each of its fields the newest known."""

import re

from data.tables.declaration import Field

_ENTRY_FIELD = re.compile(r"[(,]\s*(\w+)\s+(\w+)")


def union_of(field: Field, entries: str) -> str:
    """Return SQL for the entries of a list, oldest source first, merged by the field's entry key.

    A flag that any source raises stays up. The order is the field's own, whatever that of the
    sources.
    """
    merged = ", ".join(
        f"{name} := {_flag(name) if kind == 'boolean' else _newest(name)}"
        for name, kind in _ENTRY_FIELD.findall(field.sql_type)
    )
    keys = f"list_transform(found, lambda entry: {field.entry_key})"
    same = f"list_filter(found, lambda entry: {field.entry_key} = merged_key)"
    placed = f"list_transform([{same}], lambda same: struct_pack({merged}))[1]"
    return f"""
        list_transform(
            [{entries}],
            lambda found: list_transform(
                list_sort(list_transform(
                    list_transform(list_distinct({keys}), lambda merged_key: {placed}),
                    lambda entry: struct_pack(
                        place := {field.entry_order}, key := {field.entry_key}, entry := entry
                    )
                )),
                lambda placed: placed.entry
            )
        )[1]
    """


def _newest(name: str) -> str:
    values = f"list_transform(same, lambda entry: entry.{name})"
    return f"list_filter({values}, lambda known: known is not null)[-1]"


def _flag(name: str) -> str:
    return f"list_bool_or(list_transform(same, lambda entry: entry.{name}))"
