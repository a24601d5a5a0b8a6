"""What can be read from AWS: one entry a source, in the order in which they are read."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from data.aws import (
    batch,
    cloudwatch,
    pricing,
    sagemaker,
    savings_plans,
    service_quotas,
    training_plans,
)
from data.aws.pages import Page, Step
from data.aws.scope import Scope
from data.errors import WrongUseError
from data.store.reader import Reader

ONCE_A_DAY = timedelta(hours=20)
"""Prices and quotas change seldom: they are read again after so long."""


@dataclass(frozen=True, slots=True)
class Source:
    """Something that is read of each account and region."""

    name: str
    """As `--only` names it."""
    label: str
    plan: Callable[[Scope], tuple[Step, ...]]
    fetch: Callable[[Scope], Iterator[Page]]
    is_of_merged: bool = False
    """Whether it reads what the others have merged, and so comes after them."""
    is_once: bool = False
    """Whether it is read once for all accounts and regions."""


def _plan_metrics(scope: Scope) -> tuple[Step, ...]:
    step = _metrics(scope, scope.budget.left_usd).step
    if not step.request_count:  # of what is not read yet, nobody knows: `tell` says it then
        return ()
    requests = {cloudwatch.OPERATION: step.request_count}
    return (replace(step, seconds=scope.step("", requests).seconds),)


def _fetch_metrics(scope: Scope) -> Iterator[Page]:
    """Yield the metrics of jobs that are merged by now, as far as the cap allows."""
    with scope.budget.lock:
        planned = _metrics(scope, scope.budget.left_usd)
        scope.budget.spend(planned.cost_usd)
    if planned.jobs or planned.left_out:
        scope.tell(planned.step)
    begun = time.monotonic()

    def clock() -> datetime:
        return scope.now + timedelta(seconds=time.monotonic() - begun)

    for number, page in enumerate(cloudwatch.fetch(scope.calls, planned, clock=clock)):
        scope.say("Metrics", number, planned.call_count)
        yield page


def _metrics(scope: Scope, cap_usd: float | None) -> cloudwatch.MetricPlan:
    return cloudwatch.plan(
        Reader(scope.store),
        scope.calls.account_id,
        scope.calls.region,
        now=scope.now,
        cap_usd=cap_usd,
    )


def _daily(
    name: Callable[[Scope], str],
    plan: Callable[[Scope], Step],
    fetch: Callable[[Scope], Iterator[Page]],
) -> tuple[Callable[[Scope], tuple[Step, ...]], Callable[[Scope], Iterator[Page]]]:
    """Return plan and fetch of what is read once a day."""

    def is_due(scope: Scope) -> bool:
        read = scope.watermarks.covered(name(scope))
        return not read or scope.now - read[-1].end >= ONCE_A_DAY

    def plan_due(scope: Scope) -> tuple[Step, ...]:
        return (plan(scope),) if is_due(scope) else ()

    def fetch_due(scope: Scope) -> Iterator[Page]:
        if not is_due(scope):
            return
        yield from fetch(scope)
        # without content: it is noted when all pages before it are merged
        yield Page("", "", b"", lambda: scope.watermarks.remember(name(scope), b"", scope.now))

    return plan_due, fetch_due


def _regions(what: str) -> Callable[[Scope], str]:
    return lambda scope: f"{what}/{','.join(sorted(scope.regions))}"


SOURCES = (
    Source("batch", "AWS Batch", batch.plan, batch.fetch),
    Source("jobs", "Training jobs", sagemaker.plan, sagemaker.fetch),
    Source(
        "quotas",
        "Quotas",
        *_daily(
            lambda scope: "service_quotas",
            lambda scope: service_quotas.plan(),
            lambda scope: service_quotas.fetch(scope.calls),
        ),
    ),
    Source(
        "training_plans",
        "Training plans",
        *_daily(
            lambda scope: "training_plans",
            lambda scope: training_plans.plan(),
            lambda scope: training_plans.fetch(scope.calls),
        ),
    ),
    Source(
        "prices",
        "List prices",
        *_daily(
            _regions("prices"),
            lambda scope: pricing.plan(scope.regions),
            lambda scope: pricing.fetch(scope.calls, scope.regions),
        ),
        is_once=True,
    ),
    Source(
        "savings_plans",
        "Savings Plans rates",
        *_daily(
            _regions("savings_plans"),
            lambda scope: savings_plans.plan(scope.regions),
            lambda scope: savings_plans.fetch(scope.calls, scope.regions, now=scope.now),
        ),
        is_once=True,
    ),
    Source("metrics", "Metrics", _plan_metrics, _fetch_metrics, is_of_merged=True),
)


def chosen_sources(names: tuple[str, ...]) -> tuple[Source, ...]:
    """Return the sources of these names; all without any.

    Raises:
        WrongUseError: there is no such source.
    """
    known = {source.name: source for source in SOURCES}
    for name in names:
        if name not in known:
            raise WrongUseError(
                f"There is no source called '{name}'.",
                next_action=f"Use one of: {', '.join(known)}.",
            )
    return tuple(source for source in SOURCES if not names or source.name in names)
