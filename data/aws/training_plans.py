"""Training plans of an account and region: what is reserved, for how long, and what it cost."""

from collections.abc import Iterator

from data.aws.calls import Calls
from data.aws.pages import Page, Step, json_lines, timed
from data.aws.walk import PAGE_SIZE


def plan() -> Step:
    """Return what asking for the plans takes; the requests are free of charge."""
    return Step("Training plans", 1, is_least=True)


def fetch(calls: Calls) -> Iterator[Page]:
    """Yield the training plans, a page an answer.

    Raises:
        MissingPermission: the operation is denied.
    """
    answers = calls.pages("sagemaker", "ListTrainingPlans", MaxResults=PAGE_SIZE)
    for number, answer in enumerate(answers):
        if answer["TrainingPlanSummaries"]:
            name = f"{calls.account_id}.{calls.region}.{number}.training-plans.json"
            yield Page("training_plans", name, json_lines([timed(answer)]))
