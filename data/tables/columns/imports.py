"""Columns of imports: what came in, what could not be used, and what the records cover."""

from data.tables.declaration import Column, Kind

COLUMNS = (
    Column("import_id", "bigint", "Number of the import", "Import", Kind.COUNT),
    Column("import_name", "varchar", "Name of the landed import record", "Import record"),
    Column("kind", "varchar", "Kind of record in a file, of advice, or of candidate", "Kind"),
    Column(
        "file_format", "varchar", "How the file was read: aws, json, delimited or parquet",
        "Read as", Kind.CODE,
    ),
    Column("file_name", "varchar", "Name of the file as it was given", "File"),
    Column("content_hash", "varchar", "SHA-256 of the landed file", "File hash"),
    Column(
        "mapping_hash", "varchar", "SHA-256 of the mapping; empty without one", "Mapping hash"
    ),
    Column("mapping_name", "varchar", "Name of the mapping that was used", "Mapping"),
    Column(
        "fetched_at", "timestamptz", "When the file was landed", "Imported at (UTC)", Kind.MOMENT
    ),
    Column(
        "merge_started_at", "timestamptz", "When the merge of the file began",
        "Merge started (UTC)", Kind.MOMENT,
    ),
    Column(
        "merged_at", "timestamptz", "When the merge of the file was done", "Merged at (UTC)",
        Kind.MOMENT,
    ),
    Column("row_count", "bigint", "Records found in the file", "Rows", Kind.COUNT),
    Column(
        "accepted_count", "bigint", "Records that were new or changed something", "Accepted",
        Kind.COUNT,
    ),
    Column(
        "unchanged_count", "bigint", "Records that were known already", "Unchanged", Kind.COUNT
    ),
    Column(
        "rejected_count", "bigint", "Records that could not be used; see rejected_rows",
        "Rejected", Kind.COUNT,
    ),
    Column(
        "left_out_count", "bigint",
        "Records that are about something else, as the other services of a bill, or that a mapping"
        " leaves out: only counted",
        "Left out", Kind.COUNT,
    ),
    Column(
        "import_note", "varchar", "How the file was read, and what was left out of it", "Notes",
    ),
    Column(
        "first_record_at", "timestamptz",
        "Earliest time of the records: of a job its creation, of others their own", "First (UTC)",
        Kind.MOMENT,
    ),
    Column(
        "last_record_at", "timestamptz",
        "Latest time of the records: of a job its creation, of others their own", "Last (UTC)",
        Kind.MOMENT,
    ),
    Column(
        "is_superseded", "boolean", "Whether an import with a corrected mapping replaced it",
        "Replaced", Kind.FLAG,
    ),
    Column(
        "import_status", "varchar",
        "imported, or failed: nothing of the file is in the tables, for the reason beside it",
        "Import status", Kind.CODE,
    ),
    Column(
        "record_hash", "ubigint", "Hash of the record's fields: equal records are one",
        "Record hash",
    ),
    # rejected rows
    Column(
        "row_number", "bigint", "Number of the rejected record in its file, from 1", "Row",
        Kind.COUNT,
    ),
    Column("reason", "varchar", "What is wrong with the record or the file", "What is wrong"),
    Column(
        "raw", "varchar",
        "The record as landed; its length and hash where it could not be parsed",
        "Record as landed",
    ),
    # coverage
    Column("record_count", "bigint", "Records of the kind", "Number of records", Kind.COUNT),
    Column(
        "first_created_at", "timestamptz", "Earliest job creation", "First job (UTC)", Kind.MOMENT
    ),
    Column(
        "last_created_at", "timestamptz", "Latest job creation", "Last job (UTC)", Kind.MOMENT
    ),
    Column("day_count", "bigint", "Days with records", "Days", Kind.COUNT),
    Column(
        "empty_day_count", "bigint", "Days without records between the first and the last",
        "Days without", Kind.COUNT,
    ),
    Column(
        "longest_gap_days", "bigint", "Longest stretch of days without records",
        "Longest gap (days)", Kind.COUNT,
    ),
    Column(
        "with_transitions_ratio", "double",
        "Part of the jobs that have a status history, which startup latency needs",
        "Status history known", Kind.RATIO,
    ),
    Column(
        "with_resources_ratio", "double",
        "Part of the jobs whose resources are known, which pools and costs need",
        "Resources known", Kind.RATIO,
    ),
    Column(
        "job_minute_count", "bigint", "Minutes in which jobs ran, each job by itself",
        "Job-minutes", Kind.COUNT,
    ),
    Column(
        "sampled_minute_ratio", "double",
        "Part of the job-minutes that have a metric sample of any host", "Sampled", Kind.RATIO,
    ),
    Column(
        "last_read_at", "timestamptz",
        "When such records were last read: from AWS, or from a file with new ones",
        "Last read (UTC)", Kind.MOMENT,
    ),
)  # fmt: skip
