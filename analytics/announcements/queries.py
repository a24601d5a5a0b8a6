"""The query of announcements: what people would like to be told at this minute."""

from analytics.parameters import Instant, Period
from analytics.query import Query

ENDED_WITHIN_S = 3600

QUERIES = (
    Query(
        "announcements",
        "one event",
        (
            "event",
            "event_at",
            "job_name",
            "account_id",
            "region",
            "user_name",
            "status",
            "training_time_s",
            "pool_key",
            "pool_label",
            "instance_type",
            "instance_count",
            "usd_per_h",
        ),
        {
            "now": Instant("the instant to look at; empty: now, in the demo where it ends"),
            "ended_within_s": Period("jobs that ended so many seconds before, at most"),
            "expires_within_s": Period(
                "pools that expire so many seconds after, at most; empty: as settings.toml says"
            ),
        },
        answer="answers:announcements",
    ),
)
