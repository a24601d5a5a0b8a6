"""Every question that can be asked: on a page, with `stoker ask`, and in the documentation."""

from collections.abc import Mapping

import pandas as pd

from analytics.keep_alive.answers import keep_alive_advice, keep_alive_curve, pool_savings
from analytics.keep_alive.groups import GROUPS as KEEP_ALIVE_GROUPS
from analytics.keep_alive.groups import keep_alive_groups
from analytics.pools.pool_queries import (
    HIT_RATE_GROUPS,
    eligibility,
    findings,
    pools,
    warm_pool_hit_rate,
    warm_pool_misses,
)
from analytics.query import (
    CREATED_DATE,
    JOB_COLUMNS,
    Filters,
    Parameter,
    Question,
    answer_with,
    number,
)
from analytics.startup.latency import GROUPS, startup_latency, startup_matched, startup_phases
from analytics.timeline.answers import (
    job_phases,
    pool_hours,
    pool_timeline,
    pool_timeline_bins,
    pool_timeline_totals,
)
from data.store.store import Store

COST_GROUPS = {
    "day": CREATED_DATE,
    "user_name": "user_name",
    "share_name": "share_name",
    "instance_type": "instance_type",
    "region": "region",
    "account_id": "account_id",
    "pool_key": "pool_key",
    "all": "'all'",
}


def jobs(store: Store, filters: Filters, parameters: Mapping[str, str]) -> pd.DataFrame:
    """Return the filtered jobs, oldest or newest first, all or the first so many."""
    limit = int(number(parameters, "limit"))
    return answer_with(
        store,
        "jobs/jobs",
        filters,
        words={
            "columns": ", ".join(JOB_COLUMNS),
            "direction": {"oldest": "asc", "newest": "desc"}[parameters["first"]],
            "limit": f"limit {limit:d}" if limit else "",
        },
    )


def filter_values(store: Store, filters: Filters, parameters: Mapping[str, str]) -> pd.DataFrame:
    """Return the values that jobs can be filtered by, those of most jobs first."""
    return answer_with(store, "records/filter_values", filters)


def costs(store: Store, filters: Filters, parameters: Mapping[str, str]) -> pd.DataFrame:
    """Return list costs by group."""
    by = parameters["by"]
    return answer_with(
        store,
        "costs/costs",
        filters,
        words={
            "group_value": COST_GROUPS[by],
            "order_by": "group_value" if by == "day" else "total_usd desc nulls last, group_value",
        },
        attribute_to=parameters["attribute_to"],
    )


def _whole(path: str) -> "Question.answer":  # type: ignore[valid-type]
    """Answer with a file that takes no filters."""

    def answer(store: Store, filters: Filters, parameters: Mapping[str, str]) -> pd.DataFrame:
        return answer_with(store, f"records/{path}", Filters())

    return answer


_BY = "group by"
_TIMELINE = {
    "pool_key": Parameter("", "the pool's key; default: the pool of most eligible jobs"),
    "period_s": Parameter("", "a keep-alive period, whole seconds; empty: as it was"),
}

