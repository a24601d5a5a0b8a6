"""Columns of benchmark runs: what a step took on which instances, and what that costs."""

from data.tables.declaration import Column, Kind

COLUMNS = (
    Column(
        "step_count", "bigint", "Training steps that the step time is the mean of", "Steps",
        Kind.COUNT,
    ),
    Column(
        "samples_per_step", "double", "Training examples that one step of the whole cluster uses",
        "Samples a step", Kind.NUMBER,
    ),
    Column("ran_at", "timestamptz", "When the run was made", "Ran (UTC)", Kind.MOMENT),
    Column(
        "cluster_label", "varchar",
        "Instance groups as one text, such as ml.p4d.24xlarge x1 + ml.c5.18xlarge x2",
        "Instance types and counts",
    ),
    Column(
        "run_count", "bigint", "Runs that can be told apart by when they were made", "Runs",
        Kind.COUNT,
    ),
    Column(
        "step_time_median_ms", "double", "Median of the samples of the step time",
        "Median step time (ms)", Kind.NUMBER,
    ),
    Column(
        "step_time_low_ms", "double", "Lower bound of the mean step time, 90 % interval",
        "Step time, low (ms)", Kind.NUMBER,
    ),
    Column(
        "step_time_high_ms", "double", "Upper bound of the mean step time, 90 % interval",
        "Step time, high (ms)", Kind.NUMBER,
    ),
    Column(
        "list_cost_per_100_steps_usd", "double", "List cost of the cluster for 100 steps",
        "Cost per 100 steps (USD)", Kind.FINE,
    ),
    Column(
        "list_cost_per_epoch_usd", "double",
        "List cost of the cluster for an epoch; empty unless its number of steps is set",
        "Cost per epoch (USD)", Kind.USD,
    ),
    Column(
        "list_cost_per_million_samples_usd", "double",
        "List cost of the cluster for a million training examples; empty without samples a step",
        "Cost per million samples (USD)", Kind.FINE,
    ),
    Column(
        "speedup_ratio", "double", "Step time of the baseline over that of the configuration",
        "Speedup", Kind.FINE,
    ),
    Column(
        "cost_reduction_ratio", "double", "1 minus the cost of the same work over the baseline's",
        "Cost reduction", Kind.RATIO,
    ),
    Column(
        "cost_reduction_low_ratio", "double", "Lower bound of the cost reduction, 90 % interval",
        "Cost reduction, low", Kind.RATIO,
    ),
    Column(
        "cost_reduction_high_ratio", "double", "Upper bound of the cost reduction, 90 % interval",
        "Cost reduction, high", Kind.RATIO,
    ),
    Column(
        "work_per_usd_gain_ratio", "double",
        "How much more work a dollar buys than with the baseline: 0.87 is 87 % more",
        "More work per dollar", Kind.RATIO,
    ),
    Column(
        "is_on_frontier", "boolean",
        "Whether no other one is both cheaper and faster; empty without a price", "On the frontier",
        Kind.FLAG,
    ),
    Column(
        "is_baseline", "boolean", "Whether the others are compared with it", "Baseline", Kind.FLAG,
    ),
    Column(
        "comparison", "varchar", "What the interval of the cost reduction says",
        "Against the baseline", Kind.CODE,
    ),
    Column(
        "price_view", "varchar", "How the cluster is paid for", "Paid", Kind.CODE,
    ),
    Column(
        "paid_usd_per_h", "double",
        "What an hour of training costs on all instances, in the price view; empty where unknown",
        "Price paid (USD/h)", Kind.PRICE,
    ),
    Column(
        "cost_per_100_steps_usd", "double",
        "Cost of 100 steps in the price view; empty where its price is unknown",
        "Cost per 100 steps, as paid (USD)", Kind.FINE,
    ),
    Column(
        "cost_per_epoch_usd", "double",
        "Cost of an epoch in the price view; empty unless its number of steps is set",
        "Cost per epoch, as paid (USD)", Kind.USD,
    ),
    Column(
        "price_view_note", "varchar",
        "What the price of the view is based on, or why it is unknown", "What it is based on",
    ),
    Column("price_date", "date", "Day whose list prices count", "Prices of", Kind.DAY),
)  # fmt: skip
