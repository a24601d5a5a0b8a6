"""A public log replayed elsewhere must come out exactly, for both orders of reuse."""

import csv
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from numpy.typing import NDArray

from analytics.derived import matching

LOG = Path(__file__).parents[3].parent / "shared" / "data" / "nasa_ipsc_1993"
US_PER_S = 1_000_000
US_PER_H = 3600 * US_PER_S

Pools = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]

pytestmark = pytest.mark.skipif(not LOG.exists(), reason="the log is not stored with the project")


def published_rows() -> list[Any]:
    """Return one case for each keep-alive period of the published table."""
    if not LOG.exists():
        return [pytest.param({}, id="no log")]
    lines = (LOG / "expected_keep_alive.csv").read_text().splitlines()
    return [pytest.param(row, id=f"{row['keep_alive_s']} s") for row in csv.DictReader(lines)]


@pytest.fixture(scope="module")
def pools() -> Pools:
    """Return the log as the kernels take it: a pool for each user, program and size."""
    columns = duckdb.execute(
        """
        select dense_rank() over (order by "user", exe, procs_alloc) as pool, submit, submit + run
        from read_parquet(?) order by pool, submit, job
        """,
        [str(LOG / "jobs.parquet")],
    ).fetchnumpy()
    pool, submit, end = (np.asarray(column, np.int64) for column in columns.values())
    offsets = np.searchsorted(pool, np.arange(1, pool[-1] + 2))
    return offsets, submit * US_PER_S, end * US_PER_S


def retained_h(idle_us: NDArray[np.int64], keep_alive_us: int) -> float:
    """Return idle hours: each cluster until it was reused, at most for its whole period."""
    never_taken = idle_us == matching.UNKNOWN
    kept_us = np.where(never_taken, keep_alive_us, np.minimum(idle_us, keep_alive_us))
    return float(kept_us.sum() / US_PER_H)


@pytest.mark.parametrize("row", published_rows())
def test_newest_first_matches_the_published_table(row: dict[str, str], pools: Pools) -> None:
    keep_alive_us = int(row["keep_alive_s"]) * US_PER_S
    gap_us, _, idle_us = matching.newest_first(*pools)
    hit_count = int(((gap_us != matching.UNKNOWN) & (gap_us < keep_alive_us)).sum())

    assert len(gap_us) == int(row["jobs"])
    assert len(pools[0]) - 1 == int(row["keys"])
    assert hit_count == int(row["hits_most_recently_freed"])
    assert len(gap_us) - hit_count == int(row["cold_most_recently_freed"])
    assert round(100 * hit_count / len(gap_us), 3) == float(row["hit_pct"])
    assert round(retained_h(idle_us, keep_alive_us), 3) == float(
        row["idle_hours_most_recently_freed"]
    )


@pytest.mark.parametrize("row", published_rows())
def test_oldest_first_matches_the_published_table(row: dict[str, str], pools: Pools) -> None:
    keep_alive_us = int(row["keep_alive_s"]) * US_PER_S
    gap_us, idle_us = matching.oldest_first(*pools, keep_alive_us)

    assert int((gap_us == matching.UNKNOWN).sum()) == int(row["cold_oldest_freed"])
    assert round(retained_h(idle_us, keep_alive_us), 3) == float(row["idle_hours_oldest_freed"])
