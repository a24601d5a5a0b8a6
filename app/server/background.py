"""Threads that work on the store beside the pages, and an end for them before it is closed."""

import threading
import time
from collections.abc import Callable
from typing import Any

_workers: list[threading.Thread] = []


def start(target: Callable[..., object], *arguments: Any) -> None:
    """Run a function in a thread of its own."""
    worker = threading.Thread(target=target, args=arguments, daemon=True)
    _workers[:] = [known for known in _workers if known.is_alive()] + [worker]
    worker.start()


def have_finished_within(limit_s: float) -> bool:
    """Wait for every worker, all in all for so long; return whether they are done."""
    give_up_at = time.monotonic() + limit_s
    for worker in _workers:
        worker.join(max(0.0, give_up_at - time.monotonic()))
    return not any(worker.is_alive() for worker in _workers)
