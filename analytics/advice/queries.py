"""The queries of advice: the list, whether what was applied paid, and what changed lately."""

from analytics.parameters import Choice, Number
from analytics.query import Query
from analytics.vocabulary import ADVICE_KINDS

ALL_KINDS = tuple(ADVICE_KINDS)
_VALUE = Number("cost of delay, USD per hour; empty: the setting, else 60 is assumed")

QUERIES = (
    Query(
        "advice",
        "one recommendation",
        (
            "rank",
            "advice_id",
            "kind",
            "subject",
            "subject_label",
            "verdict",
            "current",
            "advised",
            "net_gain_usd_per_month",
            "net_gain_low_usd_per_month",
            "net_gain_high_usd_per_month",
            "cash_gain_usd_per_month",
            "wait_saved_h_per_month",
            "job_count",
            "certainty",
            "basis",
            "backtest_regret_ratio",
            "rationale",
            "would_change",
            "setting",
            "evidence_page",
            "state",
            "is_in_total",
            "conflicts_with",
            "decision_note",
            "decided_at",
            "applied_at",
        ),
        {
            "kind": Choice("one kind of advice", ("all", *ALL_KINDS), "all"),
            "state": Choice(
                "only those in this state", ("all", "open", "dismissed", "applied"), "all"
            ),
            "value_of_waiting_usd_per_h": _VALUE,
            "limit_s": Number("longest keep-alive allowed, s; empty: the setting, else 3600"),
            "p90_target_s": Number("P90 startup latency to reach, s; empty: none"),
            "minimum_gain_usd_per_month": Number("least gain that is worth a change, USD", 1.0),
        },
        answer="answers:advice_rows",
        sql="decisions",
        finish="This is what was decided on advice; Python asks every advisor, and ranks.",
    ),
    Query(
        "did_it_pay",
        "applied advice",
        (
            "advice_id",
            "seen_in",
            "advice_kind",
            "subject",
            "subject_label",
            "current",
            "advised",
            "applied_at",
            "before_job_count",
            "after_job_count",
            "expected_gain_usd_per_month",
            "realised_gain_usd_per_month",
            "realised_low_usd_per_month",
            "realised_high_usd_per_month",
            "realised_cash_usd_per_month",
            "realised_wait_saved_h_per_month",
            "verdict",
            "rationale",
            "key_broken_by_job_name",
            "key_broken_at",
        ),
        {"value_of_waiting_usd_per_h": _VALUE},
        answer="did_it_pay:did_it_pay",
        sql="changed_days",
        finish="These are the days before and after each change; Python compares them.",
    ),
    Query(
        "period_changes",
        "one figure",
        (
            "figure",
            "period_value",
            "previous_value",
            "relative_change_ratio",
            "period_sample_count",
            "previous_sample_count",
            "period_since_at",
            "period_until_at",
        ),
        answer="period_changes:period_changes",
        sql="newest_days",
        finish="This finds the days to compare; the figures are those of other questions.",
    ),
)
