"""`stoker demo`: fills a home with the demo history, and marks it as such."""

from typing import TYPE_CHECKING

from app.cli.invocation import DONE, Invocation
from app.cli.options import command
from app.cli.store_access import run_on_store
from data.errors import StokerError
from data.store.home import Home

if TYPE_CHECKING:
    from data.ingest.pipeline import ImportResult
    from data.store.store import Store

EXAMPLES = """\
Examples:
  stoker demo --home /tmp/demo && stoker advise --home /tmp/demo --value 60
"""
MARKER = (
    "This home holds Stoker's demo history: made-up jobs. The dashboard says so on every page.\n"
)


@command("demo", "Fill the home with the demo history.", EXAMPLES)
def demo(invocation: Invocation, home: Home) -> int:
    """Fills the home folder with the demo history: made-up jobs, marked as such on every page.
    Refuses a home that holds real data. `stoker serve --demo` does the same in a folder of its own.
    """

    def work(store: "Store") -> int:
        from app.cli.imports import result_line

        lines = [result_line(outcome) for outcome in fill_demo(store, invocation)]
        invocation.out.write("\n".join(lines or ["The demo history is there already."]) + "\n")
        return DONE

    return run_on_store(invocation, home, work)


def fill_demo(store: "Store", invocation: Invocation) -> "list[ImportResult]":
    """Put what is missing of the demo history into `store`, mark its home, say what was imported.

    Raises:
        StokerError: the home holds real data.
    """
    from app.cli.progress import ProgressBar
    from data.demo.files import KINDS, demo_files
    from data.ingest.pipeline import ImportFailure, ingest_files

    imported = store.frame("select file_name from imports where import_status = 'imported'")
    known = set(imported["file_name"])
    if (real := known - KINDS.keys()) and not store.home.is_demo:
        raise StokerError(
            f"{store.home.root} holds {len(real)} real file(s); the demo would mix with them.",
            next_action="Choose another folder with --home, or use: stoker serve --demo",
        )
    (store.home.root / "DEMO").write_text(MARKER, encoding="utf-8")
    if known >= KINDS.keys():
        return []
    results = []
    with ProgressBar(invocation, "demo history") as bar:
        files = (file.as_input for file in demo_files() if file.name not in known)
        for outcome in ingest_files(store, files, progress=bar):
            if isinstance(outcome, ImportFailure):
                raise outcome.as_error() from outcome.error
            results.append(outcome)
    return results
