"""The query of quotas: what the history ran into, and what to ask for."""

from analytics.parameters import COST_OF_DELAY, LEAST_GAIN, LONGEST_PERIOD, P90_TARGET
from analytics.query import Query

QUERIES = (
    Query(
        "quota_advice",
        "account x region x instance type x quota",
        (
            "account_id",
            "region",
            "instance_type",
            "quota_kind",
            "verdict",
            "quota_value",
            "needed_count",
            "advised_quota_value",
            "refused_job_count",
            "refused_by_message_count",
            "miss_count",
            "net_gain_usd_per_month",
            "net_gain_low_usd_per_month",
            "net_gain_high_usd_per_month",
            "cash_gain_usd_per_month",
            "wait_saved_h_per_month",
            "peak_idle_today",
            "peak_idle_advised",
            "peak_running_count",
            "job_count",
            "is_rough",
            "value_of_waiting_usd_per_h",
            "is_value_assumed",
            "quota_name",
            "quota_code",
            "is_adjustable",
            "observed_at",
            "rationale",
            "setting",
        ),
        {
            "value_of_waiting_usd_per_h": COST_OF_DELAY,
            "limit_s": LONGEST_PERIOD,
            "p90_target_s": P90_TARGET,
            "minimum_gain_usd_per_month": LEAST_GAIN,
        },
        answer="advice:quota_advice",
        sql="refusals",
        finish="This is what was refused; Python adds what keep-alive advice needs.",
    ),
)
