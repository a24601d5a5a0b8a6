"""Merges as the rows of queries."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analytics.keep_alive.advice_rows import load_objective
from analytics.merging.merges import Merges, Report, find_merges
from analytics.merging.queries import QUERIES
from analytics.query import ALL_POOLS, Filters
from analytics.typed_rows import typed_rows
from analytics.vocabulary import MERGE_COVERAGES
from data.store.reader import Reader

_COLUMNS = {query.name: list(query.columns) for query in QUERIES}


def pool_merges(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return the merges, those that pay first."""
    return merge_rows(merges_for(reader, filters, values))


def pool_merge_coverage(
    reader: Reader, filters: Filters, values: Mapping[str, Any]
) -> pd.DataFrame:
    """Return how many pools and pairs were compared, and why others were not."""
    return coverage_rows(merges_for(reader, filters, values))


def merges_for(
    reader: Reader,
    filters: Filters,
    values: Mapping[str, Any],
    report: Report = lambda _step, _share: None,
) -> Merges:
    """Return what the parameters of `pool_merges` ask for."""
    return find_merges(
        reader,
        filters,
        load_objective(reader.home, values),
        by=values["by"],
        pool_key="" if values["pool_key"] == ALL_POOLS else values["pool_key"],
        report=report,
    )


def merge_rows(found: Merges) -> pd.DataFrame:
    """Return the columns of `pool_merges`."""
    return typed_rows(found.rows, _COLUMNS["pool_merges"])


def coverage_rows(found: Merges) -> pd.DataFrame:
    """Return the columns of `pool_merge_coverage`, in the order of the search."""
    rows = found.coverage.set_index("merge_coverage")
    kept = [code for code in MERGE_COVERAGES if code in rows.index]
    return pd.DataFrame(
        {
            "merge_coverage": kept,
            "found_count": rows["found_count"].reindex(kept).to_numpy(),
            "explanation": [MERGE_COVERAGES[code].meaning for code in kept],
        }
    )
