"""The queries of the records themselves: imports, rejects, coverage, columns, reference tables."""

from collections.abc import Mapping
from typing import Any

from analytics.expressions import CREATED_DATE
from analytics.parameters import Choice
from analytics.query import Query

# of these more is told than of other kinds, or nothing: what was asked of CloudWatch is no fact
_NOT_ONLY_COUNTED = {"jobs", "metrics", "metric_reads"}
_KINDS = {"all": "true", "jobs": "sources.kind = 'jobs'"}
# samples are counted by their parts where nobody asks whose they are: there may be very many
_METRICS_IN_ALL = """
    select
        'metrics' as kind,
        'metrics' as source,
        sum(part_row_count) as record_count,
        min(first_record_at) as first_record_at,
        max(last_record_at) as last_record_at
    from part_files
    where table_name = 'metric_samples'
    having sum(part_row_count) > 0
"""
_METRICS_BY_DAY = f"""
    select
        'metrics' as kind,
        'metrics' as source,
        account_id,
        region,
        {CREATED_DATE.replace("created_at", "sampled_at")} as record_date,
        count(*) as record_count,
        min(sampled_at) as first_record_at,
        max(sampled_at) as last_record_at
    from metric_samples
    group by all
"""


def _counted_records() -> str:
    # here, for the list of queries can do without it
    from data.datasets.catalog import datasets

    selects = []
    for dataset in datasets().values():
        if dataset.kind in _NOT_ONLY_COUNTED or not dataset.time_column:
            continue
        columns = [
            name if name in dataset.table.names else "null::varchar"
            for name in ("account_id", "region")
        ]
        selects.append(
            f"select '{dataset.kind}' as kind, {columns[0]} as account_id, {columns[1]} as region,"
            f" {dataset.time_column} as record_at,"
            f" {dataset.read_column or 'null::timestamptz'} as read_at from {dataset.table.name}"
        )
    return " union all ".join(selects)


def _coverage_words(values: Mapping[str, Any]) -> Mapping[str, str]:
    by_account = values["by"] == "account"
    is_all = values["of_kind"] == "all"
    return {
        "account_id": "account_id" if by_account else "null::varchar",
        "region": "region" if by_account else "null::varchar",
        "records": _counted_records(),
        "record_date": CREATED_DATE.replace("created_at", "record_at"),
        "metric_days": _METRICS_BY_DAY if by_account and is_all else _METRICS_IN_ALL,
        "samples_count": "true" if by_account and is_all else "false",
    }


QUERIES = (
    Query(
        "coverage",
        "account x region x source",
        (
            "account_id",
            "region",
            "source",
            "job_count",
            "first_created_at",
            "last_created_at",
            "day_count",
            "empty_day_count",
            "longest_gap_days",
            "with_transitions_ratio",
            "with_resources_ratio",
            "kind",
            "record_count",
            "first_record_at",
            "last_record_at",
            "job_minute_count",
            "sampled_minute_ratio",
            "last_read_at",
        ),
        {
            "of_kind": Choice("which records", _KINDS, "all"),
            "by": Choice("account (and region), or source alone", ("account", "source"), "account"),
        },
        words=_coverage_words,
        relation=None,
    ),
    Query(
        "imports",
        "one imported file",
        (
            "import_id",
            "file_name",
            "kind",
            "file_format",
            "mapping_name",
            "row_count",
            "accepted_count",
            "unchanged_count",
            "rejected_count",
            "left_out_count",
            "import_note",
            "first_record_at",
            "last_record_at",
            "fetched_at",
            "merged_at",
            "is_superseded",
            "import_status",
            "reason",
            "next_action",
            "content_hash",
        ),
        relation=None,
    ),
    Query(
        "rejected_rows",
        "one rejected record",
        ("file_name", "row_number", "reason", "next_action", "raw", "import_id"),
        relation=None,
    ),
    Query(
        "filter_values",
        "value of a column to filter by",
        ("column_name", "group_value", "job_count"),
    ),
    Query(
        "columns",
        "one column of a table",
        ("table_name", "column_name", "data_type", "comment"),
        relation=None,
    ),
    Query(
        "prices",
        "instance type x region x day",
        (
            "instance_type",
            "region",
            "component",
            "list_unit_price_usd_per_h",
            "low_usd_per_h",
            "high_usd_per_h",
            "effective_from",
            "as_of_date",
            "source",
            "note",
            "is_users",
        ),
        relation=None,
    ),
    Query(
        "instance_types",
        "one instance type",
        (
            "instance_type",
            "vcpu_count",
            "memory_mib",
            "accelerator_name",
            "instance_accelerator_count",
            "source",
            "as_of_date",
        ),
        relation=None,
    ),
)
