"""Decisions on advice from the command line: `stoker advise --decide ID=applied`."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from analytics.vocabulary import DECISIONS
from app.cli.invocation import Invocation
from app.cli.printable import printable
from data.errors import WrongUseError

if TYPE_CHECKING:
    from analytics.advice.listing import Listed
    from data.store.store import Store


def check(decisions: Iterable[tuple[str, str]], note: str | None) -> None:
    """Refuse what is no decision.

    Raises:
        click.UsageError: one is none, or a note is missing.
    """
    for name, decision in decisions:
        if decision not in DECISIONS:
            message = f"'{decision}' is no decision on {name}; use one of: {', '.join(DECISIONS)}."
            raise click.UsageError(message)
        if decision == "noted" and not note:
            message = "A note needs its text: --note TEXT."
            raise click.UsageError(message)


def keep(
    store: "Store",
    invocation: Invocation,
    found: "Iterable[Listed]",
    decisions: Iterable[tuple[str, str]],
    *,
    note: str | None,
    applied_at: datetime | timedelta | None,
) -> None:
    """Land decisions on recommendations, and say so.

    Raises:
        WrongUseError: there is no such recommendation.
        StokerError: one could not be kept.
    """
    from analytics.advice.decide import decide
    from data.store.clock import now_of

    listed = {one.advice_id: one for one in found}
    if isinstance(applied_at, timedelta):
        applied_at = now_of(store.home) - applied_at
    for name, _ in decisions:
        if name not in listed:
            raise WrongUseError(
                f"There is no advice '{name}' in this list.",
                next_action="See the ids: stoker ask advice --columns advice_id,subject_label.",
            )
    for name, decision in decisions:
        decide(store, listed[name], decision, note=note, applied_at=applied_at)
        label = listed[name].recommendation.subject_label
        invocation.err.write(printable(f"{name}: {decision} ({label}).") + "\n")
