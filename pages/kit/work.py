"""What takes long to compute: in the background, with progress, remembered when it is done."""

import threading
from collections.abc import Callable, Hashable
from typing import TypeVar

from data import background
from data.background import Task
from data.errors import StokerError
from data.store.reader import Reader
from pages.kit.cache import SMALL_BYTES, recall, remember
from pages.kit.canvas import Canvas

Value = TypeVar("Value")
Report = Callable[[str, float], None]
"""Called with what is being done and how far it is; it raises to end the work."""

_tasks: dict[Hashable, Task] = {}
_changing = threading.Lock()


def computed(
    canvas: Canvas,
    reader: Reader,
    key: Hashable,
    compute: Callable[[Report], Value],
    *,
    name: str,
    is_long: bool,
    size: Callable[[Value], int] = lambda _: SMALL_BYTES,
    data: Hashable = None,
) -> Value | None:
    """Return what `compute` makes of the version that is read, remembered under a key.

    What is long is computed beside the page, if somebody looks at it: then this draws how far it
    is, and returns None until it is done. `compute` must not return None.

    `data` says what of the home it is based on, where that is less than the version.

    Raises:
        StokerError: what `compute` raised.
    """
    if not (is_long and canvas.is_live):
        return remember(
            reader, key, lambda: compute(lambda _step, _share: None), size=size, data=data
        )
    place = (str(reader.home.root), reader.version.number if data is None else data, key)
    with _changing:
        over = _tasks.get(place)
    # asked before its result is looked for: what ends in between has not failed
    if over is not None and not over.has_ended:
        over = None
    found: Value | None = recall(reader, key, data=data)
    with _changing:
        task = _tasks.get(place)
        if found is not None or (task is not None and isinstance(task.error, StokerError)):
            _tasks.pop(place, None)
        elif task is None:
            task = _tasks[place] = background.start(name, _work, reader, key, compute, size, data)
    if found is not None:
        return found
    assert task is not None
    if isinstance(task.error, StokerError):
        raise task.error
    if task is over:
        _draw_end(canvas, place, task)
    else:
        canvas.watch(task)
    return None


def tasks() -> list[Task]:
    """Return what is computed beside pages, and what has ended and no page has drawn yet."""
    with _changing:
        return list(_tasks.values())


def _work(
    reader: Reader,
    key: Hashable,
    compute: Callable[[Report], Value],
    size: Callable[[Value], int],
    data: Hashable,
    task: Task,
) -> None:
    remember(reader, key, lambda: compute(task.report), size=size, data=data)


def _draw_end(canvas: Canvas, place: Hashable, task: Task) -> None:
    """Say why there is no result, and offer to start again."""

    def start_again() -> None:
        with _changing:
            _tasks.pop(place, None)

    if task.is_cancelled:
        canvas.notice("Cancelled.", icon=":material/cancel:")
    else:
        canvas.notice("This failed; the log says why.", icon=":material/error:", tone="error")
    canvas.button("Start again", key=f"again_{id(task)}", on_click=start_again,
                  icon=":material/refresh:")  # fmt: skip
