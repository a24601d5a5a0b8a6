"""The imports of one command line: a line for each file, and a status for all."""

from collections.abc import Iterator, Sequence

from app.cli.invocation import DONE, DONE_WITH_REJECTS, FAILED, Invocation, unreadable, write_error
from app.cli.printable import printable
from app.cli.progress import ProgressBar
from app.cli.stdin import standard_input
from data.errors import StokerError
from data.files.mapping import Mapping
from data.ingest.pipeline import ImportFailure, Outcome, ingest_files
from data.raw.inputs import InputFile, input_files
from data.raw.other_files import PassedOver, passed_over
from data.store.store import Store

STDIN = "-"
S3 = "s3://"


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
    failed_count = rejected_count = 0
    with ProgressBar(invocation, "files") as bar:
        files = _Files(store, invocation, paths, bar)
        outcomes = ingest_files(
            store,
            files,
            kind=kind,
            mapping=_mapping(mapping, kind, invocation),
            progress=bar,
            keep_secrets=keep_secrets,
        )
        for outcome in outcomes:
            bar.close()  # makes room for the line
            if isinstance(outcome, ImportFailure):
                write_error(_named(outcome), invocation.err)
                failed_count += 1
            else:
                invocation.out.write(result_line(outcome) + "\n")
                rejected_count += outcome.rejected_count
    if files.passed_over:
        invocation.err.write(printable(passed_over(files.passed_over)) + "\n")
    if rejected_count:
        invocation.err.write(
            "See why, and what to do: stoker ask rejected_rows, or the Data page.\n"
        )
    if failed_count or files.missing_count:
        return FAILED
    return DONE_WITH_REJECTS if rejected_count else DONE


def result_line(outcome: Outcome) -> str:
    """Return what became of a file, in one line; below it, what to know of how it was read."""
    if isinstance(outcome, ImportFailure):
        error = _named(outcome)
        return printable(f"{error.what} {error.next_action}")
    counts = (
        f"{outcome.accepted_count} accepted, {outcome.unchanged_count} unchanged,"
        f" {outcome.rejected_count} rejected"
    )
    if outcome.left_out_count:
        counts += f", {outcome.left_out_count} left out"
    known = "; this file was imported before" if outcome.is_known_file else ""
    line = printable(f"{outcome.file_name}: {counts} ({outcome.kind}{known})")
    return f"{line}\n  {printable(outcome.note)}" if outcome.note else line


def _named(failed: ImportFailure) -> StokerError:
    """Return the error of a file, which names it: it may be one of many."""
    error = failed.as_error()
    if failed.file_name in error.what:
        return error
    return StokerError(f"{failed.file_name}: {error.what}", next_action=error.next_action)


class _Files:
    """The files at the paths of a command line; where there is none, it says so and goes on."""

    def __init__(
        self, store: Store, invocation: Invocation, paths: Sequence[str], bar: ProgressBar
    ) -> None:
        self._store, self._invocation, self._paths, self._bar = store, invocation, paths, bar
        self.missing_count = 0
        self.passed_over: list[PassedOver] = []

    def __iter__(self) -> Iterator[InputFile]:
        for path in self._paths:
            try:
                for file in self._at(path):
                    self._bar.label = file.name
                    yield file
            except StokerError as error:
                self._bar.close()
                write_error(error, self._invocation.err)
                self.missing_count += 1

    def _at(self, path: str) -> Iterator[InputFile]:
        if path == STDIN:
            yield standard_input(self._invocation, self._store.home)
            return
        if path.startswith(S3):
            from data.aws.s3_files import s3_files  # takes its time

            yield from s3_files(path, self._store.home)
            return
        try:
            yield from input_files(self._invocation.path(path), self.passed_over.append)
        except OSError as error:
            raise unreadable(path, error) from error


def _mapping(name: str | None, kind: str | None, invocation: Invocation) -> Mapping | None:
    if name is None:
        return None
    return Mapping.parse(invocation.read_text(name), invocation.path(name).stem, kind=kind)
