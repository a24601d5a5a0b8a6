"""Pages and commands while a sync of 5,000 jobs goes on, beside the same while nothing does.

One dashboard, which reads from the AWS that the tests play; one visitor opens pages and one person
asks on the command line, by turns, until the sync is over. It starts with 20,000 jobs of a file.
"""

import asyncio
import json
import statistics
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from house import Stoker, serving, wait_until_warm, write_export
from job_sync import FAST, played_aws
from measuring import Row
from visitors import PAGES, Visitor

TIMES = 3
COMMAND = ("ask", "costs")


def main() -> None:
    """Print how long pages and a command take idle, and while the sync goes on."""
    executable = Path(sys.executable).with_name("stoker")
    with TemporaryDirectory(prefix="stoker-bench-") as folder, played_aws() as server:
        stoker = Stoker(executable, Path(folder) / "home")
        write_export(Path(folder) / "jobs.csv", jobs=20_000, keys=200)
        stoker.run("ingest", Path(folder) / "jobs.csv")
        (stoker.home / "stoker.toml").write_text(FAST)
        with serving(stoker) as dashboard:
            wait_until_warm(dashboard)
            asyncio.run(pages_of(stoker))  # once, as the visitor of the sync has seen them too
            idle = [asyncio.run(pages_of(stoker)) for _ in range(TIMES)]
            idle_command = [stoker.run(*COMMAND) for _ in range(3 * TIMES)]
            with ThreadPoolExecutor(1) as beside:
                syncing = beside.submit(stoker.run, "sync", "--yes")
                began = time.perf_counter()
                pages, commands = meanwhile(stoker, syncing)
                print(Row("the sync", time.perf_counter() - began))
                syncing.result()
        assert server.stdin is not None
    report("a page", [one for turn in idle for one in turn], pages)
    report("stoker ask costs", idle_command, commands)


def meanwhile(stoker: Stoker, syncing: "Future[float]") -> tuple[list[float], list[float]]:
    """Return how long pages and commands took until the sync was over."""
    pages: list[float] = []
    commands: list[float] = []
    while not syncing.done():
        pages += asyncio.run(pages_of(stoker, syncing))
        commands.append(stoker.run(*COMMAND))
    return pages, commands


async def pages_of(stoker: Stoker, until: "Future[float] | None" = None) -> list[float]:
    """Return how long each page takes, as long as the sync goes on."""
    owner = json.loads((stoker.home / "owner.json").read_text())
    address = f"http://127.0.0.1:{owner['port']}"
    cookie = f"stoker-{owner['port']}={owner['link_token']}"
    async with Visitor(address, cookie) as visitor:
        return [await visitor.open(page) for page in PAGES if until is None or not until.done()]


def report(what: str, idle: list[float], busy: list[float]) -> None:
    """Print the median and the ninth tenth of both, and how they compare."""
    for name, of_idle, of_busy in (
        ("P50", statistics.median(idle), statistics.median(busy)),
        ("P90", ninth_tenth(idle), ninth_tenth(busy)),
    ):
        print(Row(f"{what}, {name} of {len(busy)} during the sync", of_busy, "idle", of_idle))


def ninth_tenth(seconds: list[float]) -> float:
    """Return the P90."""
    return statistics.quantiles(seconds, n=10, method="inclusive")[-1]


if __name__ == "__main__":
    main()
