"""One history through AccaSim, in an environment of its own: start times and seconds, as JSON.

Not a benchmark by itself: `share_replay.py` runs it. AccaSim is of 2018, and imports a name that
left `collections` in Python 3.10.
"""

import collections
import collections.abc
import json
import logging
import sys
import time
from pathlib import Path

collections.Mapping = collections.abc.Mapping


def main() -> None:
    """Replay a workload in Standard Workload Format: `accasim_run.py FILE POLICY CAPACITY`."""
    from accasim.base.allocator_class import FirstFit
    from accasim.base.scheduler_class import EASYBackfilling, FirstInFirstOut, ShortestJobFirst
    from accasim.base.simulator_class import Simulator

    logging.disable(logging.CRITICAL)
    workload, policy, capacity = sys.argv[1:]
    folder = Path(workload).parent
    system = folder / "system.json"
    system.write_text(
        json.dumps(
            {
                "start_time": 0,
                "equivalence": {"processor": {"core": 1}},
                "groups": {"all": {"core": int(capacity)}},
                "resources": {"all": 1},
            }
        )
    )
    schedulers = {"fifo": FirstInFirstOut, "sjf": ShortestJobFirst, "easy": EASYBackfilling}
    output = {
        "format": "{job};{start}",
        "attributes": {"job": ("id", "str"), "start": ("start_time", "int")},
    }
    simulator = Simulator(
        workload,
        str(system),
        schedulers[policy](FirstFit()),
        RESULTS_FOLDER_PATH=str(folder / policy),
        SCHEDULE_OUTPUT=output,
        statistics_output=False,
        show_statistics=False,
    )
    begin = time.perf_counter()
    simulator.start_simulation()
    seconds = time.perf_counter() - begin
    starts: dict[str, int] = {}
    for path in (folder / policy).iterdir():
        for line in path.read_text().splitlines():
            job, _, start = line.partition(";")
            if job.isdecimal() and start.isdecimal():
                starts[job] = int(start)
    Path(folder / f"{policy}.json").write_text(json.dumps({"seconds": seconds, "starts": starts}))


if __name__ == "__main__" and len(sys.argv) == 4:
    main()
