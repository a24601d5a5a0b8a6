"""A list of terms and what each means: aligned, and on a terminal wrapped to its width."""

import io
from collections.abc import Iterable

from app.cli.invocation import Invocation
from app.cli.printable import printable

MARGIN = 2
LEAST_WIDTH = 40


def write_terms(terms: Iterable[tuple[str, str]], invocation: Invocation) -> None:
    """Write terms, one or more lines each."""
    texts = [(printable(term), printable(meaning)) for term, meaning in terms]
    if invocation.out_width is None:
        width = max((len(term) for term, _ in texts), default=0)
        for term, meaning in texts:
            invocation.out.write(f"{' ' * MARGIN}{term:<{width}}  {meaning}".rstrip() + "\n")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, MARGIN, 0, 0))
    for texts_of_row in texts:
        grid.add_row("", *map(Text, texts_of_row))  # Text: no markup from data
    grid.columns[0].width = 0
    grid.columns[1].no_wrap = True
    target = io.StringIO()
    width = max(invocation.out_width, LEAST_WIDTH)
    Console(file=target, width=width, color_system=None, highlight=False).print(grid)
    for line in target.getvalue().splitlines():
        invocation.out.write(line.rstrip() + "\n")
