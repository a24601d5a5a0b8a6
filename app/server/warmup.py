"""Warming up: what the first visitor would else wait for is made before."""

import gc
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory

from analytics.catalog import query_named
from analytics.derived.derive import derive
from analytics.query import run_query
from data.background import Task
from data.ingest.home_store import open_home
from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.home import Home
from data.store.reader import Reader
from data.store.store import Store
from pages.kit.warmup import warm_up as warm_up_pages

COLUMNS = (
    "job_name,created_at,training_started_at,training_ended_at,pool_key,keep_alive_period_s,"
    "queue_name,user_name"
)
FIRST_AT = datetime(2026, 1, 1, tzinfo=UTC)


def warm_up(store: Store, task: Task) -> None:
    """Draw every page once, then have every kernel compiled.

    Kernels are compiled at their first call, and only once on a machine: a few jobs of a passing
    home call them all, so that neither an empty home nor a large one has to.
    """
    task.report("Drawing", 0.0)
    warm_up_pages(Reader(store))
    task.report("Compiling", 0.0)
    with TemporaryDirectory(dir=store.home.scratch, prefix="warm-up-") as folder:
        passing = open_home(Home(store.home.root / folder), derivation=derive)
        try:
            ingest(passing, uploaded("warm-up.csv", _jobs()), kind="jobs")
            run_query(Reader(passing), query_named("keep_alive_curve"), reuse="both")
            run_query(Reader(passing), query_named("keep_alive_advice"), p90_target_s="60")
            run_query(Reader(passing), query_named("pool_timeline"))
            run_query(Reader(passing), query_named("pool_merges"), by="user_name")
        finally:
            passing.close()
    gc.collect()
    gc.freeze()  # what is there now stays: no collection need go through it


def _jobs() -> bytes:
    """Return a few jobs of one pool, some of which find a cluster."""
    lines = [COLUMNS]
    for number, minutes in enumerate((0, 1, 20, 40, 41, 300)):
        created_at = FIRST_AT + timedelta(minutes=minutes)
        times = [created_at + timedelta(minutes=later) for later in (0, 2, 10)]
        lines.append(
            ",".join(
                [
                    f"job-{number}",
                    *map(datetime.isoformat, times),
                    "pool",
                    "1800",
                    "queue",
                    f"user-{number % 2}",
                ]
            )
        )
    return "\n".join(lines).encode()
