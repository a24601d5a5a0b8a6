"""Quotas of an account and region on instances that train, and on those that are kept warm."""

from collections.abc import Iterator

from data.aws.calls import Calls
from data.aws.pages import Page, Step, json_lines, timed

SERVICE = "sagemaker"
# SageMaker has several quotas for each instance type, a hundred a page
LEAST_PAGES = 10
ENDS = ("training job usage", "training warm pool usage")


def plan() -> Step:
    """Return what asking for the quotas takes; the requests are free of charge."""
    return Step("Quotas of training and warm pools", LEAST_PAGES, is_least=True)


def fetch(calls: Calls) -> Iterator[Page]:
    """Yield the quotas on training, a page an answer; of the other quotas nothing is kept.

    Raises:
        MissingPermission: the operation is denied.
    """
    answers = calls.pages(
        "service-quotas", "ListServiceQuotas", ServiceCode=SERVICE, MaxResults=100
    )
    for number, answer in enumerate(answers):
        quotas = [one for one in answer["Quotas"] if one.get("QuotaName", "").endswith(ENDS)]
        if quotas:
            name = f"{calls.account_id}.{calls.region}.{number}.service-quotas.json"
            yield Page("service_quotas", name, json_lines([{**timed(answer), "Quotas": quotas}]))
