"""Columns of a pool's timeline: segments of clusters, their sums over time, phases of a job."""

from data.tables.declaration import Column, Kind

COLUMNS = (
    Column("timeline", "varchar", "Which timeline: actual, or what-if", "Timeline"),
    Column(
        "cluster_number", "bigint", "Number of the cluster in this answer, in order of start",
        "Cluster", Kind.COUNT,
    ),
    Column(
        "lane", "bigint", "Row to draw the cluster in: no lane holds two clusters at once", "Lane",
        Kind.COUNT,
    ),
    Column(
        "segment", "varchar",
        "What the cluster does: startup (request to first training), run, or idle", "Segment",
        Kind.CODE,
    ),
    Column(
        "start_at", "timestamptz", "Start of the segment or phase", "From (UTC)", Kind.MOMENT
    ),
    Column(
        "end_at", "timestamptz", "End of the segment or phase; empty where not recorded",
        "Until (UTC)", Kind.MOMENT,
    ),
    Column(
        "duration_s", "double", "End minus start; empty where not recorded", "Duration (s)",
        Kind.SECONDS,
    ),
    Column(
        "ended_by", "varchar",
        "What ended an idle time: reused, expired, ended_early, open or unknown", "Idle time ended",
        Kind.CODE,
    ),
    Column(
        "is_start_known", "boolean", "Whether it is recorded when the job got its instances",
        "Start recorded", Kind.FLAG,
    ),
    Column(
        "is_counted", "boolean", "Whether the job passes the filters", "Passes the filters",
        Kind.FLAG,
    ),
    Column(
        "bin_at", "timestamptz", "Start of the step of time; steps without anything are left out",
        "Step from (UTC)", Kind.MOMENT,
    ),
    Column("step_s", "bigint", "Length of the step of time", "Step (s)", Kind.SECONDS),
    Column(
        "startup_s", "double", "Cluster-time in startup within the step", "Starting (h)",
        Kind.HOURS,
    ),
    Column(
        "run_s", "double", "Cluster-time running a job within the step", "Running (h)", Kind.HOURS
    ),
    Column("idle_s", "double", "Idle cluster-time within the step", "Idle (h)", Kind.HOURS),
    Column("cold_start_count", "bigint", "Jobs that started cold", "Cold starts", Kind.COUNT),
    Column(
        "expiry_count", "bigint", "Idle clusters that expired or were ended early", "Expired",
        Kind.COUNT,
    ),
    Column(
        "no_end_job_count", "bigint", "Jobs whose end is not recorded", "Jobs without an end",
        Kind.COUNT,
    ),
    Column(
        "no_start_job_count", "bigint",
        "Jobs with no recorded instance start", "Jobs without a start",
        Kind.COUNT,
    ),
)  # fmt: skip
