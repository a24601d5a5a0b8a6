"""`stoker demo`: fills a home with the demo history, and marks it as such."""

from typing import TYPE_CHECKING

from app.cli.invocation import DONE, Invocation
from app.cli.options import command
from app.cli.store_access import run_on_store
from data.store.home import Home

if TYPE_CHECKING:
    from data.store.store import Store

EXAMPLES = """\
Examples:
  stoker demo --home /tmp/demo && stoker advise --home /tmp/demo --value 60
"""


@command("demo", "Fill the home with the demo history.", EXAMPLES)
def demo(invocation: Invocation, home: Home) -> int:
    """Fills the home folder with the demo history: made-up jobs, marked as such on every page.
    Refuses a home that holds real data. `stoker serve --demo` does the same in a folder of its own.
    """

    def work(store: "Store") -> int:
        from app.cli.imports import result_line
        from app.cli.progress import ProgressBar
        from data.demo.filling import fill_demo

        with ProgressBar(invocation, "demo history") as bar:
            lines = [result_line(outcome) for outcome in fill_demo(store, bar)]
        invocation.out.write("\n".join(lines or ["The demo history is there already."]) + "\n")
        return DONE

    return run_on_store(invocation, home, work)
