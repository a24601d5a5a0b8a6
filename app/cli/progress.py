"""A progress bar on a terminal; nothing elsewhere."""

import io
import time
from types import TracebackType
from typing import Self

from app.cli.invocation import Invocation
from app.cli.printable import printable

REDRAW_S = 0.1
BAR_WIDTH = 24
CLEAR_LINE = "\r\x1b[2K"


class ProgressBar:
    """Draws how far some work is on the terminal that standard error is; gone when it is done.

    Drawn when the work reports, never by a thread of its own: the line may go through a dashboard,
    and a command that ends early must not leave a terminal without its cursor.
    """

    def __init__(self, invocation: Invocation, label: str) -> None:
        self._invocation = invocation
        self.label = label
        self._drawn_at = 0.0
        self._step = ""

    def __call__(self, step: str, share: float) -> None:
        """Draw a step and its done share, 0 to 1; some steps cannot tell, and say 0.

        Raises:
            Cancelled: whoever runs the command wants it to end.
        """
        if self._invocation.on_progress is not None:
            self._invocation.on_progress(step, share)
        width = self._invocation.err_width
        if width is None:
            return
        now = time.monotonic()
        if step == self._step and now - self._drawn_at < REDRAW_S:
            return
        self._step, self._drawn_at = step, now
        self._invocation.err.write(CLEAR_LINE + self._line(step, share, width))

    def close(self) -> None:
        """Remove the bar."""
        if self._step:
            self._invocation.err.write(CLEAR_LINE)
            self._step = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _line(self, step: str, share: float, width: int) -> str:
        from rich.console import Console
        from rich.progress_bar import ProgressBar as Bar
        from rich.table import Table
        from rich.text import Text

        # a step that cannot tell has no bar: an empty one would look stuck
        bar = Bar(1.0, share, width=BAR_WIDTH) if share else Text("…")
        percent = f"{share:4.0%}" if share else ""
        line = Table.grid(padding=(0, 1), expand=False)
        line.add_row(Text(f"{step:<9}"), bar, Text(percent), Text(printable(self.label)))
        line.columns[3].no_wrap = True
        console = Console(
            file=io.StringIO(), force_terminal=True, width=width - 1, color_system=None
        )
        with console.capture() as drawn:
            console.print(line)
        return drawn.get().splitlines()[0].rstrip()
