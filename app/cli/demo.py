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
DEMO_FILE = "demo-history.jsonl"
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

        result = fill_demo(store, invocation)
        line = result_line(result) if result else "The demo history is there already."
        invocation.out.write(f"{line}\n")
        return DONE

    return run_on_store(invocation, home, work)


def fill_demo(store: "Store", invocation: Invocation) -> "ImportResult | None":
    """Put the demo history into `store` and mark its home; return None where it is there already.

    Raises:
        StokerError: the home holds real data.
    """
    from app.cli.progress import ProgressBar
    from data.demo.history import demo_jsonl
    from data.ingest.pipeline import ingest
    from data.raw.inputs import uploaded

    demo_count, other_count = (
        store.scalar(
            "select count(*) from imports"
            f" where import_status = 'imported' and file_name {sign} $name",
            {"name": DEMO_FILE},
        )
        for sign in ("=", "<>")
    )
    if other_count and not store.home.is_demo:
        raise StokerError(
            f"{store.home.root} holds {other_count} real file(s); the demo would mix with them.",
            next_action="Choose another folder with --home, or use: stoker serve --demo",
        )
    (store.home.root / "DEMO").write_text(MARKER, encoding="utf-8")
    if demo_count:
        return None
    with ProgressBar(invocation, "demo history") as bar:
        return ingest(store, uploaded(DEMO_FILE, demo_jsonl()), kind="jobs", progress=bar)
