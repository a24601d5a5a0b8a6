"""Every page's render on a warm process, at 1 and 28 million jobs: first sight and again."""

import sys
import tempfile
import time
from functools import partial
from importlib import import_module
from pathlib import Path

from histories import write_parquet_export
from measuring import Row, in_own_process, peak_memory_gib, timed
from streamlit.testing.v1 import AppTest

from analytics.pools.refresh import refresh
from data.home import Home
from data.ingest import ingest
from data.opening import open_home
from data.taking import sources_at

SIZES = {1_000_000: "aim: below 1 s", 28_000_000: "aim: below 3 s"}
PAGES = (
    "overview",
    "data",
    "warm_pools",
    "startup_latency",
    "keep_alive",
    "pool_timeline",
    "sql",
    "definitions",
)


def main() -> None:
    """Print the rows of each size; each runs in its own process, with 2 GB for DuckDB."""
    if len(sys.argv) > 1:
        measure(int(sys.argv[1]))
        return
    for size in SIZES:
        in_own_process(__file__, str(size), memory_limit="2GB")


def measure(jobs: int) -> None:
    """Render every page over a history of `jobs` jobs."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "jobs.parquet"
        write_parquet_export(path, jobs=jobs)
        home = Home(Path(folder) / "home").create()
        store = open_home(home)
        (source,) = sources_at(path, home.scratch)
        ingest(store, source)
        refresh(store)
        # warm: the process has shown each page once, over other jobs
        for page in PAGES:
            rendered(page, store, query={"user": "user-1"})
        for page in PAGES:
            first = timed(partial(rendered, page, store))
            again = timed(partial(rendered, page, store), times=3)
            print(Row(f"{jobs:,} jobs: {page}, first sight", first, aim=SIZES.get(jobs, "")))
            print(Row(f"{jobs:,} jobs: {page}, again", again, aim=SIZES.get(jobs, "")))
        store.close()
        print(f"{jobs:,} jobs: peak memory {peak_memory_gib():.1f} GiB (aim: below 4)")


def rendered(page: str, store: object, query: dict[str, str] | None = None) -> float:
    """Render a page without a browser; return how long its own render took, s."""

    def script(page: str, store: object) -> None:
        from importlib import import_module

        import_module(f"pages.{page}").render(store)

    import_module(f"pages.{page}")
    test = AppTest.from_function(script, args=(page, store), default_timeout=600)
    for name, value in (query or {}).items():
        test.query_params[name] = value
    began = time.perf_counter()
    test.run()
    assert not test.exception, test.exception
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
