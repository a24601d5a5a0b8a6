"""Columns of synchronisation with AWS: what was read, and how far."""

from data.tables.declaration import Column, Kind

COLUMNS = (
    Column(
        "sync_source", "varchar",
        "What was read from AWS: training_jobs.search, service_jobs/<queue>, job_queues, and so on",
        "What of AWS",
    ),
    Column(
        "covered_from_at", "timestamptz",
        "Start of an interval that was read whole: of changes, or of creations where AWS lists by"
        " creation",
        "Whole from (UTC)", Kind.MOMENT,
    ),
    Column(
        "covered_until_at", "timestamptz",
        "End of the interval that was read whole, by AWS's clock", "Whole until (UTC)", Kind.MOMENT,
    ),
    Column("read_at", "timestamptz", "When it was read last", "Read at (UTC)", Kind.MOMENT),
    # plan and report of a synchronisation
    Column("sync_step", "varchar", "What is read", "Sync step"),
    Column("request_count", "bigint", "Requests to AWS", "Requests", Kind.COUNT),
    Column("retry_count", "bigint", "Requests that repeat one that failed", "Retries", Kind.COUNT),
    Column(
        "request_cost_usd", "double", "What AWS charges for the requests", "Requests cost (USD)",
        Kind.USD,
    ),
    Column("request_s", "double", "About how long the requests take", "About (s)", Kind.SECONDS),
    Column("iam_action", "varchar", "Operation, as IAM names it", "IAM action"),
)  # fmt: skip
