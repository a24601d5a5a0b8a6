"""The statement check: one SELECT over the given tables that computes and does nothing else.

The statement is parsed by a DuckDB that holds nothing, and its tree is walked: whatever is not
known to be harmless is refused. Columns that do not exist show when it runs.
"""

import json
import threading
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

import duckdb

from data.errors import StokerError
from data.sandbox.footprint import Footprint, footprint_of
from data.sandbox.functions import FUNCTIONS, TABLE_FUNCTIONS

MOST_CHARACTERS = 50_000
MOST_TABLE_READS = 500  # a few lines of common table expressions can read a table 2^30 times

QUERIES = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
SOURCES = {"BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EMPTY", "EXPRESSION_LIST", "PIVOT",
           "SHOW_REF"}  # fmt: skip
MODIFIERS = {"ORDER_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "DISTINCT_MODIFIER",
             "ORDER_DEFAULT", "ASCENDING", "DESCENDING"}  # fmt: skip
EXPRESSIONS = {"BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION",
               "CONSTANT", "FUNCTION", "LAMBDA", "LAMBDA_REF", "OPERATOR", "POSITIONAL_REFERENCE",
               "STAR", "SUBQUERY", "TYPE", "WINDOW"}  # fmt: skip

LENGTHENING = {"repeat", "lpad", "rpad"}
LONGEST_TEXT = 10_000_000

Scope = Mapping[str, int]

_parsing = threading.Lock()


def check(sql: str, tables: Collection[str]) -> None:
    """Return if `sql` is one SELECT that reads `tables` and computes from them.

    >>> check("select count(*) from jobs", ["jobs"])
    >>> check("delete from jobs", ["jobs"])
    Traceback (most recent call last):
    data.errors.StokerError: Only SELECT runs here; this is DELETE. Nothing was run. Write a SELECT.

    Raises:
        StokerError: it is something else.
    """
    checked(sql, tables)


def checked(sql: str, tables: Collection[str]) -> Footprint:
    """Do as `check`, and return what the statement may read.

    Raises:
        StokerError: it is no SELECT that `check` lets pass.
    """
    statement = _parse(sql)
    try:
        reads = _Check(tables).reads(statement, dict.fromkeys(map(_lower, tables), 1))
        footprint = footprint_of(statement, tables)
    except RecursionError as error:
        raise _too_deep() from error
    if reads > MOST_TABLE_READS:
        raise StokerError(
            f"The statement reads tables {reads:,} times; {MOST_TABLE_READS} is the most.",
            next_action="Write `as materialized (...)` at parts that are used often.",
        )
    return footprint


class _Check:
    """A walk over a statement's tree. A scope says what names in FROM stand for, and its size."""

    def __init__(self, tables: Collection[str]) -> None:
        self._tables = sorted(map(_lower, tables))

    def reads(self, node: Any, scope: Scope) -> int:
        """Return how many tables a part of the tree reads, common table expressions written out."""
        if isinstance(node, list):
            return sum(self.reads(item, scope) for item in node)
        if not isinstance(node, dict):
            return 0
        kind = node.get("type")
        if "class" in node:
            _check_expression(node)
        elif isinstance(kind, str):
            if kind in QUERIES:
                return self._query(node, scope)
            self._check_source(kind, node)
            if kind == "BASE_TABLE":
                if node.get("at_clause"):
                    raise StokerError(
                        "A table is read as it is: AT is not allowed.", next_action="Leave it out."
                    )
                return self._table(node, scope) + self.reads(node.get("sample"), scope)
            if kind == "TABLE_FUNCTION":
                # its name is checked; range and unnest may be written as calls only here
                return 1 + self.reads(node["function"]["arguments"], scope)
        return self._parts(node, scope)

    def _parts(self, node: dict[str, Any], scope: Scope) -> int:
        return sum(self.reads(part, scope) for part in node.values())

    def _query(self, node: dict[str, Any], scope: Scope) -> int:
        known, materialized = dict(scope), 0
        for entry in node["cte_map"]["map"]:
            name, query = entry["key"], entry["value"]
            # each sees those before it; not itself, unless it is recursive
            size = max(self._parts(query, known), 1)
            if query["materialized"] == "CTE_MATERIALIZE_ALWAYS":
                materialized += size
                size = 1
            known[_lower(name)] = size
        inner = dict(known)
        if node["type"] == "RECURSIVE_CTE_NODE":
            inner[_lower(node["cte_name"])] = 1  # it is itself in its second half only
        return materialized + sum(
            self.reads(part, inner if name == "right" else known)
            for name, part in node.items()
            if name != "cte_map"
        )

    def _table(self, node: dict[str, Any], scope: Scope) -> int:
        name = node["table_name"]
        path = [part for part in (node["catalog_name"], node["schema_name"]) if part]
        is_known = _lower(name) in (self._tables if path else scope)
        if path not in ([], ["main"]) or not is_known:
            raise StokerError(
                f"There is no table '{'.'.join([*path, name])}' to read here.",
                next_action=f"Read one of: {', '.join(self._tables)}.",
            )
        return scope[_lower(name)]

    def _check_source(self, kind: str, node: dict[str, Any]) -> None:
        if kind == "TABLE_FUNCTION":
            name = node["function"].get("function_name", "")
            if _lower(name) not in TABLE_FUNCTIONS:
                raise StokerError(
                    f"'{name}' is not a table that can be read here.",
                    next_action=f"Read one of: {', '.join(self._tables)}; or"
                    f" {', '.join(sorted(TABLE_FUNCTIONS))}.",
                )
        elif kind == "SHOW_REF" and node["query"] is None:
            raise StokerError(
                "SHOW is not answered here.",
                next_action="`stoker sql` alone lists the tables and their columns.",
            )
        elif kind not in SOURCES | MODIFIERS:
            word = kind.removesuffix("_NODE").removesuffix("_QUERY").replace("_", " ")
            raise StokerError(
                f"Only reading is allowed; this has {word} in it.", next_action="Take it out."
            )


