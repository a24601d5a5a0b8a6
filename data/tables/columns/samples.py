"""Columns of metric samples: what CloudWatch measured on a host, and when."""

from data.tables.declaration import Column, Kind

COLUMNS = (
    Column(
        "host_name", "varchar", "Host that was measured, as CloudWatch names it", "Host",
        aws_field="Dimensions[Name=Host].Value",
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
    Column("sample_count", "bigint", "Number of samples", "Samples", Kind.COUNT),
)  # fmt: skip
