"""How questions are asked: filters, parameters, and the SQL files that answer."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Self, TypeVar

import pandas as pd
from numpy.typing import NDArray

from analytics.derived.derive import refresh
from data.errors import WrongUseError
from data.store.store import Store, arrays

Answer = TypeVar("Answer")

SECONDS_PER_HOUR = 3600
# many times faster than created_at::date, which asks for the time zone of each
CREATED_DAY = "(epoch_us(created_at) // 86_400_000_000)::integer"  # days since 1970
CREATED_DATE = f"date '1970-01-01' + {CREATED_DAY}"
HOURS_PER_MONTH = 730


@dataclass(frozen=True, slots=True)
class Filters:
    """Which jobs count: created in [since, until), and equal to one of the values per column."""

    since: datetime | None = None
    until: datetime | None = None
    where: tuple[tuple[str, str], ...] = ()
    pools: tuple[int, int] | None = None  # first and last number: for work in parts

    def __post_init__(self) -> None:
        for name, value in (("since", self.since), ("until", self.until)):
            if value is not None and value.tzinfo is None:
                message = f"{name} must carry a time zone, got {value!r}"
                raise ValueError(message)

    def of_pool(self, pool_key: str) -> Self:
        """Return the filters narrowed to one pool; no key or `all` narrows nothing."""
        if not pool_key or pool_key == "all":
            return self
        others = tuple(term for term in self.where if term[0] != "pool_key")
        return replace(self, where=(*others, ("pool_key", pool_key)))

    def condition(self) -> tuple[str, dict[str, Any]]:
        """Return an SQL condition on job_facts, and its parameters.

        Raises:
            WrongUseError: a column is none of `jobs`.
        """
        terms, parameters = ["true"], dict[str, Any]()
        if self.since is not None:
            terms.append("created_at >= $since")
            parameters["since"] = self.since
        if self.until is not None:
            terms.append("created_at < $until")
            parameters["until"] = self.until
        if self.pools is not None:
            terms.append("pool_id between $first_pool_id and $last_pool_id")
            parameters["first_pool_id"], parameters["last_pool_id"] = self.pools
        for name in dict.fromkeys(column for column, _ in self.where):
            if name not in JOB_COLUMNS:
                raise WrongUseError(
                    f"There is no column '{name}' to filter by.",
                    next_action=f"Use one of: {', '.join(JOB_COLUMNS)}.",
                )
            choices = []
            for number, (column, value) in enumerate(self.where):
                if column == name and value == "":
                    choices.append(f"{name} is null")
                elif column == name:
                    choices.append(f"{name}::varchar = $where_{number}")
                    parameters[f"where_{number}"] = value
            terms.append(f"({' or '.join(choices)})")
        return " and ".join(terms), parameters


@dataclass(frozen=True, slots=True)
class Statement:
    """An SQL file of analytics/ as it runs, and the values of its $parameters."""

    path: str
    sql: str
    parameters: Mapping[str, Any]


_listener: ContextVar[Callable[[Statement], None] | None] = ContextVar("listener", default=None)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A question's own parameter: `--set name=value`."""

    default: str
    help: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that can be asked, on a page or on the command line."""

    name: str
    grain: str
    answer: Callable[[Store, Filters, Mapping[str, str]], pd.DataFrame]
    columns: Mapping[str, str]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)


def ask(
    store: Store, question: Question, filters: Filters | None = None, **given: str
) -> pd.DataFrame:
    """Return the answer to a question: a frame with at least the question's columns.

    Brings the derived tables up to date first.

    Raises:
        WrongUseError: an unknown parameter, a value that is none of its choices, a wrong column.
    """
    for name, value in given.items():
        if name not in question.parameters:
            raise WrongUseError(
                f"'{question.name}' has no setting '{name}'.",
                next_action=f"It has: {', '.join(question.parameters) or 'none'}.",
            )
        choices = question.parameters[name].choices
        if choices and value not in choices:
            raise WrongUseError(
                f"'{name}' cannot be '{value}'.", next_action=f"Use one of: {', '.join(choices)}."
            )
    wanted = filters or Filters()
    wanted.condition()  # a wrong column is told before any work is done
    parameters = {name: item.default for name, item in question.parameters.items()} | given
    return on_whole_tables(store, lambda: question.answer(store, wanted, parameters))


def on_whole_tables(store: Store, read: Callable[[], Answer]) -> Answer:
    """Return what `read` returns, once it has seen derived tables that are up to date and whole."""
    while True:
        refresh(store)
        remake_count = store.remake_count
        answer = read()
        if store.remake_count == remake_count:
            return answer
        # they were made anew meanwhile: it may have seen half of them


def answer_with(
    store: Store,
    path: str,
    filters: Filters,
    *,
    words: Mapping[str, str] | None = None,
    **parameters: Any,
) -> pd.DataFrame:
    """Run analytics/<path>.sql over the filtered jobs.

    The file reads `filtered_jobs`. `words` replace `{names}` in it: they come from fixed choices,
    never from outside.
    """
    statement = _statement(path, filters, words, parameters)
    return store.frame(statement.sql, statement.parameters)


def answer_arrays(
    store: Store,
    path: str,
    filters: Filters,
    *,
    words: Mapping[str, str] | None = None,
    **parameters: Any,
) -> dict[str, NDArray[Any]]:
    """Do as `answer_with`, but return columns as arrays; a column must have no nulls."""
    statement = _statement(path, filters, words, parameters)
    with store.cursor() as cursor:
        return arrays(cursor, statement.sql, statement.parameters)


@contextmanager
def telling(listener: Callable[[Statement], None]) -> Iterator[None]:
    """Tell every statement of an answer on this thread to `listener`, before it runs."""
    before = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(before)


def _statement(
    path: str, filters: Filters, words: Mapping[str, str] | None, given: Mapping[str, Any]
) -> Statement:
    """Return the SQL of analytics/<path>.sql over the filtered jobs, and its parameters."""
    condition, parameters = filters.condition()
    sql = f"with filtered_jobs as (select * from job_facts where {condition})"
    body = _sql(path)
    if words:
        body = body.format(**words)
    sql += ("," + body.removeprefix("with")) if body.startswith("with") else "\n" + body
    statement = Statement(path, sql, {**parameters, **given})
    listener = _listener.get()
    if listener is not None:
        listener(statement)
    return statement


def number(parameters: Mapping[str, str], name: str) -> float:
    """Return a parameter as a number of 0 or more.

    Raises:
        WrongUseError: it is none.
    """
    try:
        value = float(parameters[name])
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise WrongUseError(
            f"'{name}' cannot be '{parameters[name]}'.", next_action="Give a number of 0 or more."
        )
    return value


@cache
def _sql(path: str) -> str:
    text = (files("analytics") / f"{path}.sql").read_text(encoding="utf-8")
    lines = text.splitlines()
    while lines and (lines[0].startswith("--") or not lines[0]):
        lines.pop(0)
    return "\n".join(lines)


JOB_COLUMNS: dict[str, str] = {
    "job_name": "TrainingJobName",
    "account_id": "AWS account, or import:<mapping name>",
    "region": "AWS region, or unknown",
    "created_at": "CreationTime, UTC",
    "training_started_at": "TrainingStartTime, UTC; billing starts",
    "training_ended_at": "TrainingEndTime, UTC; billing ends",
    "status": "TrainingJobStatus",
    "instance_type": "instance type; mixed for several groups",
    "instance_count": "instances of the whole job",
    "accelerator_count": "accelerators of the whole job",
    "input_mode": "File, FastFile, Pipe, FSxLustre, EFS, mixed or none",
    "keep_alive_period_s": "KeepAlivePeriodInSeconds, s; 0 is none, empty is unknown",
    "pool_key": "hash of the fields that must be equal for reuse, or the export's own key",
    "eligibility": "eligible, or why the job could not use a warm pool",
    "outcome": "hit or miss; empty where not eligible",
    "miss_reason": "why the job did not take over a cluster",
    "evidence": "confirmed by ReusedByJob, or inferred",
    "donor_job_name": "job whose cluster a hit took over",
    "gap_s": "request minus the release of the cluster it took or could have taken, s",
    "startup_latency_s": "first Training transition minus creation, s",
    "provisioning_s": "starting and pending, not billed, s",
    "download_s": "data and image download, billed, s",
    "billable_s": "BillableTimeInSeconds, s of wall clock",
    "retained_s": "retained after the job, s a cluster; empty is unknown",
    "list_cost_usd": "billable time at list price, USD",
    "retained_cost_usd": "retained time at list price, USD",
    "user_name": "who runs the job",
    "share_name": "share identifier or quota share",
    "queue_name": "job queue",
    "start_kind": "warm for a hit, else cold",
    "missed_donor_job_name": "job whose cluster a miss could not use",
    "missed_by_s": "seconds too early, expired or ended early",
    "differing_fields": "what differs from the key of a cluster that was free",
    "price_note": "what the price rests on where it is not the exact list price",
    "is_price_estimated": "whether the price is an estimate",
    "is_image_pull_hidden": "created before the image pull moved out of Training",
}
