"""List prices of training from the Price List API, which is asked once for each region."""

from collections.abc import Iterator, Sequence

from data.aws.calls import Calls
from data.aws.pages import Page, Step, bare, json_lines

SERVICE = "AmazonSageMaker"
COMPONENT = "Training"
# about so many types of training are priced in a region, a hundred a page
LEAST_PAGES = 2


def plan(regions: Sequence[str]) -> Step:
    """Return what asking for the prices of some regions takes; the requests are free of charge."""
    return Step(f"List prices of {', '.join(regions)}", LEAST_PAGES * len(regions), is_least=True)


def fetch(calls: Calls, regions: Sequence[str]) -> Iterator[Page]:
    """Yield the list prices of training in each region, a page an answer.

    An answer without prices brings none; equal answers are one page, and change nothing.

    Raises:
        MissingPermission: the operation is denied.
    """
    for region in regions:
        answers = calls.pages(
            "pricing",
            "GetProducts",
            ServiceCode=SERVICE,
            Filters=[
                {"Type": "TERM_MATCH", "Field": "regionCode", "Value": region},
                {"Type": "TERM_MATCH", "Field": "platoinstancetype", "Value": COMPONENT},
            ],
            FormatVersion="aws_v1",
            MaxResults=100,
        )
        for number, answer in enumerate(answers):
            if answer.get("PriceList"):
                name = f"{region}.{number}.list-prices.json"
                yield Page("prices", name, json_lines([bare(answer)]))
