"""Columns of startup: latency, its phases, and cold against warm starts."""

from data.tables.declaration import Column, Kind

COLUMNS = (
    Column(
        "start_kind", "varchar", "warm for a job that reused a cluster, else cold", "Start",
        Kind.CODE,
    ),
    Column(
        "startup_latency_s", "double", "First Training status minus creation", "Startup (s)",
        Kind.SECONDS,
    ),
    Column(
        "provisioning_s", "double", "Part of startup in which AWS readies instances, not billed",
        "Provisioning (s)", Kind.SECONDS,
    ),
    Column(
        "download_s", "double", "Part of startup that fetches data and image, billed",
        "Download (s)", Kind.SECONDS,
    ),
    Column(
        "is_image_pull_hidden", "boolean",
        "Whether the latency is understated: before 2024 the image was pulled inside Training",
        "Latency understated", Kind.FLAG,
    ),
    Column(
        "image_pull_hidden_job_count", "bigint",
        "Jobs whose latency is understated, created before 2024",
        "Understated (before 2024)", Kind.COUNT,
    ),
    Column(
        "startup_latency_p50_s", "double", "Median startup latency; withheld below 10 jobs",
        "Median (s)", Kind.SECONDS,
    ),
    Column(
        "startup_latency_p90_s", "double",
        "Startup latency that nine in ten jobs stay below; withheld below 10 jobs",
        "P90 (s)", Kind.SECONDS,
    ),
    Column(
        "startup_latency_p99_s", "double",
        "Startup latency that 99 in 100 jobs stay below; withheld below 10 jobs",
        "P99 (s)", Kind.SECONDS,
    ),
    Column(
        "startup_latency_p90_low_s", "double", "Lower end of the P90's 90 % interval",
        "P90 from (s)", Kind.SECONDS,
    ),
    Column(
        "startup_latency_p90_high_s", "double", 
        "Upper end of the P90's 90 % interval; empty below 29 jobs: it has none",
        "P90 to (s)", Kind.SECONDS,
    ),
    Column(
        "cold_startup_latency_p90_s", "double", "P90 startup latency of cold starts",
        "P90, cold (s)", Kind.SECONDS,
    ),
    Column(
        "warm_startup_latency_p90_s", "double", "P90 startup latency of warm starts",
        "P90, warm (s)", Kind.SECONDS,
    ),
    Column(
        "phase", "varchar",
        "Phase of a job: provisioning or download of its startup, or a detailed status of AWS's",
        "Phase", Kind.CODE,
    ),
    Column(
        "p50_s", "double", "Median duration of the phase; withheld below 10 jobs",
        "Phase median (s)", Kind.SECONDS,
    ),
    Column(
        "p90_s", "double", "P90 duration of the phase; withheld below 10 jobs", "Phase P90 (s)",
        Kind.SECONDS,
    ),
    Column(
        "p99_s", "double", "P99 duration of the phase; withheld below 10 jobs", "Phase P99 (s)",
        Kind.SECONDS,
    ),
    Column("billed", "boolean", "Whether AWS bills this time", "Billed", Kind.FLAG),
    Column(
        "group_count", "bigint", "Groups of one pool key, image and input mode that are compared",
        "Groups compared", Kind.COUNT,
    ),
    Column(
        "instance_family", "varchar", "Instance family, such as g5", "Instance family"
    ),
    Column(
        "cold_job_count", "bigint", "Cold starts that the estimate is based on",
        "Cold starts compared", Kind.COUNT,
    ),
    Column(
        "warm_job_count", "bigint", "Warm starts that the estimate is based on",
        "Warm starts compared", Kind.COUNT,
    ),
    Column(
        "saved_s", "double", "Startup time that one start saves, by matched jobs",
        "Time saved per start (s)", Kind.SECONDS,
    ),
    Column(
        "saved_low_s", "double", "Lower end of the 90 % interval of the time saved",
        "Saved, from (s)", Kind.SECONDS,
    ),
    Column(
        "saved_high_s", "double", "Upper end of the 90 % interval of the time saved",
        "Saved, to (s)", Kind.SECONDS,
    ),
    Column(
        "startup_wait_s", "double", "Startup latency of all jobs of which it is known, summed",
        "Waited for startup (h)", Kind.HOURS,
    ),
    Column(
        "known_startup_job_count", "bigint", "Jobs whose startup latency is known",
        "Jobs with known startup", Kind.COUNT,
    ),
    # advice
    Column("lever", "varchar", "What could be changed about the starts", "Lever", Kind.CODE),
    Column(
        "current_choice", "varchar", "What most of the jobs that could change do today", "Today",
        Kind.CODE,
    ),
    Column(
        "advised_choice", "varchar", "What they are compared with", "Instead", Kind.CODE,
    ),
    Column(
        "matched_job_count", "bigint",
        "Starts that were compared, of both kinds, on the days that the choice was not made on",
        "Matched starts", Kind.COUNT,
    ),
    Column(
        "touched_job_count_per_month", "double", "Starts that the change would touch in 730 h",
        "Starts changed per month", Kind.NUMBER,
    ),
    Column(
        "billed_startup_usd_per_month", "double",
        "What the billed part of these starts costs in 730 h today, at list prices",
        "Billed startup today per month (USD)", Kind.USD,
    ),
    # the frontier
    Column("levers", "varchar", "What is changed in this combination", "Change"),
    Column(
        "keep_alive_policy", "varchar", "Which keep-alive periods the pools have in it",
        "Keep-alive periods",
    ),
    Column(
        "policy_usd_per_h", "double",
        "Cost of delay at which its periods are each pool's best; empty: they are not chosen so",
        "Periods chosen at (USD/h)", Kind.USD,
    ),
    Column(
        "cost_change_usd_per_month", "double",
        "What idle clusters and billed startup cost more than today in 730 h; below 0 it saves",
        "Change of cost per month (USD)", Kind.USD,
    ),
    Column("changed_pool_count", "bigint", "Pools that get another setting", "Pools changed",
           Kind.COUNT),
    Column(
        "is_cheapest", "boolean", "Whether it is the cheapest that meets the P90 target",
        "Cheapest for the target", Kind.FLAG,
    ),
    Column("is_today", "boolean", "Whether nothing is changed in it", "Today", Kind.FLAG),
    Column(
        "unpriced_job_count", "bigint", "Starts that are left out, as no price is known",
        "Without a price", Kind.COUNT,
    ),
    Column(
        "is_judged_later", "boolean",
        "Whether periods were chosen on the first 70 % of days and judged on the rest",
        "Judged on later days", Kind.FLAG,
    ),
)  # fmt: skip
