"""What a sample of a file's rows says of each column: its type, examples, gaps and range."""

import re

import pandas as pd

from data.files.guess import DURATION, EMPTY, LOCAL_TIME, NUMBER, TIME, WHOLE
from data.files.relation import Form

SAMPLE_VALUES = 3
# of a column with few different values all are listed: they may be codes to translate
MOST_VALUES = 50
LONGEST_SAMPLE = 80
# a few odd words do not make a column of times a text
MOST_OF = 0.8

_DAY_AND_TIME = r"\d{4}[-/]\d\d?[-/]\d\d?[T ]\d\d?:\d\d(?::\d\d(?:\.\d+)?)?"
_COMPACT = r"\d{8}[T_]\d{4}(?:\d\d)?"
_AS_C_PRINTS = r"(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} +\d\d? \d\d:\d\d(?::\d\d)? \d{4}"
_CLOCK = r"(?:\d+-|\d+ days?,? )?(?:\d+:)?\d+:\d\d(?:\.\d+)?"
_TEXT_TYPES = (
    (WHOLE, re.compile(r"[+-]?\d+")),
    (NUMBER, re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")),
    ("boolean", re.compile(r"(?i:true|false|yes|no)")),
    (LOCAL_TIME, re.compile(f"{_DAY_AND_TIME}|{_COMPACT}|{_AS_C_PRINTS}")),
    (
        TIME,
        re.compile(
            f"(?:{_DAY_AND_TIME}|{_COMPACT})"
            r"\s?(?:Z|z|UTC|GMT|[+-]\d\d(?::?\d\d)?)(?: [A-Z]{2,5})?"
        ),
    ),
    (DURATION, re.compile(_CLOCK + r"|(?:\d+(?:\.\d+)?(?:d|h|m|s|ms))+|PT?(?:\d+[DHMS]T?)+")),
)


def described(names: list[str], forms: list[Form], rows: pd.DataFrame) -> pd.DataFrame:
    """Describe the columns whose values stand as texts in the columns of `rows`, in this order."""
    return pd.DataFrame(
        [
            _described(name, form, rows[rows.columns[place]])
            for place, (name, form) in enumerate(zip(names, forms, strict=True))
        ],
        columns=["name", "type", "samples", "values", "null_ratio", "low", "high", "is_unique"],
    )


def _described(name: str, form: Form, texts: pd.Series) -> dict[str, object]:
    found = texts.dropna()
    distinct = found.unique()
    type_name = _type(form, [str(text) for text in distinct])
    numbers = pd.to_numeric(found, errors="coerce") if type_name in (WHOLE, NUMBER) else found[:0]
    return {
        "name": name,
        "type": type_name,
        "samples": [str(text)[:LONGEST_SAMPLE] for text in distinct[:SAMPLE_VALUES]],
        "values": [str(text) for text in distinct] if len(distinct) <= MOST_VALUES else [],
        "null_ratio": float(texts.isna().mean()) if len(texts) else 1.0,
        "low": float(numbers.min()) if len(numbers) else float("nan"),
        "high": float(numbers.max()) if len(numbers) else float("nan"),
        "is_unique": len(distinct) == len(found),
    }


def _type(form: Form, texts: list[str]) -> str:
    if not texts:
        return EMPTY
    if not form.is_text:
        return str(form.value)
    for type_name, pattern in _TEXT_TYPES:
        if sum(pattern.fullmatch(text) is not None for text in texts) >= MOST_OF * len(texts):
            return type_name
    return Form.TEXT.value
