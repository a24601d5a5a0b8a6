"""Every page's render on a warm process, at 1 and 28 million jobs: first sight and again."""

import tempfile
import time
from pathlib import Path

from histories import made_store
from measuring import Row, each_size, peak_memory_gib, timed
from streamlit.testing.v1 import AppTest

from data import background
from data.demo.history import demo_jsonl
from data.ingest.home_store import open_home
from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.home import Home
from data.store.reader import Reader
from pages.kit import cache
from pages.kit.catalog import page_named, pages
from pages.kit.warmup import warm_up

SIZES = {1_000_000: "aim: below 1 s", 28_000_000: "aim: below 3 s"}
PAGES = tuple(entry.name for entry in pages())


def measure(jobs: int) -> None:
    """Render every page over a history of `jobs` jobs: cold, as warmed up at the start, again."""
    with made_store(jobs) as store, tempfile.TemporaryDirectory() as folder:
        # the process has shown each page once, over other jobs
        other = open_home(Home(Path(folder)).create())
        ingest(other, uploaded("demo.jsonl", demo_jsonl()))
        for page in PAGES:
            rendered(page, other)
        other.close()
        aim = SIZES.get(jobs, "")
        firsts = [rendered(page, store) for page in PAGES]
        cache.forget()
        warmed = timed(lambda: warm_up(Reader(store)))
        print(Row(f"{jobs:,} jobs: warming the first answers up", warmed))
        for page, first in zip(PAGES, firsts, strict=True):
            opened = rendered(page, store)
            again = sorted(rendered(page, store) for _ in range(3))[1]
            print(Row(f"{jobs:,} jobs: {page}, nothing remembered", first, aim=aim))
            print(Row(f"{jobs:,} jobs: {page}, first after warming up", opened, aim=aim))
            print(Row(f"{jobs:,} jobs: {page}, again", again, aim=aim))
        print(f"{jobs:,} jobs: peak memory {peak_memory_gib():.1f} GiB (aim: below 4)")


def rendered(page: str, store: object, query: dict[str, str] | None = None) -> float:
    """Render a page without a browser; return how long its own render took, s."""

    def script(page: str, store: object) -> None:
        from data.store.reader import Reader
        from pages.kit.catalog import page_named
        from pages.kit.streamlit_canvas import show

        show(page_named(page), Reader(store))

    page_named(page)
    test = AppTest.from_function(script, args=(page, store), default_timeout=600)
    for name, value in (query or {}).items():
        test.query_params[name] = value
    began = time.perf_counter()
    test.run()
    assert not test.exception, test.exception
    took_s = time.perf_counter() - began
    # what a page begins in the background is another's burden: it is over before the next
    while background.tasks():
        time.sleep(0.1)
    return took_s


if __name__ == "__main__":
    each_size(measure, SIZES)
