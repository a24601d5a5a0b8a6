"""The imports of one command line: a line for each file, and a status for all."""

from collections.abc import Iterator, Sequence

from app.cli.invocation import DONE, DONE_WITH_REJECTS, Invocation, write_error
from app.cli.progress import ProgressBar
from data.errors import StokerError
from data.files.mapping import Mapping
from data.ingest.pipeline import IngestResult, ingest
from data.raw.inputs import Source, sources_at
from data.store.store import Store

STDIN = "-"


def import_paths(
    store: Store,
    invocation: Invocation,
    paths: Sequence[str],
    *,
    kind: str | None,
    mapping: str | None,
    keep_secrets: bool,
) -> int:
    """Import files; one that fails does not stop the others."""
    read_mapping = _mapping(mapping, invocation)
    status = DONE
    rejected_count = 0
    for path in paths:
        sources = _sources(path, store, invocation)
        while True:
            try:
                source = next(sources, None)
                if source is None:
                    break
                with ProgressBar(invocation, source.name) as bar:
                    result = _imported(
                        store, source, kind, read_mapping, bar, keep_secrets=keep_secrets
                    )
            except StokerError as error:
                status = write_error(error, invocation.err)
                continue
            invocation.out.write(result_line(result) + "\n")
            rejected_count += result.rejected_count
    if rejected_count:
        invocation.err.write(
            "See why, and what to do: stoker ask rejected_rows, or the Data page.\n"
        )
    return status or (DONE_WITH_REJECTS if rejected_count else DONE)


def result_line(result: IngestResult) -> str:
    """Return what became of a file, in one line."""
    counts = (
        f"{result.accepted_count} accepted, {result.unchanged_count} unchanged,"
        f" {result.rejected_count} rejected"
    )
    known = "; this file was imported before" if result.is_known_file else ""
    return f"{result.file_name}: {counts} ({result.kind}{known})"


def _imported(
    store: Store,
    source: Source,
    kind: str | None,
    mapping: Mapping | None,
    bar: ProgressBar,
    *,
    keep_secrets: bool,
) -> IngestResult:
    try:
        return ingest(
            store, source, kind=kind, mapping=mapping, progress=bar, keep_secrets=keep_secrets
        )
    except OSError as error:
        raise _unreadable(source.name, error) from error


def _sources(path: str, store: Store, invocation: Invocation) -> Iterator[Source]:
    if path == STDIN:
        if invocation.stdin_file is None:
            raise StokerError(
                "Standard input was not handed over.", next_action="Give a file instead."
            )
        for source in sources_at(invocation.stdin_file, store.home.scratch):
            yield Source("standard input", source.open, source.size)
        return
    try:
        yield from sources_at(invocation.path(path), store.home.scratch)
    except OSError as error:
        raise _unreadable(path, error) from error


def _mapping(name: str | None, invocation: Invocation) -> Mapping | None:
    if name is None:
        return None
    path = invocation.path(name)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise _unreadable(name, error) from error
    return Mapping.parse(text, path.stem)


def _unreadable(name: str, error: OSError) -> StokerError:
    return StokerError(
        f"{name} cannot be read: {error.strerror or error}.",
        next_action="Check the path and its permissions.",
    )
