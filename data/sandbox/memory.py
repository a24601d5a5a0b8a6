"""A bound on the memory that this process may take more, where the system can hold it (Linux).

DuckDB's own limit covers its buffers, not what a function makes of one value: `repeat` and lists
can ask for all there is. With the bound they are refused, and the process lives.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import resource
except ImportError:  # not a Unix
    resource = None  # type: ignore[assignment]

STATUS = Path("/proc/self/status")
MACHINE = Path("/proc/meminfo")


@contextmanager
def bounded_memory(most_bytes: int) -> Iterator[None]:
    """Let this process take at most so much more memory, and at most half of what is free.

    It holds for all threads of the process. One use at a time.
    """
    used, free = _bytes(STATUS, "VmData"), _bytes(MACHINE, "MemAvailable")
    if resource is None or used is None or free is None:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    bound = used + min(most_bytes, free // 2)
    if resource.RLIM_INFINITY not in (soft,):
        bound = min(bound, soft)
    resource.setrlimit(resource.RLIMIT_DATA, (bound, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _bytes(path: Path, name: str) -> int | None:
    """Return a line of a /proc file, as bytes."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    return None
