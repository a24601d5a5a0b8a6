"""Rates of SageMaker Savings Plans, as AWS offers them to everybody: what they would cost."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from data.aws.calls import Calls
from data.aws.pages import Page, Step, bare, json_lines
from data.datasets.prices.aws_json import RATES, READ_ON

PRODUCT = "SageMaker"
LARGEST_PAGE = 1000
# every component has rates, at three ways to pay and two terms
LEAST_PAGES = 2


def plan(regions: Sequence[str]) -> Step:
    """Return what asking for the rates of some regions takes; the requests are free of charge."""
    return Step(
        f"Savings Plans rates of {', '.join(regions)}",
        LEAST_PAGES * len(regions),
        is_least=True,
    )


def fetch(calls: Calls, regions: Sequence[str], *, now: datetime) -> Iterator[Page]:
    """Yield the rates of training in each region, dated by the day on which they are read.

    Raises:
        MissingPermission: the operation is denied.
    """
    for region in regions:
        answers = calls.pages(
            "savingsplans",
            "DescribeSavingsPlansOfferingRates",
            savingsPlanTypes=[PRODUCT],
            products=[PRODUCT],
            filters=[{"name": "region", "values": [region]}],
            maxResults=LARGEST_PAGE,
        )
        for number, answer in enumerate(answers):
            rates = [one for one in answer.get(RATES, []) if "Train:" in one.get("usageType", "")]
            if rates:
                dated = {**bare(answer), RATES: rates, READ_ON: now.date().isoformat()}
                yield Page(
                    "prices", f"{region}.{number}.savings-plans-rates.json", json_lines([dated])
                )
