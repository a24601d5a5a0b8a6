"""The words people read for the values that the tables hold."""

from typing import Any

from pages.kit.formats import UNKNOWN, is_unknown

INPUT_MODES = {
    "File": "File",
    "FastFile": "Fast File",
    "Pipe": "Pipe",
    "FSxLustre": "FSx for Lustre",
    "EFS": "EFS",
    "mixed": "Mixed channels",
    "none": "No input data",
}
START_KINDS = {"cold": "Cold start", "warm": "Warm start"}
PHASES = {"provisioning": "Provisioning (not billed)", "download": "Download (billed)"}
SEGMENTS = {"startup": "Starting", "run": "Running", "idle": "Idle"}
ENDED_BY = {
    "taken": "Taken over",
    "expired": "Expired",
    "ended_early": "Ended early",
    "open": "Was still idle",
    "unknown": "Not recorded",
}
OUTCOMES = {"hit": "Hit", "miss": "Miss"}
EVIDENCE = {"confirmed": "Confirmed", "inferred": "Inferred"}

MISS_REASONS = {
    "key_changed": "Pool key changed",
    "first_of_key": "First job of its key",
    "all_busy": "All clusters busy",
    "too_early": "Requested too early",
    "not_kept": "No keep-alive set",
    "not_provisioned": "AWS did not keep it",
    "expired": "Keep-alive expired",
    "ended_early": "Ended early",
    "unknown": "Unknown reason",
}
ELIGIBILITIES = {
    "eligible": "Eligible",
    "spot": "Managed spot",
    "heterogeneous": "Heterogeneous cluster",
    "tuning": "Tuning job",
    "serverless": "Serverless",
    "training_plan": "Training plan",
    "not_started": "Never started",
    "unknown": "Resources unknown",
}
FINDINGS = {
    "pool_refused_by_quota": "Warm pool refused: quota used up",
    "retained_longer_than_asked": "Retained longer than asked",
    "image_pull_hidden": "Latency understated before 2024",
    "billed_by_tokens": "Billed by tokens",
    "unknown_price": "Price unknown",
    "unknown_user": "User unknown",
}
REUSE = {"newest": "Newest first", "oldest": "Oldest first"}
VERDICTS = {
    "raise": "Raise",
    "lower": "Lower",
    "keep": "Keep",
    "start": "Start",
    "stop": "Stop",
    "not_enough_data": "Not enough data",
    "no_price": "Price unknown",
}
SAVED_SOURCES = {
    "own": "the pool's own jobs",
    "family": "jobs of the same instance family and input mode",
    "published": "the table that AWS published",
}
RECORD_KINDS = {
    "describe": "Describe answers",
    "search": "Search results",
    "summary": "List summaries",
    "event": "Events",
    "export": "Job exports",
}
KINDS = {"jobs": "Jobs", "prices": "Prices"}
SOURCES = {"aws": "AWS JSON", "json": "JSON", "delimited": "Delimited text", "parquet": "Parquet"}

BY_COLUMN = {
    "input_mode": INPUT_MODES,
    "start_kind": START_KINDS,
    "phase": PHASES,
    "segment": SEGMENTS,
    "ended_by": ENDED_BY,
    "outcome": OUTCOMES,
    "evidence": EVIDENCE,
    "miss_reason": MISS_REASONS,
    "eligibility": ELIGIBILITIES,
    "finding": FINDINGS,
    "saved_source": SAVED_SOURCES,
    "verdict": VERDICTS,
    "reuse": REUSE,
    "record_kind": RECORD_KINDS,
    "kind": KINDS,
    "file_format": SOURCES,
}


def word(column: str, value: Any) -> str:
    """Return the word for a value of a column; a value without one stays as it is.

    >>> word("input_mode", "FSxLustre"), word("input_mode", None)
    ('FSx for Lustre', 'unknown')
    """
    if is_unknown(value):
        return UNKNOWN
    return BY_COLUMN.get(column, {}).get(str(value), str(value))
