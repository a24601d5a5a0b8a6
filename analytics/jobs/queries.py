"""The queries of jobs: all, those that are looked for, one job's story, and a user's sums."""

from collections.abc import Mapping
from typing import Any

from analytics.parameters import Choice, Number, Words
from analytics.query import Query
from analytics.relations import JOBS
from data.errors import WrongUseError

SORTS = {
    "created": "created_at",
    "name": "job_name",
    "user": "user_name",
    "status": "status",
    "type": "instance_type",
    "share": "share_name",
    "pool": "pool_label",
    "outcome": "outcome",
    "startup": "startup_latency_s",
    "billable": "billable_s",
    "cost": "list_cost_usd",
    "idle_cost": "retained_cost_usd",
}


SEARCHED = (
    "job_name",
    "user_name",
    "status",
    "instance_type",
    "share_name",
    "queue_name",
    "pool_label",
    "outcome",
    "miss_reason",
)
MOST_WORDS = 12


def _limit(values: Mapping[str, Any]) -> Mapping[str, str]:
    return {"limit": f"limit {values['limit']:d}" if values["limit"] else ""}


def _holds(values: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the condition that each word is in some column; the words stay a parameter.

    >>> _holds({"text": (), "limit": 0})["holds"]
    'true'

    Raises:
        WrongUseError: there are too many words.
    """
    word_count = len(values["text"])
    if word_count > MOST_WORDS:
        raise WrongUseError(
            f"These are {word_count} words.", next_action=f"Search for at most {MOST_WORDS}."
        )
    terms = [
        " or ".join(f"contains(lower({name}), lower($text[{number}]))" for name in SEARCHED)
        for number in range(1, word_count + 1)
    ]
    return {"holds": " and ".join(f"({term})" for term in terms) or "true", **_limit(values)}


def _words(values: Mapping[str, Any]) -> Mapping[str, str]:
    return {
        "columns": ", ".join(f"filtered_jobs.{name}" for name in JOBS.columns),
        **_limit(values),
    }


QUERIES = (
    Query(
        "jobs",
        "one training job",
        (*JOBS.columns, "pool_label"),
        {
            "first": Choice("which jobs come first", {"oldest": "asc", "newest": "desc"}, "oldest"),
            "limit": Number("how many jobs at most; 0: all", 0, is_whole=True),
        },
        words=_words,
    ),
    Query(
        "job_search",
        "one training job that is found",
        (
            "created_at",
            "job_name",
            "user_name",
            "status",
            "instance_type",
            "instance_count",
            "share_name",
            "queue_name",
            "pool_label",
            "pool_key",
            "eligibility",
            "outcome",
            "evidence",
            "miss_reason",
            "startup_latency_s",
            "billable_s",
            "list_cost_usd",
            "retained_cost_usd",
            "account_id",
            "region",
            "match_count",
        ),
        {
            "text": Words(
                "words that name, user, status, type, share, queue, pool or outcome hold, in any"
                " case; empty: all jobs"
            ),
            "sort_by": Choice("what the jobs are sorted by", SORTS, "created"),
            "direction": Choice(
                "its order", {"descending": "desc", "ascending": "asc"}, "descending"
            ),
            "limit": Number("how many jobs at most; 0: all", 200, is_whole=True),
        },
        words=_holds,
    ),
    Query(
        "job_story",
        "one training job",
        (
            "job_name",
            "account_id",
            "region",
            "created_at",
            "request_at",
            "training_started_at",
            "training_ended_at",
            "status",
            "failure_reason",
            "user_name",
            "instance_type",
            "instance_count",
            "accelerator_count",
            "input_mode",
            "queue_name",
            "share_name",
            "scheduling_priority",
            "attempt_count",
            "preempted_attempt_count",
            "queue_wait_s",
            "pool_key",
            "pool_label",
            "keep_alive_period_s",
            "eligibility",
            "outcome",
            "evidence",
            "miss_reason",
            "gap_s",
            "missed_by_s",
            "differing_fields",
            "donor_job_name",
            "missed_donor_job_name",
            "unlimited_gap_s",
            "helpful_donor_job_name",
            "reusing_job_name",
            "startup_latency_s",
            "provisioning_s",
            "download_s",
            "billable_s",
            "retained_s",
            "wait_saved_per_hit_s",
            "usd_per_h",
            "run_usd",
            "billed_startup_usd",
            "retained_usd",
            "total_usd",
            "price_note",
            "is_price_estimated",
            "helpful_keep_alive_s",
            "explanation",
            "next_action",
        ),
        {"limit": Number("how many jobs at most, newest first; 0: all", 100, is_whole=True)},
        answer="story:job_story",
        finish="Python adds what would have helped.",
    ),
    Query(
        "user_summary",
        "one user",
        (
            "user_name",
            "job_count",
            "failed_job_count",
            "first_created_at",
            "last_created_at",
            "run_usd",
            "billed_startup_usd",
            "retained_usd",
            "total_usd",
            "estimated_usd",
            "unknown_price_job_count",
            "startup_wait_s",
            "known_startup_job_count",
            "queue_wait_sum_s",
            "queued_job_count",
            "eligible_count",
            "hit_count",
            "hit_rate_ratio",
            "wait_lost_s",
            "pool_count",
        ),
    ),
)
