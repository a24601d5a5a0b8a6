"""Columns of advice: one list over all kinds, what was decided on it, and whether it paid."""

from data.tables.declaration import Column, Kind

COLUMNS = (
    Column(
        "advice_id", "varchar", "Names the advice on one subject, from one list to the next",
        "Advice id",
    ),
    Column("advice_kind", "varchar", "What kind of change is advised", "Kind of advice", Kind.CODE),
    Column(
        "subject", "varchar",
        "What the advice is about, as filters name it: a pool key, a workload, a queue", "Subject",
    ),
    Column("subject_label", "varchar", "What the advice is about, for people", "Subject name"),
    Column("current", "varchar", "The setting of today; empty: unknown", "Today"),
    Column("advised", "varchar", "The advised setting", "Advised"),
    Column("certainty", "varchar", "How sure the gain is", "Certainty", Kind.CODE),
    Column("basis", "varchar", "What the gain was judged on", "Judged on", Kind.CODE),
    Column("would_change", "varchar", "What would change this advice", "What would change it"),
    Column("evidence_page", "varchar", "The page that shows what it is based on", "Evidence page"),
    Column(
        "is_in_total", "boolean",
        "Whether its gain is part of the total: false where a recommendation above changes the"
        " same thing, or where it was dismissed or applied",
        "Counted", Kind.FLAG,
    ),
    Column(
        "conflicts_with", "varchar",
        "The recommendation above that changes the same thing, so that only one of them counts",
        "Instead of",
    ),
    Column("advice_state", "varchar", "Open, dismissed or applied", "Advice state", Kind.CODE),
    Column(
        "touches", "varchar",
        "What the advice changes, percent-encoded, with commas: pools, workloads, queues",
        "Changes",
    ),
    # decisions
    Column("decided_at", "timestamptz", "When it was decided", "Decided at (UTC)", Kind.MOMENT),
    Column("decision", "varchar", "What was decided on advice", "Decision", Kind.CODE),
    Column("decision_note", "varchar", "What was noted with the decision", "Decision note"),
    Column(
        "applied_at", "timestamptz", "From when on the advised setting was in force",
        "Applied at (UTC)", Kind.MOMENT,
    ),
    Column(
        "expected_gain_usd_per_month", "double", "What the advice promised", "Expected"
        " (USD per month)", Kind.USD,
    ),
    # did it pay
    Column(
        "seen_in", "varchar", "Whether it was marked as applied, or seen in the history",
        "Known from", Kind.CODE,
    ),
    Column(
        "before_job_count", "bigint", "Jobs before the change that are compared", "Jobs before",
        Kind.COUNT,
    ),
    Column(
        "after_job_count", "bigint", "Jobs after the change that are compared", "Jobs after",
        Kind.COUNT,
    ),
    Column(
        "realised_gain_usd_per_month", "double",
        "What the change brought: cost and waiting of a job before less after, for the jobs after",
        "Realised (USD per month)", Kind.USD,
    ),
    Column(
        "realised_low_usd_per_month", "double", "Lower end of its 90 % interval",
        "Realised, low (USD per month)", Kind.USD,
    ),
    Column(
        "realised_high_usd_per_month", "double", "Upper end of its 90 % interval",
        "Realised, high (USD per month)", Kind.USD,
    ),
    Column(
        "realised_cash_usd_per_month", "double", "The money in it", "Realised money"
        " (USD per month)", Kind.USD,
    ),
    Column(
        "realised_wait_saved_h_per_month", "double", "Waiting that the change saved",
        "Realised wait saved (h per month)", Kind.NUMBER,
    ),
    Column(
        "key_broken_by_job_name", "varchar",
        "First job after it that started a pool of its own, one or two fields away",
        "First job that broke the key",
    ),
    Column(
        "key_broken_at", "timestamptz", "When that job was created", "Key broken at (UTC)",
        Kind.MOMENT,
    ),
    # the period before
    Column("figure", "varchar", "Which figure of a period is compared", "Figure", Kind.CODE),
    Column("period_value", "double", "The figure in the period", "This period", Kind.NUMBER),
    Column(
        "previous_value", "double", "The figure in the period before, of the same length",
        "Period before", Kind.NUMBER,
    ),
    Column(
        "relative_change_ratio", "double",
        "Change against the period before, relative to it; may be negative or above 1",
        "Change (%)", Kind.RATIO,
    ),
    Column(
        "period_sample_count", "bigint", "What the figure is based on in the period", "Sample",
        Kind.COUNT,
    ),
    Column(
        "previous_sample_count", "bigint", "What it is based on in the period before",
        "Sample before", Kind.COUNT,
    ),
    Column(
        "period_since_at", "timestamptz", "Begin of the period", "Period from (UTC)", Kind.MOMENT
    ),
    Column(
        "period_until_at", "timestamptz", "End of the period", "Period until (UTC)", Kind.MOMENT
    ),
)  # fmt: skip
