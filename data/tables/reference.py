"""Tables of dated reference data: prices, hardware, limits, published startup latencies."""

from data.tables.columns import COLUMNS
from data.tables.declaration import Field, Merge, Table

PRICES = Table(
    "prices",
    "List prices of one instance, effective-dated, each with its source",
    (
        Field(COLUMNS["instance_type"], is_required=True, merge=Merge.KEY),
        Field(COLUMNS["region"], is_required=True, merge=Merge.KEY),
        Field(COLUMNS["component"], is_required=True, merge=Merge.KEY),
        Field(COLUMNS["list_unit_price_usd_per_h"], is_required=True),
        Field(COLUMNS["low_usd_per_h"]),
        Field(COLUMNS["high_usd_per_h"]),
        Field(COLUMNS["effective_from"], is_required=True, merge=Merge.KEY),
        Field(COLUMNS["as_of_date"]),
        Field(COLUMNS["source"], is_required=True),
        Field(COLUMNS["note"]),
        Field(COLUMNS["is_users"], is_required=True, merge=Merge.STORE),
        Field(COLUMNS["import_id"], merge=Merge.PROVENANCE),
    ),
)

INSTANCE_TYPES = Table(
    "instance_types",
    "Training instance types and their hardware",
    (
        Field(COLUMNS["instance_type"], is_required=True, merge=Merge.KEY),
        Field(COLUMNS["ec2_type"]),
        Field(COLUMNS["vcpu_count"]),
        Field(COLUMNS["memory_mib"]),
        Field(COLUMNS["accelerator_kind"]),
        Field(COLUMNS["accelerator_name"]),
        Field(COLUMNS["instance_accelerator_count"]),
        Field(COLUMNS["accelerator_memory_mib"]),
        Field(COLUMNS["network_performance"]),
        Field(COLUMNS["local_storage_gb"]),
        Field(COLUMNS["source"], is_required=True),
        Field(COLUMNS["as_of_date"], is_required=True),
        Field(COLUMNS["note"]),
    ),
)

STARTUP_BENCHMARKS = Table(
    "startup_benchmarks",
    "Startup latencies that AWS published",
    (
        Field(COLUMNS["input_mode"], is_required=True, merge=Merge.KEY),
        Field(COLUMNS["cold_startup_latency_p90_s"], is_required=True),
        Field(COLUMNS["warm_startup_latency_p90_s"], is_required=True),
        Field(COLUMNS["as_of_date"], is_required=True),
        Field(COLUMNS["source"], is_required=True),
    ),
)

REQUEST_PRICES = Table(
    "request_prices",
    "What AWS charges for one request, each with its source",
    (
        Field(COLUMNS["operation"], is_required=True, merge=Merge.KEY),
        Field(COLUMNS["request_price_usd"], is_required=True),
        Field(COLUMNS["unit"], is_required=True),
        Field(COLUMNS["as_of_date"], is_required=True),
        Field(COLUMNS["source"], is_required=True),
        Field(COLUMNS["note"]),
    ),
)

AWS_LIMITS = Table(
    "aws_limits",
    "Limits that AWS sets, each with its source",
    (
        Field(COLUMNS["limit_name"], is_required=True, merge=Merge.KEY),
        Field(COLUMNS["limit_value"], is_required=True),
        Field(COLUMNS["unit"], is_required=True),
        Field(COLUMNS["as_of_date"], is_required=True),
        Field(COLUMNS["source"], is_required=True),
        Field(COLUMNS["note"]),
    ),
)
