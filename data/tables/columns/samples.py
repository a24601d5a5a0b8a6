"""Columns of metric samples: what CloudWatch measured on a host, and when."""

from data.tables.declaration import Column, Kind

COLUMNS = (
    Column(
        "host_name", "varchar",
        "Host that was measured, as CloudWatch names it; the job, of what its algorithm writes",
        "Host", aws_field="Dimensions[Name=Host, TrainingJobName].Value",
    ),
    Column(
        "statistic_name", "varchar", "How samples within the period were combined", "Statistic",
        aws_field="Stat",
    ),
    Column(
        "period_s", "bigint", "Time that one sample stands for", "Period (s)", Kind.SECONDS,
        "Period",
    ),
    Column(
        "sampled_at", "timestamptz", "Start of the time that the sample stands for",
        "Sampled (UTC)", Kind.MOMENT, "Timestamps",
    ),
    Column(
        "metric_unit", "varchar",
        "Unit of the value; percentages are sums over the devices of a host, so that GPUUtilization"
        " reaches 400 on four GPUs",
        "Metric unit", aws_field="Unit",
    ),
    # what was read
    Column(
        "read_from", "timestamptz", "Start of the time for which metrics were read",
        "Read from (UTC)", Kind.MOMENT, "StartTime",
    ),
    Column(
        "read_until", "timestamptz", "End of the time for which metrics were read",
        "Read until (UTC)", Kind.MOMENT, "EndTime",
    ),
    Column(
        "series_count", "bigint", "Metrics that were asked for, each host its own", "Series",
        Kind.COUNT,
    ),
    Column(
        "is_complete", "boolean",
        "Whether every sample of the job was read: it had ended, and none comes later", "Complete",
        Kind.FLAG,
    ),
    Column("sample_count", "bigint", "Number of samples", "Samples", Kind.COUNT),
    # parts of appended tables
    Column("part_name", "varchar", "Name of the Parquet part: SHA-256 of its content", "Part"),
    Column(
        "column_names", "varchar[]", "Columns that the part has; the table's others are unknown",
        "Columns of the part",
    ),
    Column("part_row_count", "bigint", "Rows in the part", "Rows of the part", Kind.COUNT),
    Column("first_import_id", "bigint", "First import in the part", "First import", Kind.COUNT),
    Column("last_import_id", "bigint", "Last import in the part", "Last import", Kind.COUNT),
)  # fmt: skip
