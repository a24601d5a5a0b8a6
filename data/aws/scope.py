"""What a source gets: the store, the calls of one account and region, and how far was read."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb

from data.aws.calls import Calls
from data.aws.errors import MissingPermission
from data.aws.pages import Page, Step
from data.aws.watermarks import Watermarks
from data.store.store import Store

REQUEST_S = 0.15
"""About how long AWS takes to answer; a pace that is slower counts instead."""


@dataclass(slots=True)
class Budget:
    """What metrics may cost, all accounts and regions together; None is any amount."""

    left_usd: float | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def spend(self, cost_usd: float) -> None:
        """Take a cost off."""
        if self.left_usd is not None:
            self.left_usd -= cost_usd


@dataclass(slots=True)
class Scope:
    """One account and region, during one synchronisation."""

    store: Store
    calls: Calls
    watermarks: Watermarks
    now: datetime
    budget: Budget = field(default_factory=Budget)
    regions: tuple[str, ...] = ()
    """Every region that is read of any account: for what has no region of its own."""
    surplus: Counter[str] = field(default_factory=Counter)
    """Requests by operation that a reader who knew everything before could have saved."""
    denied: dict[str, MissingPermission] = field(default_factory=dict)
    """What was not allowed, by IAM action."""
    answers: dict[str, Any] = field(default_factory=dict)
    """What was asked for the plan already, and need not be asked again."""

    page_count: int = 0
    tell: Callable[[Step], None] = lambda step: None
    """Takes a step that could not be planned before."""
    doing: str = ""
    """What is being read, and how much of it is left: for whoever waits."""

    def say(self, what: str, done_count: int, total_count: int | None = None) -> None:
        """Note what is being read, and how far it is."""
        of = f" of {max(total_count, done_count):,}" if total_count else ""
        self.doing = f"{what} of {self.calls.region}: {done_count:,}{of}"

    def page_name(self, what: str) -> str:
        """Return the name of the next page, as it stands in the list of imports."""
        self.page_count += 1
        place = f"{self.calls.account_id}/{self.calls.region}"
        return f"aws/{place}/{what}/{self.now:%Y%m%dT%H%M%SZ}-{self.page_count:05}.jsonl"

    def rows(self, sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return rows of the store; the query may use $account_id and $region."""
        place = {"account_id": self.calls.account_id, "region": self.calls.region}

        def read(cursor: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
            found = cursor.execute(sql, {**place, **parameters})
            names = [column[0] for column in found.description or []]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

        return self.store.read(read)

    def allowed(self, pages: Iterator[Page]) -> Iterator[Page]:
        """Yield pages; where an operation is denied, note it and end them."""
        try:
            yield from pages
        except MissingPermission as error:
            self.denied[error.iam_action] = error

    def step(self, what: str, requests: Mapping[str, int], *, is_least: bool = False) -> Step:
        """Return a step of so many requests by operation, with how long it takes about."""
        seconds = sum(
            count * max(REQUEST_S / self.calls.threads(name), 1 / self.calls.rate(name))
            for name, count in requests.items()
        )
        return Step(what, sum(requests.values()), 0.0, seconds, is_least)

    def once(self, name: str, ask: Callable[[], Any]) -> Any:
        """Return an answer that was asked for already, or ask; a denial is remembered too."""
        if name not in self.answers:
            try:
                self.answers[name] = ask()
            except MissingPermission as error:
                self.answers[name] = error
        if isinstance(self.answers[name], MissingPermission):
            raise self.answers[name]
        return self.answers[name]
