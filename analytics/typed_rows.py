"""Rows that Python makes as a frame, with the types that their columns declare."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from data.tables.columns import COLUMNS

_TYPES: dict[str, Any] = {
    "bigint": "Int64",
    "integer": "Int64",
    "double": "float64",
    "boolean": "boolean",
}


def typed_rows(rows: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return columns of these names; what a row does not have is unknown.

    >>> typed_rows(pd.DataFrame({"job_count": [1, None]}), ["job_count"]).dtypes.tolist()
    [Int64Dtype()]
    """
    found = rows.reindex(columns=list(names))
    for name in names:
        wanted = _TYPES.get(COLUMNS[name].type)
        if COLUMNS[name].type == "timestamptz":
            found[name] = pd.to_datetime(found[name], utc=True)
        elif wanted == "boolean":
            found[name] = found[name].astype(wanted)
        elif wanted is not None:
            found[name] = pd.to_numeric(found[name]).astype(wanted)
    return found
