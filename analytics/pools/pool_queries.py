"""The pool ledger's questions: hit rates, misses, pools, eligibility and findings."""

from collections.abc import Mapping

import pandas as pd

from analytics.query import CREATED_DATE, Filters, answer_with
from data.store.store import Store

HIT_RATE_GROUPS = {
    "all": "'all'",
    "pool_key": "pool_key",
    "user_name": "user_name",
    "share_name": "share_name",
    "instance_type": "instance_type",
    "input_mode": "input_mode",
    "day": CREATED_DATE,
    "hour_of_day": "hour(created_at)",
    "region": "region",
    "account_id": "account_id",
}

# what the reason means, and what to do
MISS_REASONS = {
    "key_changed": (
        "A warm cluster was free, but one or two fields of the pool key differed.",
        "Give the jobs the same value in those fields.",
    ),
    "first_of_key": (
        "The first job with this pool key: no cluster could have been waiting for it.",
        "Nothing, unless many jobs are the first of their key: then give them the same fields.",
    ),
    "all_busy": (
        "Every cluster of the pool was still running another job.",
        "Start fewer jobs of the pool at once, or accept a cold start for the rest.",
    ),
    "too_early": (
        "The job was requested shortly before a cluster of its pool became free.",
        "Wait until the job before has ended, then start the next.",
    ),
    "not_kept": (
        "The newest free cluster came from a job without a keep-alive period.",
        "Set KeepAlivePeriodInSeconds on every job of the pool.",
    ),
    "not_provisioned": (
        "A keep-alive period was asked for, but AWS did not retain the cluster.",
        "Raise the quota '<instance type> for training warm pool usage'.",
    ),
    "expired": (
        "The keep-alive period ran out before the job was requested.",
        "Compare longer periods on the Keep-alive page.",
    ),
    "ended_early": (
        "The cluster was gone before its keep-alive period ran out.",
        "See who sets KeepAlivePeriodInSeconds to 0; AWS also ends pools for patches.",
    ),
    "unknown": (
        "The records do not say why: the cluster seemed free, or its keep-alive is not recorded.",
        "Take in full `describe-training-job` answers of the pool's jobs.",
    ),
}

ELIGIBILITIES = {
    "eligible": "Could have taken over a warm cluster.",
    "spot": "Managed spot training cannot use warm pools.",
    "heterogeneous": "Heterogeneous clusters cannot use warm pools.",
    "tuning": "Tuning jobs reuse clusters by themselves; keep-alive is not theirs to set.",
    "serverless": "Serverless jobs have no instances of their own.",
    "training_plan": "Assumed not to use warm pools: AWS states no rule for training plans.",
    "not_started": "Never got instances: it neither took over a cluster nor left one.",
    "unknown": "The record does not show the job's resources.",
}

FINDINGS = {
    "pool_refused_by_quota": (
        "AWS did not retain the cluster: the warm pool quota was used up.",
        "Raise '<instance type> for training warm pool usage' in Service Quotas.",
    ),
    "retained_longer_than_asked": (
        "Clusters were retained for longer than their keep-alive period.",
        "The period may have been changed with UpdateTrainingJob; take the jobs in again.",
    ),
    "image_pull_hidden": (
        "Jobs of before 2024 pulled their image inside Training: their latency is understated.",
        "Look at newer jobs only, with the time range.",
    ),
    "unknown_price": (
        "No price is known for the instance type: these jobs are left out of all costs.",
        "Take in a price file with instance_type, region, list_unit_price_usd_per_h and"
        " effective_from on the Data page.",
    ),
    "billed_by_tokens": (
        "Serverless jobs are billed by tokens, not by instances: no cost here has them.",
        "See their cost in your bill.",
    ),
    "unknown_user": (
        "The record does not say who ran the job.",
        "Tag jobs with `user`, `owner` or `team`, or name the tags in settings.toml (user_tags).",
    ),
}


def warm_pool_hit_rate(
    store: Store, filters: Filters, parameters: Mapping[str, str]
) -> pd.DataFrame:
    """Return hit rates with both denominators."""
    by = parameters["by"]
    group_value = HIT_RATE_GROUPS[by]
    order_by = "group_value" if by in ("day", "hour_of_day") else "job_count desc, group_value"
    return answer_with(
        store,
        "pools/hit_rate",
        filters,
        words={
            "group_value": group_value,
            "shown_value": f"({group_value})::varchar" if by == "day" else group_value,
            "order_by": order_by,
        },
    )


def warm_pool_misses(store: Store, filters: Filters, parameters: Mapping[str, str]) -> pd.DataFrame:
    """Return miss reasons, the one that lost most waiting first."""
    misses = answer_with(store, "pools/misses", filters)
    misses["explanation"] = [MISS_REASONS[reason][0] for reason in misses["miss_reason"]]
    misses["next_action"] = [MISS_REASONS[reason][1] for reason in misses["miss_reason"]]
    return misses


def eligibility(store: Store, filters: Filters, parameters: Mapping[str, str]) -> pd.DataFrame:
    """Return how many jobs could use a warm pool, and why the others could not."""
    counts = answer_with(store, "pools/eligibility", filters)
    counts["explanation"] = [ELIGIBILITIES[name] for name in counts["eligibility"]]
    return counts


def findings(store: Store, filters: Filters, parameters: Mapping[str, str]) -> pd.DataFrame:
    """Return what stands out in the records, with what to do."""
    found = answer_with(store, "pools/findings", filters)
    found["explanation"] = [FINDINGS[name][0] for name in found["finding"]]
    found["next_action"] = [FINDINGS[name][1] for name in found["finding"]]
    return found


def pools(store: Store, filters: Filters, parameters: Mapping[str, str]) -> pd.DataFrame:
    """Return one row a pool, with a label that a person can tell it by."""
    found = answer_with(store, "pools/pools", filters)
    labels = []
    for name, key, instance_type, count in zip(
        found["job_stem"],
        found["pool_key"],
        found["instance_type"],
        found["instance_count"],
        strict=True,
    ):
        size = (
            "" if pd.isna(instance_type) or pd.isna(count) else f" · {instance_type} x {count:.0f}"
        )
        labels.append(f"{name if isinstance(name, str) and name else key}{size}")
    found.insert(1, "pool_label", labels)
    return found.drop(columns="job_stem")
