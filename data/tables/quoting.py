"""Names and texts from outside, quoted for SQL where a parameter cannot stand."""

from collections.abc import Iterable


def identifier(name: str) -> str:
    """Return a name as a quoted SQL identifier.

    >>> identifier('a"; drop table jobs; --')
    '"a""; drop table jobs; --"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as a SQL string.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Iterable[str]) -> str:
    """Return texts as SQL strings with commas between.

    >>> literals(["a", "b"])
    "'a', 'b'"
    """
    return ", ".join(literal(text) for text in texts)
