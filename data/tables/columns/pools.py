"""Columns of pools and of the pool ledger: who could reuse a warm cluster, who did, and why not."""

from data.tables.declaration import Column, Kind

COLUMNS = (
    Column("pool_id", "integer", "Number of the pool in this database", "Pool number", Kind.COUNT),
    Column(
        "pool_key", "varchar",
        "Hash of the fields that must be equal for reuse, or the key that an export brings; all "
        "for every pool together",
        "Pool key",
    ),
    Column("pool_name", "varchar", "Name that a pool has on screen", "Pool"),
    Column("pool_label", "varchar", "Usual job name of the pool, and its cluster", "Pool label"),
    Column("role_name", "varchar", "Name of the role that the jobs run as", "Role"),
    Column(
        "request_at", "timestamptz",
        "When the job asked for its cluster: left its queue, else was created", "Requested (UTC)",
        Kind.MOMENT,
    ),
    Column(
        "release_at", "timestamptz",
        "When the job's cluster became free: the end of a job that started", "Released (UTC)",
        Kind.MOMENT,
    ),
    Column(
        "eligibility", "varchar", "eligible, or why the job could not use a warm pool",
        "Eligibility", Kind.CODE,
    ),
    Column(
        "outcome", "varchar",
        "hit for a job that reused a warm cluster, else miss; empty where not eligible", "Outcome",
        Kind.CODE,
    ),
    Column(
        "is_hit", "boolean", "Whether the job reused a warm cluster", "Warm pool hit", Kind.FLAG,
    ),
    Column(
        "miss_reason", "varchar", "Why the job did not reuse a warm cluster", "Miss reason",
        Kind.CODE,
    ),
    Column(
        "evidence", "varchar",
        "What a hit is based on: confirmed where AWS names the job in ReusedByJob, else inferred",
        "Evidence", Kind.CODE,
    ),
    Column(
        "has_predecessor", "boolean", "Whether an earlier job of the pool exists",
        "Has a predecessor", Kind.FLAG,
    ),
    Column(
        "donor_job_id", "bigint", "Number of the job whose cluster was reused", "Donor number",
        Kind.COUNT,
    ),
    Column("donor_job_name", "varchar", "Job whose cluster was reused", "Reused the cluster of"),
    Column(
        "missed_donor_job_name", "varchar",
        "Job whose cluster came nearest to being reused, for a miss", "Nearest candidate",
    ),
    Column(
        "missed_by_s", "double",
        "By how much a miss missed its nearest candidate: too early, expired or ended early",
        "Missed by (s)", Kind.SECONDS,
    ),
    Column(
        "missed_by_p50_s", "double", "Median miss margin",
        "Missed by, median (s)", Kind.SECONDS,
    ),
    Column(
        "differing_fields", "varchar",
        "What differs between pool keys: a job's and that of a cluster that was free, or pools'",
        "What differed",
    ),
    Column(
        "gap_s", "double",
        "Request minus the release of the cluster that was or could have been reused",
        "Idle gap (s)", Kind.SECONDS,
    ),
    Column(
        "unlimited_gap_s", "double",
        "Idle gap to the newest free cluster with unlimited keep-alive; empty is a cold start",
        "Gap, unlimited keep-alive (s)", Kind.SECONDS,
    ),
    Column(
        "unlimited_idle_s", "double",
        "How long the job's own cluster would idle with unlimited keep-alive; empty is for good",
        "Idle, unlimited keep-alive (s)", Kind.SECONDS,
    ),
    Column(
        "unlimited_donor_job_id", "bigint",
        "Number of the job whose cluster would be reused with unlimited keep-alive",
        "Donor number, unlimited keep-alive", Kind.COUNT,
    ),
    Column(
        "is_releasing", "boolean", "Whether the job ended and left a cluster to its pool",
        "Left a cluster", Kind.FLAG,
    ),
    Column(
        "has_quota_message", "boolean",
        "Whether a status message says that AWS refused to keep the cluster", "Warm pool refused",
        Kind.FLAG,
    ),
    Column(
        "eligible_count", "bigint", "Jobs that could have used a warm pool", "Eligible", Kind.COUNT,
    ),
    Column("hit_count", "bigint", "Jobs that reuse a warm cluster", "Hits", Kind.COUNT),
    Column("miss_count", "bigint", "Jobs that start cold instead", "Misses", Kind.COUNT),
    Column(
        "confirmed_hit_count", "bigint", "Hits that AWS names in ReusedByJob", "Confirmed hits",
        Kind.COUNT,
    ),
    Column(
        "inferred_hit_count", "bigint", "Hits inferred from timestamps", "Inferred hits",
        Kind.COUNT,
    ),
    Column("hit_rate_ratio", "double", "Hits divided by eligible jobs", "Hit rate", Kind.RATIO),
    Column(
        "hit_rate_given_predecessor_ratio", "double",
        "Hits divided by eligible jobs that have an earlier job of their pool",
        "Hit rate after the first", Kind.RATIO,
    ),
    Column(
        "with_predecessor_count", "bigint", "Eligible jobs that have an earlier job of their pool",
        "With a predecessor", Kind.COUNT,
    ),
    Column(
        "wait_lost_s", "double",
        "Avoidable wait time: what misses would have saved, had each been a hit",
        "Avoidable wait (h)", Kind.HOURS,
    ),
    Column(
        "is_mixed", "boolean", "Whether the pool's eligible jobs have several keep-alive periods",
        "Several periods", Kind.FLAG,
    ),
    # idle this minute
    Column(
        "idle_since_at", "timestamptz", "When the job that left the warm cluster ended",
        "Idle since (UTC)", Kind.MOMENT,
    ),
    Column(
        "expires_at", "timestamptz",
        "When the keep-alive period of the warm cluster ends, unless a job reuses it before",
        "Expires (UTC)", Kind.MOMENT,
    ),
    Column(
        "remaining_s", "double", "Time until the warm cluster expires", "Expires in (s)",
        Kind.SECONDS,
    ),
    Column(
        "quota_used_count", "bigint",
        "Instances of the type that idle warm clusters hold, in the account and region",
        "Quota used", Kind.COUNT,
    ),
    Column(
        "quota_count", "bigint",
        "Instances of the type that may be kept warm, in the account and region; empty where the"
        " quota was not read",
        "Quota", Kind.COUNT,
    ),
    # announcements
    Column("event", "varchar", "What is announced", "Event", Kind.CODE),
    Column(
        "event_at", "timestamptz", "When the job ended, or when the warm cluster expires",
        "When (UTC)", Kind.MOMENT,
    ),
    Column("pool_count", "bigint", "Number of pools", "Pools", Kind.COUNT),
    # one job's story
    Column(
        "helpful_keep_alive_s", "bigint",
        "Shortest keep-alive period, in whole minutes and on every job of the pool, with which the"
        " miss would have been a hit; empty: none that AWS allows",
        "Would have helped (s)", Kind.SECONDS,
    ),
    Column(
        "helpful_donor_job_name", "varchar",
        "Job whose cluster the newest-first replay would have kept for the job",
        "Cluster to keep",
    ),
    Column(
        "reusing_job_name", "varchar",
        "Job that reused this job's cluster: as AWS names it, else inferred from timestamps",
        "Its cluster was reused by",
    ),
)  # fmt: skip
