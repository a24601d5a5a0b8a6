"""A decision on advice: landed and imported as any record, so that a rebuild keeps it."""

from datetime import UTC, datetime

import orjson

from analytics.advice.listing import Listed
from analytics.recommendation import touches_text
from data.datasets.advice_decisions.dataset import APPLIED, KIND
from data.errors import StokerError
from data.ingest.pipeline import ImportFailure, ImportResult, ingest_files, uploaded
from data.store.store import Store


def decide(
    store: Store,
    listed: Listed,
    decision: str,
    *,
    note: str | None = None,
    applied_at: datetime | None = None,
    now: datetime | None = None,
) -> ImportResult:
    """Land a decision on a recommendation; `applied_at` is now unless told.

    Raises:
        StokerError: it could not be kept.
    """
    decided_at = now or datetime.now(UTC)
    one = listed.recommendation
    record = {
        "advice_id": listed.advice_id,
        "decided_at": decided_at.isoformat(),
        "decision": decision,
        "decision_note": note or None,
        "applied_at": (applied_at or decided_at).isoformat() if decision == APPLIED else None,
        "advice_kind": one.kind,
        "subject": one.subject,
        "subject_label": one.subject_label,
        "current": one.current,
        "advised": one.advised,
        "touches": touches_text(one.touches),
        "expected_gain_usd_per_month": one.gain.net_usd_per_month,
    }
    known = {name: value for name, value in record.items() if value is not None}
    name = f"advice-{listed.advice_id}-{decided_at:%Y%m%dT%H%M%S%f}.jsonl"
    for outcome in ingest_files(store, [uploaded(name, orjson.dumps(known))], kind=KIND):
        if isinstance(outcome, ImportFailure):
            raise outcome.as_error()
        if outcome.accepted_count:
            return outcome
    raise StokerError("The decision was not kept.", next_action="Look at `stoker ask imports`.")
