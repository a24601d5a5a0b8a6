"""The metrics that pages and questions show, a line each; docs/metrics/<id>.md has the rest."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Metric:
    """What a metric says, and its unit."""

    meaning: str
    unit: str


METRICS: dict[str, Metric] = {
    "pool_key": Metric("The fields that must be equal for a job to take over a cluster.", "none"),
    "eligibility": Metric("Whether a job could have used a warm pool, and why not.", "none"),
    "evidence": Metric("What a hit rests on: AWS's own link, or the times alone.", "none"),
    "miss_reason": Metric("Why an eligible job did not take over a warm cluster.", "none"),
    "hit_rate_ratio": Metric("Hits of eligible jobs.", "ratio, 0 to 1"),
    "hit_rate_given_predecessor_ratio": Metric(
        "Hits of eligible jobs that had an earlier job of their pool.", "ratio, 0 to 1"
    ),
    "gap_s": Metric("From the end of one job to the request of the next of its pool.", "seconds"),
    "startup_latency_s": Metric(
        "From the creation of a job to its first Training status.", "seconds"
    ),
    "provisioning_s": Metric("The part of startup in which AWS readies instances.", "seconds"),
    "download_s": Metric("The part of startup that fetches data and image; billed.", "seconds"),
    "saved_s": Metric("How much sooner warm starts train, like compared with like.", "seconds"),
    "billable_s": Metric("Wall clock time of a job that AWS bills.", "seconds"),
    "retained_s": Metric("How long a cluster was kept after its job.", "seconds of one cluster"),
    "list_cost_usd": Metric("Billable time at on-demand list prices.", "USD"),
    "run_usd": Metric("List cost of the billable time without billed startup.", "USD"),
    "billed_startup_usd": Metric("List cost of the data and image download.", "USD"),
    "retained_cost_usd": Metric("Retained time at on-demand list prices.", "USD"),
    "total_usd": Metric("Run, billed startup and retained clusters at list prices.", "USD"),
    "failed_usd": Metric("The part of the total spent on failed and stopped jobs.", "USD"),
    "estimated_usd": Metric("The part of the total that rests on estimated prices.", "USD"),
    "wait_saved_s": Metric("Waiting that hits save.", "seconds"),
    "billed_saved_s": Metric("Billed startup that one hit saves.", "seconds of one cluster"),
    "wait_lost_s": Metric("Waiting that misses would have saved, had they been hits.", "seconds"),
    "keep_alive_curve": Metric(
        "What every keep-alive period would have given and cost.", "clusters, seconds, USD"
    ),
    "best_keep_alive_period_s": Metric(
        "The period that would have cost least, given what waiting is worth.", "seconds"
    ),
    "keep_alive_advice": Metric("Which keep-alive period to set, and why.", "seconds"),
    "net_gain_usd_per_month": Metric(
        "What the advised period would have gained over today's.", "USD a month"
    ),
    "backtest_regret_ratio": Metric(
        "Extra cost later of a period chosen earlier, of the best's.", "ratio"
    ),
    "worst_case_ratio": Metric("Most that a period can cost against hindsight.", "ratio"),
    "implied_value_usd_per_h": Metric(
        "What waiting must be worth for a period to be best.", "USD an hour"
    ),
    "net_cost_usd": Metric("Retained cost minus the billed startup that hits save.", "USD"),
    "peak_idle_instances": Metric("Most instances idle at once under a period.", "instances"),
    "long_chain_count": Metric("Clusters handed on for more than 28 days.", "clusters"),
    "findings": Metric("What stands out in the records and wants a decision.", "jobs"),
    "coverage": Metric("Which days and which facts the records cover.", "days; ratio, 0 to 1"),
}
