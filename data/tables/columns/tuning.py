"""Columns of tuning loops: what rounds of parallel jobs take, need and cost."""

from data.tables.declaration import Column, Kind

COLUMNS = (
    Column("parallel_jobs", "bigint", "Tuners that run at the same time", "Tuners", Kind.COUNT),
    Column("rounds", "bigint", "Rounds, one after the other", "Rounds", Kind.COUNT),
    Column("folds", "bigint", "Jobs that each tuner starts in a round", "Jobs a tuner", Kind.COUNT),
    Column(
        "makespan_cold_h", "double", "Time of the loop if every job starts cold",
        "All cold (h)", Kind.FINE,
    ),
    Column(
        "makespan_warm_h", "double", "Time of the loop if every round but the first starts warm",
        "On warm pools (h)", Kind.FINE,
    ),
    Column(
        "makespan_reduction_ratio", "double", "Part of the time that warm pools save",
        "Time saved", Kind.RATIO,
    ),
    Column(
        "clusters_needed", "bigint", "Clusters at the same time: those of jobs and of tuners",
        "Clusters needed", Kind.COUNT,
    ),
    Column(
        "instances_needed_count", "bigint",
        "Instances at the same time: the quota for training job usage has to allow them",
        "Instances needed", Kind.COUNT,
    ),
    Column(
        "warm_instances_needed_count", "bigint",
        "Instances kept warm: the quota for warm pool usage has to allow them",
        "Warm instances needed", Kind.COUNT,
    ),
    Column(
        "list_cost_cold_usd", "double", "List cost if every job starts cold", "Cost, cold (USD)",
        Kind.USD,
    ),
    Column(
        "list_cost_warm_usd", "double", "List cost on warm pools, idle time included",
        "Cost, warm (USD)", Kind.USD,
    ),
    Column(
        "round_call_count", "bigint", "CreateTrainingJob calls of all tuners in a round",
        "Calls a round", Kind.COUNT,
    ),
    Column(
        "api_limit_per_s", "double", "Calls that AWS allows a second", "API limit (calls/s)",
        Kind.NUMBER,
    ),
    Column(
        "call_delay_s", "double", "Time between two calls of a tuner that keeps below the limit",
        "Delay between calls (s)", Kind.NUMBER,
    ),
    Column(
        "fan_out_h", "double", "What that delay adds to the loop", "Added by the delay (h)",
        Kind.FINE,
    ),
    Column(
        "poll_rate_per_s", "double", "DescribeTrainingJob calls a second while tuners wait",
        "Polling (calls/s)", Kind.NUMBER,
    ),
    Column(
        "profiler_added_h", "double", "What the profiler adds to the loop",
        "Added by the profiler (h)", Kind.FINE,
    ),
    Column(
        "profiler_added_usd", "double", "What the time of the profiler costs",
        "Cost of the profiler (USD)", Kind.USD,
    ),
    # loops in the history
    Column(
        "loop_name", "varchar", "Name of the loop's jobs, without the number at its end", "Loop"
    ),
    Column(
        "jobs_per_round_count", "bigint", "Jobs of each round", "Jobs a round", Kind.COUNT,
    ),
    Column(
        "startup_cold_s", "double", "Median startup latency of cold starts", "Cold startup (s)",
        Kind.SECONDS,
    ),
    Column(
        "startup_warm_s", "double", "Median startup latency of warm starts", "Warm startup (s)",
        Kind.SECONDS,
    ),
    Column("training_median_s", "double", "Median training time", "Training (s)", Kind.SECONDS),
    Column(
        "round_gap_median_s", "double", "Median time from the end of a round to the next",
        "Between rounds (s)", Kind.SECONDS,
    ),
)  # fmt: skip
