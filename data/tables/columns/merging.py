"""Columns of merging pools."""

from data.tables.declaration import Column, Kind

COLUMNS = (
    Column(
        "other_pool_key", "varchar",
        "Key of the pool to merge with; of a larger group all the others, with commas between",
        "Merge with (key)",
    ),
    Column(
        "other_pool_label", "varchar", "Labels of the pools to merge with, each once",
        "Merge with",
    ),
    Column(
        "is_chosen", "boolean",
        "Whether to make this merge: it pays, and shares no pool with one that pays more",
        "To make", Kind.FLAG,
    ),
    Column(
        "extra_hit_count", "bigint",
        "Hits that the merge adds in the days judged, over each pool with its own best period",
        "More hits", Kind.COUNT,
    ),
    Column(
        "gain_over_today_usd_per_month", "double",
        "What the merge and its period gain in 730 h over each job's own period today",
        "Gain over today (USD)", Kind.USD,
    ),
    Column(
        "gain_over_today_low_usd_per_month", "double",
        "Lower end of the 90 % interval of the gain over today", "Over today, from (USD)",
        Kind.USD,
    ),
    Column(
        "gain_over_today_high_usd_per_month", "double",
        "Upper end of the 90 % interval of the gain over today", "Over today, to (USD)",
        Kind.USD,
    ),
    Column(
        "cash_gain_over_today_usd_per_month", "double", "The money in the gain over today",
        "Cash over today (USD)", Kind.USD,
    ),
    Column(
        "wait_saved_over_today_h_per_month", "double",
        "Wait time that the merge and its period save in 730 h over today",
        "Wait saved over today (h)", Kind.NUMBER,
    ),
    Column(
        "changed_job_count", "bigint", "Jobs of the pools that had another value than the one to"
        " set",
        "Jobs to change", Kind.COUNT,
    ),
    Column("user_count", "bigint", "Users of these jobs, as far as known", "Users", Kind.COUNT),
    Column(
        "unknown_user_job_count", "bigint", "Jobs whose user is not known", "Unknown user",
        Kind.COUNT,
    ),
    Column(
        "security_note", "varchar", "Fields that are not to be aligned without a security decision",
        "Security",
    ),
    Column(
        "merge_coverage", "varchar", "What became of pools and pairs", "Pools and pairs", Kind.CODE,
    ),
    Column("found_count", "bigint", "How many were found", "How many", Kind.COUNT),
)  # fmt: skip
