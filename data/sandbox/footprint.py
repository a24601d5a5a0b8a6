"""What a statement reads: its tables, and which of their columns it can name.

Its process is given that and no more. To be on the safe side, every word of the statement counts as
a name, and where columns can count without being named, all are given.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

# what has all columns of its tables without naming them
NAMELESS = {"POSITIONAL_REFERENCE", "PIVOT", "SHOW_REF", "NATURAL"}
# what may read one table twice, at least once the optimizer has seen it
REPEATING = {"WINDOW", "SUBQUERY", "PIVOT", "JOIN", "SHOW_REF", "SET_OPERATION_NODE",
             "RECURSIVE_CTE_NODE", "CTE_NODE", "TABLE_FUNCTION", "rowid"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a statement may read."""

    tables: tuple[str, ...]
    names: frozenset[str] | None
    """The columns that it reads are among these; None: it may read any."""
    is_one_pass: bool
    """Whether one pass over one table is enough."""


def footprint_of(statement: Any, tables: Collection[str]) -> Footprint:
    """Return what a statement, as its tree, may read of these tables."""
    words = set(_words(statement))
    lowered = frozenset(word.lower() for word in words)
    read = tuple(table for table in tables if table.lower() in lowered)
    is_nameless = bool(words & NAMELESS) or _shows_all(statement) or _reads_rows(statement)
    return Footprint(
        read,
        None if is_nameless else lowered,
        is_one_pass=len(read) == 1
        and not words & REPEATING
        and not statement["cte_map"]["map"]
        and sum(node.get("type") == "BASE_TABLE" for node in _nodes(statement)) == 1,
    )


def _shows_all(node: Any, *, is_inner: bool = False) -> bool:
    """Whether a star stands where the columns it stands for show, or are counted or compared.

    They do not in a part of a statement that names what it takes from that part.
    """
    if isinstance(node, list):
        return any(_shows_all(part) for part in node)
    if not isinstance(node, dict):
        return False
    if node.get("class") == "STAR":
        return True
    if node.get("type") == "SELECT_NODE":
        is_distinct = any(one["type"] == "DISTINCT_MODIFIER" for one in node["modifiers"])
        if is_inner and not is_distinct:
            node = {**node, "select_list": [
                one for one in node["select_list"] if not _is_plain_star(one)
            ]}  # fmt: skip
    if "cte_map" in node and any(_shows_inside(one) for one in node["cte_map"]["map"]):
        return True
    if node.get("type") == "SUBQUERY" and "class" not in node:
        others = [part for name, part in node.items() if name != "subquery"]
        return _shows_inside(node["subquery"]) or _shows_all(others)
    return any(_shows_all(part) for name, part in node.items() if name != "cte_map")


def _shows_inside(node: Any) -> bool:
    """Do as `_shows_all` for a part of a statement: an entry of WITH, or a query in FROM."""
    if isinstance(node, dict):
        if node.get("type") == "SELECT_NODE":
            return _shows_all(node, is_inner=True)
        if "class" not in node and "type" not in node:
            return any(_shows_inside(part) for part in node.values())
    return _shows_all(node)


def _is_plain_star(node: Any) -> bool:
    return node.get("class") == "STAR" and not node.get("columns") and not node.get("expr")


def _reads_rows(statement: Any) -> bool:
    """Whether a name may stand for a whole row: that of a table, or another name given to it."""
    alone = {
        node["column_names"][0].lower()
        for node in _nodes(statement)
        if node.get("class") == "COLUMN_REF" and len(node["column_names"]) == 1
    }
    sources = {
        (node.get("alias") or node.get("table_name") or "").lower()
        for node in _nodes(statement)
        if "class" not in node
    }
    return bool(alone & (sources - {""}))


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    if isinstance(node, list | dict):
        for part in node if isinstance(node, list) else node.values():
            yield from _nodes(part)


def _words(node: Any) -> Iterator[str]:
    """Yield every text in a tree: whatever the statement names is among them."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, list | dict):
        for part in node if isinstance(node, list) else node.values():
            yield from _words(part)
