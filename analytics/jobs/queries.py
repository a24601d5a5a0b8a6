"""The query of jobs, one row each."""

from collections.abc import Mapping
from typing import Any

from analytics.parameters import Choice, Number
from analytics.query import Query
from analytics.relations import JOBS


def _words(values: Mapping[str, Any]) -> Mapping[str, str]:
    limit = values["limit"]
    return {"columns": ", ".join(JOBS.columns), "limit": f"limit {limit:d}" if limit else ""}


QUERIES = (
    Query(
        "jobs",
        "one training job",
        JOBS.columns,
        {
            "first": Choice("which jobs come first", {"oldest": "asc", "newest": "desc"}, "oldest"),
            "limit": Number("how many jobs at most; 0: all", 0, is_whole=True),
        },
        words=_words,
    ),
)
