"""Columns of answers about groups of jobs, whatever the subject."""

from data.tables.declaration import Column, Kind

COLUMNS = (
    Column("group_value", "varchar", "Value that the jobs are grouped by", "Group"),
    Column("day", "date", "Day on which the jobs were created", "Day (UTC)", Kind.DAY),
    Column("job_count", "bigint", "Number of jobs", "Jobs", Kind.COUNT),
    Column("example_job_name", "varchar", "Newest job that this applies to", "Example job"),
    Column("explanation", "varchar", "What it means", "What it means"),
    Column("next_action", "varchar", "What to do about it", "What to do"),
    Column("finding", "varchar", "What stands out in the records", "Finding", Kind.CODE),
    Column("column_name", "varchar", "Name of the column", "Column"),
    Column(
        "match_count", "bigint", "Jobs that match the search, shown or not", "Matches", Kind.COUNT
    ),
)
