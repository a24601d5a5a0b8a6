"""10,000 hostile files (or another number) from a seed: each is read, or refused in words.

Each home takes 500 of them, in a process of its own with 2 GB, and answers every question
afterwards. What went wrong is printed with the seed and the number of the file, and written to
build/fuzz-failures.txt.

    python bench/fuzz.py [count] [seed] [first]
"""

import logging
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from analytics.catalog import queries  # noqa: E402
from analytics.derived.derive import derive  # noqa: E402
from data.errors import WrongUseError  # noqa: E402
from data.ingest.home_store import open_home  # noqa: E402
from data.store.home import Home  # noqa: E402
from tests.hostile.files import hostile_files  # noqa: E402
from tests.hostile.importing import (  # noqa: E402
    answers_of_good,
    ask_all,
    import_good,
    swallow,
)

COUNT, SEED, A_HOME, AT_ONCE = 10_000, 7, 500, 50
FAILURES = ROOT / "build" / "fuzz-failures.txt"


def main() -> None:
    """Run every home in a process of its own."""
    given = [int(text) for text in sys.argv[1:]]
    count, seed, first = (*given, *(COUNT, SEED, 0)[len(given) :])
    found: list[str] = []
    began = time.monotonic()
    for number in range(first, first + count, A_HOME):
        some = min(A_HOME, first + count - number)
        ran = subprocess.run(
            [sys.executable, __file__, "home", str(seed), str(number), str(some)],
            capture_output=True,
            text=True,
            check=False,
        )
        lines = [line for line in ran.stdout.splitlines() if line]
        if ran.returncode:
            lines.append(f"ended with {ran.returncode}: {ran.stderr[-2000:]}")
        found += [f"seed {seed}, files {number} to {number + some - 1}: {line}" for line in lines]
        print(f"{number + some - first:>6} files, {time.monotonic() - began:6.0f} s", flush=True)
        for line in found[len(found) - len(lines) :]:
            print(line, flush=True)
    FAILURES.parent.mkdir(exist_ok=True)
    FAILURES.write_text("".join(f"{line}\n" for line in found))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    print(f"{len(found)} failure(s) of {count} files; at most {peak:.1f} GiB held")
    sys.exit(1 if found else 0)


def faults_of_home(seed: int, first: int, count: int) -> Iterator[str]:
    """Let a new home take files; yield what went wrong."""
    logging.getLogger("data").addHandler(logging.NullHandler())
    logging.getLogger("data").propagate = False
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        with closing(open_home(home, derivation=derive)) as store:
            import_good(store)
            before = answers_of_good(store)
            for number in range(first, first + count, AT_ONCE):
                files = list(hostile_files(seed, min(AT_ONCE, first + count - number), number))
                yield from swallow(store, files)
        with closing(open_home(home, derivation=derive)) as store:
            if answers_of_good(store) != before:
                yield "the good jobs have other answers"
            for name in queries():
                try:
                    ask_all(store, [name])
                except WrongUseError:  # it needs a parameter
                    continue
                except Exception as error:  # noqa: BLE001 - what it looks for
                    yield f"{name}: {type(error).__name__}: {error}"


if __name__ == "__main__":
    if sys.argv[1:2] == ["home"]:
        for fault in faults_of_home(*(int(text) for text in sys.argv[2:])):
            print(fault.replace("\n", " ")[:500])
    else:
        main()
