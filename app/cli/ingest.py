"""`stoker ingest`: takes in the files of a command line, one after the other."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from app.cli.invocation import DONE, DONE_WITH_REJECTS, Call, tell_error
from app.cli.progress import ProgressBar
from data.errors import StokerError
from data.files.mapping import Mapping
from data.ingest.pipeline import ImportResult, ingest
from data.raw.inputs import Source, sources_at
from data.store.store import Store

STDIN = "-"


def take_in(store: Store, arguments: argparse.Namespace, call: Call) -> int:
    """Take files in; one that fails does not stop the others."""
    mapping = _mapping(arguments.mapping, call)
    status = DONE
    rejected_count = 0
    for given in arguments.paths:
        sources = _sources(given, store, call)
        while True:
            try:
                source = next(sources, None)
                if source is None:
                    break
                result = _taken(store, source, arguments, mapping, call)
            except StokerError as error:
                status = tell_error(error, call.err)
                continue
            call.out.write(told(result) + "\n")
            rejected_count += result.rejected_count
    if rejected_count:
        call.err.write("See why, and what to do: stoker ask rejected_rows, or the Data page.\n")
    return status or (DONE_WITH_REJECTS if rejected_count else DONE)


def told(result: ImportResult) -> str:
    """Return what became of a file, in one line."""
    counts = (
        f"{result.accepted_count} accepted, {result.unchanged_count} unchanged,"
        f" {result.rejected_count} rejected"
    )
    known = "; this file was taken in before" if result.is_known_file else ""
    return f"{result.file_name}: {counts} ({result.kind}{known})"


def _taken(
    store: Store,
    source: Source,
    arguments: argparse.Namespace,
    mapping: Mapping | None,
    call: Call,
) -> ImportResult:
    bar = ProgressBar(call, source.name)
    try:
        return ingest(
            store,
            source,
            kind=arguments.kind,
            mapping=mapping,
            progress=bar,
            keep_secrets=arguments.keep_secrets,
        )
    except OSError as error:
        raise _unreadable(source.name, error) from error
    finally:
        bar.close()


def _sources(given: str, store: Store, call: Call) -> Iterator[Source]:
    if given == STDIN:
        if call.stdin is None:
            raise StokerError(
                "Standard input was not handed over.", next_action="Give a file instead."
            )
        for source in sources_at(call.stdin, store.home.scratch):
            yield Source("standard input", source.open, source.size)
        return
    try:
        yield from sources_at(call.path(given), store.home.scratch)
    except OSError as error:
        raise _unreadable(given, error) from error


def _mapping(given: str | None, call: Call) -> Mapping | None:
    if given is None:
        return None
    path: Path = call.path(given)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise _unreadable(given, error) from error
    return Mapping.parse(text, path.stem)


def _unreadable(name: str, error: OSError) -> StokerError:
    return StokerError(
        f"{name} cannot be read: {error.strerror or error}.",
        next_action="Check the path and its permissions.",
    )