_LIST = [
    Question(
        "jobs",
        "one training job",
        jobs,
        JOB_COLUMNS,
        {
            "first": Parameter("oldest", "which jobs come first", ("oldest", "newest")),
            "limit": Parameter("0", "how many jobs at the most; 0: all"),
        },
    ),
    Question(
        "costs",
        "one group",
        costs,
        {
            "group_value": "value of the group",
            "job_count": "jobs",
            "run_usd": "list cost of the billable time without billed startup, USD",
            "billed_startup_usd": "list cost of billed startup, USD",
            "retained_usd": "list cost of warm clusters that waited, USD",
            "failed_usd": "the part of the total spent on failed and stopped jobs, USD",
            "total_usd": "run + billed startup + retained, USD",
            "estimated_usd": "the part of the total that rests on estimated prices, USD",
            "unknown_price_job_count": "jobs without a known price: not in the sums",
            "billed_by_tokens_job_count": "serverless jobs, billed by tokens: not in the sums",
            "unknown_billable_job_count": "jobs whose billable time is unknown: not in the sums",
            "unknown_retained_job_count": "jobs whose retained time is unknown: not in the sums",
            "unknown_startup_job_count": "jobs whose billed startup is unknown: within run_usd",
        },
        {
            "by": Parameter("day", _BY, tuple(COST_GROUPS)),
            "attribute_to": Parameter(
                "donor",
                "who bears the cost of a retained cluster",
                ("donor", "reuser", "half", "key_users"),
            ),
        },
    ),
    Question(
        "warm_pool_hit_rate",
        "one group",
        warm_pool_hit_rate,
        {
            "group_value": "value of the group",
            "job_count": "jobs",
            "eligible_count": "jobs that could have used a warm pool",
            "hit_count": "jobs that did",
            "confirmed_hit_count": "hits that AWS names in ReusedByJob",
            "inferred_hit_count": "hits told by the times alone",
            "hit_rate_ratio": "hits of eligible jobs, 0 to 1",
            "hit_rate_given_predecessor_ratio": "hits of eligible jobs with an earlier job of"
            " their key, 0 to 1",
            "with_predecessor_count": "eligible jobs with an earlier job of their key",
        },
        {"by": Parameter("all", _BY, tuple(HIT_RATE_GROUPS))},
    ),
    Question(
        "warm_pool_misses",
        "one miss reason",
        warm_pool_misses,
        {
            "miss_reason": "why the jobs missed",
            "job_count": "misses",
            "wait_lost_s": "waiting that hits would have saved, s",
            "example_job_name": "the newest such job",
            "missed_by_p50_s": "median of by how much they missed, s",
            "explanation": "what the reason means",
            "next_action": "what to do about it",
        },
    ),
    Question(
        "startup_latency",
        "input mode x start kind",
        startup_latency,
        {
            "input_mode": "input mode",
            "start_kind": "cold or warm",
            "job_count": "jobs with a known latency",
            "startup_latency_p50_s": "median, s; withheld below 10 jobs",
            "startup_latency_p90_s": "P90, s; withheld below 10 jobs",
            "startup_latency_p99_s": "P99, s; withheld below 10 jobs",
            "startup_latency_p90_low_s": "lower end of P90's 90 % interval, s",
            "startup_latency_p90_high_s": "upper end of P90's 90 % interval, s",
            "image_pull_hidden_job_count": "jobs whose latency is understated (before 2024)",
        },
        {"by": Parameter("all", "one more column to group by", tuple(GROUPS))},
    ),
    Question(
        "startup_phases",
        "input mode x start kind x phase",
        startup_phases,
        {
            "input_mode": "input mode",
            "start_kind": "cold or warm",
            "phase": "provisioning or download",
            "job_count": "jobs with a known duration",
            "p50_s": "median, s; withheld below 10 jobs",
            "p90_s": "P90, s; withheld below 10 jobs",
            "p99_s": "P99, s; withheld below 10 jobs",
            "billed": "whether AWS bills the phase",
        },
    ),
    Question(
        "startup_matched",
        "input mode",
        startup_matched,
        {
            "input_mode": "input mode",
            "group_count": "groups of one key, image and input mode",
            "cold_job_count": "cold starts in them",
            "warm_job_count": "warm starts in them",
            "saved_s": "median cold minus median warm startup, s",
            "saved_low_s": "lower end of the 90 % interval, s",
            "saved_high_s": "upper end of the 90 % interval, s",
        },
    ),
    Question(
        "keep_alive_curve",
        "pool key x period",
        keep_alive_curve,
        {
            "pool_key": "pool key, or all",
            "keep_alive_period_s": "keep-alive period, s",
            "job_count": "requests",
            "hit_count": "requests that would have hit",
            "miss_count": "requests that would have missed",
            "hit_rate_ratio": "hits of requests, 0 to 1",
            "retained_s": "time that clusters would have been retained, cluster-s",
            "retained_cost_usd": "its list cost, USD; empty without any price",
            "wait_saved_s": "waiting that the hits would have saved, s",
            "net_cost_usd": "retained cost minus billed startup saved, USD",
            "peak_idle_instances": "most instances idle at once (newest-first reuse)",
            "long_chain_count": "clusters handed on for more than 28 days, which AWS ends",
            "reuse": "which free cluster a request takes: newest or oldest",
        },
        {
            "at": Parameter("", "comma list of seconds; default: where each curve changes"),
            "reuse": Parameter(
                "newest", "which free cluster a request takes", ("newest", "oldest", "both")
            ),
            "pool_key": Parameter("", "one pool key, or all for the sum over pools"),
            "tail": Parameter(
                "full",
                "a cluster never taken is kept for the full period, or as far as the data goes",
                ("full", "observed"),
            ),
        },
    ),
    Question(
        "pool_timeline",
        "one segment of a cluster's life",
        pool_timeline,
        {
            "cluster_number": "number of the cluster in this answer, as they begin",
            "lane": "row in which it can be drawn: no lane holds two clusters at once",
            "job_name": "job that ran, or whose end began the idle time",
            "segment": "startup (request to first training), run, or idle",
            "start_at": "start of the segment, UTC",
            "end_at": "its end, UTC; empty: not recorded",
            "duration_s": "end minus start, s; empty: not recorded",
            "ended_by": "what ended an idle time: taken, expired, ended_early, open or unknown",
            "is_hit": "whether the job took over a warm cluster",
            "start_kind": "warm for a hit, else cold",
            "miss_reason": "why the job did not take over a cluster",
            "missed_by_s": "seconds too early, expired or ended early",
            "donor_job_name": "job whose cluster a hit took over",
            "missed_donor_job_name": "job whose cluster a miss could not use",
            "is_start_known": "whether it is recorded when the job got its instances",
            "is_counted": "whether the job passes the filters",
        },
        _TIMELINE
        | {
            "context": Parameter(
                "no", "whether other jobs of the pool at the same time come too", ("no", "yes")
            )
        },
    ),
    Question(
        "pool_timeline_bins",
        "one step of time",
        pool_timeline_bins,
        {
            "bin_at": "start of the step, UTC; steps without anything are left out",
            "step_s": "length of the step, s",
            "startup_s": "clusters starting up, cluster-s within the step",
            "run_s": "clusters running a job, cluster-s within the step",
            "idle_s": "clusters idle, cluster-s within the step",
            "job_count": "jobs that took a cluster in it",
            "hit_count": "jobs that took over a warm one",
            "cold_start_count": "jobs that started cold",
            "expiry_count": "idle clusters that expired or were ended in it",
        },
        _TIMELINE | {"step_s": Parameter("0", "length of a step, s; 0: at most 200 steps")},
    ),
    Question(
        "pool_timeline_totals",
        "one pool",
        pool_timeline_totals,
        {
            "job_count": "jobs that could use the pool",
            "hit_count": "jobs that took over a warm cluster",
            "cold_start_count": "jobs that started cold",
            "hit_rate_ratio": "hits of these jobs, 0 to 1",
            "retained_s": "time that clusters were retained, cluster-s",
            "retained_cost_usd": "its list cost, USD; empty without any price",
            "unknown_retained_job_count": "jobs whose retained time is unknown: not in the sums",
            "expiry_count": "idle clusters that expired or were ended",
            "wait_saved_s": "waiting that the hits saved, s",
            "no_end_job_count": "jobs whose end is not recorded",
            "no_start_job_count": "jobs of which it is not recorded when they got instances",
        },
        _TIMELINE,
    ),
    Question(
        "pool_hours",
        "hour with jobs",
        pool_hours,
        {
            "bin_at": "the hour's beginning, UTC",
            "job_count": "eligible jobs that asked for a cluster in it",
        },
        {"pool_key": Parameter("", "one pool; default: all together")},
    ),
    Question(
        "job_phases",
        "one phase of a job",
        job_phases,
        {
            "job_name": "TrainingJobName",
            "phase": "secondary status as AWS reports it; else from the job's times",
            "start_at": "start, UTC",
            "end_at": "end, UTC; empty: not recorded",
            "duration_s": "end minus start, s",
            "billed": "whether it lies between TrainingStartTime and TrainingEndTime",
        },
    ),
    Question(
        "keep_alive_advice",
        "one pool",
        keep_alive_advice,
        {
            "pool_key": "pool key, or all",
            "job_count": "eligible jobs",
            "job_span_days": "days from the first of them to the last",
            "current_s": "keep-alive period of the newest eligible job, s; empty is unknown",
            "is_mixed": "whether its eligible jobs have several keep-alive periods",
            "advised_s": "period to set, s; empty where there is no advice",
            "verdict": "raise, lower, keep, start, stop, not_enough_data or no_price",
            "net_gain_usd_per_month": "what the change gains in 730 h: idle time and billed startup"
            " at list prices, waiting at its value, USD",
            "net_gain_low_usd_per_month": "lower end of its 90 % interval, USD",
            "net_gain_high_usd_per_month": "upper end of its 90 % interval, USD",
            "wait_saved_h_per_month": "waiting that the change saves in 730 h, h",
            "backtest_regret_ratio": "extra cost on the last 30 % of days of the period chosen on"
            " the first 70 %, of the best's; 0 is none",
            "worst_case_ratio": "most that the period can cost against hindsight; empty: unbounded",
            "peak_idle_instances": "most instances idle at once: the warm-pool quota it needs",
            "pays_from_usd_per_h": "least value of waiting at which a keep-alive pays, USD/h",
            "implied_value_usd_per_h": "value of waiting that a P90 target amounts to, USD/h",
            "startup_latency_p90_today_s": "P90 startup under today's period, with a target, s",
            "startup_latency_p90_s": "P90 startup under the best period, with a target, s",
            "is_rough": "whether fewer than 14 days are known",
            "instance_type": "instance type",
            "instance_count": "instances of a cluster",
            "because": "why",
            "setting": "what to set, as a part of CreateTrainingJob's request",
            "region": "region",
            "volume_size_gib": "volume, GiB an instance",
            "newest_job_name": "newest eligible job",
        },
        {
            "value_of_waiting_usd_per_h": Parameter(
                "", "what an hour of waiting is worth, USD; default: the setting, else 0"
            ),
            "limit_s": Parameter("", "longest period allowed, s; default: the setting, else 3600"),
            "p90_target_s": Parameter("", "P90 startup latency to reach, s; default: none"),
            "minimum_gain_usd_per_month": Parameter("1", "least gain that is worth a change, USD"),
            "pool_key": Parameter("", "one pool, or 'all' for one period for all pools"),
        },
    ),
    Question(
        "keep_alive_groups",
        "group x period",
        keep_alive_groups,
        {
            "group_value": "user, weekday (UTC), hour of day (UTC) or instance type",
            "keep_alive_period_s": "keep-alive period, s",
            "job_count": "eligible jobs of the group",
            "hit_count": "jobs that would hit",
            "hit_rate_ratio": "hits of the group's jobs, 0 to 1",
            "wait_saved_s": "waiting that its hits would save, s",
            "retained_s": "time that clusters which its jobs leave would idle, cluster-s",
            "retained_cost_usd": "the same at list price, USD",
            "net_cost_usd": "retained cost minus billed startup saved, USD",
        },
        {
            "by": Parameter("user_name", "group by", tuple(KEEP_ALIVE_GROUPS)),
            "at": Parameter("0,600,3600", "comma list of periods, s"),
            "pool_key": Parameter("", "one pool; default: all together"),
        },
    ),
    Question(
        "saved_sources",
        "source of the estimate",
        pool_savings,
        {
            "saved_source": "own jobs of the pool, its instance family, or AWS's published table",
            "pool_count": "pools",
            "job_count": "eligible jobs",
            "wait_saved_mean_s": "waiting that a hit saves, mean over jobs, s",
            "billed_saved_mean_s": "billed startup that a hit saves, mean over jobs, s",
        },
    ),
    Question(
        "pools",
        "one pool",
        pools,
        {
            "pool_key": "pool key",
            "pool_label": "usual job name and cluster",
            "account_id": "account",
            "region": "region",
            "instance_type": "instance type",
            "instance_count": "instances of a cluster",
            "role_name": "role",
            "volume_size_gib": "volume, GiB an instance",
            "job_count": "jobs",
            "eligible_count": "jobs that could have used the pool",
            "hit_count": "jobs that did",
            "hit_rate_ratio": "hits of eligible jobs, 0 to 1",
            "current_s": "keep-alive period of the newest eligible job, s",
            "is_mixed": "whether its eligible jobs have several keep-alive periods",
            "list_cost_usd": "list cost of its jobs, USD",
            "retained_cost_usd": "list cost of its idle clusters, USD",
            "retained_s": "time its clusters were retained, cluster-s",
            "wait_lost_s": "waiting that hits would have saved its misses, s",
            "wait_saved_per_hit_s": "waiting that one hit saves, s",
            "billed_saved_per_hit_s": "billed startup that one hit saves, s",
            "saved_source": "where the two come from: own, family or published",
        },
    ),
    Question(
        "eligibility",
        "one eligibility",
        eligibility,
        {
            "eligibility": "eligible, or why not",
            "job_count": "jobs",
            "list_cost_usd": "their list cost, USD",
            "example_job_name": "the newest such job",
            "explanation": "what it means",
        },
    ),
    Question(
        "findings",
        "one finding",
        findings,
        {
            "finding": "what stands out",
            "job_count": "jobs",
            "example_job_name": "the newest such job",
            "explanation": "what it means",
            "next_action": "what to do about it",
        },
    ),
    Question(
        "filter_values",
        "value of a column to filter by",
        filter_values,
        {
            "column_name": "account_id, region, user_name or instance_type",
            "group_value": "value",
            "job_count": "jobs",
        },
    ),
    Question(
        "prices",
        "instance type x region x day",
        _whole("prices"),
        {
            "instance_type": "instance type",
            "region": "region",
            "component": "training, estimate, or another SageMaker component",
            "list_unit_price_usd_per_h": "on-demand list price, USD an instance-hour",
            "effective_from": "first day of the price",
            "as_of_date": "day the source was read",
            "source": "where the figure comes from",
            "is_users": "whether a user added it",
        },
    ),
    Question(
        "instance_types",
        "one instance type",
        _whole("instance_types"),
        {
            "instance_type": "instance type",
            "vcpu_count": "vCPUs",
            "memory_mib": "memory, MiB",
            "accelerator_name": "accelerator",
            "instance_accelerator_count": "accelerators",
            "source": "where the figures come from",
            "as_of_date": "day the source was read",
        },
    ),
    Question(
        "coverage",
        "one kind of record",
        _whole("coverage"),
        {
            "source": "kind of record",
            "job_count": "jobs",
            "first_created_at": "first job creation, UTC",
            "last_created_at": "last job creation, UTC",
            "day_count": "days with jobs",
            "empty_day_count": "days without any in between",
            "longest_gap_days": "longest stretch without any, days",
            "with_transitions_ratio": "jobs with status transitions, 0 to 1",
            "with_resources_ratio": "jobs whose resources are known, 0 to 1",
        },
    ),
    Question(
        "imports",
        "one file taken in",
        _whole("imports"),
        {
            "import_id": "number of the run",
            "file_name": "file as it was given",
            "kind": "jobs or prices",
            "file_format": "how it was read",
            "row_count": "records",
            "accepted_count": "records that were new or changed something",
            "unchanged_count": "records that were known already",
            "rejected_count": "records that could not be used",
            "fetched_at": "when it was taken in, UTC",
            "first_record_at": "first job creation in it, UTC",
            "last_record_at": "last job creation in it, UTC",
        },
    ),
    Question(
        "rejected_rows",
        "one rejected record",
        _whole("rejected_rows"),
        {
            "file_name": "file as it was given",
            "row_number": "record number in the file, from 1",
            "reason": "what is wrong",
            "next_action": "what to do about it",
            "raw": "the record as landed",
        },
    ),
    Question(
        "columns",
        "one column of a table",
        _whole("columns"),
        {
            "table_name": "table",
            "column_name": "column",
            "data_type": "DuckDB type",
            "comment": "what it holds, with its unit",
        },
    ),
]

QUESTIONS: dict[str, Question] = {question.name: question for question in _LIST}
