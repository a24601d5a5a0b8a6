"""Which bill the page shows: the URL parameters `period`, `account` and `amount`."""

from dataclasses import dataclass

import pandas as pd

from analytics.query import Filters
from data.store.reader import Reader
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas

PERIOD, ACCOUNT, AMOUNT = "period", "account", "amount"
ALL = "all"
AMOUNTS = {"billed": "Billed", "effective": "Effective", "on_demand": "On demand"}
MOST_SEGMENTS = 4


@dataclass(frozen=True, slots=True)
class Selection:
    """The days and the account looked at, and which amount of the bill counts."""

    filters: Filters
    amount: str


def choose(canvas: Canvas, reader: Reader) -> Selection:
    """Draw the choices, of what bills there are, and return what they say."""
    months, accounts = _months(reader), _accounts(reader)
    row = canvas.row()
    names = {ALL: "All", **{f"{month:%Y-%m}": f"{month:%b %Y}" for month in months}}
    if len(months) <= MOST_SEGMENTS:
        period = row.segments("Billing period", names, key=PERIOD)
    else:
        period = row.select("Billing period", names, key=PERIOD, width=180)
    account = ALL
    if len(accounts) > 1:
        account = row.select(
            "Account",
            {ALL: "All", **{name: name for name in accounts}},
            key=ACCOUNT,
            width=200,
        )
    amount = row.segments(
        "Amount of the bill",
        AMOUNTS,
        key=AMOUNT,
        help="Billed: as charged. Effective: commitments spread over what they cover. On demand:"
        " the same usage at public prices, which compares prices and time alone.",
    )
    chosen = [month for month in months if period in (ALL, f"{month:%Y-%m}")]
    where = () if account == ALL else (("account_id", account),)
    after = pd.offsets.MonthBegin(1)
    since, until = chosen[0].to_pydatetime(), (chosen[-1] + after).to_pydatetime()
    return Selection(Filters(since=since, until=until, where=where), amount)


def _months(reader: Reader) -> list[pd.Timestamp]:
    """Return the starts of the months that have a billed day."""
    days = query_rows(reader, "bill_reconciliation").dropna(subset=["billed_usd"])["day"]
    starts = pd.to_datetime(days).dt.to_period("M").drop_duplicates().dt.to_timestamp()
    return [pd.Timestamp(start, tz="UTC") for start in sorted(starts)]


def _accounts(reader: Reader) -> list[str]:
    return [str(account) for account in query_rows(reader, "bill_accounts")["account_id"]]
