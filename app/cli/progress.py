"""A progress bar on a terminal; nothing elsewhere."""

import time

from app.cli.invocation import Call

REDRAW_S = 0.1
BAR_CHARACTERS = 24
CLEAR_LINE = "\r\x1b[2K"


class ProgressBar:
    """Draws what an ingest reports on the terminal that standard error is."""

    def __init__(self, call: Call, label: str) -> None:
        self._call = call
        self._label = label
        self._drawn_at = 0.0
        self._step = ""

    def __call__(self, step: str, share: float) -> None:
        """Draw a step and its done share, 0 to 1."""
        if self._call.err_width is None:
            return
        now = time.monotonic()
        if step == self._step and now - self._drawn_at < REDRAW_S:
            return
        self._step, self._drawn_at = step, now
        done = round(share * BAR_CHARACTERS)
        # some steps cannot tell how far they are: an empty bar would look stuck
        bar = f"{'█' * done}{'░' * (BAR_CHARACTERS - done)} {share:4.0%}" if share else "…"
        line = f"{step:<9} {bar}  {self._label}"
        self._call.err.write(CLEAR_LINE + line[: self._call.err_width - 1])

    def close(self) -> None:
        """Remove the bar."""
        if self._step:
            self._call.err.write(CLEAR_LINE)
            self._step = ""