def _check_expression(node: dict[str, Any]) -> None:
    kind = node["class"]
    if kind == "PARAMETER":
        raise StokerError(
            "The statement has a parameter, $ or ?, and nothing to put there.",
            next_action="Write the value itself.",
        )
    if kind not in EXPRESSIONS:
        raise StokerError(
            f"The statement has {kind.replace('_', ' ')} in it, which is not allowed here.",
            next_action="Take it out.",
        )
    name = node.get("function_name")
    if name is not None and _lower(name) in LENGTHENING:
        _check_length(node)
    if name is not None and _lower(name) not in FUNCTIONS:
        raise StokerError(
            f"The function '{name}' is unknown, or not allowed here.",
            next_action="Use functions that compute from their arguments; those that read files or"
            " settings, write, or wait are left out.",
        )


def _check_length(node: dict[str, Any]) -> None:
    """Refuse a text whose length is written as a huge number: DuckDB may give up on it."""
    for argument in node["arguments"][1:2]:
        literal = argument["expression"].get("literal") or {}
        digits = str(literal.get("text", "")).replace("_", "").strip()
        if digits.isdecimal() and int(digits) > LONGEST_TEXT:
            raise StokerError(
                f"The statement makes a text of {int(digits):,} characters or more;"
                f" {LONGEST_TEXT:,} is the most.",
                next_action="Ask for shorter texts.",
            )


def _parse(sql: str) -> Any:
    if len(sql) > MOST_CHARACTERS:
        raise StokerError(
            f"The statement has {len(sql):,} characters; {MOST_CHARACTERS:,} is the most.",
            next_action="Write it shorter.",
        )
    try:
        sql.encode()
    except UnicodeEncodeError as error:
        raise StokerError(
            "The statement contains invalid characters.", next_action="Write it in UTF-8."
        ) from error
    with _parsing:
        try:
            statements = _parser().extract_statements(sql)
        except duckdb.Error as error:
            if "depth" in str(error):
                raise _too_deep() from error
            raise StokerError(
                f"The SQL could not be parsed: {one_line(error)}.",
                next_action="Correct it. The dialect is DuckDB's.",
            ) from error
        if not statements:
            raise StokerError("There is no statement.", next_action="Write a SELECT.")
        if len(statements) > 1:
            raise StokerError(
                f"There are {len(statements)} statements; one runs at a time. Nothing was run.",
                next_action="Leave one SELECT.",
            )
        if statements[0].type != duckdb.StatementType.SELECT:
            if statements[0].type == duckdb.StatementType.MULTI:
                raise StokerError(
                    "PIVOT without its values runs as several statements. Nothing was run.",
                    next_action="Name the values: from (pivot jobs on status in ('Failed')).",
                )
            word = statements[0].type.name.replace("_", " ")
            raise StokerError(
                f"Only SELECT runs here; this is {word}. Nothing was run.",
                next_action="Write a SELECT.",
            )
        (text,) = _parser().execute("select json_serialize_sql($sql)", {"sql": sql}).fetchall()[0]
    try:
        tree = json.loads(text)
    except RecursionError as error:
        raise _too_deep() from error
    if tree["error"] or len(tree["statements"]) != 1:
        raise StokerError(
            f"The statement cannot be checked: {tree.get('error_message', 'unknown')}.",
            next_action="Write a plain SELECT.",
        )
    return tree["statements"][0]["node"]


def one_line(error: duckdb.Error | str) -> str:
    """Return what DuckDB says is wrong, in one line."""
    text = str(error).partition("\n\nStack Trace")[0]
    first, _, rest = text.partition("\n\nLINE ")
    line = " ".join(first.split())
    problem = (line.partition("Error: ")[2] or line).rstrip(".")
    line_number = rest.partition(":")[0]
    return f"{problem} (line {line_number})" if line_number.isdecimal() else problem


def _too_deep() -> StokerError:
    return StokerError("The statement is nested too deeply.", next_action="Reduce the nesting.")


def _lower(name: str) -> str:
    """Return a name as DuckDB compares it: only A to Z have a lower case for it."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in name)


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(
        config={
            "threads": 1,
            "enable_external_access": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
            "lock_configuration": True,
        }
    )
