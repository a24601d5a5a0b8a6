"""Ledger, gaps and curve of 1 and 28 million jobs, beside sorting the same events once."""

import tempfile
from pathlib import Path

import numpy as np
from histories import write_parquet_export
from measuring import Row, each_size, peak_memory_gib, timed

from analytics.catalog import query_named
from analytics.derived.derive import derive
from analytics.derived.matching import NEVER, newest_first
from analytics.keep_alive.advice import advise, recommend
from analytics.keep_alive.batches import in_parts
from analytics.keep_alive.build_curves import build_curves, whole_curve
from analytics.keep_alive.decide import Objective
from analytics.keep_alive.history import load_history
from analytics.query import Filters, run_query
from data.ingest.home_store import open_home
from data.ingest.pipeline import ingest
from data.raw.inputs import input_files
from data.store.home import Home
from data.store.reader import Reader

SIZES = (1_000_000, 28_000_000)
KEYS = 10_000
WISHES = Objective(value_of_waiting_usd_per_h=50)
AIM_SORT = "aim: within 3 x"


def measure(jobs: int) -> None:
    """Import an export of `jobs` jobs, and time what is made of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "jobs.parquet"
        write_parquet_export(path, jobs=jobs, keys=KEYS, days=365)
        home = Home(Path(folder) / "home").create()
        store = open_home(home)
        (source,) = input_files(path)
        print(Row(f"{jobs:,} jobs: ingest", timed(lambda: ingest(store, source))))
        with store.cursor() as cursor:
            sort = timed(
                lambda: cursor.execute(
                    """
                    create or replace temp table sorted as
                    select * from (
                        select pool_key, epoch_us(created_at) as at_us, 1 as kind, job_name
                        from training_jobs
                        union all
                        select pool_key, epoch_us(training_ended_at), 0, job_name
                        from training_jobs
                    ) order by pool_key, at_us, kind, job_name
                    """
                )
            )
            cursor.execute("drop table sorted")
        print(Row(f"{jobs:,} jobs: sorting the events once (DuckDB)", sort))
        print(
            Row(f"{jobs:,} jobs: ledger and all derived tables", timed(lambda: derive(store)),
                "sort", sort)
        )  # fmt: skip
        gaps = timed(lambda: _gaps(store))
        print(
            Row(f"{jobs:,} jobs: gaps of all keys, read and matched", gaps, "sort", sort, AIM_SORT)
        )
        one = timed(lambda: whole_curve(Reader(store), Filters()), times=3)
        print(Row(f"{jobs:,} jobs: curve of all keys together", one, "sort", sort, AIM_SORT))
        every = timed(
            lambda: [
                len(build_curves(Reader(store), part))
                for part in in_parts(Reader(store), Filters())
            ],
            times=3,
        )
        print(Row(f"{jobs:,} jobs: curve of each of {KEYS:,} keys", every, "sort", sort, AIM_SORT))
        asked = timed(
            lambda: run_query(
                Reader(store), query_named("keep_alive_curve"), pool_key="all", at="300,900,3600"
            )
        )
        print(Row(f"{jobs:,} jobs: the same asked, with idle peaks", asked, "sort", sort))
        fleet = timed(lambda: advise(Reader(store), Filters(), WISHES, together=False))
        print(Row(f"{jobs:,} jobs: advice on each key, 200 bootstraps", fleet, "sort", sort,
                  "aim: below 20 s at 1 million"))  # fmt: skip
        evidence = next(load_history(Reader(store), Filters(), together=True))
        moved = timed(lambda: recommend(Reader(store), evidence, WISHES), times=3)
        print(Row(f"{jobs:,} jobs: advice on all keys at another value", moved, "sort", sort,
                  "aim: below 0.15 s at 1 million"))  # fmt: skip
        store.close()
        print(f"{jobs:,} jobs: peak memory {peak_memory_gib():.1f} GiB (aim: below 4)")


def _gaps(store) -> None:  # type: ignore[no-untyped-def]
    """Read sorted jobs in runs of pools, and match them."""
    with store.cursor() as cursor:
        pools = int(cursor.execute("select max(pool_id) from pools").fetchall()[0][0])
        step = max(1, pools // max(1, store.scalar("select count(*) from job_facts") // 2_000_000))
        for first in range(1, pools + 1, step):
            columns = cursor.execute(
                """
                select pool_id, epoch_us(request_at) as request_us,
                    coalesce(epoch_us(training_ended_at), $never) as release_us
                from job_facts
                where pool_id between $first and $last
                order by pool_id, request_us, job_name
                """,
                {"never": int(NEVER), "first": first, "last": first + step - 1},
            ).fetchnumpy()
            pool_id = columns["pool_id"]
            offsets = np.append(np.flatnonzero(np.diff(pool_id, prepend=-1)), len(pool_id))
            newest_first(offsets.astype(np.int64), columns["request_us"], columns["release_us"])


if __name__ == "__main__":
    each_size(measure, SIZES)
