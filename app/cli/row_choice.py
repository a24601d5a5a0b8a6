"""Which columns and rows of an answer are written, in which order, and the sums below them."""

from collections.abc import Sequence

import pandas as pd

from data.errors import WrongUseError, near_hint

TOTAL = "total"
ORDERS = {"asc": True, "desc": False}


def chosen(
    rows: pd.DataFrame, *, columns: str | None, sort: Sequence[str], limit: int | None
) -> pd.DataFrame:
    """Return rows sorted by `COLUMN` or `COLUMN:desc`, of these columns (a,b), so many at most.

    Raises:
        WrongUseError: there is no such column.
    """
    names, orders = [], []
    for text in sort:
        name, _, order = text.partition(":")
        if order not in ("", *ORDERS):
            raise WrongUseError(
                f"'{text}' is no order.", next_action=f"Write {name}:desc, or {name} alone."
            )
        names.append(_known(name.strip(), rows))
        orders.append(ORDERS.get(order, True))
    if names:
        rows = rows.sort_values(names, ascending=orders, kind="stable", na_position="last")
    if columns is not None:
        rows = rows[[_known(name.strip(), rows) for name in columns.split(",")]]
    return rows if limit is None else rows.head(limit)


def total(rows: pd.DataFrame, sums: Sequence[str]) -> pd.DataFrame | None:
    """Return a row with the sum of what is known of each column that adds up; None without.

    >>> total(pd.DataFrame({"day": ["a", "b"], "usd": [1.5, None]}), ["usd"]).to_dict("list")
    {'day': ['total'], 'usd': [1.5]}
    """
    if not sums or len(rows) < 2:
        return None
    row = {
        name: rows[name].sum(min_count=1) if name in sums else TOTAL if not place else None
        for place, name in enumerate(rows.columns)
    }
    return pd.DataFrame({name: [value] for name, value in row.items()})


def _known(name: str, rows: pd.DataFrame) -> str:
    if name in rows.columns:
        return name
    raise WrongUseError(
        f"The answer has no column '{name}'.{near_hint(name, rows.columns)}",
        next_action=f"It has: {', '.join(rows.columns)}.",
    )
