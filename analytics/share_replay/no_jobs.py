"""What the questions of a replay answer where no job passes the filters: their columns, no rows."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import pandas as pd

from analytics.query import Filters, run_sql
from analytics.relations import QUEUE_JOBS
from analytics.share_replay.queries import QUERIES
from data.errors import WrongUseError
from data.store.reader import Reader

Answer = Callable[[Reader, Filters, Mapping[str, Any]], pd.DataFrame]


def empty_without_jobs(name: str) -> Callable[[Answer], Answer]:
    """Return a decorator for the answer to a question: of no jobs no settings are known."""

    def decorate(answer: Answer) -> Answer:
        @wraps(answer)
        def answered(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
            try:
                return answer(reader, filters, values)
            except WrongUseError:
                jobs = run_sql(reader, "share_replay/queue_counts", filters, relation=QUEUE_JOBS)
                if len(jobs):
                    raise
            columns = next(query.columns for query in QUERIES if query.name == name)
            return pd.DataFrame({column: pd.Series(dtype="str") for column in columns})

        return answered

    return decorate
