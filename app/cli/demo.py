"""The demo: a home filled with the made-up history, and marked as such."""

from app.cli.ingest import told
from app.cli.invocation import DONE, Call
from app.cli.progress import ProgressBar
from data.demo.history import demo_jsonl
from data.errors import StokerError
from data.ingest.pipeline import ImportResult, ingest
from data.raw.inputs import uploaded
from data.store.home import Home
from data.store.store import Store

DEMO_FILE = "demo-history.jsonl"
MARKER = (
    "This home holds Stoker's demo history: made-up jobs. The dashboard says so on every page.\n"
)


def write_demo(store: Store, call: Call) -> int:
    """Fill the home with the demo history and tell what became of it."""
    result = fill_demo(store, call)
    call.out.write(f"{told(result)}\n" if result else "The demo history is there already.\n")
    return DONE


def fill_demo(store: Store, call: Call) -> ImportResult | None:
    """Put the demo history into `store` and mark its home; return None where it is there already.

    Raises:
        StokerError: the home holds real data.
    """
    is_filled = store.scalar(
        "select count(*) from imports where file_name = $name", {"name": DEMO_FILE}
    )
    other_count = store.scalar(
        "select count(*) from imports where file_name <> $name", {"name": DEMO_FILE}
    )
    if other_count and not store.home.is_demo:
        raise StokerError(
            f"{store.home.root} holds {other_count} real file(s); the demo would mix with them.",
            next_action="Give another folder with --home, or use: stoker serve --demo",
        )
    _mark(store.home)
    if is_filled:
        return None
    bar = ProgressBar(call, "demo history")
    try:
        return ingest(store, uploaded(DEMO_FILE, demo_jsonl()), kind="jobs", progress=bar)
    finally:
        bar.close()


def _mark(home: Home) -> None:
    (home.root / "DEMO").write_text(MARKER, encoding="utf-8")
