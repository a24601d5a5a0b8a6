"""Many at once: visitors who open a page each five seconds or so, as browsers do, by websocket.

One dashboard on the demo history, and 10, then 50 visitors in a process of their own; a page counts
once its script has ended and all of it has arrived. How long the same page takes alone is measured
before: quote the ratio.

    python bench/visitors.py [VISITORS ...] [--seconds 60]
"""

import argparse
import asyncio
import random
import statistics
import subprocess
import sys
import time
from tempfile import TemporaryDirectory

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

PAGES = ("", "warm-pools", "warm-now", "startup-latency", "keep-alive", "pool-timeline", "shares",
         "utilization", "bills", "instance-groups", "definitions", "data")  # fmt: skip
EACH_S = 5.0
LONGEST_PAGE_S = 300.0


class Visitor:
    """One browser window: it keeps its session, and opens one page after the other."""

    def __init__(self, address: str, cookie: str) -> None:
        self._address, self._cookie = address, cookie

    async def __aenter__(self) -> "Visitor":
        where = self._address.replace("http", "ws") + "/_stcore/stream"
        self._socket = await connect(
            where, additional_headers={"Cookie": self._cookie}, origin=self._address,
            subprotocols=["streamlit"], max_size=None, proxy=None, ping_interval=None,
        )  # fmt: skip
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._socket.close()

    async def open(self, page: str) -> float:
        """Open a page; return the seconds until all of it was there."""
        request = BackMsg()
        request.rerun_script.page_name = page
        began_at = time.perf_counter()
        await self._socket.send(request.SerializeToString())
        async with asyncio.timeout(LONGEST_PAGE_S):
            while True:
                message = ForwardMsg()
                message.ParseFromString(await self._socket.recv())
                if message.WhichOneof("type") == "script_finished":
                    return time.perf_counter() - began_at


async def alone(address: str, cookie: str) -> list[float]:
    """Return how long each page takes a visitor who is alone, the second time."""
    async with Visitor(address, cookie) as visitor:
        for page in PAGES:
            await visitor.open(page)
        return [await visitor.open(page) for page in PAGES]


async def together(address: str, cookie: str, count: int, seconds: float) -> list[float]:
    """Return how long pages take so many visitors."""
    ends_at = time.perf_counter() + seconds
    found: list[float] = []

    async def stay(number: int) -> None:
        chance = random.Random(number)
        await asyncio.sleep(chance.random() * EACH_S)
        async with Visitor(address, cookie) as visitor:
            while time.perf_counter() < ends_at:
                found.append(taken := await visitor.open(chance.choice(PAGES)))
                await asyncio.sleep(max(0.0, EACH_S * (0.5 + chance.random()) - taken))

    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(stay(number))
    return found


def main() -> None:
    """Measure, and print a line for each number of visitors."""
    options = argparse.ArgumentParser()
    options.add_argument("visitors", type=int, nargs="*", default=[10, 50])
    options.add_argument("--seconds", type=float, default=60.0)
    given = options.parse_args()
    with TemporaryDirectory() as home:
        server = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve", "--demo", "--no-browser", "--port", "0",
             "--home", home],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert server.stdout is not None
            link = server.stdout.readline().split()[-1]
            address, _, token = link.partition("/?token=")
            cookie = f"stoker-{address.rpartition(':')[2]}={token}"
            time.sleep(30)  # the warm-up of a start
            base = asyncio.run(alone(address, cookie))
            print(
                f"alone: P50 {statistics.median(base):.2f} s, worst {max(base):.2f} s, "
                + ", ".join(
                    f"{page or 'overview'} {s:.2f}" for page, s in zip(PAGES, base, strict=True)
                )
            )
            for count in given.visitors:
                began_at = time.perf_counter()
                found = asyncio.run(together(address, cookie, count, given.seconds))
                took = time.perf_counter() - began_at
                half, ninety = (statistics.quantiles(found, n=10)[place] for place in (4, 8))
                print(
                    f"{count} visitors: {len(found)} pages, {len(found) / took:.1f} a second; "
                    f"P50 {half:.2f} s ({half / statistics.median(base):.1f} x alone), "
                    f"P90 {ninety:.2f} s ({ninety / statistics.median(base):.1f} x alone)"
                )
        finally:
            server.terminate()
            server.wait(30)


if __name__ == "__main__":
    main()
