"""A process with everything imported and no DuckDB open: it forks children, and kills them.

To fork a process that has DuckDB's threads is not safe, and to start one anew takes seconds. Run
as a module it takes orders as JSON lines; a `Zygote` is the other end of it.
"""

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[2]

_left_open: list[object] = []


@dataclass(frozen=True)
class End:
    """How a child ended: its exit status, or the negative signal, and after how long."""

    status: int
    duration_s: float

    @property
    def is_killed(self) -> bool:
        return self.status == -signal.SIGKILL


class Zygote:
    """The running process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kills.zygote"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # its threads would be lost in a fork
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            text=True,
        )

    def run(
        self,
        operation: str,
        home: Path,
        *,
        kill_after_s: float | None = None,
        step: tuple[str, int] | None = None,
        told: Path | None = None,
    ) -> End:
        """Run an operation in a child, killed after some time or at the n-th step of a name.

        The steps that it takes are written to `told`.
        """
        assert self._process.stdin
        assert self._process.stdout
        order = {"operation": operation, "home": str(home), "kill_after_s": kill_after_s,
                 "step": step, "told": str(told) if told else None}  # fmt: skip
        print(json.dumps(order), file=self._process.stdin, flush=True)
        return End(**json.loads(self._process.stdout.readline()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.__exit__(None, None, None)  # closes the pipes, and waits


def serve() -> None:
    """Carry out orders until there are no more."""
    from tests.kills import operations

    operations.warm_up()
    for line in sys.stdin:
        order = json.loads(line)
        start = time.monotonic()
        child = os.fork()
        if not child:
            _carry_out(**order)
        if order["kill_after_s"] is not None:
            time.sleep(order["kill_after_s"])
            os.kill(child, signal.SIGKILL)  # it is a child still, even if it has ended
        _, status = os.waitpid(child, 0)
        end = {
            "status": os.waitstatus_to_exitcode(status),
            "duration_s": time.monotonic() - start,
        }
        print(json.dumps(end), flush=True)


def _carry_out(
    operation: str, home: str, step: list[Any] | None, told: str | None, **_: Any
) -> None:
    """Run the operation in this child, and end it: nothing is closed that it leaves open."""
    from data.store.home import Home
    from tests.kills import operations
    from tests.kills.steps import tell_steps

    counts: dict[str, int] = {}

    def tell(name: str) -> None:
        counts[name] = counts.get(name, 0) + 1
        if told:
            with open(told, "a") as target:
                print(name, counts[name], file=target)
        if [name, counts[name]] == step:
            os.kill(os.getpid(), signal.SIGKILL)

    status = 1
    try:
        if step or told:
            tell_steps(tell)
        _left_open.append(getattr(operations, operation)(Home(Path(home))))
        status = 0
    except BaseException:  # noqa: BLE001 - a child must not go on as the zygote
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    serve()
