"""Columns of instance group advice: candidates, what they are predicted to do, and bottlenecks."""

from data.tables.declaration import Column, Kind

COLUMNS = (
    Column("candidate", "varchar", "Cluster that is considered", "Candidate"),
    Column("rank", "bigint", "Place, the best first; empty where not ranked", "Rank", Kind.COUNT),
    Column("diagnosis", "varchar", "What limits the step", "Diagnosis", Kind.CODE),
    Column(
        "predicted_step_time_ms", "double",
        "Step time by the model; of the cluster in use, as measured", "Predicted step (ms)",
        Kind.NUMBER,
    ),
    Column(
        "predicted_low_ms", "double", "Shortest step that the model allows",
        "Predicted, low (ms)", Kind.NUMBER,
    ),
    Column(
        "predicted_high_ms", "double", "Longest step that the model allows",
        "Predicted, high (ms)", Kind.NUMBER,
    ),
    Column(
        "measured_step_time_ms", "double",
        "Step time that was measured on the same cluster; empty where it was not",
        "Measured step (ms)", Kind.NUMBER,
    ),
    Column(
        "break_even_step_time_ms", "double",
        "Step time at which the candidate costs as much as the cluster in use",
        "Break-even step (ms)", Kind.NUMBER,
    ),
    Column("loses", "varchar", "What the candidate cannot use", "Loses"),
    Column(
        "lost_usd_per_month", "double",
        "What that was worth to the jobs of the cluster in use; empty where unknown",
        "Loses (USD/month)", Kind.USD,
    ),
    Column(
        "lost_wait_h_per_month", "double",
        "Wait time that warm starts saved these jobs, and would not any more",
        "Loses (h of waiting/month)", Kind.NUMBER,
    ),
    Column(
        "net_cost_per_100_steps_usd", "double",
        "List cost of 100 steps, and what the candidate loses: ranks are by it",
        "Cost per 100 steps with what it loses (USD)", Kind.FINE,
    ),
    Column(
        "net_cost_reduction_ratio", "double",
        "1 minus the cost with what the candidate loses over that of the cluster in use",
        "Cost reduction after what it loses", Kind.RATIO,
    ),
    Column(
        "network_needed_gbit_per_s", "double",
        "What remote preprocessing sends to the training hosts; empty without the data of a step",
        "Network needed (Gbit/s)", Kind.NUMBER,
    ),
    Column(
        "cluster_vcpu_count", "double", "vCPUs of the whole cluster", "vCPUs of the cluster",
        Kind.COUNT,
    ),
    Column(
        "needed_vcpu_count", "double", "vCPUs that keep the accelerators busy all the time",
        "vCPUs needed", Kind.COUNT,
    ),
    Column(
        "predicted_gpu_utilization_ratio", "double", "Accelerator utilization by the model",
        "Predicted GPU utilization", Kind.RATIO,
    ),
    Column(
        "network_gbit_per_s", "double",
        "What the training hosts can receive, Gbit/s; empty where EC2 gives no number",
        "Network (Gbit/s)", Kind.NUMBER,
    ),
    Column(
        "network_limit_mb_per_step", "double",
        "Most that a step may receive from CPU hosts before the network is the limit, MB",
        "Network limit (MB a step)", Kind.NUMBER,
    ),
    Column(
        "remote_efficiency_ratio", "double",
        "What a vCPU of an added host does, of what one of the training hosts does; may exceed 1",
        "Remote CPU efficiency", Kind.FINE,
    ),
    Column(
        "saturation_ratio", "double",
        "How far CPU and accelerator time add up: 0 is not at all", "Saturation", Kind.FINE,
    ),
    Column(
        "prediction_error_ratio", "double",
        "Mean error of predicting one measured configuration from the others; empty below three",
        "Prediction error", Kind.RATIO,
    ),
    Column(
        "accelerator_utilization_ratio", "double",
        "Mean utilization of all accelerators of the cluster", "Accelerator utilization",
        Kind.RATIO,
    ),
    Column(
        "bottleneck_usd", "double",
        "List cost of the accelerator time lost to waiting; 0 where they do not wait,"
        " empty without accelerators",
        "Cost of the bottleneck (USD)", Kind.USD,
    ),
    Column(
        "bottleneck_usd_per_month", "double", "The same for a month of 730 h",
        "Cost of the bottleneck (USD/month)", Kind.USD,
    ),
)  # fmt: skip
