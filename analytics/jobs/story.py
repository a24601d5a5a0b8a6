"""The story of jobs: what is recorded of each, and what would have helped it."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analytics.jobs.remedy import remedy_of
from analytics.query import Filters, run_sql
from analytics.vocabulary import ELIGIBILITIES, MISS_REASONS
from data.store.reader import Reader
from data.store.reference_tables import aws_limit


def job_story(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row a job, newest first."""
    limit = f"limit {values['limit']:d}" if values["limit"] else ""
    jobs = run_sql(reader, "jobs/job_story", filters, words={"limit": limit})
    longest_s = aws_limit(reader, "keep_alive_period_api")
    remedies = [remedy_of(job, longest_s) for job in jobs.itertuples(index=False)]
    reasons = [
        MISS_REASONS[miss].meaning
        if isinstance(miss, str)
        else ELIGIBILITIES[eligibility].meaning
        if eligibility != "eligible" and eligibility in ELIGIBILITIES
        else None
        for miss, eligibility in zip(jobs["miss_reason"], jobs["eligibility"], strict=True)
    ]
    return jobs.assign(
        helpful_keep_alive_s=pd.array([one.keep_alive_s for one in remedies], dtype="Int64"),
        explanation=pd.Series(reasons, jobs.index, dtype=object),
        next_action=pd.Series([one.text or None for one in remedies], jobs.index, dtype=object),
    )
