"""What the derived tables are made by: a hash that changes with it, but not with the words around.

SQL counts without comments and line breaks, Python without comments and docstrings. derive.py does
not count: it says when something is computed, and in which order.
"""

import ast
import hashlib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import duckdb

from data.store.settings import Settings

_NOT_COUNTED = ("__init__.py", "definition.py", "derive.py")


def definition_hash(settings: Settings) -> str:
    """Return the hash of what computes the derived tables, and of the settings that it reads."""
    read = (settings.image_pull_moved_date, settings.use_estimated_prices)
    return hashlib.sha256(f"{_own_hash()} {read}".encode()).hexdigest()


@cache
def _own_hash() -> str:
    return code_hash(files("analytics.derived"))


def code_hash(folder: Traversable) -> str:
    """Return the hash of the SQL and the Python in a folder."""
    lines = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".sql"):
            lines.append(f"{entry.name}: {bare_sql(entry.read_text(encoding='utf-8'))}")
        elif entry.name.endswith(".py") and entry.name not in _NOT_COUNTED:
            lines.append(f"{entry.name}: {bare_python(entry.read_text(encoding='utf-8'))}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def bare_sql(text: str) -> str:
    """Return SQL without comments, its words one space apart.

    >>> bare_sql("select a, -- the first\\n  'x  y'")
    "select a , 'x  y'"
    """
    tokens = duckdb.tokenize(text)
    encoded = text.encode()  # tokens count bytes
    ends = [start for start, _ in tokens[1:]] + [len(encoded)]
    return " ".join(
        encoded[start:end].decode().strip()
        for (start, kind), end in zip(tokens, ends, strict=True)
        if kind is not duckdb.token_type.comment
    )


def bare_python(text: str) -> str:
    """Return Python as a syntax tree without docstrings.

    >>> bare_python("def f():\\n  'Say it.'\\n  return 1") == bare_python("def f(): return 1  # it")
    True
    """
    tree = ast.parse(text)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            # a text that stands alone says something and does nothing
            node.body = [  # type: ignore[attr-defined]
                statement
                for statement in body
                if not (
                    isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
                )
            ]
    return ast.dump(tree)
