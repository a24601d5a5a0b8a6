"""The table of metric samples: what CloudWatch measured on the hosts of training jobs."""

from data.tables.columns import COLUMNS
from data.tables.declaration import Field, Merge, Table
from data.tables.parts import in_parts

METRIC_SAMPLES = in_parts(
    Table(
        "metric_samples",
        "One row a sample of a metric on a host",
        (
            Field(COLUMNS["account_id"], merge=Merge.KEY),
            Field(COLUMNS["region"], merge=Merge.KEY),
            Field(COLUMNS["job_name"]),
            Field(COLUMNS["host_name"], is_required=True, merge=Merge.KEY),
            Field(COLUMNS["metric_name"], is_required=True, merge=Merge.KEY),
            Field(COLUMNS["statistic_name"], merge=Merge.KEY),
            Field(COLUMNS["period_s"], merge=Merge.KEY),
            Field(COLUMNS["sampled_at"], is_required=True, merge=Merge.KEY),
            Field(COLUMNS["metric_value"], is_required=True),
            Field(COLUMNS["metric_unit"]),
        ),
    )
)
