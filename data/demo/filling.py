"""Filling a home with the demo history, and marking it as such."""

from data.demo.files import KINDS, demo_files
from data.errors import StokerError
from data.ingest.pipeline import ImportFailure, ingest_files
from data.ingest.results import ImportResult
from data.raw.inputs import Progress
from data.store.store import Store

MARKER = (
    "This home holds Stoker's demo history: made-up jobs. The dashboard says so on every page.\n"
)


def fill_demo(store: Store, progress: Progress | None = None) -> list[ImportResult]:
    """Put what is missing of the demo history into a store, mark its home, say what was imported.

    Raises:
        StokerError: the home holds real data.
    """
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
    if progress is not None:
        progress("Making", 0.0)
    results = []
    files = (file.as_input for file in demo_files() if file.name not in known)
    for outcome in ingest_files(store, files, progress=progress):
        if isinstance(outcome, ImportFailure):
            raise outcome.as_error() from outcome.error
        results.append(outcome)
    return results
