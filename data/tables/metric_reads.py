"""Tables of what was read of each job's metrics: each read, and how far they have come."""

from data.tables.columns import COLUMNS
from data.tables.declaration import Field, Merge, Table

_JOB = ("account_id", "region", "job_name")
_READ = ("read_from", "read_until", "series_count", "is_complete")

METRIC_READ_RECORDS = Table(
    "metric_read_records",
    "One row a job and time for which its metrics were read from CloudWatch",
    (
        *(Field(COLUMNS[name], is_required=True, merge=Merge.KEY) for name in _JOB),
        *(Field(COLUMNS[name], is_required=name != "series_count") for name in _READ),
        Field(COLUMNS["import_id"], merge=Merge.PROVENANCE),
    ),
)

METRIC_READS = Table(
    "metric_reads",
    "One row a job: the time for which its metrics were read from CloudWatch",
    tuple(Field(COLUMNS[name], merge=Merge.STORE) for name in (*_JOB, *_READ)),
    select="""
        select
            account_id, region, job_name, min(read_from) as read_from,
            max(read_until) as read_until, max_by(series_count, read_until) as series_count,
            bool_or(is_complete) as is_complete
        from metric_read_records
        group by account_id, region, job_name
    """,
)
