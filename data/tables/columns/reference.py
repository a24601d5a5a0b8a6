"""Columns of the dated reference tables, and of the tables that describe the store itself."""

from data.tables.declaration import Column, Kind

COLUMNS = (
    Column("source", "varchar", "Where the facts of the row come from", "Source"),
    Column("as_of_date", "date", "Day on which the source was read", "Read on", Kind.DAY),
    Column("note", "varchar", "What to know about the figures", "Note"),
    # prices
    Column(
        "component", "varchar", "training, estimate, or another SageMaker component", "Component"
    ),
    Column(
        "low_usd_per_h", "double", "Lower bound of an estimated price", "At least (USD/h)",
        Kind.PRICE,
    ),
    Column(
        "high_usd_per_h", "double", "Upper bound of an estimated price", "At most (USD/h)",
        Kind.PRICE,
    ),
    Column("effective_from", "date", "First day of the price", "From", Kind.DAY),
    Column(
        "is_users", "boolean", "Whether you imported the price: yours take precedence", "Yours",
        Kind.FLAG,
    ),
    Column("operation", "varchar", "Request to AWS, as IAM names it", "Operation"),
    Column(
        "request_price_usd", "double", "Price of one unit of the request", "Price (USD)", Kind.USD
    ),
    # limits
    Column("limit_name", "varchar", "What AWS limits", "Limit"),
    Column("limit_value", "double", "The limit, in its unit", "Limit value", Kind.NUMBER),
    Column("unit", "varchar", "Unit of the value", "Unit"),
    # quotas of an account
    Column(
        "quota_name", "varchar", "What Service Quotas limits, as AWS words it", "Quota name",
        aws_field="QuotaName",
    ),
    Column(
        "quota_code", "varchar", "Code that Service Quotas has for the quota", "Quota code",
        aws_field="QuotaCode",
    ),
    Column(
        "quota_kind", "varchar",
        "Which use of an instance type the quota limits; empty where it limits something else",
        "Limits", Kind.CODE,
    ),
    Column(
        "quota_value", "double", "How much an account may use in a region at one time",
        "Quota value", Kind.COUNT, "Value",
    ),
    Column(
        "is_adjustable", "boolean", "Whether AWS raises the quota on request", "Adjustable",
        Kind.FLAG, "Adjustable",
    ),
    # training plans
    Column(
        "training_plan_name", "varchar", "Name of a training plan", "Plan",
        aws_field="TrainingPlanName",
    ),
    Column(
        "plan_instance_count", "bigint", "Instances that a training plan reserves",
        "Reserved instances", Kind.COUNT, "TotalInstanceCount",
    ),
    Column(
        "plan_in_use_count", "bigint", "Instances of a training plan that jobs held when it was"
        " observed", "In use", Kind.COUNT, "InUseInstanceCount",
    ),
    Column(
        "plan_starts_at", "timestamptz", "When the capacity of a training plan begins",
        "Begins (UTC)", Kind.MOMENT, "StartTime",
    ),
    Column(
        "plan_ends_at", "timestamptz", "When the capacity of a training plan ends", "Ends (UTC)",
        Kind.MOMENT, "EndTime",
    ),
    Column(
        "plan_duration_h", "double", "Hours for which a training plan reserves its instances",
        "Duration (h)", Kind.NUMBER, "DurationHours, DurationMinutes",
    ),
    Column(
        "upfront_fee_usd", "double", "What a training plan costs in all, paid before it begins;"
        " empty in another currency", "Fee (USD)", Kind.USD, "UpfrontFee",
    ),
    Column(
        "plan_usd_per_h", "double", "Upfront fee over all instance-hours of a training plan,"
        " used or not", "Fee an instance-hour (USD/h)", Kind.PRICE,
    ),
    # instance types
    Column("ec2_type", "varchar", "EC2 instance type with the same hardware", "EC2 type"),
    Column("vcpu_count", "double", "vCPUs of one instance", "vCPUs", Kind.COUNT),
    Column("memory_mib", "double", "Memory of one instance", "Memory (MiB)", Kind.COUNT),
    Column(
        "accelerator_kind", "varchar", "gpu or neuron; empty without an accelerator",
        "Accelerator kind",
    ),
    Column("accelerator_name", "varchar", "Accelerator model", "Accelerator"),
    Column(
        "instance_accelerator_count", "double", "Accelerators of one instance",
        "Accelerators an instance", Kind.COUNT,
    ),
    Column(
        "accelerator_memory_mib", "double", "Memory of one accelerator",
        "Accelerator memory (MiB)", Kind.COUNT,
    ),
    Column("network_performance", "varchar", "Network bandwidth, as EC2 words it", "Network"),
    Column(
        "local_storage_gb", "double", "Local storage of one instance; empty without any",
        "Local storage (GB)", Kind.COUNT,
    ),
    # the store itself
    Column(
        "version", "bigint", "Grows each time a whole version is published", "Version", Kind.COUNT
    ),
    Column(
        "published_at", "timestamptz", "When the newest whole version was published",
        "As of (UTC)", Kind.MOMENT,
    ),
    Column(
        "schema_hashes", "map(varchar, varchar)",
        "Hash of the declaration that each table was made from", "Schema hashes",
    ),
    Column(
        "reference_hash", "varchar", "Hash of the shipped reference files that are loaded",
        "Reference hash",
    ),
    Column(
        "derived_hash", "varchar",
        "Hash of the definitions that the derived tables were made by", "Definitions hash",
    ),
    Column("table_name", "varchar", "Name of the table", "Table"),
    Column("data_type", "varchar", "DuckDB type of the column", "Type"),
    Column("comment", "varchar", "What it holds, with its unit", "What it holds"),
    Column("column_count", "bigint", "Columns of the table", "Columns", Kind.COUNT),
)  # fmt: skip
