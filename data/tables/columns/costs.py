"""Columns of costs at list prices, and what their prices are based on."""

from data.tables.declaration import Column, Kind

COLUMNS = (
    Column("week", "date", "Week, by its Monday, UTC", "Week from", Kind.DAY),
    Column("month", "date", "Month, by its first day, UTC", "Month from", Kind.DAY),
    Column(
        "usd_per_h", "double", "List price of the whole cluster", "Cluster price (USD/h)",
        Kind.PRICE,
    ),
    Column(
        "list_unit_price_usd_per_h", "double",
        "On-demand list price of one instance; of a configuration, of all its instances",
        "Price (USD/h)", Kind.PRICE, "ListUnitPrice",
    ),
    Column(
        "price_note", "varchar", "What the price is based on where it is not the exact list price",
        "Price note",
    ),
    Column(
        "is_price_estimated", "boolean", "Whether the price is an estimate", "Price estimated",
        Kind.FLAG,
    ),
    Column(
        "list_cost_usd", "double", "Billable time at list price", "Run cost (USD)", Kind.USD,
        "ListCost",
    ),
    Column(
        "retained_cost_usd", "double", "Retained time at list price; empty without any price",
        "Idle cost (USD)", Kind.USD,
    ),
    Column("is_failed", "boolean", "Whether the job failed or was stopped", "Failed", Kind.FLAG),
    Column(
        "run_usd", "double", "List cost of the billable time without billed startup", "Run (USD)",
        Kind.USD,
    ),
    Column(
        "billed_startup_usd", "double", "List cost of fetching data and image",
        "Billed startup (USD)", Kind.USD,
    ),
    Column(
        "retained_usd", "double", "List cost of warm clusters that idled", "Idle warm pools (USD)",
        Kind.USD,
    ),
    Column(
        "total_usd", "double", "Run, billed startup and idle warm pools together", "Total (USD)",
        Kind.USD,
    ),
    Column(
        "failed_usd", "double", "Part of the total spent on failed and stopped jobs",
        "Of which failed (USD)", Kind.USD,
    ),
    Column(
        "estimated_usd", "double", "Part of the total that is based on estimated prices",
        "Of which estimated (USD)", Kind.USD,
    ),
    Column(
        "unknown_price_job_count", "bigint", "Jobs without a known price: not in the sums",
        "Jobs without a price", Kind.COUNT,
    ),
    Column(
        "billed_by_tokens_job_count", "bigint", "Serverless jobs: not in the sums",
        "Jobs billed by tokens", Kind.COUNT,
    ),
    Column(
        "unknown_billable_job_count", "bigint",
        "Jobs whose billable time is unknown: not in the sums",
        "Billable time unknown", Kind.COUNT,
    ),
    Column(
        "unknown_retained_job_count", "bigint",
        "Jobs whose retained time is unknown: not in the sums",
        "Retained time unknown", Kind.COUNT,
    ),
    Column(
        "unknown_startup_job_count", "bigint",
        "Jobs whose billed startup is unknown: it counts as run",
        "Billed startup unknown", Kind.COUNT,
    ),
)  # fmt: skip
