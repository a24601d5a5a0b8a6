"""The labels of the values that rows hold; an unknown value has one too."""

from typing import Any

from analytics import vocabulary
from pages.kit.formats import UNKNOWN, is_unknown


def label(column: str, value: Any) -> str:
    """Return how people read a value of a column; a value without a label stays as it is.

    >>> label("input_mode", "FSxLustre"), label("input_mode", None)
    ('FSx for Lustre', 'unknown')
    """
    return UNKNOWN if is_unknown(value) else vocabulary.label(column, str(value))
