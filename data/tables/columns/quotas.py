"""Columns of quota advice."""

from data.tables.declaration import Column, Kind

COLUMNS = (
    Column(
        "refused_job_count", "bigint",
        "Jobs whose cluster was not kept, although they asked for it: refused, or retained for 0 s",
        "Not kept", Kind.COUNT,
    ),
    Column(
        "refused_by_message_count", "bigint",
        "Those of which a status message of AWS names the quota", "Refused in words", Kind.COUNT,
    ),
    Column(
        "wait_lost_h_per_month", "double",
        "Wait time in 730 h of the misses that clusters not kept have caused",
        "Wait lost per month (h)", Kind.NUMBER,
    ),
    Column(
        "peak_idle_today", "bigint",
        "Instances idle at once with the jobs' own periods, at their peak, by a replay",
        "Peak idle, today", Kind.COUNT,
    ),
    Column(
        "peak_idle_advised", "bigint",
        "Instances idle at once with the advised periods, at their peak, by a replay",
        "Peak idle, advised", Kind.COUNT,
    ),
    Column(
        "peak_running_count", "bigint", "Instances of jobs that ran at once, at their peak",
        "Peak running", Kind.COUNT,
    ),
    Column(
        "needed_count", "bigint",
        "Instances that the quota has to allow: what is idle at the peak, and what runs beside it"
        " where both count",
        "Needed", Kind.COUNT,
    ),
    Column(
        "advised_quota_value", "bigint", "Quota to ask for; empty where none is needed",
        "Ask for", Kind.COUNT,
    ),
)  # fmt: skip
