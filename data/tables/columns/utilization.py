"""Columns of utilization: what was measured of the devices that jobs held, and what idled."""

from data.tables.declaration import Column, Kind

COLUMNS = (
    Column(
        "gpu_memory_utilization_ratio", "double", "GPU memory used, as a share of what was held",
        "GPU memory", Kind.RATIO, "GPUMemoryUtilization",
    ),
    Column(
        "memory_utilization_ratio", "double", "Memory used, as a share of what was held", "Memory",
        Kind.RATIO, "MemoryUtilization",
    ),
    Column(
        "disk_utilization_ratio", "double", "Disk used, as a share of what was held", "Disk",
        Kind.RATIO, "DiskUtilization",
    ),
    Column(
        "utilization_ratio", "double",
        "Value as a share of the most that the host can reach; empty where its type is not known",
        "Utilization", Kind.RATIO,
    ),
    Column(
        "coverage_ratio", "double", "Measured time as a share of the time that was held",
        "Coverage", Kind.RATIO,
    ),
    Column(
        "host_h", "double", "Time of hosts with a sample, or with a mean from an export",
        "Measured (host-h)", Kind.NUMBER,
    ),
    Column(
        "allocated_host_h", "double", "Time that jobs held hosts, from training start to end",
        "Held (host-h)", Kind.NUMBER,
    ),
    Column(
        "unresolved_host_h", "double",
        "Measured time of hosts that could be of several instance groups: in no CPU or GPU ratio",
        "Unresolved (host-h)", Kind.NUMBER,
    ),
    Column(
        "unknown_host_h", "double",
        "Measured time of hosts whose instance type, or place in the job, is not known",
        "Type unknown (host-h)", Kind.NUMBER,
    ),
    Column(
        "out_of_range_sample_count", "bigint",
        "Samples above what their host can reach: left out, not cut", "Out of range", Kind.COUNT,
    ),
    Column(
        "export_job_count", "bigint", "Jobs measured by the mean that their export gives",
        "Measured by export", Kind.COUNT,
    ),
    Column(
        "allocated_gpu_h", "double", "GPU-hours that jobs held, from training start to end",
        "Held (GPU-h)", Kind.NUMBER,
    ),
    Column(
        "measured_gpu_h", "double", "GPU-hours with a measured utilization", "Measured (GPU-h)",
        Kind.NUMBER,
    ),
    Column(
        "idle_gpu_h", "double", "Measured GPU-hours below the idle threshold", "Idle (GPU-h)",
        Kind.NUMBER,
    ),
    Column(
        "busy_gpu_h", "double", "Measured GPU-hours at the idle threshold or above",
        "Used (GPU-h)", Kind.NUMBER,
    ),
    Column(
        "unmeasured_gpu_h", "double", "GPU-hours that jobs held without a measurement",
        "Not measured (GPU-h)", Kind.NUMBER,
    ),
    Column(
        "idle_cost_usd", "double", "Idle GPU-hours at list price; empty without any price",
        "GPU waste (USD)", Kind.USD,
    ),
    Column(
        "idle_h", "double", "Longest that a host of the job was below the idle threshold, in all",
        "Longest idle host (h)", Kind.NUMBER,
    ),
    Column(
        "unknown_gpu_job_count", "bigint", "Jobs whose number of GPUs is unknown: not in the sums",
        "GPUs unknown", Kind.COUNT,
    ),
    Column(
        "measured_by", "varchar", "What the utilization is measured by: samples, or export",
        "Measured by", Kind.CODE,
    ),
    Column(
        "is_unresolved", "boolean", "Whether the host could be of several instance groups",
        "Unresolved", Kind.FLAG,
    ),
    Column("host_count", "bigint", "Hosts that were measured", "Hosts", Kind.COUNT),
    Column(
        "measured_s", "double", "Time that samples stand for", "Measured (s)", Kind.SECONDS,
    ),
    Column(
        "utilization_from_ratio", "double", "Least utilization in the step",
        "From (GPU utilization)", Kind.RATIO,
    ),
    Column(
        "utilization_to_ratio", "double", "Utilization at which the next step begins", "To",
        Kind.RATIO,
    ),
)  # fmt: skip
