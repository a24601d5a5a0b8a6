"""Columns of keep-alive: what a hit saves, the curve, the advice, and periods side by side."""

from data.tables.declaration import Column, Kind

COLUMNS = (
    # what one hit saves
    Column(
        "wait_saved_per_hit_s", "double", "Wait time that one hit of the pool saves",
        "Saved per hit (s)", Kind.SECONDS,
    ),
    Column(
        "billed_saved_per_hit_s", "double", "Billed startup that one hit of the pool saves",
        "Billed startup saved per hit (s)", Kind.SECONDS,
    ),
    Column(
        "wait_saved_mean_s", "double", "Mean time saved per hit, over jobs",
        "Mean time saved per hit (s)", Kind.SECONDS,
    ),
    Column(
        "billed_saved_mean_s", "double", "Mean billed startup saved per hit, over jobs",
        "Mean billed startup saved per hit (s)", Kind.SECONDS,
    ),
    Column(
        "saved_source", "varchar",
        "What the savings of a hit are estimated from: own jobs, family, or published figures",
        "Saving estimated from", Kind.CODE,
    ),
    # the curve
    Column(
        "wait_saved_s", "double", "Wait time that all the hits save", "Wait time saved (h)",
        Kind.HOURS,
    ),
    Column(
        "net_cost_usd", "double", "Retained cost minus the billed startup that hits save",
        "Net cost (USD)", Kind.USD,
    ),
    Column(
        "peak_idle_instances", "bigint",
        "Most instances idle at once: the warm pool quota that it needs",
        "Peak idle instances", Kind.COUNT,
    ),
    Column(
        "long_chain_count", "bigint",
        "Clusters reused from job to job for more than 28 days, when AWS ends them",
        "Chains over 28 days", Kind.COUNT,
    ),
    Column(
        "reuse", "varchar", "Which free cluster a request reuses: newest or oldest", "Reuse order",
        Kind.CODE,
    ),
    # the advice
    Column(
        "job_span_days", "bigint", "Days from the first eligible job to the last",
        "History (days)", Kind.COUNT,
    ),
    Column(
        "current_keep_alive_s", "bigint",
        "Keep-alive period of the newest eligible job; empty is unknown",
        "Current keep-alive (s)", Kind.COUNT,
    ),
    Column(
        "advised_keep_alive_s", "bigint",
        "Keep-alive period to set; 0 is none, empty where there is no advice",
        "Advised keep-alive (s)", Kind.COUNT,
    ),
    Column(
        "verdict", "varchar", "What to do, in a word", "Verdict",
        Kind.CODE,
    ),
    Column(
        "cash_gain_usd_per_month", "double",
        "What the change gains in 730 h in money alone, at list prices, without any wait time",
        "Cash gain per month (USD)", Kind.USD,
    ),
    Column(
        "value_of_waiting_usd_per_h", "double", "What an hour of waiting is taken to cost",
        "Cost of delay used (USD/h)", Kind.USD,
    ),
    Column(
        "is_value_assumed", "boolean", "Whether the cost of delay is assumed, as none is set",
        "Cost of delay assumed", Kind.FLAG,
    ),
    Column(
        "current_retained_usd_per_month", "double",
        "What clusters kept for each job's own period cost in 730 h, by a replay",
        "Idle cost today per month (USD)", Kind.USD,
    ),
    Column(
        "retained_replayed_h", "double",
        "Retained time of the jobs' own periods in a replay, where AWS recorded it too",
        "Retained, replayed (h)", Kind.NUMBER,
    ),
    Column(
        "retained_recorded_h", "double", "Retained time of the same clusters as AWS recorded it",
        "Retained, recorded (h)", Kind.NUMBER,
    ),
    Column(
        "judged_from_date", "date", "First day that the advice is based on: since the last change",
        "Judged from", Kind.DAY,
    ),
    Column(
        "net_gain_usd_per_month", "double",
        "What the change gains in 730 h: idle time and billed startup at list price, wait time at"
        " the cost of delay",
        "Net gain per month (USD)", Kind.USD,
    ),
    Column(
        "net_gain_low_usd_per_month", "double", "Lower end of the net gain's 90 % interval",
        "Net gain, from (USD)", Kind.USD,
    ),
    Column(
        "net_gain_high_usd_per_month", "double", "Upper end of the net gain's 90 % interval",
        "Net gain, to (USD)", Kind.USD,
    ),
    Column(
        "wait_saved_h_per_month", "double", "Wait time that the change saves in 730 h",
        "Wait time saved per month (h)", Kind.NUMBER,
    ),
    Column(
        "backtest_regret_ratio", "double",
        "Extra cost, on the last 30 % of time, of what was chosen on the first 70 %; 0 is none",
        "Back-test regret", Kind.RATIO,
    ),
    Column(
        "worst_case_ratio", "double",
        "Most that the period can cost against hindsight; empty is unbounded",
        "Worst case against hindsight", Kind.NUMBER,
    ),
    Column(
        "pays_from_usd_per_h", "double", "Least cost of delay at which a keep-alive period pays",
        "Pays from (USD/h)", Kind.USD,
    ),
    Column(
        "implied_value_usd_per_h", "double", "Cost of delay that a P90 target amounts to",
        "Implied cost of delay (USD/h)", Kind.USD,
    ),
    Column(
        "startup_latency_p90_current_s", "double",
        "P90 startup latency under the current period, where a target is set",
        "P90, current (s)", Kind.SECONDS,
    ),
    Column(
        "startup_latency_p90_advised_s", "double",
        "P90 startup latency under the best period, where a target is set",
        "P90, advised (s)", Kind.SECONDS,
    ),
    Column(
        "is_rough", "boolean", "Whether the advice is based on fewer than 14 days", "Rough",
        Kind.FLAG,
    ),
    Column("rationale", "varchar", "Why this is advised", "Why"),
    Column(
        "setting", "varchar", "What to set, as a request to AWS or a part of one", "Setting"
    ),
    Column("newest_job_name", "varchar", "Newest eligible job", "Newest job"),
    # policies, judged on later days
    Column(
        "policy", "varchar", "How periods were set on the earlier days", "Keep-alive policy",
        Kind.CODE,
    ),
    Column(
        "train_until", "timestamptz", "End of the days that periods were set on, begin of those"
        " that are judged", "Set on days until (UTC)", Kind.MOMENT,
    ),
    Column(
        "wait_s", "double", "Wait time of the misses that a hit would have saved",
        "Wait of misses (h)", Kind.HOURS,
    ),
    Column(
        "total_cost_usd", "double",
        "Idle time, billed startup of the misses, and their waiting at the cost of delay",
        "Idle, startup and waiting (USD)", Kind.USD,
    ),
    Column(
        "regret_ratio", "double",
        "How much more than the best single period in hindsight; below 0 where several beat it",
        "Regret (%)", Kind.RATIO,
    ),
    # periods side by side
    Column(
        "cost_of_delay_usd_per_h", "double", "What an hour of waiting for a job costs you",
        "Cost of delay (USD/h)", Kind.COUNT,
    ),
    Column(
        "best_keep_alive_s", "bigint", "Period of the least cost in hindsight; 0 is none",
        "Best keep-alive (s)", Kind.COUNT,
    ),
    Column("measure", "varchar", "What is compared", "What"),
    Column("first_period", "varchar", "Under the first of two periods", "First"),
    Column("second_period", "varchar", "Under the second of two periods", "Second"),
    Column("difference", "varchar", "Second period minus the first", "Second minus first"),
    *(
        Column(
            f"{name}_{mark}", "double", f"{description} under the {mark} period",
            f"{heading}, {mark}{unit}", kind,
        )
        for name, description, heading, unit, kind in (
            ("hit_rate_ratio", "Hit rate", "Hit rate", "", Kind.RATIO),
            ("wait_saved_s", "Wait time saved", "Wait time saved", " (h)", Kind.HOURS),
            ("retained_cost_usd", "Idle cost", "Idle cost", " (USD)", Kind.USD),
        )
        for mark in ("advised", "best", "current")
    ),
)  # fmt: skip
