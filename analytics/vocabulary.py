"""Every code value once: its label on screen, what it means, and what to do about it.

A code value is what a column of kind CODE holds, such as `not_kept` in `miss_reason`.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """One value of a column: as it is stored, as people read it, and what it says."""

    value: str
    label: str
    meaning: str = ""
    next_action: str = ""


Codes = Mapping[str, Code]


def _codes(*codes: Code) -> Codes:
    return {code.value: code for code in codes}


INPUT_MODES = _codes(
    Code("File", "File"),
    Code("FastFile", "Fast File"),
    Code("Pipe", "Pipe"),
    Code("FSxLustre", "FSx for Lustre"),
    Code("EFS", "EFS"),
    Code("mixed", "Mixed channels"),
    Code("none", "No input data"),
)

START_KINDS = _codes(Code("cold", "Cold start"), Code("warm", "Warm start"))

LEVERS = _codes(
    Code("input_mode", "Input mode", "How a job reads its data from S3."),
    Code("file_system", "File system", "Data on FSx for Lustre or EFS instead of S3."),
    Code("image", "Image", "Which container image the job pulls."),
    Code("image_changes", "Image changes", "A warm cluster has the image of its last job."),
    Code("runtime_install", "Runtime installs", "What a job does before its first metric."),
    Code("profiler", "Profiler", "Whether the profiler watches the job."),
    Code("keep_alive", "Keep-alive", "How long clusters stay warm."),
    Code("merge_pools", "Merged pools", "Pools whose keys nearly agree share their clusters."),
)

CHOICES = {
    **INPUT_MODES,
    **_codes(
        Code("same_image", "the same image as before"),
        Code("other_image", "another image than before"),
        Code("rarely_used", "images of few jobs"),
        Code("profiled", "profiler on"),
        Code("not_profiled", "profiler off"),
    ),
}

PHASES = _codes(
    Code("provisioning", "Provisioning (not billed)"),
    Code("download", "Download (billed)"),
)

SEGMENTS = _codes(Code("startup", "Starting"), Code("run", "Running"), Code("idle", "Idle"))

IDLE_ENDS = _codes(
    Code("reused", "Reused"),
    Code("expired", "Expired"),
    Code("ended_early", "Ended early"),
    Code("open", "Still idle"),
    Code("unknown", "Not recorded"),
)

OUTCOMES = _codes(Code("hit", "Hit"), Code("miss", "Miss"))

EVIDENCE = _codes(
    Code("confirmed", "Confirmed", "AWS names the job in ReusedByJob."),
    Code("inferred", "Inferred", "Inferred from timestamps."),
)

MISS_REASONS = _codes(
    Code(
        "first_of_key",
        "First job of its key",
        "The first job with this pool key: no cluster could have been waiting for it.",
        "Nothing to do, unless this affects many jobs; then align their pool-key fields.",
    ),
    Code(
        "all_busy",
        "All clusters busy",
        "Every cluster of the pool was still running another job.",
        "Start fewer jobs of the pool at once, or accept a cold start for the rest.",
    ),
    Code(
        "too_early",
        "Requested too early",
        "The job was requested shortly before a cluster of its pool became free.",
        "Start the next job only after the one before has ended.",
    ),
    Code(
        "not_kept",
        "No keep-alive set",
        "The newest free cluster came from a job without a keep-alive period.",
        "Set KeepAlivePeriodInSeconds on every job of the pool.",
    ),
    Code(
        "not_provisioned",
        "AWS did not keep it",
        "A keep-alive period was requested, but AWS did not retain the cluster.",
        "Raise the quota '<instance type> for training warm pool usage'.",
    ),
    Code(
        "expired",
        "Keep-alive expired",
        "The keep-alive period ran out before the job was requested.",
        "Compare longer periods on the Keep-alive page.",
    ),
    Code(
        "ended_early",
        "Ended early",
        "The cluster was gone before its keep-alive period ran out.",
        "See who sets KeepAlivePeriodInSeconds to 0; AWS also ends pools for patches.",
    ),
    Code(
        "unknown",
        "Unknown reason",
        "The records do not say why: the cluster seemed free, or its keep-alive is not recorded.",
        "Import the full `describe-training-job` responses of the pool's jobs.",
    ),
    Code(
        "key_changed",
        "Pool key changed",
        "A warm cluster was free, but one or two fields of the pool key differed.",
        "Give the jobs the same value in those fields.",
    ),
)

ELIGIBILITIES = _codes(
    Code("eligible", "Eligible", "Could have reused a warm cluster."),
    Code("spot", "Managed spot", "Managed spot training cannot use warm pools."),
    Code(
        "heterogeneous",
        "Heterogeneous cluster",
        "Heterogeneous clusters cannot use warm pools.",
    ),
    Code(
        "tuning",
        "Tuning job",
        "Tuning jobs reuse clusters on their own; a keep-alive period does not apply to them.",
    ),
    Code("serverless", "Serverless", "Serverless jobs have no instances of their own."),
    Code(
        "training_plan",
        "Training plan",
        "Assumed not to use warm pools: AWS states no rule for training plans.",
    ),
    Code(
        "not_started",
        "Never started",
        "Never got instances: it neither reused a cluster nor left one.",
    ),
    Code("unknown", "Resources unknown", "The record does not show the job's resources."),
)

FINDINGS = _codes(
    Code(
        "pool_refused_by_quota",
        "Warm pool refused: quota used up",
        "AWS did not retain the cluster: the warm pool quota was used up.",
        "Raise '<instance type> for training warm pool usage' in Service Quotas.",
    ),
    Code(
        "retained_longer_than_asked",
        "Retained longer than requested",
        "Clusters were retained for longer than their keep-alive period.",
        "The period may have been changed with UpdateTrainingJob; import the jobs again.",
    ),
    Code(
        "image_pull_hidden",
        "Latency understated before 2024",
        "Jobs from before 2024 pulled their image inside Training: their latency is understated.",
        "Choose a time range with newer jobs only.",
    ),
    Code(
        "unknown_price",
        "Price unknown",
        "No price is known for the instance type: these jobs are left out of all costs.",
        "Import a price file with instance_type, region, list_unit_price_usd_per_h and"
        " effective_from on the Data page.",
    ),
    Code(
        "billed_by_tokens",
        "Billed by tokens",
        "Serverless jobs are billed by tokens, not by instances: no cost here includes them.",
        "See their cost in your bill.",
    ),
    Code(
        "unknown_user",
        "User unknown",
        "The record does not say who ran the job.",
        "Tag jobs with `user`, `owner` or `team`, or name the tags in settings.toml (user_tags).",
    ),
    Code(
        "pool_key_of_export",
        "Pool key from an export",
        "The export shows no role and no pool key: its jobs are told apart by instance type, count"
        " and what else there is, so two pools may look like one.",
        "Export `pool_key` or `role_arn` too, or join columns to a pool_key in a mapping.",
    ),
    Code(
        "time_unclear",
        "Time in a repeated hour",
        "A time without an offset lies in the hour that comes twice in autumn, and both readings"
        " fit: the later one counts.",
        "Export times in UTC or with an offset, and import them again.",
    ),
)

REUSE_ORDERS = _codes(Code("newest", "Newest first"), Code("oldest", "Oldest first"))

VERDICTS = _codes(
    Code("raise", "Raise"),
    Code("lower", "Lower"),
    Code("keep", "Keep"),
    Code("start", "Start"),
    Code("stop", "Stop"),
    Code("unclear", "Unclear", "It may gain or lose: the days differ too much to tell."),
    Code("not_enough_data", "Not enough data"),
    Code("no_price", "Price unknown"),
    Code("scale_up", "Use larger hosts"),
    Code("heterogeneous", "Add CPU hosts"),
    Code("measure_first", "Measure first"),
    Code("adopt", "Adopt", "Better on the earlier part of the history and on the later."),
    Code("not_confirmed", "Not confirmed", "The later part of the history does not confirm it."),
    Code("change", "Change", "It gains surely, among all that was compared."),
    Code(
        "compare_cost",
        "Compare the cost",
        "It gains before the cost of the file system, which the records do not hold.",
    ),
    Code("not_tried", "Not tried", "No job ran otherwise, so nothing can be compared."),
    Code("paid", "Paid", "It brought more than it cost, surely."),
    Code("cost_more", "Cost more", "It cost more than it brought, surely."),
    Code("not_measured", "Not measured", "What it changed is not compared before and after."),
    Code("not_explained", "Not explained", "The replay of today's settings misses what happened."),
    Code("merge", "Merge", "One pool surely gains more than each alone at its best period."),
    Code("shared", "Shared already", "The users share the pool today; the gain is what they keep."),
    Code("ask_for_more", "Ask for more", "The quota is lower than what is needed."),
    Code("enough", "Enough", "The quota covers what is needed."),
    Code("not_read", "Quota not read", "What is needed is known, the quota is not."),
)

SHARE_POLICIES = _codes(
    Code("fifo", "FIFO", "One line, in the order of requests."),
    Code("sjf", "Shortest job first", "One line, the shortest run time first: for reference."),
    Code("fair_share", "Fair share", "The share that used least goes next; nothing is preempted."),
    Code("quota", "Quota shares", "Each share has a quota, which it may lend, and may borrow."),
)

POLICIES = _codes(
    Code("advised", "Advised", "The best period of the earlier days."),
    Code("hindsight", "Hindsight", "The best period of the later days: nobody knew it."),
    Code("today", "Today", "Each job's own period."),
    Code("break_even", "Break-even", "Kept until idling has cost as much as a hit saves."),
    Code("none", "None", "No cluster is kept."),
    Code("hybrid_histogram", "Hybrid histogram", "The 99th percentile of earlier idle times."),
    Code("conditional", "By time of submission", "A period for each six hours, weekend or not."),
)

POLICY_SOURCES = _codes(
    Code("scheduling_policy", "Scheduling policy"),
    Code("quota_shares", "Quota shares"),
    Code("share_capacities", "Capacity file", "Each share's own capacity; assumed not to lend."),
    Code("share_identifiers", "Jobs' share identifiers", "All weights are assumed to be 1."),
    Code("assumed", "Assumed", "Nothing says the policy: first in, first out is assumed."),
)

CAPACITY_SOURCES = _codes(
    Code("capacity_file", "Capacity file"),
    Code("environments", "Service environments"),
    Code("quota_shares", "Quota shares", "The sum of the quotas."),
    Code("share_capacities", "Capacity file", "The sum of the shares' capacities."),
    Code("jobs", "Job export"),
)

ASSUMPTIONS = _codes(
    Code(
        "capacity_known",
        "The capacity is known",
        "Nothing imported says how much capacity the queue has, so nothing can be replayed.",
        "Import service environments or a capacity file, or type the capacity into the form.",
    ),
    Code(
        "times_known",
        "Sizes and run times are known",
        "Jobs without a start, an end or a size are left out, though they may have held capacity.",
        "Import the finished jobs again, with times and instance counts.",
    ),
    Code(
        "capacity_respected",
        "No more runs than there is capacity",
        "Jobs started while more was running than the recorded capacity allows.",
        "Correct the capacity over time: it was higher than recorded then.",
    ),
    Code(
        "priority_respected",
        "Higher priority goes first within a share",
        "Jobs started while one of higher priority in their share waited that would have fitted.",
        "Check whether priorities were changed after submission; only the last is recorded.",
    ),
    Code(
        "order_kept",
        "Earlier requests go first",
        "Jobs started while an earlier one of their line waited that would have fitted.",
        "Check whether several queues share the capacity, or jobs needed other instance types.",
    ),
    Code(
        "no_backfill",
        "Nobody starts while the head of the line waits",
        "Smaller jobs started while a larger one ahead of them waited for room: backfill.",
        'Compare with FIFO and EASY backfill in a scenario file: backfill = "easy".',
    ),
    Code(
        "starts_at_once",
        "Jobs start as soon as there is room",
        "Jobs waited for over a minute though the recorded capacity had room for them.",
        "Correct the capacity over time: less was available, or jobs waited for something else.",
    ),
    Code(
        "no_preemption",
        "Nothing is preempted",
        "Attempts were preempted, which these settings never do: quota shares were in force.",
        "Import the quota shares of the queue.",
    ),
)

SHARE_OUTCOMES = _codes(
    Code("gains", "Gains"), Code("loses", "Loses"), Code("unchanged", "Unchanged")
)

SAVING_SOURCES = _codes(
    Code("own", "the pool's own jobs"),
    Code("family", "jobs of the same instance family and input mode"),
    Code("published", "the table that AWS published"),
)

DIAGNOSES = _codes(
    Code(
        "cpu_bound",
        "CPU-bound",
        "The accelerators wait for the CPUs.",
        "Compare larger hosts and added CPU hosts, or move preprocessing to the accelerators.",
    ),
    Code(
        "accelerator_bound",
        "Accelerator-bound",
        "The accelerators are the limit, and the CPUs have room.",
        "More CPU would not help; a host with fewer vCPUs may be enough.",
    ),
    Code(
        "balanced",
        "Balanced",
        "CPUs and accelerators are both busy.",
        "A larger host of both is faster, not cheaper.",
    ),
    Code(
        "input_bound",
        "Input-bound",
        "Neither is busy: the step waits for data, the network, or itself.",
        "Look at input mode and storage first, then at the training loop.",
    ),
    Code(
        "unclear",
        "Unclear",
        "The figures do not show what limits the step.",
        "Measure CPUUtilization and GPUUtilization over the whole run.",
    ),
)

COMPARISONS = _codes(
    Code("baseline", "Baseline", "The others are compared with this configuration."),
    Code("cheaper", "Cheaper", "The whole interval of the cost reduction lies above 0."),
    Code("dearer", "More expensive", "The whole interval of the cost reduction lies below 0."),
    Code(
        "within_noise",
        "Within the noise",
        "The interval of the cost reduction contains 0: neither is shown to be cheaper.",
        "Measure more runs of both.",
    ),
    Code(
        "no_interval",
        "No interval",
        "One of the two was measured only once, so the noise is unknown.",
        "Import the samples of both, or more runs.",
    ),
    Code(
        "unknown_cost",
        "Cost unknown",
        "One of the two has no known price, so they cannot be compared by cost.",
        "Import a price file that has its instance types, or say how you pay for them.",
    ),
)

PRICE_VIEWS = _codes(
    Code("on_demand", "On demand", "The list price of each second."),
    Code(
        "savings_plan",
        "Savings Plans",
        "The rate of a commitment to a spend an hour, whatever runs.",
        "Set your discount, or import rates with component savings_plan.",
    ),
    Code(
        "spot",
        "Managed spot",
        "The list price of fewer seconds: AWS bills less than the training took.",
        "Set the saving, or import jobs with EnableManagedSpotTraining.",
    ),
    Code(
        "training_plan",
        "Training plan",
        "An upfront fee, spread over the hours that it reserves; an hour more costs nothing.",
        "Set the fee and hours of your plan, or import rates with component training_plan.",
    ),
)

RECORD_KINDS = _codes(
    Code("describe", "Describe responses"),
    Code("search", "Search results"),
    Code("summary", "List summaries"),
    Code("event", "Events"),
    Code("export", "Job exports"),
    # of records that are not of training jobs, the kind stands for what they are
    Code("service_jobs", "AWS Batch service jobs"),
    Code("metrics", "Metric samples"),
    Code("job_queues", "Job queues"),
    Code("service_environments", "Service environments"),
    Code("scheduling_policies", "Scheduling policies"),
    Code("quota_shares", "Quota shares"),
    Code("queue_snapshots", "Queue snapshots"),
    Code("service_quotas", "Service quotas"),
    Code("training_plans", "Training plans"),
    Code("capacity", "Capacity"),
    Code("benchmark_runs", "Benchmark runs"),
    Code("bill", "Lines of bills"),
    Code("advice_decisions", "Decisions on advice"),
)

SHARE_KINDS = _codes(
    Code("fair_share", "Fair share", "A share identifier: weights decide, nothing is preempted."),
    Code("quota", "Quota share", "A quota share: it may lend, borrow and preempt."),
)

QUOTA_KINDS = _codes(
    Code("training_warm_pool", "Warm pools", "Instances that may be kept warm at one time."),
    Code(
        "training_job",
        "Training jobs",
        "Instances that may train at one time; those that are kept warm count as well.",
    ),
    Code(
        "spot_training_job",
        "Spot training jobs",
        "Instances that may train at one time as managed spot training.",
    ),
)

ALERTS = _codes(
    Code(
        "long_wait",
        "Long waits",
        "Nine in ten jobs of the share wait for up to this long.",
        "See on the Shares page whether capacity stands idle meanwhile: lend it, or add some.",
    ),
    Code(
        "underused_share",
        "Share underused while others wait",
        "The share leaves much of what it owns idle in hours in which other shares wait.",
        "Let the share lend what it does not use (LEND_AND_BORROW), or lower its quota.",
    ),
    Code(
        "failure_burst",
        "Failure burst",
        "Many jobs of a queue failed within one hour.",
        "Look at the failed jobs' reasons: one cause often stops them all.",
    ),
)

LINE_KINDS = _codes(
    Code("training", "Training instances"),
    Code("warm_pool", "Warm pools", "Instances that were retained after their job."),
    Code("storage", "Volumes", "Storage of training instances, which is not computed."),
    Code("other", "Other", "The line names a training job; its usage type is not known."),
)

CHARGE_CATEGORIES = _codes(
    Code("Usage", "Usage", "What was used, less discounts: this is compared."),
    Code("Purchase", "Purchase", "Fees, as of commitments."),
    Code("Tax", "Tax"),
    Code("Credit", "Credit", "Credits and refunds."),
    Code("Adjustment", "Adjustment", "Anything else, as corrections."),
)

FILE_FORMATS = _codes(
    Code("aws", "AWS JSON"),
    Code("json", "JSON"),
    Code("delimited", "Delimited text"),
    Code("parquet", "Parquet"),
)

MEASURES = _codes(
    Code("samples", "Samples", "Measured by metric samples of its hosts."),
    Code("export", "Export", "Measured by one mean for the whole run, as an export gives it."),
)

IMPORT_STATUSES = _codes(Code("imported", "Imported"), Code("failed", "Failed"))

WAIT_CAUSES = _codes(
    Code(
        "capacity_full",
        "Capacity full",
        "Running jobs leave no room for the job.",
        "Add capacity, or move work to quieter hours.",
    ),
    Code(
        "share_limit",
        "Share limit",
        "The queue has room, but not for this share: quota, borrow limit, reservation or own pool.",
        "Raise the share's quota or borrow limit, or let others lend.",
    ),
    Code(
        "head_of_line",
        "Head of line",
        "The job would fit, but a job ahead of it does not, or another share is next.",
        "Split large jobs, or raise the priority of those that wait.",
    ),
    Code("not_yet_eligible", "Not yet eligible", "The job may not start yet."),
)

REPLAY_NOTES = _codes(
    Code(
        "still_running",
        "Still running",
        "Replayed as if it ended at the newest instant in the records.",
    ),
    Code("never_started", "Never started", "Its run time is not known: it is not replayed."),
    Code("no_end", "End unknown", "It is over, but nothing says when: it is not replayed."),
    Code("bad_times", "Ends before it starts", "Its times contradict each other: not replayed."),
    Code("needs_none", "Needs none", "It needs none of what the capacity counts: not replayed."),
    Code("no_size", "Size unknown", "Nothing says how much capacity it needs: not replayed."),
    Code(
        "larger_than_capacity",
        "Larger than the capacity",
        "It could never start under these settings.",
        "Raise the capacity of the scenario.",
    ),
    Code(
        "larger_than_share",
        "Larger than its share",
        "Its share could never hold it: quota and all that it may borrow are too small.",
        "Raise the share's quota or borrow limit in the scenario.",
    ),
    Code(
        "ended_by_preemption",
        "Ended by preemption",
        "It was preempted more often than it may be queued again.",
        "Raise preemption_retries in the scenario.",
    ),
)

EVENTS = _codes(
    Code("job_ended", "Job ended", "A job completed, failed or was stopped."),
    Code(
        "pool_expires",
        "Pool expires",
        "The keep-alive period of an idle warm cluster is almost over.",
        "Start the next job of the pool now, if there is one.",
    ),
)

ADVICE_KINDS = _codes(
    Code("keep_alive", "Keep-alive period", "Another keep-alive period for a pool."),
    Code("merge_pools", "Merge pools", "Equal settings, so that pools share warm clusters."),
    Code("input_mode", "Input mode", "Another way to read the training data."),
    Code("startup", "Startup", "What else makes starts slow: images, installs, profiler."),
    Code("share_settings", "Share settings", "Other quotas or weights of a queue."),
    Code("instance_groups", "Instance groups", "Another cluster for a workload."),
    Code("quota", "Quota", "A higher service quota."),
)

MERGE_COVERAGES = _codes(
    Code(
        "own_key",
        "Own keys",
        "Pools whose key an export brings: its fields are not known, and cannot be compared.",
    ),
    Code(
        "no_neighbour",
        "No near key",
        "Pools that differ from every other on the same clusters in three or more fields.",
    ),
    Code("one_user", "One user", "Pools that one user has alone."),
    Code("compared", "Compared", "Pools that were compared with others, or user by user."),
    Code("pairs", "Pairs", "Pairs of pools whose keys differ in one or two fields."),
    Code("groups", "Larger groups", "Groups that grew from pairs by hindsight."),
    Code("not_looked_at", "Too many pairs", "Pairs left out: the pools in them pay least today."),
    Code("too_little", "Too little", "Groups that pay less today than the least gain asked for."),
    Code(
        "too_few_jobs",
        "Too few jobs",
        "Groups with too few jobs or days, or not used at the same time.",
    ),
    Code("not_judged", "Not judged", "Groups that gain less in hindsight than those judged."),
    Code("judged", "Judged", "Groups judged on other days."),
)

BASES = _codes(
    Code("other_days", "Other days", "Chosen on some days, and judged on the days left out."),
    Code("later_jobs", "Later jobs", "Chosen on earlier jobs, and judged on later ones."),
    Code("matched_jobs", "Matched jobs", "Measured on matched jobs that differ in this one thing."),
    Code("model", "Model", "Predicted by a model of measured runs, and not yet measured."),
    Code("same_data", "Same data", "Judged on the data that it was chosen on: it may be less."),
)

CERTAINTIES = _codes(
    Code("sure", "Sure", "The whole 90 % interval of the gain lies above 0."),
    Code("rough", "Rough", "The interval lies above 0, but the history is short."),
    Code("possible", "Possible", "The interval of the gain reaches down to 0 or below."),
    Code("not_judged", "Not judged", "The gain was judged on the data that it was chosen on."),
    Code("unknown", "Unknown", "Without a price or enough jobs, the gain is not known."),
)

ADVICE_STATES = _codes(
    Code("open", "Open", "Nothing was decided on it yet."),
    Code("dismissed", "Dismissed", "It will not be done: its gain is not counted."),
    Code("applied", "Applied", "It was done: did_it_pay says what came of it."),
)

DECISIONS = _codes(
    Code("dismissed", "Dismissed"),
    Code("noted", "Noted"),
    Code("applied", "Applied"),
    Code("reopened", "Opened again"),
)

KNOWN_FROM = _codes(
    Code("marked", "Marked", "Somebody marked the advice as applied."),
    Code("seen", "Seen", "The jobs show another keep-alive period from a day on."),
)

FIGURES = _codes(
    Code("total_usd", "Training cost", "Billable time and idle warm pools, at list prices."),
    Code("startup_wait_h", "Startup wait", "Time from creation to training, of all jobs."),
    Code("hit_rate_ratio", "Warm pool hit rate", "Eligible jobs that reused a warm cluster."),
    Code("gpu_utilization_ratio", "GPU utilization", "Of what was measured."),
    Code("queue_wait_p90_s", "Queue wait, P90", "Nine in ten jobs left their queue sooner."),
)

CODES: dict[str, Codes] = {
    "input_mode": INPUT_MODES,
    "start_kind": START_KINDS,
    "phase": PHASES,
    "lever": LEVERS,
    "current_choice": CHOICES,
    "advised_choice": CHOICES,
    "segment": SEGMENTS,
    "ended_by": IDLE_ENDS,
    "outcome": OUTCOMES,
    "evidence": EVIDENCE,
    "miss_reason": MISS_REASONS,
    "eligibility": ELIGIBILITIES,
    "finding": FINDINGS,
    "reuse": REUSE_ORDERS,
    "verdict": VERDICTS,
    "saved_source": SAVING_SOURCES,
    "comparison": COMPARISONS,
    "price_view": PRICE_VIEWS,
    "diagnosis": DIAGNOSES,
    "record_kind": RECORD_KINDS,
    "share_kind": SHARE_KINDS,
    "quota_kind": QUOTA_KINDS,
    "alert": ALERTS,
    "share_policy": SHARE_POLICIES,
    "policy": POLICIES,
    "policy_source": POLICY_SOURCES,
    "capacity_source": CAPACITY_SOURCES,
    "assumption": ASSUMPTIONS,
    "share_outcome": SHARE_OUTCOMES,
    "wait_cause": WAIT_CAUSES,
    "replay_note": REPLAY_NOTES,
    "line_kind": LINE_KINDS,
    "charge_category": CHARGE_CATEGORIES,
    "file_format": FILE_FORMATS,
    "import_status": IMPORT_STATUSES,
    "measured_by": MEASURES,
    "event": EVENTS,
    "advice_kind": ADVICE_KINDS,
    "basis": BASES,
    "merge_coverage": MERGE_COVERAGES,
    "certainty": CERTAINTIES,
    "advice_state": ADVICE_STATES,
    "decision": DECISIONS,
    "seen_in": KNOWN_FROM,
    "figure": FIGURES,
}
"""The codes of each column that holds some."""


def label(column: str, value: str) -> str:
    """Return how people read a value of a column; a value without a code stays as it is.

    >>> label("input_mode", "FSxLustre"), label("job_name", "train-1")
    ('FSx for Lustre', 'train-1')
    """
    code = CODES.get(column, {}).get(value)
    return code.label if code else value
